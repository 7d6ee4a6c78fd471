"""`lam run --site SITE`: the cell's nodes as processes until Ctrl-C.

A site enters, a running cell leaves: `lam do` and any ROS 2 tool on the same domain talk to it.
"""
from collections.abc import Sequence
import os
from pathlib import Path
import sys

from lam_ws.site import load_site
from lam_ws.verbs import parser, print_json


def main(arguments: Sequence[str]) -> int:
    """Start the nodes, say READY, and watch them."""
    options = parser('run', 'Start the nodes of a site and run them until Ctrl-C.')
    options.add_argument('--site', required=True, help='name in config/sites, or a .yaml file')
    options.add_argument('--domain', type=int, default=int(os.environ.get('ROS_DOMAIN_ID', '0')),
                         help='ROS domain (default: ROS_DOMAIN_ID, else 0)')
    options.add_argument('--only', nargs='+', default=[], metavar='NODE',
                         help='start these nodes only')
    options.add_argument('--without', nargs='+', default=[], metavar='NODE',
                         help='start all nodes but these')
    options.add_argument('--logs', type=Path, help='folder for one log a node')
    options.add_argument('--restart', action='store_true',
                         help='start a node that died again where it may rejoin; the arm '
                              'brakes all the same and waits for reset and arm')
    given = options.parse_args(arguments)
    site = load_site(given.site)

    from lam_ws.nodes.session import NodeDied, Session
    try:
        with Session(site, given.domain, given.logs, given.only, given.without,
                     'restart' if given.restart else 'end') as cell:
            if given.json:
                print_json({'ready': True, 'site': site.name, 'domain': given.domain,
                            'seconds': cell.setup_s, 'processes': cell.processes,
                            'keys': str(cell.supervisor.keys)})
            print(f'READY in {cell.setup_s:.1f} s on domain {given.domain}: '
                  f'{", ".join(cell.processes)}; keys in {cell.supervisor.keys}',
                  file=sys.stderr)
            while True:
                cell.client.turn()
    except NodeDied as death:
        print(f'lam run: {death}', file=sys.stderr)
        return 1
