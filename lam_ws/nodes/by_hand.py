"""The hand of a console: takes and gives the arm, and hands jogs on; the one place that knows how.

Wishes enter from the web server's threads; what the hand is doing leaves as JSON. Where the arm
cannot be moved by hand, every wish is refused with the reason.
"""
from concurrent.futures import Future
import time
from typing import Any

from lam_ws.console.console import Answer, Jog
from lam_ws.errors import LamError
from lam_ws.keys import read_keys
from lam_ws.nodes.asking import Asking, given
from lam_ws.nodes.hand import Hand, HAND_KEYS, HandState
from lam_ws.nodes.wordings import accepted, refusal
from lam_ws.policy import teleop
from lam_ws.site import Site
from rclpy.node import Node

_SETTLE_S = 1.5      # until the guard has decided about the lease


class ByHand:
    """One operator's hand on the arm, or the reason why there is none.

    Args:
        node: Speaks to the guard; whoever spins it lets the hand speak.
        site: Whose arm.
        asking: Waits for what the guard decides.
    """

    def __init__(self, node: Node, site: Site, asking: Asking):
        self._asking, self._why = asking, ''
        self._hand: Hand | None = None
        self.taken = 0     # how often
        try:
            self._hand = Hand(node, site, read_keys(HAND_KEYS))
        except LamError as error:   # lock-step, or no keys
            self._why = str(error)

    @property
    def holds(self) -> bool:
        """Whether the guard obeys this hand."""
        return self._hand is not None and self._hand.state.holds

    def take(self) -> 'Future[Answer]':
        """Ask for the arm; the answer comes once the guard has decided."""
        hand = self._hand
        if hand is None:
            return self._refused()
        self.taken += 1
        before = hand.state
        hand.take()

        def look() -> Answer | None:
            state = hand.state
            if state is before:   # it does not know yet that it was asked
                return None
            if state.holds:
                return accepted()
            return None if state.code in ('taking', '') else self._told(state)
        return self._asking.wait(look, lambda: self._told(hand.state), _SETTLE_S)

    def give(self) -> 'Future[Answer]':
        """Hand the arm back to whoever speaks next."""
        hand = self._hand
        if hand is None:
            return self._refused()
        hand.give()
        return self._asking.wait(lambda: None if hand.giving else accepted(),
                                 lambda: self._told(hand.state), _SETTLE_S)

    def jog(self, jog: Jog) -> None:
        """Move, from any thread; a jog that makes no sense for this arm is a release."""
        if self._hand is None:
            return
        try:
            self._hand.jog(teleop.Jog(jog.mode, jog.vector, jog.gripper, jog.speed),
                           time.monotonic())
        except LamError:
            self._hand.release()

    def release(self) -> None:
        """Come to rest now, from any thread."""
        if self._hand is not None:
            self._hand.release()

    def state(self, commander: str) -> dict[str, Any]:
        """Return who moves the arm, and what is in the way of the hand.

        Args:
            commander: Process that holds the lease, as the guard says.
        """
        role = '' if not commander else 'policy' if '/policy/' in commander else 'teleop'
        told: dict[str, Any] = {'available': self._hand is not None, 'why': self._why,
                                'holder': commander, 'role': role, 'moving': False,
                                'holds': False, 'limited': None, 'ends': []}
        if self._hand is None:
            return told
        state = self._hand.state
        told.update(holds=state.holds, moving=state.moving, ends=list(state.ends),
                    share=round(float(state.share), 3))
        if state.code and state.code != 'not_taken':
            told['limited'] = {'code': state.code, 'where': state.where,
                               'text': {'ko': state.text('ko'), 'en': state.text('en')}}
        return told

    def _refused(self) -> 'Future[Answer]':
        return given(refusal('no_hand', en=self._why))

    def _told(self, state: HandState) -> Answer:
        return refusal('hand_refused', state.text('ko'), state.text('en'))
