"""When a person's hand moved the arm: who holds the lease goes in, intervals leave.

The guard says which process holds the lease, and claims say which role a process has. Only
claims of sound seals may be put in here: the guard obeys no others.
"""
from lam_ws.record.card import Intervention

HAND = 'teleop'   # role of a person's hand: `safety.lease.TELEOP`, which no recording needs


class Hands:
    """Follows the lease; times are s on the clock of the run."""

    def __init__(self) -> None:
        self._hands: set[str] = set()      # processes that have that role
        self._held: tuple[str, float] | None = None
        self._done: list[Intervention] = []

    def claim(self, role: str, commander: str) -> None:
        """Take note of the role that a process claims."""
        if role == HAND:
            self._hands.add(commander)

    def lease(self, commander: str, time_s: float) -> None:
        """Take note of who holds the lease at `time_s`, '' for nobody."""
        hand = commander if commander in self._hands else ''
        if self._held is not None and self._held[0] != hand:
            self._done.append(Intervention(self._held[1], time_s, self._held[0]))
            self._held = None
        if hand and self._held is None:
            self._held = hand, time_s

    def begin(self) -> None:
        """Forget what is over; a hand that holds the lease now goes on holding it."""
        self._done = []

    def intervals(self, start_s: float, now_s: float) -> tuple[Intervention, ...]:
        """Return those from `start_s` to `now_s`, counted from `start_s`, to a millisecond."""
        open_ = [Intervention(self._held[1], now_s, self._held[0])] if self._held else []
        return tuple(Intervention(round(max(one.start_s - start_s, 0.0), 3),
                                  round(one.end_s - start_s, 3), one.commander)
                     for one in (*self._done, *open_) if one.end_s > start_s)
