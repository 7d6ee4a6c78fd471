"""The report of an evaluation of the suite: its figures and films go in, one HTML file comes out.

The page holds every figure and still; films lie beside it. Intervals are drawn, since a rate of
ten episodes and one of a thousand look the same as a number.
"""
import base64
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

from lam_ws.record.image import jpeg, resized
from lam_ws.record.record import Picture
from lam_ws.report.document import document, section, write_page
from lam_ws.report.plot import svg

Row = Mapping[str, Any]
BAR = (200.0, 16.0, 4.0)    # drawing units: width and height of a bar, room beside it
STILL = 320                 # px, width of a still on the page
#: What a cause of failure means, in both languages.
CAUSES = {
    'timeout': ('the time was up', '시간 초과'),
    'false_done': ('reported done, and was not', '되지 않은 일을 완료로 보고'),
    'missed_done': ('done, and not reported as such', '완료를 알아채지 못함'),
    'done_contradicted': ('the policy said done, what was seen did not',
                          '완료 주장과 관찰이 어긋남'),
    'not_gripped': ('the fingers held nothing', '부품을 잡지 못함'),
    'dropped': ('the part was dropped on the way', '옮기다 떨어뜨림'),
    'cancelled': ('cancelled', '취소됨'),
}
GUARD = ('the guard stopped the arm', '안전 감시가 정지시킴')
FLOOR = '<p class="muted">The dark tick is the floor of the gate; green lies above it.</p>'
LANGUAGES = {'ko': 'Korean · 한국어', 'en': 'English'}
#: Value of `Quality`: heading, its Korean, unit, digits.
QUALITY = {
    'path_m': ('tool path', '공구 경로', 'm', 2), 'seconds': ('time', '시간', 's', 1),
    'jerk_m_s3': ('jerk, rms', '저크', 'm/s³', 1),
    'smoothness': ('log jerk', '매끄러움', '', 2),
    'force_n': ('peak force', '접촉력', 'N', 1)}


def write_suite_report(result: Row, films: Sequence[Row], folder: Path) -> Path:
    """Write `folder`/report.html and return it.

    Args:
        result: What `lam eval --suite --json` prints.
        films: Failed cases that were run again: task, seed, axis, cause, text, language, file
            (beside the page), stills (`Picture`s), command, and whether it was `same` again.
        folder: Where the page goes.

    Raises:
        RecordingError: It cannot be written.
    """
    by, floors = result['by'], result['gate']['floors']
    body = [
        _headline(result),
        section('Tasks', '과제', _table('task', '과제', by['task'], floors)
                + (FLOOR if floors else '')),
        section('Why episodes failed', '실패 원인', _causes(result['failures'])),
        section('Languages and arms', '언어와 로봇 팔', _table('', '', {
            **{LANGUAGES.get(key, key): row for key, row in by['language'].items()},
            **by['arm']})),
        section('Perturbations', '교란', _table('what was changed', '바꾼 것', by.get('axis', {}))
                + _matrix(by)),
        section('How the arm moved', '동작 품질', _quality(by['task'])),
        section('Failures to look at', '실패 영상', _films(result, films), 'long'),
        section('Run', '실행', _run(result), 'long')]
    page = document(f"lam eval --suite cell, {result['split']}", 'en', ''.join(body),
                    'Made by lam_ws from simulated episodes. An interval is the 95 % Wilson score '
                    'interval. Not a safety-rated system.')
    return write_page(page, folder / 'report.html')


def _headline(result: Row) -> str:
    gate = result['gate']
    if not result['complete']:
        style, verdict = 'warn', (f"Interrupted after {result['episodes']} of "
                                  f"{result['planned']} episodes · 중단됨")
    elif not gate['floors']:
        style, verdict = 'plain', 'Measured, without a gate · 기준 없이 측정'
    elif gate['holds']:
        style, verdict = 'top good', 'The gate holds · 기준 충족'
    else:
        style, verdict = 'top', 'The gate is missed · 기준 미달'
    facts = [('episodes', '에피소드', f"{result['episodes']:,}"),
             ('succeeded', '성공', f"{result['successes']:,}"),
             ('95 % interval', '신뢰 구간', '{:.2f}–{:.2f}'.format(*result['wilson95'])),
             ('mean over tasks', '과제 평균', f"{result['mean']:.3f}"),
             ('worst task', '최저 과제', result['worst'] or '–'),
             ('false done', '거짓 완료', f"{result['false_done']:,}"),
             ('missed done', '놓친 완료', f"{result['missed_done']:,}")]
    grid = ''.join(f'<div><b>{escape(value)}</b><span>{name}</span> <span lang="ko">{korean}'
                   '</span></div>' for name, korean, value in facts)
    missed = ''.join(f'<li>{escape(line)}</li>' for line in gate['missed'])
    return (f'<section class="{style}"><div class="verdict">{verdict}</div>'
            f"<h1>Factory suite: {escape(result['split'])}, {result['rate']:.3f}</h1>"
            f"<p class=\"muted\">site {escape(result['site'])} · policy "
            f"{escape(result['policy'])} · seeds from {result['seed']}</p>"
            + (f'<ul>{missed}</ul>' if missed else '') + f'<div class="facts">{grid}</div>'
            '</section>')


def _interval(row: Row) -> str:
    return '{:.3f} to {:.3f}'.format(*row['wilson95'])


def _table(name: str, korean: str, rows: Mapping[str, Row],
           floors: Mapping[str, float] | None = None) -> str:
    """Return a row for each name: successes, rate, interval as a bar, causes, mean seconds."""
    if not rows:
        return ''
    head = (f'<th>{name}<small lang="ko">{korean}</small></th>'
            '<th class="number">solved<small lang="ko">성공</small></th>'
            '<th class="number">rate</th><th>95 % interval<small lang="ko">신뢰 구간</small></th>'
            '<th class="number narrow"></th><th>failures<small lang="ko">실패</small></th>'
            '<th class="number">mean s<small lang="ko">평균 시간</small></th>')
    return _frame(head, [_row(key, row, (floors or {}).get(key)) for key, row in rows.items()])


def _frame(head: str, rows: Sequence[str]) -> str:
    return (f'<div class="scroll"><table class="figures"><thead><tr>{head}</tr></thead>'
            f'<tbody>{"".join(rows)}</tbody></table></div>')


def _row(name: str, row: Row, floor: float | None) -> str:
    causes = ', '.join(f'{count} {cause}' for cause, count in row['failures'].items())
    return (f'<tr><td>{escape(name)}</td><td class="number">{row["successes"]} of '
            f'{row["episodes"]}</td><td class="number">{row["rate"]:.3f}</td>'
            f'<td class="bar">{interval_bar(row, floor)}</td>'
            f'<td class="number narrow">{_interval(row)}</td><td>{escape(causes) or "–"}</td>'
            f'<td class="number">{_number(row["seconds"], 1)}</td></tr>')


def interval_bar(row: Row, floor: float | None = None) -> str:
    """Return the interval of a rate as a drawing from 0 to 1, with the floor of its gate."""
    width, height, room = BAR

    def x(share: float) -> float:
        return room + share * (width - 2 * room)

    low, high = row['wilson95']
    colour = '--accent' if floor is None else '--good' if low >= floor else '--bad'
    grid = ''.join(f'<line class="grid" x1="{x(k / 4):g}" x2="{x(k / 4):g}" y1="1" '
                   f'y2="{height - 1:g}"/>' for k in range(5))
    mark = '' if floor is None else (
        f'<line x1="{x(floor):.1f}" x2="{x(floor):.1f}" y1="0" y2="{height:g}" '
        f'style="stroke:var(--ink)" stroke-width="1.5"/>')
    body = (f'{grid}<rect x="{x(low):.1f}" y="{height / 2 - 3:g}" rx="3" height="6" '
            f'width="{max(x(high) - x(low), 2):.1f}" style="fill:var({colour})" opacity="0.45"/>'
            f'<circle cx="{x(row["rate"]):.1f}" cy="{height / 2:g}" r="3.6" '
            f'style="fill:var({colour})"/>{mark}')
    title = f'{row["rate"]:.3f}, {_interval(row)}' + ('' if floor is None else f', floor {floor}')
    return svg(width, height, body, title)


def _number(value: float | None, digits: int) -> str:
    return '–' if value is None else f'{value:.{digits}f}'


def _causes(causes: Mapping[str, int]) -> str:
    rows = []
    for cause, count in causes.items():
        english, korean = GUARD if cause.startswith('guard') else CAUSES.get(cause, ('', ''))
        rows.append(f'<tr><td class="number">{count}</td><td><code>{escape(cause)}</code></td>'
                    f'<td>{english}<small lang="ko"> {korean}</small></td></tr>')
    return f'<table><tbody>{"".join(rows)}</tbody></table>' if rows else ''


def _matrix(by: Row) -> str:
    """Return successes by task and perturbation."""
    axes: Mapping[str, Mapping[str, Row]] = by.get('axis_task', {})
    if not axes:
        return ''

    def cell(row: Row | None) -> str:
        return '–' if row is None else f'{row["successes"]} of {row["episodes"]}'

    head = '<th>task<small lang="ko">과제</small></th>' + ''.join(
        f'<th class="number">{escape(axis)}</th>' for axis in axes)
    return _frame(head, [f'<tr><td>{escape(task)}</td>' + ''.join(
        f'<td class="number">{cell(rows.get(task))}</td>' for rows in axes.values()) + '</tr>'
        for task in by['task']])


def _quality(tasks: Mapping[str, Row]) -> str:
    """Return the medians of each task's motion."""
    if not any(row['quality'] for row in tasks.values()):
        return ''
    head = '<th>task<small lang="ko">과제</small></th>' + ''.join(
        f'<th class="number">{name}{f", {unit}" if unit else ""}<small lang="ko">{korean}</small>'
        '</th>' for name, korean, unit, _ in QUALITY.values()) + (
        '<th class="number">largest of all, N<small lang="ko">최댓값</small></th>')
    rows = [f'<tr><td>{escape(task)}</td>' + ''.join(
        f'<td class="number">{_number((row["quality"] or {}).get(key), digits)}</td>'
        for key, (_, _, _, digits) in QUALITY.items())
        + f'<td class="number">{_number(row["force_max_n"], 1)}</td></tr>'
        for task, row in tasks.items()]
    return _frame(head, rows) + (
        '<p class="muted">Medians of the episodes that succeeded. Path, time and jerk are those '
        'of the commanded tool; the log jerk is without dimension, and nearer to 0 is smoother. '
        'The force is that of the tool, or of the part it grips, on anything else, looked at '
        'once a control cycle; the largest is that of all episodes.</p>')


def _films(result: Row, films: Sequence[Row]) -> str:
    failed = len(result['failed'])
    if not failed:
        return ''
    note = (f'<p class="muted">{len(films)} of {failed} failures, spread over tasks and causes, '
            'run again from their seeds and filmed.</p>')
    return note + ''.join(map(_film, films))


def _film(film: Row) -> str:
    stills = ''.join(
        f'<figure><img alt="at {one.time_s:.1f} s" src="{_inline(one)}"><figcaption>'
        f'{one.time_s:.1f} s</figcaption></figure>' for one in film['stills'])
    again = '' if film['same'] else (
        '<p><span class="tag failed">differs</span> The second run ended otherwise than the '
        'first: this film does not show what was counted.</p>')
    axis = f" · {escape(film['axis'])}" if film['axis'] else ''
    file = escape(film['file'])
    return (f'<div class="film"><h3 lang="{escape(film["language"])}">'
            f'<span class="tag failed">{escape(film["cause"])}</span> “{escape(film["text"])}”'
            f'<small class="muted"> {escape(film["task"])}{axis} · seed {film["seed"]}</small>'
            f'</h3>{again}<div class="stills">{stills}</div>'
            f'<details><summary>film<small lang="ko"> 영상</small> · {file}</summary>'
            f'<video controls playsinline preload="none" src="{file}"></video></details>'
            f'<pre>{escape(film["command"])}</pre></div>')


def _inline(picture: Picture) -> str:
    rows, columns = picture.pixels.shape[:2]
    small = resized(picture.pixels, STILL, round(STILL * rows / columns))
    return 'data:image/jpeg;base64,' + base64.b64encode(jpeg(small)).decode()


def _run(result: Row) -> str:
    rows = {**{key: result[key] for key in ('split', 'site', 'policy', 'seed', 'planned')},
            **result['versions']}
    cells = ''.join(f'<tr><td>{escape(name)}</td><td><code>{escape(str(value))}</code></td>'
                    '</tr>' for name, value in rows.items())
    return (f'<table><tbody>{cells}</tbody></table>'
            '<p>All figures: <a href="result.json">result.json</a></p>')
