"""Reads a recording back: the path of an MCAP file goes in, an `Episode` comes out.

A torn file is mended first (`lam_ws.record.recovery`). Messages are decoded with the
definitions that the file itself carries, so recordings of other versions, and bags that
`ros2 bag record` made of the same topics, read the same way. Topics that are not part of an
episode are counted and skipped.
"""
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from lam_ws.errors import RecordingError
from lam_ws.record import record
from lam_ws.record.card import Card, from_note, NOTE
from lam_ws.record.hands import Hands
from lam_ws.record.record import Episode, Motion, Picture
from lam_ws.record.recovery import recover
from lam_ws.types import CameraHealth, Detection, freeze, Pixels, Scene
from mcap.exceptions import McapError
from mcap.reader import make_reader
import numpy as np
from rosbags.highlevel import AnyReader, AnyReaderError
from rosbags.interfaces import Connection

CHANNELS = {'rgb8': 3, 'bgr8': 3, 'mono8': 1, 'rgba8': 4, 'bgra8': 4}
Row = tuple[float, Any]


def read_episode(path: str | Path, images: bool = True, thin: int = 1) -> Episode:
    """Read the recording at `path`; `images=False` leaves the pictures out and is much faster.

    Args:
        path: The file.
        images: Whether to read pictures.
        thin: Keep one picture of each camera in so many.

    Raises:
        RecordingError: There is no such recording, it is still being written, or it is damaged.
    """
    path = Path(path)
    recover(path)
    try:
        with AnyReader([path]) as reader:
            return _read(reader, path, images, thin)
    except (AnyReaderError, OSError, McapError, ValueError, KeyError, AttributeError) as error:
        raise RecordingError(f'{path} cannot be read: {error}') from error


def _read(reader: AnyReader, path: Path, images: bool, thin: int) -> Episode:
    empty = reader.message_count == 0
    start_ns = 0 if empty else reader.start_time
    rows: dict[str, list[Row]] = {key: [] for key in MAKERS}
    frames: dict[str, list[Picture]] = {}
    seen: dict[str, int] = {}
    wanted = [c for c in reader.connections
              if _key(c) in rows or (images and _key(c) == record.IMAGE)]
    for connection, time_ns, data in reader.messages(wanted):
        if _key(connection) == record.IMAGE:
            seen[connection.topic] = seen.get(connection.topic, 0) + 1
            if (seen[connection.topic] - 1) % thin:
                continue
        message, time_s = reader.deserialize(data, connection.msgtype), (time_ns - start_ns) * 1e-9
        if _key(connection) == record.IMAGE:
            frames.setdefault(_camera(connection), []).append(Picture(time_s, pixels(message)))
        else:
            rows[_key(connection)].append((time_s, message))
    made = {MAKERS[key][0]: MAKERS[key][1](found) for key, found in rows.items()}
    counts: dict[str, int] = {}
    for connection in reader.connections:
        counts[connection.topic] = counts.get(connection.topic, 0) + connection.msgcount
    # rosbags counts the end of a bag as one past the last message.
    duration_s = 0.0 if empty else (reader.end_time - 1 - start_ns) * 1e-9
    notes = _notes(path)
    return Episode(path=path, start_ns=start_ns, duration_s=duration_s, counts=counts,
                   frames={name: tuple(f) for name, f in sorted(frames.items())},
                   notes=notes, card=_card(path.stem, notes, made, duration_s), **made)


def read_pictures(path: str | Path) -> Iterator[tuple[str, Picture]]:
    """Yield camera and picture of a recording one after the other, however long it is.

    Raises:
        RecordingError: There is no such recording, it is still being written, or it is damaged.
    """
    path = Path(path)
    recover(path)
    try:
        with AnyReader([path]) as reader:
            wanted = [one for one in reader.connections if _key(one) == record.IMAGE]
            for connection, time_ns, data in reader.messages(wanted):
                message = reader.deserialize(data, connection.msgtype)
                yield _camera(connection), Picture((time_ns - reader.start_time) * 1e-9,
                                                   pixels(message))
    except (AnyReaderError, OSError, McapError, ValueError, KeyError, AttributeError) as error:
        raise RecordingError(f'{path} cannot be read: {error}') from error


def _camera(connection: Connection) -> str:
    return connection.topic.rsplit('/', 2)[-2]


def _card(name: str, notes: Mapping[str, Mapping[str, str]], made: Mapping[str, Any],
          seconds: float) -> Card:
    """Return what the last note says; what its recorder no longer could say is found out."""
    card = from_note(name, notes.get(NOTE, {}))
    if card.finished:
        return card
    hands = Hands()
    for role, commander in {(one.role, one.commander) for one in made['proposals']}:
        hands.claim(role, commander)
    for one in made['guard']:
        hands.lease(one.commander, one.time_s)
    return replace(card, seconds=round(seconds, 3),
                   interventions=hands.intervals(0.0, seconds))


def unpacked_bytes(path: str | Path) -> int:
    """Return the size of all messages of a recording in memory; its index tells.

    Raises:
        RecordingError: There is no such recording, or it is damaged.
    """
    recover(path)
    try:
        with open(path, 'rb') as file:
            summary = make_reader(file).get_summary()
    except (OSError, McapError, ValueError) as error:
        raise RecordingError(f'{path} cannot be read: {error}') from error
    return sum(chunk.uncompressed_size for chunk in summary.chunk_indexes) if summary else 0


def _key(connection: Connection) -> str:
    return connection.topic.rsplit('/', 1)[-1]


def pixels(message: Any) -> Pixels:
    """Return uint8 RGB [height, width, 3] of a sensor_msgs/msg/Image.

    Raises:
        ValueError: An encoding without a fixed meaning in RGB, or data of the wrong length.
    """
    if message.encoding not in CHANNELS:
        raise ValueError(f"image encoding '{message.encoding}' is none of {sorted(CHANNELS)}")
    depth = CHANNELS[message.encoding]
    rows = np.frombuffer(message.data, np.uint8).reshape(message.height, message.step)
    image = rows[:, :message.width * depth].reshape(message.height, message.width, depth)
    if depth == 1:
        image = np.repeat(image, 3, axis=2)
    if message.encoding.startswith('bgr'):
        image = image[..., 2::-1]
    image = np.ascontiguousarray(image[..., :3])
    image.setflags(write=False)
    return image


def _joints(rows: list[Row]) -> Motion:
    return _motion([(t, tuple(m.name), m.position, m.velocity) for t, m in rows])


def _command(rows: list[Row]) -> Motion:
    return _motion([(t, tuple(m.joint_names), m.points[0].positions, m.points[0].velocities)
                    for t, m in rows if m.points])


def _motion(rows: list[tuple[float, tuple[str, ...], Any, Any]]) -> Motion:
    """Stack joint messages; a message that names other joints than the first is left out."""
    rows = [row for row in rows if row[1] == rows[0][1] and len(row[2]) == len(row[1])]
    if not rows:
        return record.no_motion()
    blank = np.full(len(rows[0][1]), np.nan)
    return Motion(
        times=freeze([row[0] for row in rows]), names=rows[0][1],
        position=freeze([row[2] for row in rows]),
        velocity=freeze([row[3] if len(row[3]) == len(blank) else blank for row in rows]))


def _proposals(rows: list[Row]) -> tuple[record.ProposalRecord, ...]:
    return tuple(record.ProposalRecord(
        t, m.step, m.attempt, m.sequence, m.phase, float(m.done),
        freeze([_seconds(p.time_from_start) for p in m.trajectory.points]),
        freeze([p.positions for p in m.trajectory.points]),
        *((m.claim.role, m.claim.commander) if hasattr(m, 'claim') else ())) for t, m in rows)


def _guard(rows: list[Row]) -> tuple[record.GuardRecord, ...]:
    return tuple(record.GuardRecord(
        t, m.state, m.reason, m.text, m.limited, m.measured, m.allowed, m.commands,
        m.limited_count, m.rejected_count, getattr(m, 'commander', '')) for t, m in rows)


def _subgoals(rows: list[Row]) -> tuple[record.SubgoalRecord, ...]:
    return tuple(record.SubgoalRecord(
        t, m.active, m.step, m.attempt, m.skill, m.kind, m.colour, m.destination, m.text,
        *(getattr(m, name, '') for name in ('part', 'tool', 'kb_version'))) for t, m in rows)


def _scenes(rows: list[Row]) -> tuple[Scene, ...]:
    return tuple(Scene(
        t, tuple(Detection(d.kind, d.colour, freeze([d.position.x, d.position.y, d.position.z]),
                           float(d.confidence), getattr(d, 'also', '')) for d in m.detections),
        {name: CameraHealth(health) for name, health in zip(m.cameras, m.health, strict=True)})
        for t, m in rows)


def _seconds(duration: Any) -> float:
    return float(duration.sec + duration.nanosec * 1e-9)


def _notes(path: Path) -> dict[str, Mapping[str, str]]:
    with open(path, 'rb') as file:
        return {note.name: dict(note.metadata) for note in make_reader(file).iter_metadata()}


#: Last part of a topic name -> the Episode's field and what makes it from (seconds, message).
MAKERS: dict[str, tuple[str, Callable[[list[Row]], Any]]] = {
    record.JOINT_STATES: ('joints', _joints), record.COMMAND: ('command', _command),
    record.PROPOSED: ('proposals', _proposals), record.GUARD_STATE: ('guard', _guard),
    record.SUBGOAL: ('subgoals', _subgoals), record.SCENE: ('scenes', _scenes),
}
