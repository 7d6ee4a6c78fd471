"""What commanders sent since the last cycle, until the guard takes it.

Claims and chunks of sealed proposals enter; for each cycle one claim leaves, and with it the
chunk that belongs to it once its subgoal is the one pursued. A chunk may come before its
subgoal; it is never taken with another.
"""
from typing import NamedTuple

from lam_ws.safety.lease import Claim
from lam_ws.types import ActionChunk

Pursued = tuple[str, int, int]   # episode, step, attempt
_MOST = 8                        # processes whose claims wait; more are not listened to


class Offer(NamedTuple):
    """What the guard takes in one cycle."""

    claim: Claim | None = None
    chunk: ActionChunk | None = None


class Offers:
    """Claims that wait, the newest of each process, and the newest chunk."""

    def __init__(self) -> None:
        self._claims: dict[tuple[str, str, int], Claim] = {}
        self._claim: Claim | None = None     # of the chunk
        self._chunk: ActionChunk | None = None
        self._answers: Pursued = ('', 0, 0)

    def put(self, claim: Claim, chunk: ActionChunk | None, answers: Pursued) -> None:
        """Keep what one message said.

        Args:
            claim: Its sender's.
            chunk: Its chunk, None where it has none.
            answers: The subgoal that it answers.
        """
        if len(self._claims) < _MOST or claim.process in self._claims:
            self._claims[claim.process] = claim
        same = self._claim is not None and self._claim.process == claim.process
        if chunk is not None:
            self._claim, self._chunk, self._answers = claim, chunk, answers
        elif same and claim.idle:
            self._claim = self._chunk = None
        elif same:
            self._claim = claim   # it is alive, and its chunk still waits

    def take(self, pursued: Pursued) -> Offer:
        """Return what goes to the guard in this cycle.

        Args:
            pursued: The subgoal in work.
        """
        claim, chunk = self._claim, self._chunk
        if claim is not None and chunk is not None and self._answers == pursued:
            self._claims.pop(claim.process, None)
            self._claim = self._chunk = None
            return Offer(claim, chunk)
        if not self._claims:
            return Offer()
        return Offer(self._claims.pop(next(iter(self._claims))))
