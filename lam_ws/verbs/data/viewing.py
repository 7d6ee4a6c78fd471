"""`lam data view`: a page that shows every episode of a dataset, to be opened without a network.

A dataset enters; one HTML file leaves: strips of film, joints, sentences, labels and findings.
"""
from collections.abc import Sequence
from pathlib import Path

from lam_ws.verbs import parser, print_json
from lam_ws.verbs.data.labelling import numbers_of

MOST = 200      # episodes on a page


def main(arguments: Sequence[str]) -> int:
    """Write the page."""
    from lam_ws.dataset.checking import Bounds, check
    from lam_ws.dataset.reader import Dataset
    from lam_ws.report.document import write_page
    from lam_ws.report.sheet import sheet

    options = parser('data view', 'Write a page that shows every episode of a dataset.')
    options.add_argument('data', type=Path, metavar='DIR', help='a dataset')
    options.add_argument('--out', type=Path, metavar='FILE',
                         help='the page (default: sheet.html in the dataset)')
    options.add_argument('--episode', nargs='+', default=[], metavar='N',
                         help=f'which episodes, such as 3 or 5-9 (default: the first {MOST})')
    given = options.parse_args(arguments)
    dataset = Dataset(given.data)
    numbers = numbers_of(options, given.episode, dataset.info.episodes)
    shown = numbers if given.episode else numbers[:MOST]
    findings: dict[int, list[tuple[str, str]]] = {}
    for one in check([dataset], Bounds()):
        findings.setdefault(one.episode, []).append((one.code, one.text))
    path = write_page(sheet(dataset, shown, findings), given.out or given.data / 'sheet.html')
    if given.json:
        print_json({'page': str(path), 'episodes': shown, 'bytes': path.stat().st_size,
                    'findings': sum(map(len, findings.values()))})
    else:
        print(f'{path}: {len(shown)} of {dataset.info.episodes} episodes, '
              f'{path.stat().st_size / 1e6:.1f} MB')
    return 0
