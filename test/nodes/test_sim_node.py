"""The simulated arm as a node: which commands it takes, with a real cell and real seals."""
import time

from lam_ws.keys import read_keys
from lam_ws.resources import share
from lam_ws.types import Command
import numpy as np
import pytest
import yaml

pytest.importorskip('rclpy')
from lam_ws.nodes import conversion, sealing
from lam_ws.nodes.sim_node import DEADLINE_S, SimNode
import rclpy

pytestmark = [pytest.mark.ros, pytest.mark.sim]


@pytest.fixture
def arm(domain, keys, tmp_path):
    """Return an active arm in real time."""
    content = yaml.safe_load((share() / 'config/sites/sim_demo.yaml').read_text(encoding='utf-8'))
    path = tmp_path / 'sim_demo.yaml'
    path.write_text(yaml.safe_dump(content, sort_keys=False), encoding='utf-8')
    rclpy.init(args=['--ros-args', '-p', f'site:={path}'], domain_id=domain)
    node = SimNode()
    node.trigger_configure()
    node.trigger_activate()
    yield node
    node.trigger_deactivate()
    node.trigger_cleanup()
    node.destroy_node()
    rclpy.try_shutdown()


def told(arm, stamp_s, key=None, turn=0.001):
    """Give a command of a stamp; return whether the arm took it."""
    refused, heard_s = arm._foreign, arm._heard_s
    position = arm.cell.read().position + turn * np.eye(arm.cell.spec.axes)[0]
    message = conversion.command_message(
        Command(stamp_s, arm.cell.spec.names, position, 0.0 * position), 0.01)
    arm._command(sealing.sealed_command(message, key or read_keys(('guard',))['guard']))
    return arm._foreign == refused and arm._heard_s > heard_s


def test_a_command_counts_in_its_time_and_once(arm):
    """Pins old commands, repeated ones, those of a clock that is ahead, and foreign ones."""
    now_s = time.monotonic()
    assert told(arm, now_s) and not told(arm, now_s)
    assert not told(arm, now_s - 0.01) and told(arm, now_s + 0.001)
    assert not told(arm, time.monotonic() - 1.1 * DEADLINE_S)
    assert not told(arm, time.monotonic() + 1.0)
    assert not told(arm, time.monotonic(), b'x' * 32)
    assert told(arm, time.monotonic())   # and none of them keeps out the next sound one


def test_an_arm_that_braked_by_itself_is_not_pulled_along(arm):
    """Pins a link that heals: the guard has to begin anew where the arm came to rest."""
    assert told(arm, time.monotonic())
    time.sleep(1.5 * DEADLINE_S)
    arm._follow_time()
    assert not told(arm, time.monotonic(), turn=0.05)
    assert told(arm, time.monotonic(), turn=0.001) and told(arm, time.monotonic(), turn=0.05)
