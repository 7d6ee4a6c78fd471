"""The seam to an arm: what a simulated cell and a driver both offer.

A `Command` enters once per control cycle; measured `JointState` leaves. The simulated cell is
one implementation; a hardware driver is another, and nobody upstream can tell them apart.
"""
from typing import Protocol

from lam_ws.robot import ArmSpec
from lam_ws.types import Command, JointState


class Arm(Protocol):
    """One robot arm with its gripper.

    Attributes:
        spec: Joint names, limits and geometry of the arm that is connected.
    """

    spec: ArmSpec

    def read(self) -> JointState:
        """Return the newest measurement, rad and m, stamped on the clock of the run.

        Raises:
            ArmError: The arm does not answer.
        """

    def send(self, command: Command) -> Command:
        """Hand over the target of this cycle and return what was accepted.

        Raises:
            ArmError: Names, shape or values are not acceptable; the arm then holds.
        """

    def hold(self) -> None:
        """Brake within the arm's limits and stay where it comes to rest."""

    def close(self) -> None:
        """Release the arm; it holds its position."""
