"""The sections of a report as HTML text; every word that came from outside is escaped."""
import base64
from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any

from lam_ws.record.film import stills
from lam_ws.record.image import jpeg
from lam_ws.record.record import Episode, Picture
from lam_ws.report import events, figures
from lam_ws.report.plot import COLOURS
from lam_ws.types import Array, Detection
import numpy as np

LARGEST_FILM = 16_000_000   # bytes inlined; a larger film is linked
SWATCHES = {'red': '#d0342c', 'green': '#2e9b4f', 'blue': '#2b62c4', 'yellow': '#e3b505',
            'black': '#20252b', 'white': '#ffffff'}


def headline(episode: Episode, result: Mapping[str, Any]) -> str:
    """Return the verdict, the instruction, the reason and the figures of the run."""
    won = bool(result['success'])
    verdict = 'Success · 성공' if won else 'Not achieved · 실패'
    said = ' · '.join(str(result[key]) for key in ('reason', 'text') if result.get(key))
    reason = f'<p>{escape(said)}</p>' if said else ''
    return (f'<section class="top{" good" if won else ""}"><div class="verdict">{verdict}</div>'
            f'<h1 lang="{escape(str(result["language"]))}">“{escape(str(result["instruction"]))}”'
            f'</h1>{reason}{_facts(episode, result)}</section>')


def _facts(episode: Episode, result: Mapping[str, Any]) -> str:
    seconds = result['seconds'] if isinstance(result['seconds'], Mapping) else {}
    stops = sum(s.name in events.STOPPING and s.first.reason != '' for s in events.states(episode))
    last = episode.guard[-1] if episode.guard else None
    rows = [('run', '실행', _seconds(seconds.get('run', episode.duration_s))),
            ('set-up', '준비', _seconds(seconds.get('setup'))),
            ('chunks proposed', '제안', f'{len(events.chunks(episode))}'),
            ('commands', '명령', f'{len(episode.command.times):,}'),
            ('limited cycles', '제한', '–' if last is None else f'{last.limited_count:,}'),
            ('guard stops', '정지', '–' if last is None else f'{stops}')]
    if isinstance(result['processes'], int):
        rows.append(('processes', '프로세스', str(result['processes'])))
    elif result['processes']:
        rows.append(('processes', '프로세스', str(len(result['processes']))))
    if episode.card.operator:
        rows.append(('operator', '작업자', episode.card.operator))
    if hands := episode.card.interventions:
        by_hand_s = sum(one.end_s - one.start_s for one in hands)
        rows.append(('interventions', '개입', f'{len(hands)} ({by_hand_s:.1f} s)'))
    return '<div class="facts">' + ''.join(
        f'<div><b>{escape(value)}</b><span>{name}</span> <span lang="ko">{korean}</span></div>'
        for name, korean, value in rows) + '</div>'


def _seconds(value: Any) -> str:
    return f'{value:.1f} s' if isinstance(value, int | float) else '–'


def pictures(episode: Episode, folder: Path) -> str:
    """Return the film (inlined when it is small enough) and the stills."""
    parts, film = [], folder / 'episode.mp4'
    if film.is_file():
        if film.stat().st_size <= LARGEST_FILM:
            source = 'data:video/mp4;base64,' + base64.b64encode(film.read_bytes()).decode()
        else:
            source = film.name
        parts.append(f'<video controls playsinline preload="metadata" src="{source}">'
                     f'<a href="{film.name}">{film.name}</a></video>')
    if any(episode.frames.values()):
        parts.append('<div class="stills">' + ''.join(
            f'<figure><img alt="front camera at {picture.time_s:.1f} s" src="{_inline(picture)}">'
            f'<figcaption>{picture.time_s:.1f} s{_phase_at(episode, picture.time_s)}</figcaption>'
            '</figure>' for picture in stills(episode, 8)) + '</div>')
    return ''.join(parts)


def _inline(picture: Picture) -> str:
    return 'data:image/jpeg;base64,' + base64.b64encode(jpeg(picture.pixels)).decode()


def _phase_at(episode: Episode, time_s: float) -> str:
    before = [p for p in episode.proposals if p.time_s <= time_s + 1e-9 and p.phase]
    return f' · {escape(before[-1].phase)}' if before else ''


def plan(result: Mapping[str, Any]) -> str:
    """Return the grounded steps."""
    steps = ''.join(f'<li>{escape(events.step_text(step))}</li>'
                    for step in events.plan_steps(result['plan']))
    return f'<ol>{steps}</ol>' if steps else '<p class="muted">no plan was made</p>'


def citations(result: Mapping[str, Any]) -> str:
    """Return the sources the plan rests on."""
    rows = ''.join(f'<li><code>{escape(str(line))}</code></li>' for line in result['citations'])
    return f'<ul>{rows}</ul>' if rows else '<p class="muted">none</p>'


def motion(episode: Episode) -> str:
    """Return a chart for each joint and how far the arm was from its commands."""
    charts = figures.joint_charts(episode)
    if not charts:
        return ''
    error = figures.tracking_error(episode)
    note = ''
    if np.isfinite(error).all():
        worst = int(np.argmax(error[:-1])) if len(error) > 1 else 0
        name = escape(episode.joints.names[worst])
        note = (f'<p class="muted">Largest tracking error: {error[worst]:.4f} rad ({name}). '
                'A closed gripper stays open by the width of what it holds.</p>')
    key = (_key(figures.MEASURED, 'measured · 측정')
           + _key(figures.COMMANDED, 'commanded · 명령', 'dash'))
    return f'<div class="key">{key}</div><div class="charts">{"".join(charts)}</div>{note}'


def _key(colour: str, text: str, style: str = '') -> str:
    return f'<span><i class="{style}" style="border-color:{colour}"></i>{escape(text)}</span>'


def guard(episode: Episode, limit: Array | None) -> str:
    """Return commanded speeds against the limits the guard enforced."""
    drawing = figures.guard_chart(episode, limit)
    if not drawing:
        return ''
    key = ''.join(_key(COLOURS[i % len(COLOURS)], name)
                  for i, name in enumerate(episode.command.names))
    key += _key(figures.LIMIT, 'a bound was active · 제한')
    if limit is not None:
        key += _key(figures.STOP, 'limit · 한계', 'dash')
    held = events.limited(episode)
    note = 'No bound was active.' if not held else (
        'Held back by: ' + ', '.join(sorted({s.name for s in held}))
        + f' ({len(held)} stretches).')
    return (f'<div class="key">{key}</div><div class="wide">{drawing}</div>'
            f'<p class="muted">{escape(note)}</p>')


def course(episode: Episode, result: Mapping[str, Any]) -> str:
    """Return the lanes over time and every event as a table."""
    rows = ''.join(_row(event) for event in events.timeline(episode, result))
    return (f'<div class="wide">{figures.overview(episode)}</div><table><thead><tr>'
            '<th class="number">t [s]</th><th class="number narrow">until</th><th></th>'
            '<th>event<small lang="ko">사건</small></th></tr></thead>'
            f'<tbody>{rows}</tbody></table>')


def _row(event: events.Event) -> str:
    until = '' if event.end_s is None else f'{event.end_s:.2f}'
    return (f'<tr><td class="number">{event.time_s:.2f}</td><td class="number narrow">{until}</td>'
            f'<td><span class="tag {event.lane}">{event.lane}</span></td>'
            f'<td>{escape(event.text)}</td></tr>')


def inventory(episode: Episode) -> str:
    """Return what perception saw at the start and at the end, matched by kind and colour."""
    seen = [scene for scene in episode.scenes if scene.detections]
    if not seen:
        return ''
    pairs = _matched(list(seen[0].detections), list(seen[-1].detections))
    rows = ''.join(_thing(before, after) for before, after in pairs)
    return ('<table><thead><tr><th>thing<small lang="ko">물체</small></th>'
            f'<th class="number">at {seen[0].stamp_s:.1f} s<small>x, y, z mm</small></th>'
            f'<th class="number">at {seen[-1].stamp_s:.1f} s<small>x, y, z mm</small></th>'
            '<th class="number">moved<small lang="ko">이동</small></th>'
            '<th class="number narrow">confidence</th></tr></thead>'
            f'<tbody>{rows}</tbody></table>')


def _matched(start: list[Detection],
             end: list[Detection]) -> list[tuple[Detection | None, Detection | None]]:
    """Pair detections of the same kind and colour, nearest first; the rest stand alone."""
    pairs: list[tuple[Detection | None, Detection | None]] = []
    for before in start:
        same = [d for d in end if (d.kind, d.colour) == (before.kind, before.colour)]
        after = min(same, key=lambda d: float(np.linalg.norm(d.position - before.position)),
                    default=None)
        if after is not None:
            end = [d for d in end if d is not after]
        pairs.append((before, after))
    return pairs + [(None, after) for after in end]


def _thing(before: Detection | None, after: Detection | None) -> str:
    known = before if before is not None else after
    assert known is not None
    moved = '–'
    if before is not None and after is not None:
        moved = f'{1000 * float(np.linalg.norm(after.position - before.position)):.0f} mm'
    sure = ' → '.join(f'{d.confidence:.2f}' for d in (before, after) if d is not None)
    return (f'<tr><td><span class="swatch" style="background:'
            f'{SWATCHES.get(known.colour, "transparent")}"></span>'
            f'{escape(known.colour)} {escape(known.kind)}</td>'
            f'<td class="number">{_place(before)}</td><td class="number">{_place(after)}</td>'
            f'<td class="number">{moved}</td><td class="number narrow">{sure}</td></tr>')


def _place(thing: Detection | None) -> str:
    if thing is None:
        return '<span class="muted">not seen</span>'
    return ', '.join(f'{1000 * value:.0f}' for value in thing.position)


def versions(episode: Episode, result: Mapping[str, Any]) -> str:
    """Return versions of the software and the notes kept with the recording."""
    rows = dict(result['versions']) if isinstance(result['versions'], Mapping) else {}
    for values in episode.notes.values():
        rows.update(values)
    cells = ''.join(f'<tr><td>{escape(str(name))}</td><td><code>{escape(str(value))}</code></td>'
                    '</tr>' for name, value in rows.items())
    return f'<table><tbody>{cells}</tbody></table>' if cells else ''


def files(folder: Path, text: str) -> str:
    """Return links to what lies beside the report, and the result as it was written."""
    present = [name for name in ('episode.mp4', 'episode.mcap', 'result.json')
               if (folder / name).is_file()]
    links = ' · '.join(f'<a href="{name}">{name}</a>' for name in present)
    return (f'<p>{links}</p>' if links else '') + (
        f'<details open><summary>result.json</summary><pre>{escape(text)}</pre></details>')
