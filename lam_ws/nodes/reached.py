"""An arm without a cell around it: connected for the length of a `with` block, by any driver.

A site enters; its arm leaves, with what waits for the next cycle: a driver made of topics needs
an executor that turns meanwhile. For checks and measurements; in a cell the arm is its node's.
"""
from collections.abc import Callable, Iterator
from contextlib import contextmanager
import time

from lam_ws.arm.adapters import make_arm
from lam_ws.arm.arm import Arm
from lam_ws.errors import ArmError
from lam_ws.site import Site

_FIRST_S = 5.0   # until a controller that speaks by topic has been heard


@contextmanager
def reached(site: Site, domain: int) -> Iterator[tuple[Arm, Callable[[float], None]]]:
    """Yield the arm of `site` and what waits until a time of the monotonic clock.

    Raises:
        ArmError: It is not there, is another, or its client is not installed.
    """
    adapter, cycle_s = site.adapter, 1.0 / site.limits.control_hz
    if adapter is None:
        raise ArmError(f'{site.name} has no real arm: its arm.adapter is pybullet')
    if adapter.driver != 'ros2_control':
        arm = make_arm(site.arm, adapter, cycle_s)
        arm.connect()
        try:
            yield arm, _sleep_until
        finally:
            arm.close()
        return
    from lam_ws.nodes.controller import ControllerArm
    from lam_ws.nodes.environment import enter
    import rclpy
    from rclpy.executors import SingleThreadedExecutor
    from rclpy.lifecycle import LifecycleNode

    enter(domain)
    rclpy.init(domain_id=domain)
    node, executor = LifecycleNode('lam_arm', namespace=site.namespace), SingleThreadedExecutor()
    executor.add_node(node)

    def turn_until(due_s: float) -> None:
        while (left_s := due_s - time.monotonic()) > 0.0:
            executor.spin_once(timeout_sec=left_s)
    try:
        controlled = ControllerArm(node, site.arm, adapter, cycle_s)
        deadline_s = time.monotonic() + _FIRST_S
        while not controlled.status().ready and time.monotonic() < deadline_s:
            turn_until(time.monotonic() + 0.05)
        controlled.read()
        yield controlled, turn_until
    finally:
        controlled.close()
        node.destroy_node()
        rclpy.try_shutdown()


def _sleep_until(due_s: float) -> None:
    time.sleep(max(due_s - time.monotonic(), 0.0))
