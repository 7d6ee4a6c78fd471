"""`lam data check`: what would spoil a training, found before it is spent.

One dataset, or the parts of one, enter; a table of findings leaves, and exit status 1 where there
is one. The bounds stand below the table.
"""
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from lam_ws.errors import ConfigurationError
from lam_ws.source import nearest
from lam_ws.verbs import parser, print_json


def main(arguments: Sequence[str]) -> int:
    """Check datasets."""
    from lam_ws.dataset.checking import Bounds, check, CODES
    from lam_ws.dataset.reader import Dataset
    from lam_ws.dataset.rewriting import agree
    from lam_ws.dataset.splitting import KEYS

    options = parser('data check', 'Find what would spoil a training. Several datasets are taken '
                                   'for parts that must not share an episode.')
    options.add_argument('data', nargs='+', type=Path, metavar='DIR', help='datasets')
    options.add_argument('--by', nargs='*', default=[], choices=tuple(KEYS),
                         help='what no two parts may have in common')
    options.add_argument('--allow', nargs='*', default=[], metavar='CODE',
                         help='what is not counted: ' + ', '.join(CODES))
    for name, value in asdict(Bounds()).items():
        options.add_argument(f'--{name.replace("_", "-")}', type=float, default=value,
                             metavar='X', help=f'bound (default: {value:g})')
    given = options.parse_args(arguments)
    for code in given.allow:
        if code not in CODES:
            raise ConfigurationError(f'no code {code!r}, there are ' + ', '.join(CODES),
                                     nearest=nearest(code, list(CODES)))
    bounds = Bounds(**{name: getattr(given, name) for name in asdict(Bounds())})
    datasets = [Dataset(folder) for folder in given.data]
    agree(datasets)
    found = [one for one in check(datasets, bounds, given.by) if one.code not in given.allow]
    counts = Counter(one.code for one in found)
    totals = {'episodes': sum(data.info.episodes for data in datasets),
              'frames': sum(map(len, datasets))}
    if given.json:
        print_json({**totals, 'counts': dict(counts), 'bounds': asdict(bounds),
                    'allowed': given.allow, 'findings': [asdict(one) for one in found]})
        return 1 if found else 0
    for one in found:
        where = one.dataset if one.episode < 0 else f'{one.dataset} {one.episode}'
        print(f'{where:<28} {one.code:<15} {one.text}')
    print(f"{totals['episodes']} episodes, {totals['frames']} frames: "
          + (', '.join(f'{count} {code} ({CODES[code]})' for code, count in counts.items())
             or 'nothing is wrong'))
    print('bounds: ' + ', '.join(f'{name} {value:g}' for name, value in asdict(bounds).items())
          + (f"; not counted: {', '.join(given.allow)}" if given.allow else ''))
    return 1 if found else 0
