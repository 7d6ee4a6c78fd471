"""Looks at what arrives while it arrives: rates, missing images, stamps that belong together.

Stamps of images and joint states go in as they come; a `Live` leaves at each look. So a camera
that is slow, or a clock that is off, is known before the demonstration is over and not when a
training fails on it. Time is that of the run, ns, and an argument.
"""
from bisect import bisect_left
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from lam_ws.record import faults
from lam_ws.record.card import CameraVerdict
from lam_ws.record.faults import Fault

WINDOW_S = 2.0        # that rates are taken over
SLOW = 0.9            # share of the wanted rate below which a camera is slow
MISSING = 1.5         # periods between two stamps from which on an image is missing
SILENT = 5.0          # periods without an image, and at least SILENT_S
SILENT_S = 0.5
APART = 0.75          # periods by which stamps that belong together may differ
_SETTLED_S = 1.0      # heard for so long before a rate is judged


@dataclass(frozen=True)
class Live:
    """What one look found; per camera in the order of the site.

    Attributes:
        rate_hz: Images a second over the last two seconds.
        dropped: Images that are missing in this episode.
        skew_s: Largest difference between stamps that belong together, in the last two seconds.
        faults: What is wrong now, the worst first.
    """

    rate_hz: tuple[float, ...] = ()
    dropped: tuple[int, ...] = ()
    skew_s: float = 0.0
    faults: tuple[Fault, ...] = ()


class Source:
    """The stamps of one camera, or of the joints."""

    def __init__(self, name: str, rate_hz: float):
        self.name, self.rate_hz, self.period_s = name, rate_hz, 1.0 / rate_hz
        self.stamps: deque[float] = deque()   # s, those of the window
        self.heard_s: float | None = None     # when the last one came
        self.since_s: float | None = None
        self.begin()

    def begin(self) -> None:
        """Count from here."""
        self.images, self.dropped, self._gap = 0, 0, 1.0
        self.first_s = self.last_s = 0.0

    def take(self, stamp_s: float, now_s: float) -> None:
        """Take note of one message."""
        if self.stamps and self.images:
            self._judge((stamp_s - self.stamps[-1]) / self.period_s)
        if self.stamps and stamp_s < self.stamps[-1]:   # another clock: nothing before counts
            self.stamps.clear()
            self._gap = 1.0
        self.stamps.append(stamp_s)
        self.heard_s = now_s
        if self.since_s is None:
            self.since_s = now_s
        self.first_s = stamp_s if self.images == 0 else self.first_s
        self.images, self.last_s = self.images + 1, stamp_s
        longest_s = max(WINDOW_S, 4.0 * self.period_s)
        while self.stamps[0] < stamp_s - longest_s:
            self.stamps.popleft()

    def _judge(self, gap: float) -> None:
        """Count what is missing in the gap before the last one, in periods.

        An image that was only late is followed by one that comes early, so a gap counts once
        the next is known and the two together are too long.
        """
        both = self._gap + gap
        if self._gap > MISSING and both > MISSING + 1.0:
            self.dropped += round(both) - 2
            gap = 1.0   # what was missing in it is counted
        self._gap = gap

    def silence_s(self, now_s: float, since_s: float) -> float:
        """Return for how long nothing has been heard; `since_s` is when listening began."""
        return now_s - (since_s if self.heard_s is None else self.heard_s)

    def rate(self, now_s: float) -> float:
        """Return messages a second of late, by their stamps; 0.0 where it has fallen silent."""
        if len(self.stamps) < 2 or self.silence_s(now_s, now_s) > max(SILENT * self.period_s,
                                                                      SILENT_S):
            return 0.0
        span_s = self.stamps[-1] - self.stamps[0]
        return (len(self.stamps) - 1) / span_s if span_s > 0.0 else 0.0

    def verdict(self) -> CameraVerdict:
        """Return what came of it since `begin`."""
        span_s = self.last_s - self.first_s
        rate = (self.images - 1) / span_s if self.images > 1 and span_s > 0.0 else 0.0
        return CameraVerdict(self.name, self.images, self.dropped, round(rate, 3))


class LiveChecks:
    """Looks at the cameras and the joints of one site.

    Args:
        cameras: Images a second by name, in the order of the site.
        joints_hz: Joint states a second.
        stale_joints_s: s, silence of the joints that counts.
    """

    def __init__(self, cameras: Mapping[str, float], joints_hz: float, stale_joints_s: float):
        self.cameras = {name: Source(name, rate) for name, rate in cameras.items()}
        self._joints = Source('joint_states', joints_hz)
        self._stale_s = max(stale_joints_s, 0.2)   # a process that was busy is not a dead arm
        self._since_s: float | None = None

    def begin(self) -> None:
        """Count missing images from here on."""
        for source in self.cameras.values():
            source.begin()

    def image(self, camera: str, stamp_ns: int, now_ns: int) -> None:
        """Take note of an image."""
        self.cameras[camera].take(1e-9 * stamp_ns, 1e-9 * now_ns)

    def joints(self, stamp_ns: int, now_ns: int) -> None:
        """Take note of a joint state."""
        self._joints.take(1e-9 * stamp_ns, 1e-9 * now_ns)

    def verdicts(self) -> tuple[CameraVerdict, ...]:
        """Return what came of each camera since `begin`."""
        return tuple(source.verdict() for source in self.cameras.values())

    def look(self, now_ns: int) -> Live:
        """Return how things stand."""
        now_s = 1e-9 * now_ns
        if self._since_s is None or now_s < self._since_s:   # a cell that was laid out anew
            self._since_s = now_s
        sources = tuple(self.cameras.values())
        found = [*self._silent(now_s), *(fault for one in sources for fault in _slow(one, now_s))]
        where, apart_s = self._apart()
        bound_s = APART * max((one.period_s for one in sources), default=1.0)
        if apart_s > bound_s:
            found.append(Fault(faults.NOT_TOGETHER, where, apart_s, bound_s))
        found += [Fault(faults.IMAGES_DROPPED, one.name, one.dropped)
                  for one in sources if one.dropped]
        return Live(tuple(one.rate(now_s) for one in sources),
                    tuple(one.dropped for one in sources), apart_s, tuple(found))

    def _silent(self, now_s: float) -> list[Fault]:
        assert self._since_s is not None
        found = []
        silence_s = self._joints.silence_s(now_s, self._since_s)
        if silence_s > self._stale_s:
            found.append(Fault(faults.JOINTS_SILENT, '', silence_s, self._stale_s))
        for one in self.cameras.values():
            silence_s, bound_s = one.silence_s(now_s, self._since_s), \
                max(SILENT * one.period_s, SILENT_S)
            if silence_s > bound_s:
                found.append(Fault(faults.CAMERA_SILENT, one.name, silence_s, bound_s))
        return found

    def _apart(self) -> tuple[str, float]:
        """Return whose stamps differ most where they should not, and by how much in s.

        For each image of the first camera the nearest one of each other source is looked up;
        the newest ones wait until what belongs to them can have come.
        """
        if not self.cameras or not all(one.stamps for one in self._all()):
            return '', 0.0
        first, *others = self._all()
        worst, where = 0.0, ''
        for other in others:
            stamps = list(other.stamps)
            ready = stamps[-1] if abs(stamps[-1] - first.stamps[-1]) < WINDOW_S else \
                float('inf')   # they will never meet
            for stamp in islice(first.stamps, 1, None):
                apart = _nearest(stamps, stamp)
                if stamp <= ready and apart > worst:
                    worst, where = apart, f'{first.name}, {other.name}'
        return where, worst

    def _all(self) -> Sequence[Source]:
        return (*self.cameras.values(), self._joints)


def _slow(one: Source, now_s: float) -> list[Fault]:
    rate = one.rate(now_s)
    settled = one.since_s is not None and now_s - one.since_s >= _SETTLED_S
    return [Fault(faults.CAMERA_SLOW, one.name, rate, one.rate_hz)] \
        if settled and 0.0 < rate < SLOW * one.rate_hz else []


def _nearest(stamps: Sequence[float], stamp: float) -> float:
    """Return how far the nearest of sorted `stamps` is from `stamp`."""
    at = bisect_left(stamps, stamp)
    return min(abs(near - stamp) for near in stamps[max(at - 1, 0):at + 1])
