"""How well an operator is understood: sentences with the right answer enter, figures leave.

A file has one JSON object a line; test/grounding/data/hangyeol.jsonl is an example. A link is
right when a name in the sentence was taken for what it is; a plan is exact when every step has the
right skill, object, destination, source, count, defect and, where the operator named one, tool.
"""
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
import json
import math
from pathlib import Path
import time
from typing import Any

from lam_ws.errors import LamError
from lam_ws.evaluation.evaluation import wilson
from lam_ws.grounding.factory.order import ALL, Answer, Step
from lam_ws.grounding.factory.reading.text import line_of
from lam_ws.grounding.factory.understanding import Understanding


@dataclass
class Scored:
    """What came of some sentences.

    Attributes:
        counts: By name.
        misses: What each sentence that went wrong should have become, and what it became.
        ms: Time of each answer.
    """

    counts: Counter[str] = field(default_factory=Counter)
    misses: list[dict[str, Any]] = field(default_factory=list)
    ms: list[float] = field(default_factory=list)


def read_sentences(path: Path, half: str) -> Iterator[dict[str, Any]]:
    """Yield the sentences of one half of a file, of both where `half` is ''.

    Raises:
        LamError: A line is no sentence with an answer.
    """
    for number, line in enumerate(path.read_text(encoding='utf-8').splitlines(), 1):
        try:
            row = json.loads(line)
            row['text'], row['verdict'], row['steps'], row['links'], row['half']
        except (ValueError, KeyError, TypeError) as error:
            raise LamError(f'{path}:{number}: no sentence with its answer: {error}') from error
        if half in ('', row['half']):
            yield row


def score(understanding: Understanding, rows: Iterable[Mapping[str, Any]]) -> Scored:
    """Return how sentences were understood."""
    scored = Scored()
    for row in rows:
        began = time.process_time()
        answer = understanding.answer(row['text'])
        scored.ms.append(1000.0 * (time.process_time() - began))
        _count(scored, row, answer)
    return scored


def _count(scored: Scored, row: Mapping[str, Any], answer: Answer) -> None:
    counts = scored.counts
    wanted = [_wanted(step) for step in row['steps']]
    said = [_said(step, want) for step, want in zip(answer.steps, wanted, strict=False)]
    exact = answer.verdict == 'ok' == row['verdict'] and said == wanted \
        and len(answer.steps) == len(wanted)
    counts['sentences'] += 1
    counts['verdict'] += answer.verdict == row['verdict']
    counts['reason'] += (answer.verdict, answer.reason) == (row['verdict'], row['reason'])
    counts['doable'] += row['verdict'] == 'ok'
    counts['exact'] += exact
    counts['executed'] += answer.verdict == 'ok'
    counts['wrong'] += answer.verdict == 'ok' and not exact
    counts['unsafe'] += answer.verdict == 'ok' and row.get('kind') == 'unsafe'
    _links(counts, row, answer)
    if not exact and not (answer.verdict == row['verdict'] != 'ok'):
        scored.misses.append({
            'text': row['text'], 'wanted': [row['verdict'], row['reason'], wanted],
            'became': [answer.verdict, answer.reason, [_said(step, {}) for step in answer.steps]]})


def _wanted(step: Mapping[str, Any]) -> dict[str, Any]:
    return {**step, 'count': ALL if step['count'] == 'all' else step['count']}


def _said(step: Step, want: Mapping[str, Any]) -> dict[str, Any]:
    """Return a step as the file has it; a tool that nobody asked for is the checker's."""
    return {'skill': step.skill, 'object': step.object, 'destination': step.destination,
            'source': step.source, 'count': step.count, 'defect': step.defect,
            'tool': step.tool if want.get('tool') else ''}


def _links(counts: Counter[str], row: Mapping[str, Any], answer: Answer) -> None:
    """Count links that are right, wrong and missing; one name may be linked wherever it stands."""
    left = [(line_of(one['words']).letters, one['id']) for one in row['links']]
    named = {identity for _, identity in left}
    for link in answer.links:
        words = line_of(link.words).letters
        hit = next((one for one in left if one[1] == link.id
                    and (one[0] in words or words in one[0])), None)
        if hit is not None:
            left.remove(hit)
            counts['links_right'] += 1
        elif link.id not in named:
            counts['links_wrong'] += 1
    counts['links_missed'] += len(left)


def figures(scored: Scored) -> dict[str, Any]:
    """Return rates with their intervals."""
    counts = scored.counts
    right, wrong = counts['links_right'], counts['links_wrong']
    rows = {'verdict': (counts['verdict'], counts['sentences']),
            'verdict_and_reason': (counts['reason'], counts['sentences']),
            'exact_plan': (counts['exact'], counts['doable']),
            'link_precision': (right, right + wrong),
            'link_recall': (right, right + counts['links_missed'])}
    found: dict[str, Any] = {
        name: {'of': total, 'rate': round(part / total, 4) if total else None,
               'wilson95': [round(bound, 4) for bound in wilson(part, total)]}
        for name, (part, total) in rows.items()}
    found['wrong_of_executed'] = {
        'wrong': counts['wrong'], 'of': counts['executed'], 'at_most95': round(
            at_most(counts['wrong'], counts['executed']), 4)}
    times = sorted(scored.ms)
    found |= {'sentences': counts['sentences'], 'doable': counts['doable'],
              'unsafe_executed': counts['unsafe'],
              'cpu_ms_p50': round(times[len(times) // 2], 2) if times else None,
              'cpu_ms_p95': round(times[int(0.95 * len(times))], 2) if times else None}
    return found


def at_most(wrong: int, total: int) -> float:
    """Return the rate that is not exceeded with 95 % confidence (Clopper and Pearson 1934)."""
    if total == 0 or wrong == total:
        return 1.0
    low, high = wrong / total, 1.0
    for _ in range(60):
        middle = 0.5 * (low + high)
        chance = sum(math.comb(total, k) * middle ** k * (1.0 - middle) ** (total - k)
                     for k in range(wrong + 1))
        low, high = (middle, high) if chance > 0.05 else (low, middle)
    return high
