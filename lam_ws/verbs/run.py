"""`lam run --site SITE`: the cell's nodes as processes until Ctrl-C.

A site enters, a running cell leaves: `lam do` and any ROS 2 tool on the same domain talk to it.
"""
from argparse import Namespace
from collections.abc import Sequence
import os
from pathlib import Path
import sys

from lam_ws.site import ConsoleSettings, load_site, Site
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
    options.add_argument('--console', action='store_true',
                         help="serve the operator's page, also where the site does not say so")
    given = options.parse_args(arguments)
    return run('run', load_site(given.site), given)


def run(verb: str, site: Site, given: Namespace) -> int:
    """Run a cell as `given` says until Ctrl-C; see the options of `main`."""
    if (given.console or site.console is not None) and 'console' not in given.without:
        from lam_ws.console.server import ensure_users
        from lam_ws.console.users import Users, users_file
        ensure_users(site, Users(users_file(site)))   # here, where a person reads the password
    from lam_ws.nodes.session import NodeDied, Session
    try:
        with Session(site, given.domain, given.logs, given.only, given.without,
                     'restart' if given.restart else 'end', given.console) as cell:
            if given.json:
                print_json({'ready': True, 'site': site.name, 'domain': given.domain,
                            'seconds': cell.setup_s, 'processes': cell.processes,
                            'keys': str(cell.supervisor.keys)})
            print(f'READY in {cell.setup_s:.1f} s on domain {given.domain}: '
                  f'{", ".join(cell.processes)}; keys in {cell.supervisor.keys}',
                  file=sys.stderr)
            if 'console' in cell.processes:
                from lam_ws.console.server import url_of
                print(f'console: {url_of(site.console or ConsoleSettings())}', file=sys.stderr)
            while True:
                cell.client.turn()
    except NodeDied as death:
        print(f'lam {verb}: {death}', file=sys.stderr)
        return 1
