"""A stream of messages as a cell's topics carry them, and a process that records it.

A seed enters; message after message leaves, serialised, the same ones at every run, so that a
recording can be compared bit for bit with what went into it. As a program it records the stream
until it is killed, and tells whoever started it what it has written and what the recorder
acknowledged: `python -m lam_ws.faults.inputs.stream FILE SEED`.
"""
from collections.abc import Iterator
from dataclasses import dataclass
import os
from pathlib import Path
import struct
import sys
from typing import Any

from lam_ws.record.definitions import definition
from lam_ws.record.writer import Recorder
import numpy as np
from rosbags.typesys import get_types_from_msg, get_typestore, Stores

CYCLE_NS = 10_000_000          # 100 Hz
PICTURE_CYCLES = 10            # 10 Hz
SIZE = (160, 120)              # width, height of a picture
COUNTS = struct.Struct('<QQ')  # messages written, messages acknowledged
JOINTS, IMAGE = 'sensor_msgs/msg/JointState', 'sensor_msgs/msg/Image'
NAMES = tuple(f'joint{i}' for i in range(1, 8))


@dataclass(frozen=True)
class Sent:
    """One message: topic, type, serialised content, log time in ns."""

    topic: str
    kind: str
    data: bytes
    stamp_ns: int


class Stream:
    """Makes the messages of one seed.

    Args:
        seed: Of positions and pictures.
        size: Width and height of the pictures, pixels.
    """

    def __init__(self, seed: int, size: tuple[int, int] = SIZE) -> None:
        self._seed, self._size = seed, size
        self._store: Any = get_typestore(Stores.EMPTY)
        for kind in (JOINTS, IMAGE):
            known = self._store.fielddefs
            self._store.register({name: fields for name, fields in get_types_from_msg(
                definition(kind), kind).items() if name not in known})

    def messages(self) -> Iterator[Sent]:
        """Yield joints at 100 Hz and a noisy picture at 10 Hz, for ever."""
        chance, cycle = np.random.default_rng(self._seed), 0
        while True:
            stamp_ns = cycle * CYCLE_NS
            header = self._header(stamp_ns)
            yield Sent('/joint_states', JOINTS, self._joints(header, chance), stamp_ns)
            if cycle % PICTURE_CYCLES == 0:
                yield Sent('/front/image_raw', IMAGE, self._picture(header, chance), stamp_ns)
            cycle += 1

    def _header(self, stamp_ns: int) -> Any:
        stamp = self._store.types['builtin_interfaces/msg/Time'](
            stamp_ns // 10 ** 9, stamp_ns % 10 ** 9)
        return self._store.types['std_msgs/msg/Header'](stamp=stamp, frame_id='base')

    def _joints(self, header: Any, chance: np.random.Generator) -> bytes:
        message = self._store.types[JOINTS](
            header=header, name=list(NAMES), position=chance.normal(size=len(NAMES)),
            velocity=chance.normal(size=len(NAMES)), effort=np.empty(0))
        return bytes(self._store.serialize_cdr(message, JOINTS))

    def _picture(self, header: Any, chance: np.random.Generator) -> bytes:
        width, height = self._size
        message = self._store.types[IMAGE](
            header=header, height=height, width=width, encoding='rgb8', is_bigendian=0,
            step=3 * width, data=chance.integers(0, 256, 3 * width * height, np.uint8))
        return bytes(self._store.serialize_cdr(message, IMAGE))


def main(path: str, seed: str) -> None:
    """Record without end; after each message say on stdout what was written and acknowledged."""
    recorder = Recorder(Path(path))
    recorder.open()
    for sent in Stream(int(seed)).messages():
        recorder.write(sent.topic, sent.kind, None, sent.data, sent.stamp_ns)
        os.write(sys.stdout.fileno(), COUNTS.pack(recorder.messages, recorder.acknowledged))


if __name__ == '__main__':
    main(*sys.argv[1:])
