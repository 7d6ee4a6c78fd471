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
Port = Annotated[int, Range(1, 65535)]
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
class FanucSettings:
    """A FANUC controller with Stream Motion and RMI (option S636).

    Attributes:
        stream_port, rmi_port: UDP and TCP ports; every R-30iB has these.
        coupled: Whether J3 of the stream turns against the floor instead of the upper arm.
        lead_s: s of motion by which the arm is sent ahead, against the lag of its servos.
    """

    stream_port: Port = 60015
    rmi_port: Port = 16001
    coupled: bool = False
    lead_s: Annotated[float, Range(0.0, 0.2)] = 0.0


@dataclass(frozen=True)
class IndySettings:
    """A Neuromeka controller.

    Attributes:
        python: A Python that has Neuromeka's client, '' for the one that runs this.
    """

    python: Annotated[str, Pattern(r'[^\s\0][^\n\r\0]*|', 'the path of a Python')] = ''


@dataclass(frozen=True)
class FrankaSettings:
    """What the driver franka tells the robot.

    Attributes:
        stiffness: [7] N m/rad, by which the tracker pulls each joint; damping is critical.
        torque_threshold: [7] N m, external torque at which the robot stops by itself.
        force_threshold: [6] N and N m, the same for the force and torque at its stiffness frame.
        realtime: Whether a kernel without PREEMPT_RT is refused.
    """

    stiffness: tuple[Annotated[float, Range(above=0.0, upper=2000.0)], ...]
    torque_threshold: tuple[Annotated[float, Range(above=0.0, upper=100.0)], ...]
    force_threshold: tuple[Annotated[float, Range(above=0.0, upper=100.0)], ...]
    realtime: bool = True

    def contradictions(self) -> Iterator[tuple[str, str]]:
        """Yield lists of another length."""
        for name, long in (('stiffness', 7), ('torque_threshold', 7), ('force_threshold', 6)):
            if len(getattr(self, name)) != long:
                yield name, f'needs {long} numbers'


@dataclass(frozen=True)
class AdapterFile:
    """config/adapters/<name>.yaml.

    Attributes:
        name: Name of the file.
        driver: Which adapter of `lam_ws.arm.adapters` talks to the arm.
        address: Host of the controller, with :port where it is not the usual one.
        gripper: Whether the driver moves the gripper itself, or a node of its own does, which
            takes `gripper/command` and gives `gripper/joint_states`.
        lag_s: s by which the arm is behind what it is told, as `lam arm bench` finds: a policy is
            shown the joints where they will be by then, or it would plan from where they were.
        stale_s: s of silence of the controller after which it counts as lost.
        ros2_control, franka, fanuc, indy: Of the driver of that name.
    """

    name: Identifier
    driver: Literal['ros2_control', 'franka', 'fanuc', 'trossen', 'indy']
    address: Annotated[str, Pattern(r'[A-Za-z0-9.:\[\]_-]*', 'a host, or host:port')] = ''
    gripper: Literal['driver', 'topic'] = 'driver'
    stale_s: Annotated[float, Range(above=0.0, upper=2.0)] = 0.1
    lag_s: Annotated[float, Range(0.0, 0.5)] = 0.0
    ros2_control: ControllerSettings | None = None
    franka: FrankaSettings | None = None
    fanuc: FanucSettings | None = None
    indy: IndySettings | None = None

    def contradictions(self) -> Iterator[tuple[str, str]]:
        """Yield a driver without what it needs, and sections of another."""
        for name in ('ros2_control', 'franka'):
            if (self.driver == name) != (getattr(self, name) is not None):
                yield 'driver', f'the section {name} and the driver of this name go together'
        if self.driver != 'ros2_control' and not self.address:
            yield 'address', f'{self.driver} needs the host of the controller'
