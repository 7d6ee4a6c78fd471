"""`lam eval --grounding`: how well instructions for every skill are read, without a motion.

Tasks and seeds enter; a table, or one JSON object, of what was read right, refused and read
wrongly leaves, for each task, language, wording and level of typing errors.
"""
from collections.abc import Sequence
import json
import os
from pathlib import Path
from typing import Any

from lam_ws.errors import ConfigurationError
from lam_ws.evaluation.reading import OUTCOMES, read_task, summarise_reading
from lam_ws.grounding.grammar import load_grammar
from lam_ws.grounding.lesson import load_lesson
from lam_ws.grounding.lesson import WORDINGS as LESSONS
from lam_ws.grounding.words import LANGUAGES
from lam_ws.sim.tasks.suite import TASKS
from lam_ws.site import load_site
from lam_ws.source import nearest
from lam_ws.verbs import parser, print_json
from lam_ws.verbs.progress import track
from lam_ws.verbs.versions import versions
from lam_ws.verbs.workers import run

WORDINGS = ('train', 'heldout')


def main(arguments: Sequence[str]) -> int:
    """Read, and print; exit status 1 when a sentence was read wrongly."""
    options = parser('eval', 'Measure how well instructions are read; nothing moves.')
    options.add_argument('--grounding', action='store_true', required=True)
    options.add_argument('--site', default='sim_bench', help='name or .yaml file of a site')
    options.add_argument('--tasks', nargs='+', default=[], metavar='TASK',
                         help=f'default: {", ".join(TASKS)}')
    options.add_argument('--episodes', type=int, default=200, metavar='N',
                         help='scenes for each cell of the table')
    options.add_argument('--seed', type=int, default=60000, help='seed of the first scene')
    options.add_argument('--noise', type=float, nargs='+', default=[0.0, 0.5], metavar='LEVEL')
    options.add_argument('--lesson', default='', metavar='LESSON',
                         help='an operator of config/lessons/ says the sentences')
    options.add_argument('--knowledge', metavar='FOLDER',
                         help="words to read by (default: the site's)")
    options.add_argument('--workers', type=int, default=os.cpu_count() or 1)
    options.add_argument('--out', type=Path, help='also write the JSON to this file')
    given = options.parse_args(arguments)
    if min(given.episodes, given.workers) < 1:
        options.error('--episodes and --workers must be at least 1')
    for name in given.tasks:
        if name not in TASKS:
            raise ConfigurationError(f'no task {name!r} in the suite',
                                     nearest=nearest(name, list(TASKS)))
    knowledge = str(Path(given.knowledge).resolve()) if given.knowledge else \
        load_site(given.site).knowledge
    lesson = load_lesson(given.lesson) if given.lesson else None
    jobs = [(knowledge, task, language, given.seed, given.episodes, wording, noise, given.lesson)
            for task in given.tasks or ([lesson.skill] if lesson else TASKS)
            for language in ([lesson.language] if lesson else LANGUAGES)
            for wording in (LESSONS if lesson else WORDINGS) for noise in given.noise]
    cells = list(track(run(_cell, jobs, min(given.workers, len(jobs))), len(jobs), 'cells'))
    order = {(*job[1:3], *job[5:7]): number for number, job in enumerate(jobs)}
    cells.sort(key=lambda one: order[one['task'], one['language'], one['wording'], one['noise']])
    result = {'cells': cells, 'seed': given.seed, 'scenes': given.episodes, 'site': given.site,
              'lesson': given.lesson,
              **{name: sum(cell[name] for cell in cells) for name in ('sentences', *OUTCOMES)},
              'versions': versions()}
    if given.out is not None:
        given.out.parent.mkdir(parents=True, exist_ok=True)
        given.out.write_text(json.dumps(result, ensure_ascii=False, indent=1) + '\n')
    if given.json:
        print_json(result)
    else:
        _tell(result)
    return 1 if result['wrong'] else 0


def _cell(knowledge: str, task: str, language: str, seed: int, count: int, wording: str,
          noise: float, lesson: str) -> dict[str, Any]:
    """Return one cell of the table."""
    readings = read_task(load_grammar(knowledge), task, language, range(seed, seed + count),
                         wording, noise, load_lesson(lesson) if lesson else None)
    return {'task': task, 'language': language, 'wording': wording, 'noise': noise,
            **summarise_reading(readings)}


def _tell(result: dict[str, Any]) -> None:
    for cell in result['cells']:
        print(f"{cell['task']:<12} {cell['language']} {cell['wording']:<8} {cell['noise']:.1f}  "
              f"right {cell['right']:>4} of {cell['sentences']:<4} refused {cell['refused']:>3}  "
              f"wrong {cell['wrong']}")
        for row in cell['misread']:
            print(f"    {row['text']!r} read as {row['found']}")
    print(f"{result['right']} of {result['sentences']} right, {result['refused']} refused, "
          f"{result['wrong']} wrong")
