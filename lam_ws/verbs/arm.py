"""`lam arm DEED --site SITE`: look at a real arm, recover it, check it, measure how it follows.

A site enters; what its arm is and does leaves. `show` and `recover` speak with a running cell;
`check` and `bench` reach the arm themselves, with no cell around it, and may move it by a few
centimetres once a person has said yes.
"""
from argparse import Namespace
from collections.abc import Callable, Sequence
from dataclasses import asdict
from functools import partial
import os
import sys
import time
from typing import Any

from lam_ws.errors import LamError
from lam_ws.site import load_site, Site
from lam_ws.verbs import parser, print_json

_LOOK_S = 0.5


def main(arguments: Sequence[str]) -> int:
    """Do one of the four; 1 where the arm is not ready, breaks its contract or lost commands."""
    options = parser('arm', 'Look at a real arm, recover it, check it, measure it.')
    options.add_argument('deed', choices=tuple(_DEEDS),
                         help='show, recover: in a running cell; check, bench: by itself')
    options.add_argument('--site', required=True, help='name in config/sites, or a .yaml file')
    options.add_argument('--domain', type=int, default=int(os.environ.get('ROS_DOMAIN_ID', '0')),
                         help='ROS domain (default: ROS_DOMAIN_ID, else 0)')
    options.add_argument('--dry-run', action='store_true', help='check: nothing moves')
    options.add_argument('--speed', type=float, default=0.1,
                         help='check: largest joint speed, rad/s (default: 0.1)')
    options.add_argument('--seconds', type=float, default=30.0,
                         help='bench: how long the arm swings (default: 30)')
    options.add_argument('--yes', action='store_true', help='the space around the arm is clear')
    given = options.parse_args(arguments)
    site = load_site(given.site)
    if given.speed <= 0.0 or given.seconds < 5.0:
        options.error('--speed must be above 0, --seconds at least 5')
    moves = given.deed == 'bench' or given.deed == 'check' and not given.dry_run
    if moves and not given.yes and not _agreed(site):
        print('nothing was moved', file=sys.stderr)
        return 1
    found: dict[str, Any] = _DEEDS[given.deed](site, given)
    if given.json:
        print_json(found)
    return 0 if found['ok'] else 1


def _agreed(site: Site) -> bool:
    """Return whether a person at the terminal says that the arm may move."""
    if not sys.stdin.isatty():
        return False
    print(f'{site.arm.name} will move by a few centimetres. Is the space around it clear, and a '
          'hand on the emergency stop? [y/N] ', end='', file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in ('y', 'yes', '예', '네')


def _in_cell(site: Site, given: Namespace, use: Callable[[Any], dict[str, Any]]) -> dict[str, Any]:
    """Return what `use` makes of a client of the running cell."""
    from lam_ws.nodes.environment import enter
    from lam_ws.nodes.supervisor import Interruption
    enter(given.domain)
    from lam_ws.nodes.client import connected

    with Interruption() as signals, connected(site, given.domain, signals.check) as cell:
        return use(cell)


def _show(site: Site, given: Namespace) -> dict[str, Any]:
    from lam_ws.nodes.arm_watch import watched
    return _in_cell(site, given, partial(_told, given, watched))


def _told(given: Namespace, watched: Callable[[Any, float], dict[str, Any]],
          cell: Any) -> dict[str, Any]:
    found = watched(cell, _LOOK_S)
    if not given.json:
        for name, value in found.items():
            print(f'{name:10} {value}')
    return {**found, 'ok': found['mode'] == 'ready' and not found['fault']}


def _recover(site: Site, given: Namespace) -> dict[str, Any]:
    def ask(cell: Any) -> dict[str, Any]:
        done, text = cell.recover()
        print(text, file=sys.stderr)
        return {'ok': done, 'text': text}
    return _in_cell(site, given, ask)


def _check(site: Site, given: Namespace) -> dict[str, Any]:
    from lam_ws.nodes.reached import reached
    from lam_ws.testing import check_arm
    cycle_s = 1.0 / site.limits.control_hz
    with reached(site, given.domain) as (arm, wait):
        due_s = time.monotonic()

        def cycle() -> None:
            nonlocal due_s
            due_s = max(due_s + cycle_s, time.monotonic())
            wait(due_s)
        try:
            check_arm(arm, cycle, cycle_s, speed=given.speed, dry_run=given.dry_run)
        except AssertionError as breaches:
            print(breaches, file=sys.stderr)
            return {'ok': False, 'breaches': str(breaches).splitlines()}
    print('the arm keeps its contract' + (' as far as a dry run tells' if given.dry_run else ''),
          file=sys.stderr)
    return {'ok': True, 'breaches': []}


def _bench(site: Site, given: Namespace) -> dict[str, Any]:
    from lam_ws.bench.arms import measure
    from lam_ws.nodes.reached import reached
    from lam_ws.safety.safety import guard_config
    from lam_ws.verbs.progress import share_bar
    with reached(site, given.domain) as (arm, wait), share_bar('swinging') as told:
        if site.adapter is None:
            raise LamError('no real arm')
        found = measure(arm, guard_config(site), site.adapter.driver, given.seconds, wait,
                        told)
    if not given.json:
        for name, value in asdict(found).items():
            print(f'{name:15} {value:.4g}' if isinstance(value, float) else f'{name:15} {value}')
    return {**asdict(found), 'ok': not found.refused and not found.faults}


_DEEDS = {'show': _show, 'recover': _recover, 'check': _check, 'bench': _bench}
