"""`lam data split`: parts of a dataset that share no operator, sentence or scene.

A dataset, shares and a seed enter; a dataset for each part leaves.
"""
from collections.abc import Sequence
from pathlib import Path

from lam_ws.verbs import Parser, parser, print_json
from lam_ws.verbs.progress import track


def main(arguments: Sequence[str]) -> int:
    """Split a dataset."""
    from lam_ws.dataset.checking import twins
    from lam_ws.dataset.reader import Dataset
    from lam_ws.dataset.rewriting import rewrite
    from lam_ws.dataset.splitting import groups, KEYS, split

    options = parser('data split', 'Make parts of a dataset that share nothing.')
    options.add_argument('data', type=Path, metavar='DIR', help='a dataset')
    options.add_argument('--out', type=Path, required=True, metavar='DIR',
                         help='folder in which each part becomes a dataset')
    options.add_argument('--parts', nargs='+', default=['train=0.8', 'test=0.2'],
                         metavar='NAME=SHARE', help='(default: train=0.8 test=0.2)')
    options.add_argument('--by', nargs='*', default=[], choices=tuple(KEYS),
                         help='what no two parts may have in common; duplicates never are')
    options.add_argument('--seed', type=int, default=0)
    given = options.parse_args(arguments)
    shares = dict(_share(options, text) for text in given.parts)
    dataset = Dataset(given.data)
    parts = split(groups(dataset, given.by, twins(dataset)), shares, given.seed)
    for name, numbers in parts.items():
        for _ in track(rewrite([(dataset, numbers)], given.out / name), len(numbers), name):
            pass
    if given.json:
        print_json({'parts': {name: {'folder': str(given.out / name), 'episodes': numbers}
                              for name, numbers in parts.items()}, 'seed': given.seed})
    else:
        for name, numbers in parts.items():
            print(f'{given.out / name}: {len(numbers)} episodes of {dataset.info.episodes}')
    return 0


def _share(options: Parser, text: str) -> tuple[str, float]:
    name, _, share = text.partition('=')
    try:
        value = float(share)
    except ValueError:
        value = 0.0
    if not name.isidentifier() or not 0.0 < value < 1e6:
        options.error(f'--parts wants NAME=SHARE with a share above 0, found {text!r}')
    return name, value
