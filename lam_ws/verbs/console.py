"""`lam console --site SITE`: a cell with the operator's page, until Ctrl-C.

A site enters; a running cell and an address for the browser leave. With `--join` the page is
served for a cell that runs already, and ends without it.
"""
from collections.abc import Sequence
import os
from pathlib import Path

from lam_ws.keys import FOLDER, of_running_cell
from lam_ws.site import load_site
from lam_ws.verbs import parser
from lam_ws.verbs.run import run


def main(arguments: Sequence[str]) -> int:
    """Start the cell with its page, say where it is, and watch both."""
    options = parser('console', "Run a cell with the operator's page until Ctrl-C.")
    options.add_argument('--site', required=True, help='name in config/sites, or a .yaml file')
    options.add_argument('--domain', type=int, default=int(os.environ.get('ROS_DOMAIN_ID', '0')),
                         help='ROS domain (default: ROS_DOMAIN_ID, else 0)')
    options.add_argument('--join', action='store_true',
                         help='serve the page of a cell that runs; its keys are those that '
                              f'`lam run` says, or in the folder of {FOLDER}')
    options.add_argument('--without', nargs='+', default=[], metavar='NODE',
                         help='start all nodes but these')
    options.add_argument('--logs', type=Path, help='folder for one log a node')
    options.add_argument('--restart', action='store_true',
                         help='start a node that died again where it may rejoin')
    given = options.parse_args(arguments)
    given.console, given.only = True, ['console'] if given.join else []
    site = load_site(given.site)
    if given.join and not os.environ.get(FOLDER):
        os.environ[FOLDER] = str(of_running_cell(site.path, given.domain))
    return run('console', site, given)
