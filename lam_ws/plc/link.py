"""Keeps a PLC polled from a thread of its own, and says what it says.

What the cell wants the PLC to know enters from any thread; after each poll the news leave by a
call from the link's thread, before anything is written, so that an open gate waits for nothing.
A PLC that answers while its counter stands still is not connected: its program may have stopped.
"""
from collections.abc import Callable, Mapping
from dataclasses import dataclass
import threading
import time

from lam_ws.errors import PlcError
from lam_ws.plc.plc import connection, Plc, Reading
from lam_ws.plc_file import PlcSettings

_AGAIN_S = 1.0      # between attempts to connect
_REWRITE_S = 1.0    # outputs are written on change, and at least so often
_PATIENCE_S = 5.0   # longest wait for the thread to end


@dataclass(frozen=True)
class News:
    """What is known of the PLC after a poll, or after none that was answered.

    Attributes:
        stamp_s: When the poll was begun, or given up, s on the monotonic clock.
        connected: It was answered, with the counter moving.
        text: Why it is not connected, '' when it is.
        inputs: As in `Reading`; all None while not connected.
        written: Outputs by name as the PLC was told last; empty while not connected.
    """

    stamp_s: float
    connected: bool
    text: str
    inputs: Mapping[str, bool | None]
    written: Mapping[str, bool]


class Link:
    """The thread that polls one PLC.

    Args:
        settings: Of the site.
        tell: Called with the news of each poll, in the link's thread.
        plc: The connection; by default that of the settings.
    """

    def __init__(self, settings: PlcSettings, tell: Callable[[News], None],
                 plc: Plc | None = None):
        self._settings, self._tell = settings, tell
        self._plc = connection(settings) if plc is None else plc
        self._wanted: Mapping[str, bool] = {}
        self._written: dict[str, bool] = {}
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name='plc', daemon=True)
        self._written_s = self._beat_s = 0.0
        self._beat: object = None
        self._count = 0
        self.failure: BaseException | None = None

    def start(self) -> None:
        """Begin to poll."""
        self._thread.start()

    def want(self, outputs: Mapping[str, bool]) -> None:
        """Have the PLC told these outputs with the next poll; a name that is left out stays."""
        self._wanted = {**self._wanted, **outputs}

    def close(self, last: Mapping[str, bool]) -> None:
        """Tell the PLC its last outputs if it can be reached, and end the thread."""
        self.want(last)
        self._ending.set()
        if self._thread.is_alive():
            self._thread.join(_PATIENCE_S)

    def _run(self) -> None:
        try:
            while not self._ending.is_set():
                self._hold()
                self._ending.wait(_AGAIN_S)
        except BaseException as failure:   # whoever owns the link ends by it
            self.failure = failure
            raise
        finally:
            self._plc.close()

    def _hold(self) -> None:
        """Connect and poll until something goes wrong, or the end."""
        period_s, self._beat, self._beat_s = 1.0 / self._settings.poll_hz, None, 0.0
        self._written = {}
        try:
            self._plc.open()
            due_s = time.monotonic()
            while not self._ending.is_set():
                self._poll(time.monotonic())
                due_s = max(due_s + period_s, time.monotonic())   # what is late is not made up
                self._ending.wait(due_s - time.monotonic())
            self._write(time.monotonic())
        except PlcError as error:
            self._plc.close()
            self._written = {}
            self._say(time.monotonic(), str(error), {})

    def _poll(self, now_s: float) -> None:
        reading = self._plc.read()
        self._say(now_s, self._stands_still(reading, now_s), reading.inputs)
        self._write(now_s)

    def _stands_still(self, reading: Reading, now_s: float) -> str:
        """Return why the counter of the PLC does not count as moving, '' when it does."""
        if self._settings.heartbeat.theirs is None:
            return ''
        if reading.beat is None:
            return 'the counter of the PLC is not known'
        if self._beat is None:
            self._beat = reading.beat
        elif reading.beat != self._beat:
            self._beat, self._beat_s = reading.beat, now_s
        if self._beat_s and now_s - self._beat_s <= self._settings.silent_s:
            return ''
        return 'the counter of the PLC stands still'

    def _write(self, now_s: float) -> None:
        """Write what changed, everything now and then, and the counter of this side."""
        wanted = self._wanted
        old = now_s - self._written_s >= _REWRITE_S
        new = {name: on for name, on in wanted.items() if old or self._written.get(name) != on}
        self._count += 1
        self._plc.write(new, self._count)
        self._written |= new
        if old:
            self._written_s = now_s

    def _say(self, stamp_s: float, wrong: str, inputs: Mapping[str, bool | None]) -> None:
        known = inputs if not wrong else dict.fromkeys(
            one.name for one in self._settings.inputs)
        self._tell(News(stamp_s, not wrong, wrong, known, dict(self._written)))
