"""Judges the recording of the moment: what the live checks find, and how the disk does.

Stamps and durations go in; how it stands now leaves twice a second, and a verdict at the end.
What was wrong only for a moment stays in the verdict.
"""
from collections import deque
from collections.abc import Callable
import os
from pathlib import Path
import shutil

from lam_ws.record import faults
from lam_ws.record.card import Verdict
from lam_ws.record.faults import Fault
from lam_ws.record.live import Live, LiveChecks
from lam_ws.record.writer import Recorder

ROOM_S = 120.0         # the disk must have room for so much more of what is being recorded
ROOM_BYTES = 200_000_000
BEHIND_S = 0.5         # a message may wait so long for the disk
_LOOKS = 4             # a slow write is remembered for so many looks: two seconds


class Checking:
    """Judges one recording after the other.

    Args:
        live: Looks at cameras and joints.
        folder: On the disk that is written to.
        free: Returns free bytes of the disk that a folder is on.
    """

    def __init__(self, live: LiveChecks, folder: Path,
                 free: Callable[[Path], int] = lambda folder: free_bytes(folder)):
        self.live, self._folder, self._free = live, folder, free
        self.now = Live()
        self.delay_s = 0.0
        self._slowest: deque[float] = deque([0.0], maxlen=_LOOKS)
        self._failure = ''
        self.begin()

    def begin(self) -> None:
        """Judge a new recording from here on."""
        self.live.begin()
        self._seen: dict[str, None] = {}
        self._skew_s = self._delay_s = 0.0
        self._failure = ''

    def wrote(self, seconds: float) -> None:
        """Take note of how long one message took to write."""
        if seconds > self._slowest[-1]:
            self._slowest[-1] = seconds

    def ended(self, why: str) -> None:
        """Take note that the recording ended before its time."""
        self._failure = why

    def look(self, now_ns: int, recorder: Recorder | None, seconds: float) -> tuple[Fault, ...]:
        """Look at everything and return what is wrong, the worst first.

        Args:
            now_ns: On the clock of the run.
            recorder: That of the episode, None while nothing is recorded.
            seconds: How long it has been recording.
        """
        self.now = self.live.look(now_ns)
        found = list(self.now.faults)
        waiting_s = 0.0 if recorder is None else recorder.waiting_s(now_ns)
        self.delay_s = max(waiting_s, *self._slowest)
        self._slowest.append(0.0)
        if recorder is not None:
            found = [*self._disk(recorder, seconds), *found]
            self._seen.update(dict.fromkeys(fault.code for fault in found))
            self._skew_s = max(self._skew_s, self.now.skew_s)
            self._delay_s = max(self._delay_s, self.delay_s)
        elif self._failure:
            found = [Fault(faults.RECORDING_ENDED, self._failure), *found]
        return tuple(found)

    def _disk(self, recorder: Recorder, seconds: float) -> list[Fault]:
        found = []
        room = self._free(self._folder)
        rate = recorder.size / seconds if seconds > 1.0 else 0.0
        left_s = (room - ROOM_BYTES) / rate if rate > 0.0 else \
            float(ROOM_S if room > ROOM_BYTES else 0.0)
        if left_s < ROOM_S:
            found.append(Fault(faults.DISK_LOW, '', max(left_s, 0.0), ROOM_S))
        if self.delay_s > BEHIND_S:
            found.append(Fault(faults.DISK_SLOW, '', self.delay_s, BEHIND_S))
        return found

    def verdict(self) -> Verdict:
        """Return what came of the recording that ends now."""
        cameras = self.live.verdicts()
        codes = dict(self._seen)
        if any(camera.dropped for camera in cameras):
            codes[faults.IMAGES_DROPPED] = None
        return Verdict(not codes, tuple(codes), cameras, round(self._skew_s, 4),
                       round(self._delay_s, 4))


def free_bytes(folder: Path) -> int:
    """Return the free bytes of the disk that `folder` is, or will be, on."""
    there = folder.absolute()
    while not there.exists() and there != there.parent:
        there = there.parent
    return shutil.disk_usage(os.fspath(there)).free
