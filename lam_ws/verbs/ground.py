"""`lam ground TEXT`: what the stack makes of a sentence, and why; nothing moves.

A sentence and a cell's knowledge enter; what its words name, the plan, question or refusal, and
the rows it rests on leave, as text or as one JSON object.
"""
from collections.abc import Sequence
from dataclasses import asdict
import json
from pathlib import Path
import time
from typing import Any, TYPE_CHECKING

from lam_ws.verbs import parser, print_json

if TYPE_CHECKING:
    from lam_ws.grounding.factory.order import Answer


def main(arguments: Sequence[str]) -> int:
    """Understand one sentence or a file of them; exit status 1 when one is not carried out."""
    options = parser('ground', 'Show what the stack makes of a sentence, and why; nothing moves.')
    options.add_argument('text', nargs='?', metavar='TEXT', help='what the operator says')
    options.add_argument('--knowledge', required=True, metavar='FOLDER',
                         help='of the cell: a path, or a name below config/knowledge')
    options.add_argument('--file', type=Path, metavar='FILE',
                         help='many sentences instead: lines, or JSON objects with a "text"')
    given = options.parse_args(arguments)
    if (given.text is None) == (given.file is None):
        options.error('give either TEXT or --file FILE')
    from lam_ws.grounding.factory.understanding import Understanding
    from lam_ws.knowledge.knowledge import load_knowledge
    knowledge = load_knowledge(given.knowledge)
    understanding, version = Understanding(knowledge), knowledge.version()
    refused = False
    for text in [given.text] if given.file is None else _texts(given.file):
        began = time.perf_counter()
        answer = understanding.answer(text)
        ms = 1000.0 * (time.perf_counter() - began)
        refused |= answer.verdict != 'ok'
        row = {'text': text, **as_json(answer), 'kb_version': version, 'ms': round(ms, 2)}
        if given.file is not None and given.json:
            print(json.dumps(row, ensure_ascii=False), flush=True)
        elif given.json:
            print_json(row)
        else:
            _print(text, answer)
    return int(refused)


def as_json(answer: 'Answer') -> dict[str, Any]:
    """Return an answer as the JSON of `lam ground`."""
    return {'verdict': answer.verdict, 'reason_code': answer.reason,
            'steps': [{**asdict(step), 'constraints': dict(step.constraints)}
                      for step in answer.steps],
            'question': answer.text_ko if answer.verdict == 'clarify' else '',
            'options': list(answer.options), 'links': [asdict(one) for one in answer.links],
            'citations': [{'fact': one.fact, 'file': one.where.split(':')[0],
                           'row': int(one.where.split(':')[1]), 'text': one.text,
                           'source': one.source} for one in answer.citations],
            'text_ko': answer.text_ko, 'text_en': answer.text_en}


def _texts(path: Path) -> list[str]:
    lines = path.read_text(encoding='utf-8').splitlines()
    return [json.loads(line)['text'] if line.startswith('{') else line for line in lines if line]


def _print(text: str, answer: 'Answer') -> None:
    korean = any('가' <= letter <= '힣' for letter in text)
    print(f'{answer.verdict}{f" ({answer.reason})" if answer.reason else ""}: '
          f'{answer.text_ko if korean else answer.text_en}')
    for link in answer.links:
        print(f'  "{link.words}" -> {link.id}')
    for number, step in enumerate(answer.steps, 1):
        said = {'from': step.source, 'to': step.destination, 'with': step.tool,
                'because of': step.defect, 'count': {0: 'all', 1: ''}.get(step.count, step.count)}
        more = [f'{name} {value}' for name, value in said.items() if value]
        limits = ', '.join(f'{name} {value:g}' for name, value in step.constraints.items())
        print(f'  {number}. {step.skill} {step.object} {", ".join(more)}'
              + (f'  [{limits}]' if limits else ''))
    for one in answer.citations:
        print(f'  [{one.where}; {one.source}] {one.text}')
