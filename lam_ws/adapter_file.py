"""What may stand in config/adapters/*.yaml, key by key: how a real arm is reached.

Checked files leave as they are. Each names its driver; what only that driver needs stands in
a section of the driver's name.
"""
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Literal

from lam_ws.rules import Identifier, Length, Pattern, Range

SIMULATED = 'pybullet'   # instead of a file: the simulated cell is the arm
Topic = Annotated[str, Pattern(r'/?[A-Za-z_][A-Za-z0-9_]*(/[A-Za-z_][A-Za-z0-9_]*)*',
                               'the name of a topic or service')]
JointName = Annotated[str, Pattern(r'[A-Za-z_][A-Za-z0-9_]*', 'the name of a joint')]


@dataclass(frozen=True)
class ControllerSettings:
    """A controller of ros2_control, or any driver that speaks like one.

    Attributes:
        command: Topic that it takes commands from.
        kind: 'trajectory' (trajectory_msgs/JointTrajectory) or 'forward'
            (std_msgs/Float64MultiArray of positions).
        states: Topic of its sensor_msgs/JointState.
        joints: Names of the arm joints there, in the order of the arm; () for the arm's own.
        ahead_s: s ahead of now at which a trajectory's point lies.
        speed_scaling: Topic of the share at which it plays (std_msgs/Float64), None for none.
        percent: Whether that share is in percent.
        manager: Controller manager, whose list says whether the controller is active;
            None to trust it.
        controller: Its name there.
    """

    command: Topic
    kind: Literal['trajectory', 'forward'] = 'trajectory'
    states: Topic = '/joint_states'
    joints: Annotated[tuple[JointName, ...], Length(0, 12)] = ()
    ahead_s: Annotated[float, Range(0.0, 0.5)] = 0.02
    speed_scaling: Topic | None = None
    percent: bool = False
    manager: Topic | None = None
    controller: Annotated[str, Pattern(r'[A-Za-z0-9_]*', 'the name of a controller')] = ''

    def contradictions(self) -> Iterator[tuple[str, str]]:
        """Yield half of a pair."""
        if bool(self.manager) != bool(self.controller):
            yield 'controller', 'manager and controller go together'


@dataclass(frozen=True)
class AdapterFile:
    """config/adapters/<name>.yaml.

    Attributes:
        name: Name of the file.
        driver: Which adapter of `lam_ws.arm.adapters` talks to the arm.
        address: Host of the controller, with :port where it is not the usual one.
        gripper: Whether the driver moves the gripper itself, or a node of its own does, which
            takes `gripper/command` and gives `gripper/joint_states`.
        stale_s: s of silence of the controller after which it counts as lost.
        ros2_control: Of the driver of that name.
    """

    name: Identifier
    driver: Literal['ros2_control', 'franka', 'fanuc', 'trossen', 'indy']
    address: Annotated[str, Pattern(r'[A-Za-z0-9.:\[\]_-]*', 'a host, or host:port')] = ''
    gripper: Literal['driver', 'topic'] = 'driver'
    stale_s: Annotated[float, Range(above=0.0, upper=2.0)] = 0.1
    ros2_control: ControllerSettings | None = None

    def contradictions(self) -> Iterator[tuple[str, str]]:
        """Yield a driver without what it needs, and sections of another."""
        if (self.driver == 'ros2_control') != (self.ros2_control is not None):
            yield 'driver', 'the section ros2_control and the driver of this name go together'
        if self.driver != 'ros2_control' and not self.address:
            yield 'address', f'{self.driver} needs the host of the controller'
