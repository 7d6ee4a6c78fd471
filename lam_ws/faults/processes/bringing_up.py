"""How a cell comes up, and what it must not let itself be told once it has.

Nodes are started in any order, some of them late; parameters and lifecycle are meddled with
while the arm moves; callbacks raise. What leaves is whether the cell took it as it should.
"""
from collections.abc import Iterator
from contextlib import contextmanager, ExitStack
import json
import os
from pathlib import Path
import random
import subprocess
import sys
import tempfile
import time

from lam_ws import graph
from lam_ws.faults.faults import Case, Seen
from lam_ws.faults.processes.running import running, SITE, STRAYED
from lam_ws.faults.processes.signals import ARM_DEADLINE, BRAKING, HEARD, STALE
from lam_ws.faults.processes.stops import leaves_by_two_steps
from lam_ws.keys import FOLDER, make_keys
from lam_ws.site import load_site

ORDERS = 12
_EPISODE_S = 40.0
_LATEST_S = 3.0          # the last of the late ones starts by then
_LONGEST_S = 120.0


def any_order(case: Case, phase: str, seed: int) -> Seen:
    """Start the nodes in an order that the seed shuffles, two of them late."""
    chance = random.Random(seed)
    site = load_site(SITE)
    table = graph.nodes(site)
    order = chance.sample(table, len(table))
    waits = sorted(chance.uniform(0.0, _LATEST_S) for _ in range(2))
    names = ' '.join(spec.name for spec in order)
    with _environment(), ExitStack() as stack:
        from lam_ws.nodes.client import connected
        from lam_ws.nodes.environment import enter, free_domain
        from lam_ws.nodes.manager import Manager
        from lam_ws.nodes.supervisor import Supervisor
        from lam_ws.nodes.witness import Witness

        domain = stack.enter_context(free_domain())
        enter(domain)
        logs = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        supervisor = stack.enter_context(Supervisor(order[:-2], domain, logs))
        supervisor.start()
        started_s, late = time.monotonic(), dict(zip(waits, order[-2:], strict=True))

        def start_late() -> None:
            for wait_s in [at for at in late if time.monotonic() - started_s > at]:
                supervisor.start_one(late.pop(wait_s))
        client = stack.enter_context(connected(site, domain, start_late))
        witness = Witness(client.node)
        Manager(client.node, client.executor, table, start_late).bring_up()
        ready_s = time.monotonic() - started_s
        client.turn_for(0.5)
        alive = len(supervisor.processes())
        states = {said.state for said in witness.said}
        moved = max((speed for _, speed in witness.commands), default=0.0)
        supervisor.watch()
        return Seen(f'READY in {ready_s:.1f} s, started {names}; the guard was '
                    f'{" ".join(sorted(states))}', 0.0,
                    alive == len(table) and states == {'disarmed'} and moved == 0.0)


@contextmanager
def _environment() -> Iterator[None]:
    before = dict(os.environ)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def meddled_with(case: Case, phase: str, seed: int) -> Seen:
    """Set parameters of every node, and ask each for transitions that its state does not allow."""
    from lam_ws.nodes.meddling import granted_parameters, transit

    with running(seed) as run:
        run.go_to(phase)
        began_s, granted = time.monotonic(), []
        for node in run.cell.processes:
            granted += [f'{node}.{name}'
                        for name in granted_parameters(run.cell.client, node)]
            granted += [f'{node} {step}' for step in ('configure', 'activate', 'cleanup')
                        if transit(run.cell.client, node, step)]
        well = run.succeeded(_EPISODE_S)
        gap = run.witness.longest_gap(began_s) / run.cycle_s
        return Seen(f'granted: {", ".join(granted) or "nothing"}; episode '
                    f'{"succeeds" if well else "fails"}', gap, well and not granted)


def guard_deactivated(case: Case, phase: str, seed: int) -> Seen:
    """Deactivate the guard of a moving arm, and activate it again."""
    from lam_ws.nodes.meddling import transit

    with running(seed) as run:
        run.go_to(phase)
        asked_s = time.monotonic()
        granted = transit(run.cell.client, 'guard', 'deactivate')
        run.turn(1.0)
        cycles = (run.witness.rested_s(asked_s) - asked_s) / run.cycle_s
        granted = transit(run.cell.client, 'guard', 'activate') and granted
        active_s = time.monotonic()
        run.turn(1.0)
        if not granted or run.witness.strayed(active_s) > STRAYED:
            return Seen(f'granted: {granted}; moves {run.witness.strayed(active_s):.2f} rad',
                        cycles, False)
        return leaves_by_two_steps(run, cycles)


def callbacks_raise(case: Case, phase: str, seed: int) -> Seen:
    """Let each callback of a node raise; the node has to end by it."""
    with _environment():
        from lam_ws.nodes.environment import environment, free_domain

        site = load_site(SITE)
        with free_domain() as domain, tempfile.TemporaryDirectory() as folder:
            make_keys(Path(folder) / 'keys')
            done = subprocess.run(
                [sys.executable, '-m', 'lam_ws.nodes.throwing', case.component, '--ros-args',
                 '-p', f'site:={site.path}', '-r', f'__ns:=/{site.namespace}'],
                env=environment(domain) | {FOLDER: f'{folder}/keys'}, capture_output=True,
                text=True, timeout=_LONGEST_S, check=False)
    if done.returncode:
        raise ChildProcessError(done.stderr.strip().splitlines()[-1])
    found = json.loads(done.stdout.splitlines()[-1])
    silent = [name for name, noticed in found.items() if not noticed]
    return Seen(f'{len(found) - len(silent)} of {len(found)} callbacks end the node'
                + f'; not {", ".join(silent)}' * bool(silent), 0.0, not silent)


_SOURCE = 'lam_ws.faults.processes.bringing_up'
BRING_UP_CASES = (
    *(Case(34, f'{node}_callbacks_raise', 'P', node, 'every exception ends the node', 0,
           f'{_SOURCE}:callbacks_raise', ('idle',), 1)
      for node in ('sim', 'perception', 'task', 'policy', 'guard', 'record')),
    Case(35, 'any_order', 'P', 'all', 'READY, and no motion before', 0,
         f'{_SOURCE}:any_order', ('idle',), ORDERS),
    Case(36, 'meddled_with', 'P', 'all', 'nothing is granted, the episode succeeds', STALE,
         f'{_SOURCE}:meddled_with', ('reach',), 1),
    Case(37, 'guard_deactivated', 'P', 'guard', 'the arm rests; moves only after reset and arm',
         ARM_DEADLINE + BRAKING + HEARD, f'{_SOURCE}:guard_deactivated', ('reach',), 1),
)
