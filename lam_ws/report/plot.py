"""Line charts and lanes as SVG text: arrays go in, markup goes out.

Drawn here and not with a plotting library, so that the page's own fonts write the labels
(Korean needs no font on the machine that made the report), a chart takes a few kilobytes, and
its colours follow the reader's light, dark or printed page.
"""
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
import math

from lam_ws.types import Array
import numpy as np

COLOURS = ('#2f6fb2', '#d1495b', '#2a9d6f', '#98891c', '#7a5cc0', '#0f8a94', '#a2557f', '#5b6672')
MOST_POINTS = 500   # of a line; more cannot be told apart at the size of the page


@dataclass(frozen=True)
class Line:
    """One line: `times` [T] s, `values` [T] in the chart's unit (NaN leaves a gap)."""

    times: Array
    values: Array
    colour: str
    width: float = 1.4
    dash: str = ''
    opacity: float = 1.0


@dataclass(frozen=True)
class Span:
    """A coloured stretch of a lane, from `start` to `end` s, with a label where it fits."""

    start: float
    end: float
    colour: str
    label: str = ''
    title: str = ''


@dataclass(frozen=True)
class Axes:
    """Where a chart lies in its drawing: size in drawing units, ranges in data units."""

    width: float
    height: float
    seconds: float
    low: float
    high: float
    left: float = 46.0
    right: float = 8.0
    top: float = 22.0
    bottom: float = 22.0

    def x(self, times: Array | float) -> Array:
        """Return drawing x of `times` s."""
        room = self.width - self.left - self.right
        return self.left + np.asarray(times, float) / max(self.seconds, 1e-9) * room

    def y(self, values: Array | float) -> Array:
        """Return drawing y of `values`."""
        room = self.height - self.top - self.bottom
        return (self.height - self.bottom
                - (np.asarray(values, float) - self.low) / max(self.high - self.low, 1e-9) * room)


def ticks(low: float, high: float, most: int = 5) -> list[float]:
    """Return at most `most` round numbers within [low, high]."""
    rough = max(high - low, 1e-9) / most
    scale = 10.0 ** math.floor(math.log10(rough))
    step = next(m * scale for m in (1.0, 2.0, 2.5, 5.0, 10.0) if m * scale >= rough * (1 - 1e-9))
    first = math.ceil(low / step - 1e-9)
    return [i * step for i in range(first, math.floor(high / step + 1e-9) + 1)]


def chart(lines: Sequence[Line], axes: Axes, title: str, unit: str, extra: str = '') -> str:
    """Return the SVG of `lines`; `extra` is markup drawn on top in the same coordinates."""
    parts = [frame(axes, unit), *(_polyline(line, axes) for line in lines), extra,
             f'<text class="name" x="{axes.left}" y="13">{escape(title)}</text>']
    return svg(axes.width, axes.height, ''.join(parts), title)


def svg(width: float, height: float, body: str, title: str) -> str:
    """Return a drawing that scales to the page."""
    return (f'<svg viewBox="0 0 {width:g} {height:g}" role="img" aria-label="{escape(title)}">'
            f'{body}</svg>')


def frame(axes: Axes, unit: str) -> str:
    """Return grid lines with their numbers: `unit` on the left axis, seconds below."""
    parts = []
    for value in ticks(axes.low, axes.high, 4):
        y = float(axes.y(value))
        parts.append(f'<line class="grid" x1="{axes.left}" x2="{axes.width - axes.right:g}" '
                     f'y1="{y:.1f}" y2="{y:.1f}"/><text x="{axes.left - 5:g}" y="{y + 4:.1f}" '
                     f'text-anchor="end">{value:g}</text>')
    parts.append(seconds_axis(axes))
    parts.append(f'<text x="{axes.width - axes.right:g}" y="13" text-anchor="end">'
                 f'{escape(unit)}</text>')
    return ''.join(parts)


def seconds_axis(axes: Axes) -> str:
    """Return the numbers of the time axis."""
    most = 10 if axes.width > 600 else 6
    marks = ticks(0.0, axes.seconds, most)
    foot = axes.height - axes.bottom + 15
    return ''.join(f'<text x="{float(axes.x(t)):.1f}" y="{foot:g}" text-anchor="middle">{t:g}'
                   f'{" s" if t == marks[-1] else ""}</text>' for t in marks)


def _polyline(line: Line, axes: Axes) -> str:
    times, values = thin(line.times, line.values)
    x, y = axes.x(times), axes.y(values)
    style = (f'fill="none" stroke="{line.colour}" stroke-width="{line.width:g}" '
             f'stroke-linejoin="round" opacity="{line.opacity:g}"')
    if line.dash:
        style += f' stroke-dasharray="{line.dash}"'
    pieces, path = [], ''
    for a, b in zip(x, y, strict=True):
        if not np.isfinite(b):
            pieces.append(path)
            path = ''
            continue
        path += f'{"L" if path else "M"}{a:.1f} {b:.1f}'
    return ''.join(f'<path d="{piece}" {style}/>' for piece in [*pieces, path] if piece)


def thin(times: Array, values: Array) -> tuple[Array, Array]:
    """Return at most about MOST_POINTS points that keep each stretch's lowest and highest."""
    if len(times) <= MOST_POINTS:
        return times, values
    picks = [0, len(times) - 1]
    for part in np.array_split(np.arange(len(times)), MOST_POINTS // 2):
        filled = part[np.isfinite(values[part])]
        picks += [part[0]] if len(filled) == 0 else [
            filled[np.argmin(values[filled])], filled[np.argmax(values[filled])]]
    order = np.unique(picks)
    return times[order], values[order]


def lanes(rows: Sequence[tuple[str, Sequence[Span]]], seconds: float, title: str) -> str:
    """Return lanes of spans over one time axis, a label on the left of each."""
    lane, top = 26.0, 8.0
    height = top + lane * len(rows) + 24
    axes = Axes(1000.0, height, seconds, 0.0, 1.0, left=92.0, top=top, bottom=22.0)
    parts = [seconds_axis(axes)]
    for i, (name, spans) in enumerate(rows):
        y = top + lane * i
        parts.append(f'<line class="grid" x1="{axes.left}" x2="{axes.width - axes.right:g}" '
                     f'y1="{y + lane - 2:g}" y2="{y + lane - 2:g}"/>'
                     f'<text class="name" x="0" y="{y + 16:g}">{escape(name)}</text>')
        parts += [_span(span, axes, y + 2, lane - 7) for span in spans]
    return svg(axes.width, height, ''.join(parts), title)


def _span(span: Span, axes: Axes, y: float, height: float) -> str:
    x, end = float(axes.x(span.start)), float(axes.x(span.end))
    width = max(end - x, 1.5)
    label = ''
    if span.label and width > 8.5 * len(span.label) * 0.75 + 10:
        label = (f'<text class="inside" x="{x + 6:.1f}" y="{y + height - 6:.1f}">'
                 f'{escape(span.label)}</text>')
    return (f'<g><title>{escape(span.title or span.label)}</title><rect x="{x:.1f}" y="{y:g}" '
            f'width="{width:.1f}" height="{height:g}" rx="2" fill="{span.colour}"/>{label}</g>')
