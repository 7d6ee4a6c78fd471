"""`lam rehearse --lesson LESSON`: a scripted operator teaches, through the console alone.

A site and a lesson enter; a folder of labelled recordings leaves, for `lam train --data`. The
cell runs as real nodes in real time. Between two demonstrations the table is laid out anew, as a
person would lay out parts; where they lie is seen with the simulator's truth, as a person sees
it. All else goes through login, WebSocket and endpoints. A rehearsal that was broken off goes on.
"""
from argparse import Namespace
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
import json
from pathlib import Path
import secrets
import socket
from typing import Any, TYPE_CHECKING

from lam_ws.grounding.asking import canonical_request, held_out
from lam_ws.grounding.lesson import Lesson, load_lesson, say
from lam_ws.site import load_site
from lam_ws.verbs import parser, print_json
from lam_ws.verbs.progress import track
import numpy as np
import yaml

if TYPE_CHECKING:
    from lam_ws.rehearsal.rehearsal import Part, Take

OPERATOR = 'rehearsal'
TRIES = 2             # demonstrations that may be begun for each that is wanted


def main(arguments: Sequence[str]) -> int:
    """Give the demonstrations; exit status 1 where too few succeeded."""
    options = parser('rehearse', 'Let a scripted operator teach a lesson through the console.')
    options.add_argument('--lesson', required=True, metavar='LESSON',
                         help='name in config/lessons, or a .yaml file')
    options.add_argument('--site', default='sim_demo', help='whose clock is wall')
    options.add_argument('--demos', type=int, default=45, metavar='N')
    options.add_argument('--interventions', type=int, default=5, metavar='N',
                         help='of them, so many in which the policy begins and the hand takes '
                              'over')
    options.add_argument('--seed', type=int, default=400000, help='of the first scene')
    options.add_argument('--port', type=int, help='of the console (default: one that is free)')
    options.add_argument('--out', type=Path, default=Path('out/lesson'), metavar='DIR')
    given = options.parse_args(arguments)
    if not 0 <= given.interventions <= given.demos or given.demos < 1:
        options.error('--demos must be at least 1, --interventions between 0 and that')
    lesson = load_lesson(given.lesson)
    takes = _takes(given.out)
    if _good(takes) < given.demos:
        _teach(given, lesson, takes)
    figures = _figures(given, takes)
    (given.out / 'rehearsal.json').write_text(
        json.dumps(figures, ensure_ascii=False, indent=2) + '\n', encoding='utf-8')
    if given.json:
        print_json(figures)
    else:
        print(f"{figures['successes']} of {figures['begun']} demonstrations succeeded, "
              f"{figures['seconds_mean']} s each; recordings in {given.out / 'episodes'}")
    return 0 if figures['successes'] >= given.demos else 1


def _teach(given: Namespace, lesson: Lesson, takes: 'list[Take]') -> None:
    """Run the cell and give demonstrations until there are enough."""
    from lam_ws.nodes.session import Session
    from lam_ws.rehearsal.page import Page
    from lam_ws.rehearsal.rehearsal import Operator
    from lam_ws.sim.tasks.suite import by_skill
    password = secrets.token_urlsafe(12)
    given.port = given.port or _free_port()
    site = load_site(_site(given, password))
    task = by_skill(lesson.skill)
    with Session(site, logs=given.out / 'logs') as cell, \
            Page(f'http://127.0.0.1:{given.port}/', OPERATOR, password) as page:
        operator = Operator(page, site.arm)
        for _ in track(range(_good(takes), given.demos), given.demos - _good(takes),
                       'demonstrations'):
            for _ in range(TRIES):
                number = len(takes)
                before = cell.reset(given.seed + number)
                page.post('/api/reset')
                page.post('/api/arm')
                part = _part(given, lesson, takes, number, task.goals(before))
                if part is None:
                    continue
                take = operator.demonstrate(part, cell.truth, task.done)
                takes.append(take)
                _keep(given.out, take)
                if take.label == 'success':
                    break


def _part(given: Namespace, lesson: Lesson, takes: 'Sequence[Take]', number: int,
          goals: Sequence[Any]) -> 'Part | None':
    """Return what to show in a scene: what was shown least, in the operator's own words."""
    from lam_ws.rehearsal.rehearsal import Part
    rng = np.random.default_rng((given.seed, number, 61))
    shown = Counter(word for take in takes if take.label == 'success'
                    for word in take.text.split())
    open_ = [goal for goal in goals if lesson.covers(goal) and not held_out(goal)]
    if not open_:
        return None

    def seldom(goal: Any) -> tuple[int, float]:
        words = (*lesson.kinds[goal.kind], *lesson.colours[goal.colour],
                 *lesson.destinations[goal.destination])
        return sum(count for word, count in shown.items()
                   if word.startswith(words)), rng.random()
    goal = min(open_, key=seldom)
    left = given.interventions - sum(take.intervention and take.label == 'success'
                                     for take in takes)
    plain = canonical_request(goal, lesson.language) if number % 8 == 3 and left > 0 else ''
    return Part(goal, say(lesson, goal, rng), plain)


def _site(given: Namespace, password: str) -> Path:
    """Write the site of the rehearsal, with a console, and its only user; return its file."""
    from lam_ws.console.users import Users
    given.out.mkdir(parents=True, exist_ok=True)
    named = load_site(given.site)
    values = yaml.safe_load(named.path.read_text(encoding='utf-8'))
    users = (given.out / 'users.yaml').resolve()
    Users(users).add(OPERATOR, 'operator', password)
    values['record'] = {**(values.get('record') or {}), 'frames': True,
                        'folder': str((given.out / 'episodes').resolve())}
    values['console'] = {'port': given.port, 'users': str(users),
                         'audit': str((given.out / 'audit.jsonl').resolve())}
    path = (given.out / f'{named.name}.yaml').resolve()
    path.write_text(yaml.safe_dump(values, sort_keys=False, allow_unicode=True),
                    encoding='utf-8')
    return path


def _free_port() -> int:
    with socket.create_server(('127.0.0.1', 0)) as listener:
        return int(listener.getsockname()[1])


def _takes(folder: Path) -> 'list[Take]':
    """Return the demonstrations that were given before."""
    from lam_ws.rehearsal.rehearsal import Take
    path = folder / 'takes.jsonl'
    if not path.exists():
        return []
    return [Take(**json.loads(line)) for line in path.read_text(encoding='utf-8').splitlines()]


def _keep(folder: Path, take: 'Take') -> None:
    with (folder / 'takes.jsonl').open('a', encoding='utf-8') as file:
        file.write(json.dumps(asdict(take), ensure_ascii=False) + '\n')


def _good(takes: 'Sequence[Take]') -> int:
    return sum(take.label == 'success' for take in takes)


def _figures(given: Namespace, takes: 'Sequence[Take]') -> dict[str, Any]:
    good = [take for take in takes if take.label == 'success']
    return {'lesson': given.lesson, 'site': given.site, 'seed': given.seed, 'begun': len(takes),
            'successes': len(good), 'interventions': sum(take.intervention for take in good),
            'seconds_mean': round(float(np.mean([take.seconds for take in takes])), 1)
            if takes else 0.0,
            'failures': [take.why or 'not where it should be' for take in takes
                         if take.label != 'success']}
