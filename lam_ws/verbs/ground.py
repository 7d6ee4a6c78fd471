"""`lam ground TEXT`: what the stack makes of a sentence, and why; nothing moves.

A sentence and a cell's knowledge enter; what its words name, the plan, question or refusal, and
the rows it rests on leave, as text or as one JSON object.
"""
from argparse import Namespace
from collections.abc import Sequence
from dataclasses import asdict
import json
from pathlib import Path
import time
from typing import Any, TYPE_CHECKING

from lam_ws.language_model_file import LanguageModelSettings
from lam_ws.site import load_site
from lam_ws.verbs import parser, print_json

if TYPE_CHECKING:
    from lam_ws.grounding.factory.order import Answer, Step


def main(arguments: Sequence[str]) -> int:
    """Understand one sentence or a file of them; exit status 1 when one is not carried out."""
    given, model = _given(arguments)
    from lam_ws.grounding.factory.dialogue import reply, say
    from lam_ws.grounding.factory.grounder import load_reader
    from lam_ws.knowledge.knowledge import load_knowledge
    knowledge = load_knowledge(given.knowledge)
    reader, version, refused = load_reader(knowledge, model), knowledge.version(), False
    for text in [given.text] if given.file is None else _texts(given.file):
        began = time.perf_counter()
        asked = say(reader, text)
        for words in given.reply:
            asked = reply(reader, asked, words)
        answer = asked.answer
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


def _given(arguments: Sequence[str]) -> tuple[Namespace, LanguageModelSettings | None]:
    """Return what was given, with the folder of the knowledge, and the language model, if any."""
    options = parser('ground', 'Show what the stack makes of a sentence, and why; nothing moves.')
    options.add_argument('text', nargs='?', metavar='TEXT', help='what the operator says')
    options.add_argument('--knowledge', metavar='FOLDER',
                         help='of the cell: a path, or a name below config/knowledge')
    options.add_argument('--site', help='the cell instead: name in config/sites, or a .yaml file')
    options.add_argument('--file', type=Path, metavar='FILE',
                         help='many sentences instead: lines, or JSON objects with a "text"')
    options.add_argument('--reply', metavar='WORDS', action='append', default=[],
                         help='what the operator replies to a question; may be given again')
    options.add_argument('--model', metavar='URL[#NAME]',
                         help='a language model that may propose what was meant: an '
                              'OpenAI-compatible server, or a folder')
    options.add_argument('--key-variable', metavar='NAME',
                         help="environment variable that holds the server's key")
    given = options.parse_args(arguments)
    if (given.text is None) == (given.file is None):
        options.error('give either TEXT or --file FILE')
    if (given.knowledge is None) == (given.site is None):
        options.error('give either --knowledge FOLDER or --site NAME')
    if given.key_variable is not None and given.model is None:
        options.error('--key-variable belongs to --model')
    model = None if given.model is None else _model(given.model, given.key_variable)
    if given.site is not None:
        site = load_site(given.site)
        given.knowledge, model = site.knowledge, model or site.language_model
    for _, message in () if model is None else model.contradictions():
        options.error(f'--model {message}')
    return given, model


def as_json(answer: 'Answer') -> dict[str, Any]:
    """Return an answer as the JSON of `lam ground`."""
    return {'verdict': answer.verdict, 'reason_code': answer.reason,
            'steps': _steps(answer.steps), 'proposed': _steps(answer.proposed),
            'question': answer.text_ko if answer.verdict == 'clarify' else '',
            'options': list(answer.options), 'links': [asdict(one) for one in answer.links],
            'citations': [{'fact': one.fact, 'file': one.where.split(':')[0],
                           'row': int(one.where.split(':')[1]), 'text': one.text,
                           'source': one.source} for one in answer.citations],
            'text_ko': answer.text_ko, 'text_en': answer.text_en}


def _model(where: str, key_variable: str | None) -> LanguageModelSettings:
    """Return the settings of an address with a name behind '#', or of a folder."""
    if '://' not in where:
        return LanguageModelSettings(path=where, key_variable=key_variable)
    url, _, name = where.partition('#')
    return LanguageModelSettings(url=url, model=name or None, key_variable=key_variable)


def _steps(steps: 'Sequence[Step]') -> list[dict[str, Any]]:
    return [{**asdict(step), 'constraints': dict(step.constraints)} for step in steps]


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
