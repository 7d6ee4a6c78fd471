"""A stop in mid-motion through the whole stack, on counterparts that have an emergency stop.

    python test/coupled_stops.py --write     and docs/results/coupled_stops.json has the result

For each arm the controller's own stop, then the operator's: the guard's reason, when the arm
stands, that reset and arm alone move nothing where the controller has stopped, and that recover,
reset and arm lead back to work.
"""
import argparse
import json
from pathlib import Path
import sys
import tempfile
import time

from arm_peers import counterpart
from lam_ws.nodes.environment import enter, free_domain
from lam_ws.nodes.session import Session
from lam_ws.nodes.witness import Witness
from lam_ws.types import Instruction
from running_arm import Running

RESULTS = Path(__file__).resolve().parents[1] / 'docs' / 'results' / 'coupled_stops.json'
STILL = 0.02       # rad/s
CAUSES = {         # what stops the controller, and what ends that
    'franka': (lambda peer: peer.press(), lambda peer: peer.release()),
    'fanuc': (lambda peer: peer.wish('press_estop'), lambda peer: peer.wish('release_estop')),
    'indy': (lambda peer: peer.wish('press_estop'), lambda peer: peer.wish('release_estop'))}


def order(truth):
    """Return an order about the first part and bin of a scene."""
    part, bin_ = truth['parts'][0], truth['bins'][0]
    return Instruction(f'put the {part["colour"]} {part["kind"]} in the {bin_["colour"]} bin',
                       'en', 'test')


def begin(run):
    """Begin an order in a fresh scene."""
    run.order = order(run.session.reset(7000))
    run.begin(7000)


def rested(run, began_s):
    """Return s until the arm stands for good."""
    run.until(lambda: run.session.client.guard.state == 'stopped' and run.witness.speed < STILL)
    run.session.client.turn_for(0.5)
    return run.witness.rested_s(began_s) - began_s


def stops(name):
    """Return what was seen of both stops of one arm."""
    with tempfile.TemporaryDirectory() as folder, free_domain() as domain:
        enter(domain)
        with counterpart(name, Path(folder), domain) as (site, peer), \
                Session(site, domain, deaths='ignore') as session:
            run = Running(session, peer, Witness(session.client.node))
            press, release = CAUSES[name]
            begin(run)
            began_s = time.monotonic()
            press(peer)
            told_s = run.until(lambda: session.client.guard.state in ('stopping', 'stopped'))
            found = {'reason': session.client.guard.reason, 'told_ms': 1e3 * told_s,
                     'rested_ms': 1e3 * rested(run, began_s), 'result': run.result(5.0).reason,
                     'recover_while_it_lasts': run.recover()[0]}
            release(peer)
            session.client.turn_for(1.0)
            run.stays()
            begin(run)
            began_s = time.monotonic()
            session.client.stop()
            found |= {'operator_rested_ms': 1e3 * rested(run, began_s),
                      'operator_result': run.result(5.0).reason}
            began_s = time.monotonic()
            session.client.turn_for(1.0)
            found['moved_after'] = float(run.witness.strayed(began_s))
            return found


def main():
    """Stop what is asked for; 1 where a stop was not as it must be."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--only', nargs='+', choices=tuple(CAUSES), default=tuple(CAUSES))
    parser.add_argument('--write', action='store_true')
    given = parser.parse_args()
    found = json.loads(RESULTS.read_text()) if RESULTS.is_file() else {}
    for name in given.only:
        found[name] = stops(name)
        print(name, found[name], flush=True)
        if given.write:
            RESULTS.write_text(json.dumps(found, indent=1) + '\n', encoding='utf-8')
    return any(one['recover_while_it_lasts'] or one['moved_after'] > 0.02
               for one in found.values())


if __name__ == '__main__':
    sys.exit(main())
