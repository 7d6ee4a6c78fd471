"""`lam data import`: datasets and recordings of others become a dataset of ours.

A LeRobot v3.0 dataset, or rosbag2 recordings in MCAP with a mapping of their topics, enter; a
dataset grows that everything here reads.
"""
from collections.abc import Sequence
from pathlib import Path

from lam_ws.record.card import LABELS
from lam_ws.verbs import parser
from lam_ws.verbs.data.choosing import add_mapping, add_options, choice_of, report, wanted_of


def main(arguments: Sequence[str]) -> int:
    """Import what others recorded."""
    from lam_ws.dataset.collecting import collect, is_dataset, recordings, take_over
    from lam_ws.dataset.info import read_info

    options = parser('data import', 'Take over a LeRobot v3.0 dataset or rosbag2 recordings.')
    options.add_argument('source', nargs='+', type=Path, metavar='SRC',
                         help='one dataset, or MCAP files, rosbag2 folders, folders of files')
    add_options(options)
    add_mapping(options)
    options.add_argument('--label', choices=LABELS[:2], default='',
                         help='label of the episodes that have none')
    given = options.parse_args(arguments)
    wanted, choice = wanted_of(options, given), choice_of(given)
    if is_dataset(given.source[0]):
        if len(given.source) > 1:
            options.error('one dataset at a time; lam data merge joins several')
        if given.map or given.state or given.action or given.sentence:
            options.error('--map, --state, --action and --sentence are of recordings; a dataset '
                          'has the features observation.state and action')
        source = given.source[0]
        return report(take_over(source, given.out, wanted, choice), read_info(source).episodes,
                      given)
    total = len(recordings(given.source))
    return report(collect(given.source, given.out, wanted, choice), total, given)
