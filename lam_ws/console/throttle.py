"""How often somebody may try: keys and times enter, s to wait leave. Bounded, no clock of its own.

Failures count by address with name, and by address alone: a guesser of one password is slowed
down soon, and one of many names as well, while nobody elsewhere is kept out by it.
"""
from collections import deque
from collections.abc import Callable

WINDOW_S = 60.0
OF_A_NAME, OF_AN_ADDRESS = 5, 20    # failures within WINDOW_S
_MOST = 1024                        # keys remembered


class Throttle:
    """Counts failures.

    Args:
        now: s of a monotonic clock.
    """

    def __init__(self, now: Callable[[], float]):
        self._now = now
        self._failures: dict[tuple[str, str], deque[float]] = {}

    def wait_s(self, address: str, name: str) -> float:
        """Return s until somebody may try again, 0.0 for now."""
        return max(self._wait_s((address, name), OF_A_NAME),
                   self._wait_s((address, ''), OF_AN_ADDRESS))

    def failed(self, address: str, name: str) -> None:
        """Note a failure."""
        for key, most in (((address, name), OF_A_NAME), ((address, ''), OF_AN_ADDRESS)):
            times = self._failures.pop(key, None) or deque(maxlen=most)
            times.append(self._now())
            self._failures[key] = times
        while len(self._failures) > _MOST:   # the oldest first
            self._failures.pop(next(iter(self._failures)))

    def _wait_s(self, key: tuple[str, str], most: int) -> float:
        times = self._failures.get(key)
        if times is None or len(times) < most:
            return 0.0
        return max(0.0, times[0] + WINDOW_S - self._now())


class Bucket:
    """Lets `rate_hz` through in the long run, and `burst` at once.

    Args:
        now: s of a monotonic clock.
        rate_hz: In the long run.
        burst: At once.
    """

    def __init__(self, now: Callable[[], float], rate_hz: float, burst: int):
        self._now, self._rate_hz, self._burst = now, rate_hz, float(burst)
        self._left, self._at_s = float(burst), now()

    def take(self) -> bool:
        """Return whether one more may pass."""
        now_s = self._now()
        self._left = min(self._burst, self._left + (now_s - self._at_s) * self._rate_hz)
        self._at_s = now_s
        if self._left < 1.0:
            return False
        self._left -= 1.0
        return True
