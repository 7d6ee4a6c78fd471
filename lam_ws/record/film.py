"""Films of an episode: an `Episode` goes in, an H.264 film or one strip of stills comes out.

The front camera fills the picture, the wrist camera is set into its corner, and a bar below
says what was asked, what the policy was doing and what the guard made of it. Time in the film
is time in the recording.
"""
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
import os
from pathlib import Path
from typing import Any

import av
import cv2
from lam_ws.errors import RecordingError
from lam_ws.record.image import resized
from lam_ws.record.lettering import width, write
from lam_ws.record.record import Episode, Picture
from lam_ws.types import Pixels
import numpy as np

WIDTH, BAR, INSET = 800, 92, 176        # px
TIME_BASE = Fraction(1, 1000)           # s
SHORTEST_MS = 20                        # between two frames; more would not be seen
BACKGROUND, INK, MUTED = (17, 24, 32), (240, 244, 248), (150, 164, 178)
STATE_COLOURS = {'running': (52, 168, 112), 'armed': (90, 140, 210), 'stopping': (230, 150, 40),
                 'stopped': (214, 69, 65), 'disarmed': (120, 130, 140)}
LIMITED = (230, 150, 40)


def write_film(episode: Episode, path: str | Path) -> Path:
    """Write the film of `episode` to `path` (*.mp4) and return it.

    Raises:
        RecordingError: The episode has no pictures, or the file cannot be written.
    """
    path, (front, wrist) = Path(path), cameras(episode)
    size = _size(front[0].pixels)
    part = path.with_name(path.name + '.part')
    try:
        with av.open(str(part), 'w', format='mp4', options={'movflags': 'faststart'}) as file:
            stream: Any = file.add_stream('libx264', rate=30)
            stream.width, stream.height, stream.pix_fmt = *size, 'yuv420p'
            stream.options = {'preset': 'veryfast', 'crf': '23'}
            stream.thread_count = 1
            stream.codec_context.time_base = TIME_BASE
            for time_ms, pixels in _film(episode, front, wrist):
                frame = av.VideoFrame.from_ndarray(pixels, format='rgb24')
                frame.pts, frame.time_base = time_ms, TIME_BASE
                file.mux(stream.encode(frame))
            file.mux(stream.encode(None))
        os.replace(part, path)
    except (OSError, av.FFmpegError) as error:
        part.unlink(missing_ok=True)
        raise RecordingError(f'{path} cannot be written: {error}') from error
    return path


def film_strip(episode: Episode, n: int = 8, height: int = 150) -> Pixels:
    """Return `n` stills of the front camera side by side, uint8 RGB, each with its time.

    Raises:
        RecordingError: The episode has no pictures.
    """
    tiles = [_still(picture, height) for picture in stills(episode, n)]
    gap = np.full((height, 4, 3), 255, np.uint8)
    return np.hstack([part for tile in tiles for part in (gap, tile)][1:])


def stills(episode: Episode, n: int) -> tuple[Picture, ...]:
    """Return at most `n` pictures of the front camera, evenly spread, first and last included.

    Raises:
        RecordingError: The episode has no pictures.
    """
    front, _ = cameras(episode)
    picks = np.unique(np.linspace(0, len(front) - 1, max(1, n)).round().astype(int))
    return tuple(front[i] for i in picks)


def cameras(episode: Episode) -> tuple[tuple[Picture, ...], tuple[Picture, ...]]:
    """Return the pictures of the main camera and of the inset one (empty when there is none)."""
    frames = {name: pictures for name, pictures in episode.frames.items() if pictures}
    if not frames:
        raise RecordingError(f'{episode.path} has no pictures')
    main = 'front' if 'front' in frames else max(frames, key=lambda c: frames[c][0].pixels.size)
    others = [name for name in frames if name != main]
    inset = 'wrist' if 'wrist' in others else next(iter(others), None)
    return frames[main], frames[inset] if inset is not None else ()


def _still(picture: Picture, height: int) -> Pixels:
    rows, columns = picture.pixels.shape[:2]
    still = resized(picture.pixels, round(height * columns / rows), height)
    label = f'{picture.time_s:.1f} s'
    still[height - 22:, :round(width(label, 13)) + 15] = BACKGROUND
    write(still, (7, height - 11), label, 13, INK)
    return still


def _size(pixels: Pixels) -> tuple[int, int]:
    """Return width and height of the film, px; H.264 wants even numbers."""
    rows, columns = pixels.shape[:2]
    return WIDTH, (round(WIDTH * rows / columns) + BAR) // 2 * 2


def _film(episode: Episode, front: Sequence[Picture],
          wrist: Sequence[Picture]) -> Iterator[tuple[int, Pixels]]:
    """Yield (ms after the first picture, pixels) of each frame."""
    w, h = _size(front[0].pixels)
    inset, bar, shown_ms = latest(wrist), Captions(episode), -SHORTEST_MS
    for picture in front:
        time_ms = round((picture.time_s - front[0].time_s) * 1000)
        if time_ms < shown_ms + SHORTEST_MS:
            continue
        shown_ms = time_ms
        frame = np.vstack([resized(picture.pixels, w, h - BAR), bar.draw(picture.time_s, w)])
        small = inset(picture.time_s)
        if small is not None:
            _set_in(frame, small.pixels)
        _clock(frame, picture.time_s)
        yield time_ms, frame


def _clock(frame: Pixels, time_s: float) -> None:
    label = f'{time_s:.1f} s'
    frame[12:41, 12:33 + round(width(label, 16))] = BACKGROUND
    write(frame, (22, 26), label, 16, INK)


def _set_in(frame: Pixels, pixels: Pixels) -> None:
    rows, columns = pixels.shape[:2]
    height = round(INSET * rows / columns)
    left = frame.shape[1] - INSET - 12
    frame[10:14 + height, left - 2:left + INSET + 2] = INK
    frame[12:12 + height, left:left + INSET] = resized(pixels, INSET, height)


def latest(rows: Sequence[Any]) -> Callable[[float], Any]:
    """Return a function of time that gives the last of `rows` at that time, or None before."""
    times = [row.time_s for row in rows]

    def at(time_s: float) -> Any:
        index = bisect_right(times, time_s)
        return rows[index - 1] if index else None
    return at


@dataclass(frozen=True)
class Caption:
    """What the bar below the picture says."""

    text: str
    phase: str
    attempt: int
    done: float
    state: str
    reason: str
    limited: str


class Captions:
    """Draws the bar below the picture; a bar that says the same as the last one is reused."""

    def __init__(self, episode: Episode):
        asked = [subgoal for subgoal in episode.subgoals if subgoal.active]
        self.first = asked[0] if asked else None
        self.asked, self.subgoal = latest(asked), latest(episode.subgoals)
        self.proposal, self.guard = latest(episode.proposals), latest(episode.guard)
        self.drawn: tuple[Caption, Pixels] | None = None

    def at(self, time_s: float) -> Caption:
        """Return what to say at `time_s`; what it is about is said before and after, too."""
        goal, now = self.asked(time_s), self.subgoal(time_s)
        proposal, guard = self.proposal(time_s), self.guard(time_s)
        phase, done = 'waiting' if goal is None else 'ended', 0.0
        if now is not None and now.active and proposal is not None:
            phase, done = proposal.phase, round(proposal.done, 2)
        shown = goal if goal is not None else self.first
        return Caption(
            text=shown.text if shown is not None else '', phase=phase, done=done,
            attempt=shown.attempt if shown is not None else 0,
            state=guard.state if guard is not None else '',
            reason=guard.reason if guard is not None else '',
            limited=guard.limited if guard is not None else '')

    def draw(self, time_s: float, columns: int) -> Pixels:
        """Return the bar at `time_s`, uint8 RGB."""
        caption = self.at(time_s)
        if self.drawn is None or self.drawn[0] != caption:
            self.drawn = caption, _bar(columns, caption)
        return self.drawn[1]


def _bar(columns: int, said: Caption) -> Pixels:
    bar = np.full((BAR, columns, 3), BACKGROUND, np.uint8)
    write(bar, (18, 28), said.text or '–', 22, INK, room=columns - 36)
    again = f' · attempt {said.attempt + 1}' if said.attempt else ''
    write(bar, (18, 66), f'policy · {said.phase}{again}', 15, MUTED, room=columns * 0.30)
    write(bar, (columns * 0.36, 66), f'done {said.done:.2f}', 15, MUTED)
    if not said.state:
        return bar
    colour = STATE_COLOURS.get(said.state, MUTED)
    note = f'guard · {said.state}' + (f' · {said.reason}' if said.reason else '')
    if said.limited and not said.reason:
        colour, note = LIMITED, f'{note} · limits {said.limited}'
    left = columns * 0.50
    cv2.circle(bar, (round(left) + 6, 66), 6, colour, cv2.FILLED, cv2.LINE_AA)
    write(bar, (left + 20, 66), note, 15, INK, room=columns - left - 34)
    return bar
