"""`lam data label`: which episodes succeeded, as a person says it, set or corrected.

A dataset with numbers of episodes, or recordings, and a label enter; the dataset's tables or the
files beside the recordings say it. Without a label what is said already is listed.
"""
import argparse
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, UTC
import getpass
from pathlib import Path
from typing import Any

from lam_ws.record.card import FAILURE, Label, SUCCESS, UNDECIDED
from lam_ws.verbs import Parser, parser, print_json

LABELS = {'success': SUCCESS, 'failure': FAILURE, 'none': UNDECIDED}


def main(arguments: Sequence[str]) -> int:
    """List or set labels."""
    from lam_ws.dataset.collecting import is_dataset

    options = parser('data label', 'Say which episodes succeeded, or list what was said.')
    options.add_argument('data', nargs='+', type=Path, metavar='DATA',
                         help='a dataset, or recordings and folders of them')
    options.add_argument('--label', choices=tuple(LABELS), help="'none' takes a label back")
    options.add_argument('--episode', nargs='+', default=[], metavar='N',
                         help='numbers of episodes in a dataset, such as 3 or 5-9')
    options.add_argument('--operator', help='who moved the arm, for a dataset')
    options.add_argument('--note', help='what is to be kept with it')
    options.add_argument('--who', default='', help='who says so (default: the user)')
    given = options.parse_args(arguments)
    rows = _dataset(options, given) if is_dataset(given.data[0]) else _recordings(options, given)
    if given.json:
        print_json({'episodes': rows})
    else:
        for row in rows:
            print(f"{row['episode']}  {row['label'] or 'not labelled'}"
                  + ''.join(f'  {row[name]}' for name in ('operator', 'sentence', 'note')
                            if row[name]))
    return 0


def numbers_of(options: Parser, words: Sequence[str], count: int) -> list[int]:
    """Return the numbers that words such as 3 or 5-9 mean, all of them without a word."""
    found: list[int] = []
    for word in words:
        first, _, last = word.partition('-')
        if not first.isdecimal() or not (last or first).isdecimal() \
                or not int(first) <= int(last or first) < count:
            options.error(f'--episode wants numbers within 0 .. {count - 1}, such as 3 or 5-9, '
                          f'found {word!r}')
        found += range(int(first), int(last or first) + 1)
    return sorted(set(found)) if words else list(range(count))


def _dataset(options: Parser, given: argparse.Namespace) -> list[dict[str, Any]]:
    """Set what is given for the episodes that are named; return what is then said of them."""
    from lam_ws.dataset.reader import Dataset
    from lam_ws.dataset.rewriting import relabel

    if len(given.data) > 1:
        options.error('one dataset at a time')
    dataset = Dataset(given.data[0])
    numbers = numbers_of(options, given.episode, dataset.info.episodes)
    told = {name: getattr(given, name) for name in ('operator', 'note')
            if getattr(given, name) is not None}
    if given.label is not None:
        told['label'] = LABELS[given.label]
    if told and not given.episode:
        options.error(f'name the episodes with --episode; all of them are --episode '
                      f'0-{dataset.info.episodes - 1}')
    if told:
        relabel(dataset, dict.fromkeys(numbers, told))
        dataset = Dataset(given.data[0])
    return [{'episode': number, 'sentence': dataset.words(number),
             **{name: getattr(dataset.about[number], name)
                for name in ('label', 'operator', 'note')}} for number in numbers]


def _recordings(options: Parser, given: argparse.Namespace) -> list[dict[str, Any]]:
    """Set the label of recordings; return what is then said of them."""
    from lam_ws.dataset.collecting import recordings
    from lam_ws.dataset.recordings import known_of, label_of
    from lam_ws.record.annotate import annotate
    from lam_ws.record.card import NOTE, write_card
    from lam_ws.record.streams import Bag

    if given.episode or given.operator is not None:
        options.error('--episode and --operator are for datasets')
    if given.note is not None and given.label is None:
        options.error('a note is kept with a label; give --label too')
    rows = []
    for path in recordings(given.data):
        with Bag(path) as bag:
            card = known_of(path, bag.notes())
        if given.label is not None:
            now = datetime.now(UTC).isoformat(timespec='seconds')
            card = replace(card, label=Label(LABELS[given.label], given.who or getpass.getuser(),
                                             now, given.note or ''))
            if path.is_file():   # in the recording as well, which may be moved without its file
                annotate(path, NOTE, card.note())
            write_card(path, card)
        rows.append({'episode': path.name, 'label': label_of(card), 'operator': card.operator,
                     'sentence': card.instruction,
                     'note': card.label.note if card.label is not None else ''})
    return rows
