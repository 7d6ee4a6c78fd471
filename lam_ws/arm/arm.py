"""The seam to an arm: what a simulated cell and the driver of a real arm both offer.

A `Command` enters once per control cycle; measured `JointState` and `ArmStatus` leave. Nobody
upstream can tell a simulated arm from a real one.

Two rules keep a real arm from surprising anybody. A command counts until it is
`DEADLINE_S` old: with none newer the arm brakes by itself, whoever died. And a fault lasts:
once the controller has reported one, no command is taken until `recover` found its cause gone,
and `recover` neither moves the arm nor permits motion; the guard has to be reset and armed too.
"""
from dataclasses import dataclass
from enum import StrEnum
import math
from typing import Protocol

from lam_ws.errors import ArmError
from lam_ws.robot import ArmSpec
from lam_ws.types import Command, JointState

DEADLINE_S = 0.1   # s, age of the newest command at which an arm brakes by itself
AWAY_RAD = 0.02    # rad; an arm at rest follows no command that begins farther from it
FAULTS = ('alarm', 'brake', 'contact', 'estop', 'limit', 'link', 'protective_stop', 'reflex',
          'switched', 'teach')


class Mode(StrEnum):
    """What the controller of an arm does."""

    OFFLINE = 'offline'   # not connected, or silent for longer than it may be
    HELD = 'held'         # a safety function, a brake or a fault keeps it from moving
    MANUAL = 'manual'     # a person or the teach pendant moves it
    READY = 'ready'       # follows what it is sent


@dataclass(frozen=True)
class ArmStatus:
    """How an arm is.

    Attributes:
        mode: What its controller does.
        fault: One of `FAULTS`, '' when none stands. It stands until `recover` has cleared it.
        text: What the controller itself says, one line.
        pace: Share of the commanded speed at which the controller plays, 0..1.
    """

    mode: Mode
    fault: str = ''
    text: str = ''
    pace: float = 1.0

    @property
    def ready(self) -> bool:
        """Whether commands are followed."""
        return self.mode is Mode.READY and not self.fault


class Arm(Protocol):
    """One robot arm with its gripper.

    Attributes:
        spec: Joint names, limits and geometry of the arm that is connected.
    """

    spec: ArmSpec

    def connect(self) -> None:
        """Reach the controller and check that it is the arm of `spec`; nothing moves.

        Raises:
            ArmError: It does not answer, or is another arm.
        """

    def read(self) -> JointState:
        """Return the newest measurement, rad and m, stamped on the clock of the run.

        Never blocks; how old the stamp is says how long the arm has been silent.

        Raises:
            ArmError: The arm has not answered yet.
        """

    def status(self) -> ArmStatus:
        """Return how the arm is; never blocks."""

    def stream(self, command: Command) -> Command:
        """Hand over the target of this cycle and return what was accepted.

        Never blocks; the newest wins, and counts for `DEADLINE_S`.

        Raises:
            ArmError: Names, shape or values are not acceptable, or the arm is not ready; it
                then brakes.
        """

    def stop(self) -> None:
        """Brake within the arm's limits and stay where it comes to rest."""

    def recover(self) -> None:
        """Clear a fault whose cause is gone; moves nothing and permits no motion.

        Raises:
            ArmError: The cause lasts, or the controller does not answer.
        """

    def close(self) -> None:
        """Release the arm; it holds its position."""


def check_command(command: Command, spec: ArmSpec) -> None:
    """Refuse a command that cannot be meant for the arm of `spec`.

    Raises:
        ArmError: Names or shape are not this arm's, or a value is not finite.
    """
    if command.names != spec.names:
        raise ArmError(f'command is for joints {command.names}, this arm has {spec.names}')
    for values in (command.position, command.velocity):
        if values.shape != (spec.axes,) or not all(map(math.isfinite, values.tolist())):
            raise ArmError(f'command needs {spec.axes} finite values, got {values}')
