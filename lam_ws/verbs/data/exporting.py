"""`lam export --lerobot`: recorded episodes as a dataset in the layout of LeRobot v3.0.

Recordings of our cells enter, with what people said of them; a dataset grows.
"""
from collections.abc import Sequence
from pathlib import Path

from lam_ws.verbs import parser
from lam_ws.verbs.data.choosing import add_options, choice_of, report, wanted_of


def main(arguments: Sequence[str]) -> int:
    """Export recordings."""
    from lam_ws.dataset.collecting import collect, recordings

    options = parser('export', "Write recorded episodes as a dataset in LeRobot's layout.")
    options.add_argument('--lerobot', nargs='+', type=Path, required=True, metavar='RECORDING',
                         help='MCAP files, or folders of them')
    add_options(options)
    given = options.parse_args(arguments)
    wanted = wanted_of(options, given)
    total = len(recordings(given.lerobot))
    return report(collect(given.lerobot, given.out, wanted, choice_of(given)), total, given)
