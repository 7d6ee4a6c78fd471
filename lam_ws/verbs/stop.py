"""`lam stop --site SITE`: brake the arm of a running cell, from any terminal, at once.

A site enters; the guard brakes and latches, and what it says of it leaves. Nothing here moves
an arm again: reset and arm are two further steps, and none of this command.
"""
from collections.abc import Sequence
import os
import time

from lam_ws.site import load_site
from lam_ws.verbs import parser, print_json

_REST_S = 3.0     # until the arm stands


def main(arguments: Sequence[str]) -> int:
    """Stop the cell; 0 once the guard says that the arm stands."""
    options = parser('stop', 'Brake the arm of a running cell and keep it still.')
    options.add_argument('--site', required=True, help='name in config/sites, or a .yaml file')
    options.add_argument('--domain', type=int, default=int(os.environ.get('ROS_DOMAIN_ID', '0')),
                         help='ROS domain (default: ROS_DOMAIN_ID, else 0)')
    given = options.parse_args(arguments)
    site = load_site(given.site)

    from lam_ws.nodes.environment import enter
    from lam_ws.nodes.supervisor import Interruption
    enter(given.domain)
    from lam_ws.nodes.client import connected

    with Interruption() as signals, connected(site, given.domain, signals.check) as cell:
        cell.stop()
        deadline = time.monotonic() + _REST_S
        while (cell.guard is None or cell.guard.state != 'stopped') \
                and time.monotonic() < deadline:
            cell.turn()
        told = cell.guard
    stands = told is not None and told.state == 'stopped'
    if given.json:
        print_json({'stopped': stands, 'reason': told.reason if told else '',
                    'text': told.text if told else ''})
    else:
        print(told.text if told else 'the stop was taken; the guard says nothing yet')
    return 0 if stands else 1
