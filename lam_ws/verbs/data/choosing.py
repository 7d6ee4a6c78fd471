"""The options that `lam export --lerobot` and `lam data import` share.

Arguments enter; which topics, which tolerance and which labels leave, checked, and afterwards
a table of what became of each recording.
"""
import argparse
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from lam_ws.configuration import load
from lam_ws.dataset.collecting import Choice, LEFT, Outcome, REFUSED, TAKEN
from lam_ws.dataset.mapping import TopicMap
from lam_ws.dataset.recordings import Wanted
from lam_ws.dataset.resampling import Tolerance
from lam_ws.record.card import FAILURE, LABELS, SUCCESS
from lam_ws.verbs import Parser, print_json
from lam_ws.verbs.progress import track

ANY = Tolerance()


def add_options(options: Parser) -> None:
    """Add what says how recordings are read."""
    options.add_argument('--out', type=Path, required=True, metavar='DIR',
                         help='the dataset to make or to add to')
    options.add_argument('--fps', type=int, default=0,
                         help='frames a second (default: as the slowest camera came)')
    options.add_argument('--pixels', type=int, default=0,
                         help='longest side of the pictures (default: as recorded)')
    options.add_argument('--late', type=float, default=ANY.late, metavar='PERIODS',
                         help='how far a picture may be from its frame, in periods of --fps '
                              f'(default: {ANY.late:g})')
    options.add_argument('--repeats', type=float, default=ANY.repeats, metavar='SHARE',
                         help='share of frames that may show the picture of the frame before '
                              f'(default: {ANY.repeats:g})')
    options.add_argument('--gap', type=float, default=ANY.gap_s, metavar='S',
                         help='longest time without joints, s '
                              f'(default: {ANY.gap_s:g})')
    options.add_argument('--only', choices=(SUCCESS, FAILURE),
                         help='take only episodes with this label')
    options.add_argument('--unlabelled', action='store_true',
                         help='take episodes without a label too')
    options.add_argument('--task', default='', metavar='SENTENCE',
                         help='the instruction of all of them, in place of what was recorded')
    options.add_argument('--robot', default='', help='name of the robot')


def add_mapping(options: Parser) -> None:
    """Add what says which topics are meant, for recordings of foreign origin."""
    options.add_argument('--map', type=Path, metavar='FILE',
                         help='YAML file of the mapping; the options below go before it')
    options.add_argument('--state', default='', metavar='TOPIC', help='measured joints')
    options.add_argument('--action', default='', metavar='TOPIC',
                         help="commanded joints; 'state': what was measured one period later")
    options.add_argument('--camera', action='append', default=[], metavar='NAME=TOPIC',
                         help='a camera; again for each')
    options.add_argument('--joints', nargs='+', default=[], metavar='NAME',
                         help='joints in the order wanted')
    options.add_argument('--units', nargs='+', default=[], metavar='UNIT',
                         help='unit of each joint, such as rad or m')
    options.add_argument('--sentence', default='', metavar='TOPIC',
                         help='topic of the instruction')


def wanted_of(options: Parser, given: argparse.Namespace) -> Wanted:
    """Return how recordings are to be read; what cannot be is refused."""
    if given.fps < 0 or given.pixels < 0 or given.gap <= 0.0:
        options.error('--fps and --pixels must not be negative, --gap must be above 0')
    if not 0.0 < given.late <= 2.0 or not 0.0 <= given.repeats <= 1.0:
        options.error('--late must be above 0 and at most 2, --repeats within 0 .. 1')
    told = TopicMap() if getattr(given, 'map', None) is None else load(given.map, TopicMap)
    said: dict[str, Any] = {name: getattr(given, name, None) for name in (
        'state', 'action', 'sentence', 'task', 'robot', 'fps')}
    said |= {name: tuple(getattr(given, name, ())) for name in ('joints', 'units')}
    said['cameras'] = dict(_camera(options, text) for text in getattr(given, 'camera', ()))
    if said['task']:
        told = replace(told, sentence='')
    told = replace(told, **{name: value for name, value in said.items() if value})
    for key, message in told.contradictions():
        options.error(f'--{key}: {message}')
    return Wanted(told, Tolerance(given.late, given.repeats, given.gap), given.pixels)


def choice_of(given: argparse.Namespace) -> Choice:
    """Return which episodes are taken."""
    labels = LABELS[:2] if given.only is None else (given.only,)
    return Choice((*labels, *([''] if given.unlabelled else [])), getattr(given, 'label', ''))


def report(found: Iterable[Outcome], total: int, given: argparse.Namespace) -> int:
    """Print what became of each as it is known; return the exit status, 1 where one failed."""
    rows = list(track(found, total, 'episodes'))
    count = {verdict: sum(row.verdict == verdict for row in rows)
             for verdict in (TAKEN, LEFT, REFUSED)}
    if given.json:
        print_json({'folder': str(given.out), 'counts': count,
                    'episodes': [vars(row) for row in rows]})
    else:
        for row in rows:
            more = row.reason or f'{row.frames} frames, {row.repeated} of them repeated, ' \
                                 f'pictures up to {row.late_s * 1e3:.0f} ms off'
            print(f'{row.source}  {row.verdict}: {more}')
        print(f'{count[TAKEN]} taken, {count[LEFT]} left out, {count[REFUSED]} refused; '
              f'{given.out}')
        if any(row.reason == 'not labelled' for row in rows):
            print('label recordings with lam data label, or take them with --unlabelled')
    return 1 if count[REFUSED] or not rows else 0


def _camera(options: Parser, text: str) -> tuple[str, str]:
    name, sign, topic = text.partition('=')
    if not sign or not name or not topic:
        options.error(f'--camera wants NAME=TOPIC, found {text!r}')
    return name, topic
