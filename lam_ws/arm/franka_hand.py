"""The Franka Hand: an opening that is wanted enters at any rate, one order at a time leaves.

The hand takes orders that each last until its fingers rest, so it follows a changing opening in
steps: whenever it is idle it is sent to the newest one. Fingers that meet something on the way in
are told to press on it, and hold it until they are wanted open.
"""
import threading
from typing import Any

import franky
from lam_ws.errors import ArmError
from lam_ws.robot import ArmSpec

NEAR_M = 0.002    # m, by which fingers may be off without an order
MET_M = 0.004     # m, short of where they were sent, that fingers rest on something
UNKNOWN_M = 0.005  # m, by which a hand may open less than its file says
_FAILED = (RuntimeError, franky.Exception, franky.GripperException)


class Hand:
    """The hand of one arm.

    Args:
        address: Of the arm's controller.
        spec: Of the arm; its last axis is the opening.

    Raises:
        ArmError: There is no hand, or it does not know yet how far it opens.
    """

    def __init__(self, address: str, spec: ArmSpec):
        self._speed = float(spec.limits.velocity[-1])
        self._force = float(spec.gripper_force)
        self._reach = float(spec.limits.upper[-1])
        self.fault = ''          # why it no longer works, '' while it does
        self._wanted: float | None = None
        self._ending = threading.Event()
        try:
            self._gripper = franky.Gripper(address)
            state = self._gripper.state
        except _FAILED as error:
            raise ArmError(f'hand: {error}') from None
        if state.max_width < self._reach - UNKNOWN_M:
            raise ArmError(f'the hand opens by {state.max_width:.3f} m, its file says '
                           f'{self._reach:.3f}: do its homing in Desk')
        self.opening = float(state.width)   # m, measured
        self._thread = threading.Thread(target=self._run, name='hand', daemon=True)
        self._thread.start()

    def want(self, opening: float) -> None:
        """Take an opening, m; the newest wins. Never blocks."""
        self._wanted = min(max(opening, 0.0), self._reach)

    def close(self) -> None:
        """Let go of the hand; what it holds it keeps."""
        self._ending.set()
        self._thread.join(2.0)

    def _run(self) -> None:
        """Read, and give the next order, until told to end or the hand fails."""
        order: Any = None
        sent, holds = self.opening, False
        try:
            while not self._ending.is_set():
                self.opening = float(self._gripper.state.width)
                if order is not None and not order.wait(0.0):
                    continue
                wanted, closing = self._wanted, order is not None and sent < self.opening
                order = None
                if closing and not holds and self.opening > sent + MET_M:
                    order, holds = self._press(), True
                elif wanted is not None and abs(wanted - self.opening) > NEAR_M \
                        and not (holds and wanted < self.opening):
                    sent, holds = wanted, False
                    order = self._gripper.move_async(wanted, self._speed)
        except _FAILED as error:
            self.fault = f'hand: {error}'

    def _press(self) -> Any:
        """Close on what is between the fingers, however wide it is."""
        return self._gripper.grasp_async(self.opening, self._speed, self._force, self._reach,
                                         self._reach)
