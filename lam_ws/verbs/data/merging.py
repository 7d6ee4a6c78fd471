"""`lam data merge`: one dataset of several that were made with the same robot and cameras.

Datasets enter; one leaves, or everything in which they do not agree.
"""
from collections.abc import Sequence
from pathlib import Path

from lam_ws.verbs import parser, print_json
from lam_ws.verbs.progress import track


def main(arguments: Sequence[str]) -> int:
    """Merge datasets."""
    from lam_ws.dataset.reader import Dataset
    from lam_ws.dataset.rewriting import agree, rewrite

    options = parser('data merge', 'Make one dataset of several.')
    options.add_argument('data', nargs='+', type=Path, metavar='DIR', help='datasets')
    options.add_argument('--out', type=Path, required=True, metavar='DIR',
                         help='the dataset to make')
    given = options.parse_args(arguments)
    if len(given.data) < 2:
        options.error('name at least two datasets')
    datasets = [Dataset(folder) for folder in given.data]
    agree(datasets)
    total = sum(one.info.episodes for one in datasets)
    chosen = [(one, range(one.info.episodes)) for one in datasets]
    for _ in track(rewrite(chosen, given.out), total, 'episodes'):
        pass
    if given.json:
        print_json({'folder': str(given.out), 'episodes': total,
                    'frames': sum(map(len, datasets))})
    else:
        print(f'{given.out}: {total} episodes of {len(datasets)} datasets, '
              f'{sum(map(len, datasets))} frames')
    return 0
