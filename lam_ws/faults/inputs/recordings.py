"""Recordings broken on purpose: a killed recorder, a cut file, a disk that is full or locked.

A case enters; what a reader still finds in the file leaves. Each message that comes back is
compared bit for bit with the one that was written, and decoded by rosbags, which knows nothing of
this project.
"""
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
import os
from pathlib import Path
import random
from select import select
import subprocess
import sys
import tempfile
import time

from lam_ws.errors import RecordingError
from lam_ws.faults.faults import Case, Seen
from lam_ws.faults.inputs.stream import COUNTS, CYCLE_NS, Sent, Stream
from lam_ws.record.recovery import part_of, recover
from lam_ws.record.writer import FLUSH_NS, Recorder
from rosbags.highlevel import AnyReader

KILLS, CUTS = 10, 50           # in one run of a case
LONGEST_S = 0.3                # from the first message to the kill
LARGE_BYTES = 300_000_000      # of the recording whose recovery is timed
LARGE_PICTURE, TRIES = (640, 480), 5
DISK_BYTES = 1_000_000
WHENEVER = ('carry',)          # a recorder knows no phases; one stands for all
HERE = 'lam_ws.faults.inputs.recordings'

RECORDING_CASES = (
    Case(31, 'recorder_killed', 'P', 'recorder',
         'every acknowledged message back bit for bit, at most 100 ms lost', FLUSH_NS / CYCLE_NS,
         f'{HERE}:kill', WHENEVER, 20, quick=True),
    Case(31, 'recording_cut', 'U', 'recorder',
         'what was acknowledged before the cut comes back bit for bit', 0.0, f'{HERE}:cut',
         WHENEVER, 4, quick=True),
    Case(31, 'recording_large', 'P', 'recorder', 'recovered at 1 s a GB or faster', 100.0,
         f'{HERE}:large', WHENEVER, 1),
    Case(30, 'recording_full', 'P', 'recorder',
         'one clear error, finished and acknowledged data readable', 0.0, f'{HERE}:full',
         WHENEVER, 1, quick=True),
    Case(30, 'recording_locked', 'P', 'recorder',
         'one clear error, finished data readable', 0.0, f'{HERE}:locked', WHENEVER, 1),
)


@dataclass(frozen=True)
class Found:
    """What is left of a recording: messages read back, and whether each is the right one."""

    messages: int
    right: bool


def read_back(path: Path, sent: Iterator[Sent]) -> Found:
    """Recover and read a recording, and compare it with the stream that was written into it."""
    recover(path)
    rows: dict[str, list[tuple[int, bytes]]] = {}
    with AnyReader([path]) as reader:
        for connection, stamp_ns, data in reader.messages():
            reader.deserialize(data, connection.msgtype)
            rows.setdefault(connection.topic, []).append((stamp_ns, bytes(data)))
    count, expected = sum(map(len, rows.values())), {topic: iter(rows[topic]) for topic in rows}
    right = all(next(expected.get(one.topic, iter(())), None) == (one.stamp_ns, one.data)
                for one in islice(sent, count))
    return Found(count, right)


def kill(case: Case, phase: str, seed: int) -> Seen:
    """Kill a recording process with -9 at random moments and read what it left."""
    chance, lost_cycles, acknowledged, right = random.Random(seed), 0.0, 0, True
    with tempfile.TemporaryDirectory() as folder:
        for number in range(KILLS):
            path, stream = Path(folder) / f'{number}.mcap', 1000 * seed + number
            written, safe = _killed(path, stream, chance.uniform(0.0, LONGEST_S))
            found = read_back(path, Stream(stream).messages())
            right = right and found.right and found.messages >= safe
            acknowledged += safe
            lost_cycles = max(lost_cycles, _cycles(stream, found.messages, written))
            path.unlink()
    return Seen(f'{KILLS} kills, {acknowledged} messages acknowledged, '
                f'{"all" if right else "NOT all"} back, at most {10 * lost_cycles:.0f} ms lost',
                lost_cycles, right)


def _killed(path: Path, seed: int, wait_s: float) -> tuple[int, int]:
    """Return how many messages were written and acknowledged when the recorder was killed."""
    command = [sys.executable, '-m', 'lam_ws.faults.inputs.stream', str(path), str(seed)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        pipe = process.stdout.fileno()
        told = os.read(pipe, 65536)   # the file exists from here on
        until_s = time.monotonic() + wait_s
        while (left_s := until_s - time.monotonic()) > 0.0:   # a full pipe would hold it up
            if select([pipe], [], [], left_s)[0]:
                told += os.read(pipe, 65536)
        process.kill()
        while more := os.read(pipe, 65536):
            told += more
    if not part_of(path).exists() or len(told) < COUNTS.size:
        raise RuntimeError('the recorder ended before it was killed')
    last = len(told) // COUNTS.size - 1
    written, acknowledged = COUNTS.unpack_from(told, last * COUNTS.size)
    return written, acknowledged


def _cycles(seed: int, found: int, written: int) -> float:
    """Return how much log time lies in the messages that did not come back, cycles."""
    missing = [one.stamp_ns for one in islice(Stream(seed).messages(), found, written)]
    return (missing[-1] - missing[0]) / CYCLE_NS if missing else 0.0


def cut(case: Case, phase: str, seed: int) -> Seen:
    """Cut a recording at random bytes, as a power cut may, and read what is before the cut."""
    chance, lost, wrong = random.Random(seed), 0, 0
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / 'whole.mcap'
        steps: list[tuple[int, int]] = []
        with Recorder(path) as recorder:
            for one in islice(Stream(seed).messages(), 330):
                recorder.write(one.topic, one.kind, None, one.data, one.stamp_ns)
                steps.append((part_of(path).stat().st_size, recorder.acknowledged))
        data, torn = path.read_bytes(), path.with_name('torn.mcap')
        for _ in range(CUTS):
            size = chance.randrange(len(data))
            torn.write_bytes(data[:size])
            found = read_back(torn, Stream(seed).messages())
            due = max((safe for length, safe in steps if length <= size), default=0)
            lost, wrong = lost + max(0, due - found.messages), wrong + (not found.right)
    return Seen(f'{CUTS} cuts, {lost} acknowledged messages lost, {wrong} files with a wrong one',
                0.0, lost == wrong == 0)


def large(case: Case, phase: str, seed: int) -> Seen:
    """Time the recovery of a recording that its recorder left without an end.

    The bound is held against the least processor time of a few: on a machine with other work
    everything else measures that work.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / 'large.mcap'
        with Recorder(path) as recorder:
            stream = Stream(seed, LARGE_PICTURE).messages()
            while not part_of(path).exists() or part_of(path).stat().st_size < LARGE_BYTES:
                one = next(stream)
                recorder.write(one.topic, one.kind, None, one.data, one.stamp_ns)
            recorder.flush()
            acknowledged, size = recorder.acknowledged, part_of(path).stat().st_size
        times = [_recovery(path, size) for _ in range(TRIES)]
        found = read_back(path, Stream(seed, LARGE_PICTURE).messages())
    processor, wall = (min(one) for one in zip(*times, strict=True))
    return Seen(f'{size / 1e6:.0f} MB at {processor:.2f} s of a processor a GB, {wall:.2f} s on '
                'the wall', 100.0 * processor, found.right and found.messages == acknowledged)


def _recovery(path: Path, size: int) -> tuple[float, float]:
    """Cut off index and footer and recover; return s a GB, of a processor and on the wall."""
    os.truncate(path, size)      # what a kill leaves
    started_s, wall_s = time.process_time(), time.monotonic()
    if not recover(path):
        raise RuntimeError('there was nothing to recover')
    return ((time.process_time() - started_s) / (size / 1e9),
            (time.monotonic() - wall_s) / (size / 1e9))


def full(case: Case, phase: str, seed: int) -> Seen:
    """Fill a small disk of its own while recording."""
    return _on_small_disk('fill', seed)


def locked(case: Case, phase: str, seed: int) -> Seen:
    """Make a small disk of its own read-only between two recordings."""
    return _on_small_disk('lock', seed)


def _on_small_disk(what: str, seed: int) -> Seen:
    """Run `_disk` in a mount namespace of its own, on a file system of 1 MB."""
    with tempfile.TemporaryDirectory() as folder:
        mount = f'mount -t tmpfs -o size={DISK_BYTES} tmpfs "$1" && '
        program = f'from {HERE} import on_disk; import sys; on_disk(*sys.argv[1:])'
        run = subprocess.run(
            ['unshare', '--user', '--map-root-user', '--mount', 'sh', '-c',
             f'{mount}exec "$0" -c "$4" "$1" "$2" "$3"', sys.executable, folder, what, str(seed),
             program], capture_output=True, text=True, timeout=60, check=False)
    if run.returncode != 0:
        return Seen(f'status {run.returncode}: {run.stderr.strip()[-200:]}', 0.0, False)
    told = run.stdout.strip().splitlines()[-1]
    return Seen(told, 0.0, told.startswith('ok'))


def on_disk(folder: str, what: str, seed: str) -> None:
    """Record on the small disk `folder` until it is full or locked; print what came of it."""
    stream, disk = Stream(int(seed)), Path(folder)
    done = disk / 'done.mcap'
    with Recorder(done) as recorder:
        for one in islice(stream.messages(), 22):
            recorder.write(one.topic, one.kind, None, one.data, one.stamp_ns)
    if what == 'lock':
        subprocess.run(['mount', '-o', 'remount,ro', folder], check=True)
    torn, errors = Recorder(disk / 'torn.mcap'), []
    for act in (torn.open, lambda: _fill(torn, stream.messages()), torn.flush):
        try:
            act()
        except RecordingError as error:
            errors.append(str(error))
    acknowledged = torn.acknowledged
    kept = read_back(done, stream.messages())
    right = kept.right and kept.messages == 22 and bool(errors)
    if what == 'fill':
        found = read_back(torn.path, stream.messages())
        right = right and found.right and found.messages == acknowledged > 0
        right = right and len(set(errors)) == 1 and len(errors) == 2
    reason = errors[0].split(': ')[-1] if errors else 'no error'
    print(f'{"ok" if right else "wrong"}: {acknowledged} acknowledged; {reason}')


def _fill(recorder: Recorder, stream: Iterator[Sent]) -> None:
    for one in stream:
        recorder.write(one.topic, one.kind, None, one.data, one.stamp_ns)
