"""The figures of a report: an episode goes in, SVG text comes out."""
from collections.abc import Sequence
from html import escape

from lam_ws.record.record import Episode, Motion
from lam_ws.report.events import chunks, goals, limited, phases, states, Stretch
from lam_ws.report.plot import Axes, chart, COLOURS, lanes, Line, Span
from lam_ws.types import Array
import numpy as np

MEASURED, COMMANDED, LIMIT, STOP = '#2f6fb2', '#e07b39', '#c77a12', '#c4372f'
STATE_COLOURS = {'running': '#1f8a5b', 'armed': '#5a8cd2', 'stopping': '#d98a1f',
                 'stopped': '#c4372f', 'disarmed': '#78828c'}


def joint_charts(episode: Episode) -> tuple[str, ...]:
    """Return one chart for each joint: commanded against measured position."""
    seconds = max(episode.duration_s, 1e-3)
    names = episode.joints.names or episode.command.names
    return tuple(_joint(episode, name, seconds, gripper=name == names[-1]) for name in names)


def _joint(episode: Episode, name: str, seconds: float, gripper: bool) -> str:
    scale, unit = (1000.0, 'mm') if gripper else (1.0, 'rad')
    lines = []
    for motion, colour, dash, width in ((episode.joints, MEASURED, '', 2.0),
                                        (episode.command, COMMANDED, '5 3', 1.3)):
        if name in motion.names:
            values = motion.position[:, motion.names.index(name)] * scale
            lines.append(Line(motion.times, values, colour, width, dash))
    low, high = _range([line.values for line in lines], at_least=0.05 * scale)
    return chart(lines, Axes(480, 150, seconds, low, high), name, unit)


def _range(series: Sequence[Array], at_least: float) -> tuple[float, float]:
    """Return a range that holds all finite values, with a margin and a smallest extent."""
    values = np.concatenate([*series, np.empty(0)])
    values = values[np.isfinite(values)]
    if values.size == 0:
        return -at_least, at_least
    low, high = float(values.min()), float(values.max())
    margin = max(0.06 * (high - low), (at_least - (high - low)) / 2, 0.0)
    return low - margin, high + margin


def tracking_error(episode: Episode) -> Array:
    """Return [n] rad (gripper m): the largest distance of measured from commanded positions.

    The command of one cycle is compared with the state measured at its end.
    """
    joints, command = episode.joints, episode.command
    if joints.names != command.names or len(joints.times) == 0 or len(command.times) == 0:
        return np.full(len(joints.names), np.nan)
    wanted = np.stack([np.interp(joints.times, command.times, command.position[:, i])
                       for i in range(len(joints.names))], axis=1)
    inside = (joints.times >= command.times[0]) & (joints.times <= command.times[-1])
    if not inside.any():
        return np.full(len(joints.names), np.nan)
    return np.asarray(np.abs(wanted - joints.position)[inside].max(axis=0))


def speed_share(command: Motion, limit: Array) -> Array:
    """Return [T, n]: commanded speed as a share of `limit` [n] rad/s (gripper m/s)."""
    return np.asarray(np.abs(command.velocity) / limit)


def guard_chart(episode: Episode, limit: Array | None) -> str:
    """Return commanded speeds against their limits, with what the guard held back or stopped.

    Args:
        episode: The recording.
        limit: [n] rad/s (gripper m/s) that the guard enforced; None draws plain speeds.
    """
    command, seconds = episode.command, max(episode.duration_s, 1e-3)
    if len(command.times) == 0:
        return ''
    share = np.abs(command.velocity) if limit is None else 100 * speed_share(command, limit)
    unit = 'rad/s (m/s)' if limit is None else '% of the limit'
    top = float(np.nanmax(share)) if np.isfinite(share).any() else 1.0
    high = max(1.08 * top, 0.1) if limit is None else max(112.0, 1.08 * top)
    axes = Axes(1000, 260, seconds, 0.0, high)
    lines = [Line(command.times, share[:, i], COLOURS[i % len(COLOURS)])
             for i in range(share.shape[1])]
    return chart(lines, axes, 'commanded speed', unit,
                 _events(episode, axes) + (_limit_line(axes) if limit is not None else ''))


def _limit_line(axes: Axes) -> str:
    y = float(axes.y(100.0))
    return (f'<line x1="{axes.left}" x2="{axes.width - axes.right:g}" y1="{y:.1f}" y2="{y:.1f}" '
            f'stroke="{STOP}" stroke-width="1.5" stroke-dasharray="7 4"/>')


def _events(episode: Episode, axes: Axes) -> str:
    """Return marks: a bar at the foot where a bound was active, a line at each stop."""
    foot, parts = axes.height - axes.bottom, []
    for s in limited(episode):
        x, end = float(axes.x(s.start)), float(axes.x(s.end))
        width = max(end - x, 3)
        parts.append(f'<rect x="{x:.1f}" y="{foot - 7:g}" width="{width:.1f}" height="7" '
                     f'fill="{LIMIT}"><title>{escape(s.name)}</title></rect>')
    for s in states(episode):
        if s.name in ('stopping', 'stopped'):
            x = float(axes.x(s.start))
            parts.append(f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{axes.top}" y2="{foot:g}" '
                         f'stroke="{STOP}" stroke-width="2"><title>{escape(s.name)}</title>'
                         '</line>')
    return ''.join(parts)


def overview(episode: Episode) -> str:
    """Return the lanes: task, policy phase, chunks, guard state and limits over one time axis."""
    colours: dict[str, str] = {}
    for s in phases(episode):
        colours.setdefault(s.name, COLOURS[len(colours) % len(COLOURS)])
    rows = [
        ('Task', [Span(s.start, s.end, '#2f6fb2', f'{s.name} · attempt {s.first.attempt + 1}',
                       s.first.text) for s in goals(episode)]),
        ('Policy', [Span(s.start, s.end, colours[s.name], s.name) for s in phases(episode)]),
        ('Chunks', [Span(c.time_s, c.time_s, '#0f7f86', '', f'chunk {c.sequence}: {c.phase}')
                    for c in chunks(episode)]),
        ('Guard', [_state(s) for s in states(episode)]),
        ('Limited', [Span(s.start, s.end, LIMIT, '', s.name) for s in limited(episode)]),
    ]
    return lanes(rows, max(episode.duration_s, 1e-3), 'task, policy and guard over time')


def _state(s: Stretch) -> Span:
    reason = f' · {s.first.reason}' if s.first.reason else ''
    return Span(s.start, s.end, STATE_COLOURS.get(s.name, '#78828c'), s.name,
                f'{s.name}{reason}')
