"""The page of a shadow: what it would have done and what was done go in, one HTML file comes out.

It holds all it shows and asks for nothing from any network, as every page here.
"""
import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from itertools import groupby
from pathlib import Path
from typing import Any

from lam_ws.record.image import jpeg
from lam_ws.report.document import document, section, write_page
from lam_ws.report.plot import Axes, chart, lanes, Line, Span
from lam_ws.types import Array, Frame
import numpy as np

MEASURED, GUARDED, WANTED = '#2f6fb2', '#e07b39', '#98a3ae'
VERDICTS = {'passed': '#1f8a5b', 'limited': '#c77a12', 'refused': '#c4372f',
            'stopped': '#c4372f'}
NAMES = {'chunk': 'what the policy wanted · 정책', 'guarded': 'after the guard · 안전 감시 후',
         'standing': 'an arm that stands still · 멈춘 팔'}
MOST_STILLS = 8


@dataclass(frozen=True)
class Series:
    """What the charts show; times are s after the first joint state.

    Attributes:
        names: [n] joint names, the gripper last.
        times: [T] s
        measured: [T, n] rad (gripper m)
        wanted: (s [m], rad [m, n]) of each chunk, until the next one.
        guarded: The same after the guard.
        stills: Pictures of one camera.
        begin_s: Stamp of the first joint state, s on the clock of the pictures.
    """

    names: tuple[str, ...]
    times: Array
    measured: Array
    wanted: Sequence[tuple[Array, Array]]
    guarded: Sequence[tuple[Array, Array]]
    stills: Sequence[Frame]
    begin_s: float


def write_shadow(result: Mapping[str, Any], series: Series, folder: Path) -> Path:
    """Write `folder`/report.html and return it.

    Args:
        result: What `lam_ws.shadow.comparing.compared` gave, with the source beside it.
        series: For the charts.
        folder: Where it goes.

    Raises:
        RecordingError: It cannot be written.
    """
    body = [_headline(result),
            section('Agreement', '일치', _goals(result), 'long'),
            section('How near it was', '오차', _errors(result)),
            section('Course of events', '진행', _course(result)),
            section('Joints', '관절', _joints(series)),
            section('Pictures', '영상', _stills(series)),
            section('Guard', '안전 감시', _guard(result)),
            section('Chunks', '제안', _chunks(result), 'long')]
    return write_page(document(str(result['instruction']), 'en', ''.join(body),
                               'Nothing of this moved anything. Not a safety-rated system.'),
                      folder / 'report.html')


def _headline(result: Mapping[str, Any]) -> str:
    why = f'<p>{escape(result["text"])} [{escape(result["reason"])}]</p>' \
        if result['reason'] else ''
    verdicts, near = result['verdicts'], result['errors'].get('0.5', {}).get('guarded', {})
    tool = near.get('tool_m')
    facts = [('watched', '관찰', f'{result["seconds"]:.1f} s'),
             ('views', '장면', str(result['views'])),
             ('chunks', '제안', str(len(result['chunks']))),
             ('refused or stopped', '거부', str(verdicts['refused'] + verdicts['stopped'])),
             ('tool off after 0.5 s, median', '공구 오차',
              '–' if tool is None else f'{1000 * tool["median"]:.1f} mm')]
    rows = ''.join(f'<div><b>{escape(value)}</b><span>{name}</span> <span lang="ko">{korean}'
                   '</span></div>' for name, korean, value in facts)
    return (f'<section class="plain"><div class="verdict">Shadow · 그림자</div>'
            f'<h1>“{escape(str(result["instruction"]))}”</h1>{why}'
            f'<p class="muted">{escape(str(result.get("source", "")))}</p>'
            f'<div class="facts">{rows}</div></section>')


def _goals(result: Mapping[str, Any]) -> str:
    rows = []
    for one in result['goals']:
        cells = one['cells']
        if cells is None:
            verdict = 'no task in the cell'
        elif one['different']:
            verdict = 'differs: ' + ', '.join(
                f'{key} ({one["own"][key] or "none"} / {cells[key] or "none"})'
                for key in one['different'])
        else:
            verdict = 'the same'
        apart = ' · '.join(f'{name} {1000 * one[key]:.0f} mm apart' for name, key in (
            ('thing', 'seen_at_apart_m'), ('place', 'place_at_apart_m'))
            if one.get(key) is not None)
        rows.append(f'<tr><td class="number">{one["time_s"]:.1f} s</td>'
                    f'<td>{escape(_words(one["own"]))}</td>'
                    f'<td>{escape(_words(cells)) if cells else "–"}</td>'
                    f'<td>{escape(verdict)}</td><td>{escape(apart)}</td></tr>')
    if not rows:
        return '<p class="muted">It never came to a goal.</p>'
    return ('<div class="scroll"><table><thead><tr><th></th><th>shadow <small lang="ko">그림자'
            '</small></th><th>cell <small lang="ko">셀</small></th><th></th><th></th></tr>'
            f'</thead><tbody>{"".join(rows)}</tbody></table></div>')


def _words(goal: Mapping[str, str]) -> str:
    place = f' → {goal["destination"]} {goal["place"]}' if goal['destination'] else ''
    return f'{goal["skill"]} {goal["colour"]} {goal["kind"]}{place}'


def _errors(result: Mapping[str, Any]) -> str:
    rows = []
    for after, by_name in result['errors'].items():
        for name, said in NAMES.items():
            one = by_name[name]
            cells = ''.join(
                f'<td class="number">{scale * one[key]["median"]:.1f} / '
                f'{scale * one[key]["p95"]:.1f}</td>' if one['count'] else
                '<td class="number">–</td>'
                for key, scale in (('arm_rad', 1000), ('tool_m', 1000), ('gripper_m', 1000)))
            rows.append(f'<tr><td class="number">{after} s</td><td>{escape(said)}</td>{cells}'
                        f'<td class="number">{one["count"]}</td></tr>')
    same = result['same_as_commander']
    note = '' if not same['chunks'] else (
        f'<p class="muted">{same["chunks"]} chunks answer the same view as one of the '
        f"cell's commander; their arm joints differ by {1000 * same['max_rad']:.2g} mrad at "
        'most.</p>')
    return ('<p class="muted">Where the arm really was, minus where it would have been; median '
            'and 95th percentile.</p><div class="scroll"><table><thead><tr><th>after</th><th>'
            '</th><th class="number">worst joint, mrad</th><th class="number">tool, mm</th>'
            '<th class="number">gripper, mm</th><th class="number">chunks</th></tr></thead>'
            f'<tbody>{"".join(rows)}</tbody></table></div>{note}')


def _course(result: Mapping[str, Any]) -> str:
    rows, seconds = result['chunks'], max(result['seconds'], 1e-3)
    if not rows:
        return ''
    times = [row['time_s'] for row in rows]
    ends = [*times[1:], seconds]
    phases = []
    for phase, group in groupby(zip(rows, ends, strict=True), lambda pair: pair[0]['phase']):
        pairs = list(group)
        phases.append(Span(pairs[0][0]['time_s'], pairs[-1][1], '#0f7f86', phase))
    verdicts = [Span(row['time_s'], end, VERDICTS[row['verdict']], '', _reasons(row))
                for row, end in zip(rows, ends, strict=True)]
    lane = lanes([('Policy', phases), ('Guard', verdicts)], seconds,
                 'phase and verdict of each chunk')
    done = chart([Line(np.array(times), np.array([row['done'] for row in rows]), MEASURED, 2.0)],
                 Axes(1000, 150, seconds, 0.0, 1.05), 'done-probability', '')
    return f'<div class="wide">{lane}{done}</div>'


def _reasons(row: Mapping[str, Any]) -> str:
    why = [row['refused'], *row['limited'], row['stopped']]
    return ' · '.join(filter(None, [row['verdict'], *why]))


def _joints(series: Series) -> str:
    if not len(series.times):
        return ''
    charts = []
    for number, name in enumerate(series.names):
        scale, unit = (1000.0, 'mm') if number == len(series.names) - 1 else (1.0, 'rad')
        lines = [Line(times, scale * rows[:, number], WANTED, 1.2, '3 3')
                 for times, rows in series.wanted]
        lines.append(Line(series.times, scale * series.measured[:, number], MEASURED, 2.0))
        lines += [Line(times, scale * rows[:, number], GUARDED, 1.4)
                  for times, rows in series.guarded]
        values = np.concatenate([line.values for line in lines])
        margin = max(0.06 * float(np.ptp(values)), 0.02 * scale)
        axes = Axes(480, 150, max(float(series.times[-1]), 1e-3), float(values.min()) - margin,
                    float(values.max()) + margin)
        charts.append(chart(lines, axes, name, unit))
    key = ''.join(f'<span><i style="border-color:{colour}"></i>{text}</span>' for colour, text in (
        (MEASURED, 'measured · 측정'), (GUARDED, NAMES['guarded']), (WANTED, NAMES['chunk'])))
    return f'<div class="key">{key}</div><div class="charts">{"".join(charts)}</div>'


def _stills(series: Series) -> str:
    last = max(len(series.stills) - 1, 0)
    picks = sorted(set(np.linspace(0, last, MOST_STILLS).astype(int).tolist()))
    shown = ''.join(
        f'<figure><img alt="camera at {at:.1f} s" src="data:image/jpeg;base64,'
        f'{base64.b64encode(jpeg(frame.pixels)).decode()}"><figcaption>{at:.1f} s</figcaption>'
        '</figure>' for frame in (series.stills[i] for i in picks if i < len(series.stills))
        for at in (frame.stamp_s - series.begin_s,))
    return f'<div class="stills">{shown}</div>' if shown else ''


def _guard(result: Mapping[str, Any]) -> str:
    verdicts, cells = result['verdicts'], result['cells_guard']
    ours = ', '.join(f'{word} {verdicts[word]}' for word in VERDICTS)
    why = ', '.join(f'{name} {count}' for name, count in verdicts['reasons'].items())
    theirs = ', '.join(f'{name} {count}' for name, count in
                       [*cells['states'].items(), *cells['limited'].items()])
    return (f'<p>Chunks of the shadow: {escape(ours)}{escape(f" ({why})" if why else "")}.</p>'
            f"<p>What the cell's guard was heard to say: {escape(theirs or 'nothing')}; "
            f'{cells["commands"]} commands, commanded by '
            f'{escape(", ".join(cells["commanders"]) or "nobody")}.</p>')


def _chunks(result: Mapping[str, Any]) -> str:
    rows = []
    for row in result['chunks']:
        near = row['errors']['0.5']
        tool = '–' if near is None or 'guarded' not in near \
            else f'{1000 * near["guarded"]["tool_m"]:.1f}'
        rows.append(f'<tr><td class="number">{row["time_s"]:.2f}</td><td>{row["step"] + 1}.'
                    f'{row["attempt"] + 1}</td><td>{escape(row["phase"])}</td>'
                    f'<td class="number">{row["done"]:.2f}</td><td>{escape(_reasons(row))}</td>'
                    f'<td class="number">{tool}</td></tr>')
    return ('<div class="scroll"><table><thead><tr><th class="number">s</th><th>step.attempt'
            '</th><th>phase</th><th class="number">done</th><th>verdict</th>'
            '<th class="number">tool off after 0.5 s, mm</th></tr></thead>'
            f'<tbody>{"".join(rows)}</tbody></table></div>') if rows else ''
