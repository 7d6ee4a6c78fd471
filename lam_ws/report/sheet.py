"""The contact sheet of a dataset: episodes enter, one HTML file that shows each of them leaves.

A strip of film a camera, the joints with what was commanded, the sentence, what people said of it
and what `lam data check` found. The page holds every picture and asks for nothing from a network.
"""
import base64
from collections.abc import Iterator, Mapping, Sequence
from html import escape

from lam_ws.dataset.dataset import Episode, Flags
from lam_ws.dataset.reader import Dataset
from lam_ws.record.card import FAILURE, SUCCESS
from lam_ws.record.image import jpeg, resized
from lam_ws.report.document import document, section
from lam_ws.report.plot import Axes, chart, COLOURS, Line
from lam_ws.types import Pixels
import numpy as np

SHOTS = 8            # pictures of a strip
HIGH = 108           # px, height of a picture on the page
QUALITY = 72         # of its JPEG
LABELS = {SUCCESS: ('success', '성공', 'good'), FAILURE: ('failure', '실패', 'bad'),
          '': ('not labelled', '라벨 없음', 'none')}
STYLE = """<style>
main{max-width:1180px}.sheet{padding:14px 18px 12px}
.sheet h2{font-size:16px;margin:0 0 4px;overflow-wrap:anywhere}
.sheet .who{margin:0 0 10px;font-size:13px;color:var(--muted)}
.sheet .number{color:var(--muted);font-weight:400;margin-right:.5em;
font-variant-numeric:tabular-nums}
.mark{display:inline-block;border-radius:999px;padding:1px 10px;font-size:12.5px;font-weight:600;
color:#fff;background:var(--muted);margin-right:6px;white-space:nowrap}
.mark.good{background:#1f8a5b}.mark.bad{background:#c4372f}.mark.hand{background:#5b5fc7}
.mark.fault{background:#b96a08}
.sheet .row{display:grid;grid-template-columns:minmax(0,1fr) 330px;gap:14px;align-items:start}
.strip{display:grid;grid-template-columns:repeat(8,minmax(0,1fr));gap:3px;margin:0 0 3px}
.strip img{width:100%;height:auto;display:block;border-radius:3px}
.strip figure{margin:0;grid-column:1/-1;font-size:12px;color:var(--muted)}
.faults{margin:0 0 8px;padding:0;list-style:none;font-size:13px}
.led{height:5px;border-radius:3px;background:var(--soft);margin:4px 0 2px;position:relative}
.led i{position:absolute;top:0;bottom:0;background:#5b5fc7;border-radius:3px}
@media (max-width:820px){.sheet .row{grid-template-columns:1fr}
.strip{grid-template-columns:repeat(4,minmax(0,1fr))}}
</style>"""


def sheet(dataset: Dataset, numbers: Sequence[int],
          findings: Mapping[int, Sequence[tuple[str, str]]]) -> str:
    """Return the whole page.

    Args:
        dataset: What is shown.
        numbers: Which of its episodes.
        findings: Code and words of what is wrong, by episode; -1 for the whole dataset.

    Raises:
        ConfigurationError: A film is missing or damaged.
    """
    wanted = set(numbers)
    cards = [_card(dataset, number, episode, findings.get(number, ()))
             for number, episode in enumerate(dataset.episodes()) if number in wanted]
    return document(dataset.folder.resolve().name, 'en',
                    STYLE + _head(dataset, findings, len(cards)) + ''.join(cards),
                    'Made by lam_ws from the dataset alone. Solid lines are measured, dashed '
                    'ones commanded.')


def _head(dataset: Dataset, findings: Mapping[int, Sequence[tuple[str, str]]],
          shown: int) -> str:
    """Return what is in the dataset, in figures and sentences."""
    labels = [about.label for about in dataset.about]
    led = float(dataset.intervention.mean())
    wrong = sum(bool(found) for found in findings.values())
    seconds = len(dataset) / dataset.body.rate_hz
    facts = [('episodes', '에피소드', f'{dataset.info.episodes}'),
             ('success', '성공', f'{labels.count(SUCCESS)}'),
             ('failure', '실패', f'{labels.count(FAILURE)}'),
             ('not labelled', '라벨 없음', f"{labels.count('')}"),
             ('minutes', '분', f'{seconds / 60:.1f}'),
             ('frames a second', '초당 프레임', f'{dataset.body.rate_hz:g}'),
             ('led by a person', '사람이 조작', f'{led:.0%}'),
             ('with a finding', '점검 지적', f'{wrong}')]
    rows = ''.join(f'<div><b>{escape(value)}</b><span>{name}</span> <span lang="ko">{korean}'
                   '</span></div>' for name, korean, value in facts)
    cameras = ', '.join(f'{one.name} {one.width} × {one.height}' for one in dataset.body.cameras)
    body = f'{dataset.body.robot or "robot unknown"} · {cameras} · ' \
           f'{len(dataset.body.state)} joints'
    sentences = _sentences(dataset)
    more = '' if shown == dataset.info.episodes else f' · {shown} of the episodes are shown'
    return (f'<section class="top {"warn" if wrong else "good"}"><h1>'
            f'{escape(dataset.folder.resolve().name)}</h1>'
            f'<p class="muted">{escape(body)}{more}</p>'
            f'<div class="facts">{rows}</div></section>'
            + section('Sentences', '지시문', sentences)
            + section('Findings', '점검 결과', _faults(findings.get(-1, ()))))


def _sentences(dataset: Dataset) -> str:
    """Return how many episodes have each sentence, most first."""
    count: dict[str, int] = {}
    for number in range(dataset.info.episodes):
        count[dataset.words(number)] = count.get(dataset.words(number), 0) + 1
    ranked = sorted(count.items(), key=lambda item: (-item[1], item[0]))
    rows = [f'<tr><td>{escape(text)}</td><td class="number">{times}</td></tr>'
            for text, times in ranked]
    table = f'<table>{"".join(rows)}</table>'
    return table if len(rows) <= 10 else \
        f'<details><summary>{len(rows)} different ones</summary>{table}</details>'


def _card(dataset: Dataset, number: int, episode: Episode,
          found: Sequence[tuple[str, str]]) -> str:
    """Return one episode."""
    about, seconds = episode.about, len(episode.state) / dataset.body.rate_hz
    word, korean, style = LABELS[about.label]
    marks = [f'<span class="mark {style}">{word} · {korean}</span>']
    led = episode.intervention
    if led is not None and led.any():
        marks.append(f'<span class="mark hand">led by a person {led.mean():.0%}</span>')
    marks += [f'<span class="mark fault">{escape(code)}</span>' for code, _ in found]
    who = ' · '.join(escape(text) for text in (
        about.operator, about.scene, f'{seconds:.1f} s, {len(episode.state)} frames',
        about.source, about.note) if text)
    strips = ''.join(_strip(name, frames) for name, frames in episode.frames.items())
    return (f'<section class="sheet"><h2><span class="number">{number}</span>'
            f'{escape(episode.sentence)}</h2><p class="who">{"".join(marks)} {who}</p>'
            f'{_faults(found)}<div class="row"><div>{strips}{_led(led)}</div>'
            f'<div>{_joints(dataset, episode, seconds)}</div></div></section>')


def _faults(found: Sequence[tuple[str, str]]) -> str:
    rows = ''.join(f'<li><b>{escape(code)}</b> {escape(text)}</li>' for code, text in found)
    return f'<ul class="faults">{rows}</ul>' if rows else ''


def _strip(camera: str, frames: Pixels) -> str:
    """Return pictures of a camera from the first to the last."""
    picks = np.linspace(0, len(frames) - 1, SHOTS).round().astype(int)
    images = ''.join(
        f'<img alt="{escape(camera)} {i + 1}/{SHOTS}" loading="lazy" src="data:image/jpeg;base64,'
        f'{base64.b64encode(jpeg(_small(frames[pick]), QUALITY)).decode()}">'
        for i, pick in enumerate(picks))
    return f'<div class="strip"><figure>{escape(camera)}</figure>{images}</div>'


def _small(pixels: Pixels) -> Pixels:
    height, width = pixels.shape[:2]
    if height <= HIGH:
        return pixels
    return resized(pixels, max(1, round(width * HIGH / height)), HIGH)


def _led(led: Flags | None) -> str:
    """Return a bar that shows when a person led the arm; nothing where nobody did."""
    if led is None or not led.any():
        return ''
    count = len(led)
    spans = ''.join(f'<i style="left:{first / count:.2%};width:{(last - first) / count:.2%}"></i>'
                    for first, last in _runs(led))
    return f'<div class="led" title="led by a person">{spans}</div>'


def _runs(led: Flags) -> Iterator[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate([[0], led.astype(int), [0]])))
    yield from zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)


def _joints(dataset: Dataset, episode: Episode, seconds: float) -> str:
    """Return the joints over time, and those of another unit in a chart of their own."""
    times = np.arange(len(episode.state)) / dataset.body.rate_hz
    action = {one.name: episode.action[:, i] for i, one in enumerate(dataset.body.action)}
    charts = []
    for unit in dict.fromkeys(one.unit for one in dataset.body.state):
        names = [one.name for one in dataset.body.state if one.unit == unit]
        lines, values = [], []
        for i, one in enumerate(dataset.body.state):
            if one.unit != unit:
                continue
            colour = COLOURS[names.index(one.name) % len(COLOURS)]
            lines.append(Line(times, episode.state[:, i], colour))
            if one.name in action:
                lines.append(Line(times + 1.0 / dataset.body.rate_hz, action[one.name], colour,
                                  1.0, '3 3', 0.7))
            values += [line.values for line in lines[-2:]]
        low, high = float(np.min(values)), float(np.max(values))
        room = max(0.05 * (high - low), 1e-3)
        axes = Axes(330.0, 170.0 if len(names) > 1 else 92.0, seconds, low - room, high + room)
        charts.append(chart(lines, axes, names[0] if len(names) == 1 else f'{len(names)} joints',
                            unit or 'unit unknown'))
    return ''.join(charts)
