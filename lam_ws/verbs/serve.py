"""`lam serve --site SITE`: the site's policy for cells on other machines, until Ctrl-C.

A site enters; a WebSocket server leaves that speaks openpi's protocol. Nothing of ROS is
needed. docs/howto_remote_policy.md says how a cell asks it.
"""
import asyncio
from collections.abc import Sequence
from dataclasses import replace
import os
import signal
import sys

from lam_ws.configuration import load, locate
from lam_ws.models import load_card
from lam_ws.site import load_site, PolicySettings
from lam_ws.verbs import parser, print_json

KEY = 'LAM_SERVE_KEY'


def main(arguments: Sequence[str]) -> int:
    """Load the policy, say READY, and serve."""
    options = parser('serve', 'Serve the policy of a site by WebSocket, without ROS.')
    options.add_argument('--site', required=True, help='name in config/sites, or a .yaml file')
    options.add_argument('--policy', metavar='NAME',
                         help="another of config/policies in place of the site's")
    options.add_argument('--host', default='127.0.0.1',
                         help=f'address to listen on; any other needs a key in {KEY}')
    options.add_argument('--port', type=int, default=8765, help='0 takes a free one')
    options.add_argument('--connections', type=int, default=8, metavar='N',
                         help='how many cells at a time (default: 8)')
    given = options.parse_args(arguments)
    if not 0 <= given.port <= 65535 or not 1 <= given.connections <= 64:
        options.error('--port must be within 0..65535, --connections within 1..64')
    site = load_site(given.site)
    if given.policy is not None:
        site = replace(site, policy=load(locate('config/policies', given.policy),
                                         PolicySettings))

    from lam_ws.policy.policy import load_policy
    from lam_ws.policy.server import check_host, PolicyServer
    key = os.environ.get(KEY) or None
    check_host(given.host, key is not None)
    sha256 = '' if site.policy.model is None else load_card(site.policy.model).sha256
    server = PolicyServer(site, lambda: load_policy(site), sha256, key, given.connections)
    load_policy(site)   # what cannot be loaded is refused now, not at the first client

    def ready(port: int) -> None:
        url = f'ws://{given.host}:{port}'
        if given.json:
            print_json({'ready': True, 'url': url, **server.metadata})
        print(f'READY: {site.policy.name} for {site.arm.name} on {url}'
              f'{", key needed" if key else ""}; Ctrl-C ends', file=sys.stderr, flush=True)
    asyncio.run(_until_signal(server, given.host, given.port, ready))
    raise KeyboardInterrupt


async def _until_signal(server, host, port, ready) -> None:
    """Serve until SIGINT or SIGTERM."""
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    await server.run(host, port, ready, stop)
