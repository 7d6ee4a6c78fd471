"""Who may command: one lease, taken by one commander at a time.

A claim enters with every message of a commander; who holds the lease leaves, or why the claim
is refused. ARM opens the lease, and the first sound claim takes it. From then on it belongs to
that process alone until ARM opens it anew, a commander of higher rank asks for it, or it gives
it back itself, so neither a second policy nor one that was started again can go on with what
another began.
"""
from collections.abc import Mapping
import math
from types import MappingProxyType
from typing import NamedTuple

from lam_ws.safety.bound import Bound

POLICY, TELEOP = 'policy', 'teleop'
RANK: Mapping[str, int] = MappingProxyType({POLICY: 0, TELEOP: 1})   # the higher may take over
DEAD_MAN_S = 0.1   # s, longest silence of a person's hand


class Claim(NamedTuple):
    """What a commander says of itself with each message.

    Attributes:
        role: A key of RANK.
        commander: Name of its process, unique in the cell.
        epoch: Of the process: higher than of any that ran under this role before.
        sequence: Rises with each message.
        stamp_s: Of the observation that the message answers, s on the clock of the run.
        idle: There is nothing to do: the arm is to come to rest.
        takes: It asks to take the lease from a commander of lower rank.
        gives: It gives the lease back: the next sound claim takes it, of whatever rank.
    """

    role: str
    commander: str
    epoch: int
    sequence: int
    stamp_s: float
    idle: bool = False
    takes: bool = False
    gives: bool = False

    @property
    def process(self) -> tuple[str, str, int]:
        """What tells one process from every other."""
        return self.role, self.commander, self.epoch


class Lease(NamedTuple):
    """Who holds the lease.

    Attributes:
        holder: Its newest claim, None while the lease is open.
        heard_s: When that came, s.
        marks: (role, epoch, sequence) of the newest claim of each role, so that none counts
            twice, whoever held the lease meanwhile.
    """

    holder: Claim | None = None
    heard_s: float = -math.inf
    marks: tuple[tuple[str, int, int], ...] = ()

    def opened(self) -> 'Lease':
        """Return the lease that the next sound claim takes."""
        return self._replace(holder=None)

    def term(self, lease_s: float) -> float:
        """Return s, how long its holder may be silent; a person's hand DEAD_MAN_S at most."""
        person = self.holder is not None and self.holder.role == TELEOP
        return min(lease_s, DEAD_MAN_S) if person else lease_s

    def lapsed(self, lease_s: float, now_s: float) -> bool:
        """Return whether nobody holds it, or has been silent for longer than `term`."""
        return self.holder is None or not now_s - self.heard_s <= self.term(lease_s) + 1e-9

    @property
    def by_hand(self) -> bool:
        """Whether a person moves the arm."""
        return self.holder is not None and self.holder.role == TELEOP and not self.holder.idle

    @property
    def idle(self) -> bool:
        """Whether there is nobody to obey, or nothing to do."""
        return self.holder is None or self.holder.idle


def consider(lease: Lease, claim: Claim, now_s: float, fresh_s: float,
             cycle_s: float) -> tuple[Lease, Bound | None]:
    """Return the lease after a claim, and why the claim is refused, None if it is not.

    The newest claim of the holder may come again, with the chunk that belongs to it.

    Args:
        lease: Before.
        claim: Of a message whose seal has been verified.
        now_s: Start of the cycle, s.
        fresh_s: s, age at which what a claim answers no longer counts.
        cycle_s: s, how far a stamp may be ahead.
    """
    holder = lease.holder
    if claim == holder:
        return lease, None
    if claim.role not in RANK:
        return lease, Bound('claim_role', where=claim.role)
    if not -cycle_s <= now_s - claim.stamp_s <= fresh_s:
        return lease, Bound('claim_stale', now_s - claim.stamp_s, fresh_s, claim.commander)
    for role, epoch, sequence in lease.marks:
        if role == claim.role and (claim.epoch, claim.sequence) <= (epoch, sequence):
            return lease, Bound('claim_replayed', claim.sequence, sequence, claim.commander)
    if holder is not None and holder.process != claim.process and not (
            claim.takes and RANK[claim.role] > RANK[holder.role]):
        return lease, Bound('not_commander', where=claim.commander)
    marks = tuple(mark for mark in lease.marks if mark[0] != claim.role)
    marks = (*marks, (claim.role, claim.epoch, claim.sequence))
    return Lease(None if claim.gives else claim, now_s, marks), None


class Commander:
    """Makes the claims of one process.

    Args:
        role: A key of RANK.
        name: Of the process, unique in the cell.
        epoch: Higher than of any process that had this role before.
    """

    def __init__(self, role: str, name: str, epoch: int):
        self.role, self.name, self.epoch, self.sequence = role, name, epoch, 0

    def claim(self, stamp_s: float, idle: bool = False, takes: bool = False,
              gives: bool = False) -> Claim:
        """Return the claim of the next message.

        Args:
            stamp_s: Of the observation that it answers, s.
            idle: There is nothing to do.
            takes: Ask to take the lease from a commander of lower rank.
            gives: Give the lease back.
        """
        self.sequence += 1
        return Claim(self.role, self.name, self.epoch, self.sequence, stamp_s, idle, takes,
                     gives)
