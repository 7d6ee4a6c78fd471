"""`lam eval --orders FILE`: how well operators are understood, and what becomes of their orders.

Sentences with the right answers enter; rates with intervals leave, and every miss. With
`--knowledge` nothing moves, with `--site` a simulated cell carries them out.
"""
import argparse
from collections.abc import Sequence
import json
from pathlib import Path
from typing import Any

from lam_ws.verbs import give, parser
from lam_ws.verbs.versions import versions


def main(arguments: Sequence[str]) -> int:
    """Score one file and print the figures."""
    options = parser('eval', 'Measure how well operators are understood.')
    options.add_argument('--orders', type=Path, required=True, metavar='FILE',
                         help='sentences with the right answers, one JSON object a line')
    options.add_argument('--knowledge', metavar='FOLDER',
                         help='of the cell: a path, or a name below config/knowledge')
    options.add_argument('--site', help='say them to this simulated cell, through its real nodes, '
                         'and judge what was done; test/grounding/data/nuri_cell.jsonl is an '
                         'example of such a file')
    options.add_argument('--half', choices=('tune', 'report'), default='',
                         help='only this half of the file')
    options.add_argument('--misses', action='store_true', help='print what went wrong')
    options.add_argument('--out', type=Path, help='also write the JSON to this file')
    given = options.parse_args(arguments)
    if (given.knowledge is None) == (given.site is None):
        options.error('give either --knowledge FOLDER or --site SITE')
    return _said(given) if given.site is not None else _read(given)


def _said(given: argparse.Namespace) -> int:
    """Say the sentences to a cell; exit status 1 when one went wrong."""
    from lam_ws.nodes.orders import carry_out
    from lam_ws.site import load_site
    from lam_ws.verbs.progress import track
    rows = [json.loads(line) for line in given.orders.read_text(encoding='utf-8').splitlines()]
    done = list(track(carry_out(load_site(given.site), rows), len(rows), 'sentences'))
    right = sum(row['right'] for row in done)
    give({'orders': str(given.orders), 'site': given.site, 'sentences': len(done),
          'right': right, 'rows': done, 'versions': versions()}, given)
    if not given.json:
        for row in done:
            print(f'{"ok   " if row["right"] else "WRONG"} {row["text"]} -> {row["became"]}')
        print(f'{right} of {len(done)} as they should be')
    return int(right < len(done))


def _read(given: argparse.Namespace) -> int:
    """Score how sentences are understood."""
    from lam_ws.evaluation.orders import figures, read_sentences, score
    from lam_ws.grounding.factory.understanding import Understanding
    from lam_ws.knowledge.knowledge import load_knowledge
    from lam_ws.verbs.progress import track
    knowledge = load_knowledge(given.knowledge)
    rows = list(read_sentences(given.orders, given.half))
    scored = score(Understanding(knowledge), track(rows, len(rows), 'sentences'))
    found: dict[str, Any] = {
        'orders': str(given.orders), 'half': given.half, 'knowledge': given.knowledge,
        'kb_version': knowledge.version(), **figures(scored), 'misses': scored.misses,
        'versions': versions()}
    give(found, given)
    if not given.json:
        _print(found, given.misses)
    return 0


def _print(found: dict[str, Any], misses: bool) -> None:
    for name in ('verdict', 'verdict_and_reason', 'exact_plan', 'link_precision', 'link_recall'):
        row = found[name]
        low, high = row['wilson95']
        print(f'{name:20} {row["rate"]:.3f}  [{low:.3f}, {high:.3f}]  of {row["of"]}')
    wrong = found['wrong_of_executed']
    print(f'{wrong["wrong"]} of {wrong["of"]} that would be carried out are not what was wanted '
          f'(at most {100 * wrong["at_most95"]:.1f} %, 95 % confidence); '
          f'{found["unsafe_executed"]} of them unsafe; p95 {found["cpu_ms_p95"]} ms')
    for miss in found['misses'] if misses else ():
        print(f'{miss["text"]}\n    wanted {miss["wanted"]}\n    became {miss["became"]}')
