"""The tier of the network: a cell in a network of its own, whose nodes are cut off from another.

Cases leave, for the table of `lam faults`. A process of its own is started in an empty network
namespace, runs a cell there that talks over UDP alone, and drops what goes between two of its
nodes for a while. What leaves is how long the arm needs to come to rest. When the network is
whole again nothing may move by itself, and the guard must soon know where the arm is.
"""
from collections.abc import Iterator
from contextlib import contextmanager
import json
import os
from pathlib import Path
import shutil
import subprocess
import sys
import tempfile
import time

from lam_ws.faults.faults import Case, Seen
from lam_ws.faults.processes.running import (
    CellFailed,
    Running,
    running,
    STRAYED,
    without_shared_memory,
)
from lam_ws.faults.processes.signals import ARM_DEADLINE, BRAKING, HEARD, HEARTBEAT
from lam_ws.faults.processes.stops import leaves_by_two_steps

AGAIN_S = 2.0            # until the guard knows the arm again
LOSS_PERCENT = 30
_SPAN_S = 8.0            # of the loss
_EPISODE_S = 60.0
_LONGEST_S = 180.0
_SHORT = {'sim': ARM_DEADLINE, 'guard': 150}   # cycles after which a silence ends in a stop
_NEEDS = ('unshare', 'nft', 'ip')
_TABLE = 'lam_ws_fault'


def in_own_network(case: Case, phase: str, seed: int) -> Seen:
    """Provoke the case in a process in a network of its own."""
    missing = [name for name in _NEEDS if shutil.which(name) is None]
    if missing:
        raise FileNotFoundError(f'not run: {", ".join(missing)} missing on this host')
    if subprocess.run(['unshare', '-n', 'true'], capture_output=True).returncode:
        raise PermissionError('not run: no right to a network of its own (unshare -n)')
    command = ['unshare', '-n', sys.executable, '-m', 'lam_ws.faults.processes.network',
               case.name, phase, str(seed)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=_LONGEST_S,
                          check=False)
    if done.returncode:
        raise ChildProcessError(done.stderr.strip().splitlines()[-1])
    return Seen(**json.loads(done.stdout.splitlines()[-1]))


def cut(case: Case, phase: str, seed: int) -> Seen:
    """Cut two nodes off from each other for a while."""
    one, other = case.component.split('-')
    seconds = float(case.name.rsplit('_', 1)[1].removesuffix('s'))
    with _cell(seed) as run:
        run.go_to(phase)
        pids = run.cell.processes
        _drop(_between(_ports(pids[one]), _ports(pids[other])))
        cut_s = time.monotonic()
        run.turn(seconds)
        _heal()
        healed_s = time.monotonic()
        run.turn(max(1.0 - seconds, 0.0))
        cycles = (run.witness.rested_s(cut_s) - cut_s) / run.cycle_s
        if not run.stopped() and seconds / run.cycle_s <= _SHORT[other]:
            return Seen(f'too short for a stop; guard {run.witness.state}', 0.0, True)
        moved = run.witness.strayed(max(healed_s, run.witness.rested_s(cut_s)))
        run.turn(1.0)
        moved = max(moved, run.witness.strayed(healed_s + 1.0))
        told = f'guard {run.witness.state} {run.witness.reason}'.strip()
        if moved > STRAYED:
            return Seen(f'moves {moved:.2f} rad by itself when the network is whole; {told}',
                        cycles, False)
        return _known_again(run, cycles, told)


def _known_again(run: Running, cycles: float, told: str) -> Seen:
    """Reset until the guard knows where the arm is, then see that only arm lets it move."""
    asked_s = time.monotonic()
    while run.stopped() and time.monotonic() - asked_s < 2.0 * AGAIN_S:
        run.cell.client.clear()
        run.turn(0.05)
    again_s = time.monotonic() - asked_s
    seen = leaves_by_two_steps(run, cycles)
    return Seen(f'{told}; reset taken after {again_s:.2f} s; '
                + seen.observed.removeprefix('; '), cycles,
                seen.right and again_s <= AGAIN_S)


def lossy(case: Case, phase: str, seed: int) -> Seen:
    """Lose a share of all packets for a while: the episode succeeds, or the guard stops."""
    with _cell(seed) as run:
        run.go_to(phase)
        began_s = time.monotonic()
        _drop([f'numgen random mod 100 < {LOSS_PERCENT} drop'])
        run.turn(_SPAN_S)
        _heal()
        stop_s = run.witness.stopped_s(began_s)
        if not run.stopped():
            well = run.succeeded(_EPISODE_S)
            return Seen(f'episode {"succeeds" if well else "fails"} without a stop; guard '
                        f'{run.witness.state}', 0.0, well)
        cycles = (run.witness.rested_s(stop_s) - stop_s) / run.cycle_s
        return leaves_by_two_steps(run, cycles)


@contextmanager
def _cell(seed: int) -> Iterator[Running]:
    with tempfile.TemporaryDirectory() as folder, running(
            seed, variables=without_shared_memory(Path(folder))) as run:
        try:
            yield run
        finally:
            _heal()


def _ports(pid: int) -> str:
    """Return the UDP ports that a process has open, as a set of nft."""
    sockets = set()
    for entry in Path(f'/proc/{pid}/fd').iterdir():
        try:
            sockets.add(os.readlink(entry))
        except OSError:
            continue
    rows = [line.split() for line in Path(f'/proc/{pid}/net/udp').read_text().splitlines()[1:]]
    found = sorted({int(row[1].split(':')[1], 16) for row in rows
                    if f'socket:[{row[9]}]' in sockets})
    return '{ ' + ', '.join(map(str, found)) + ' }'


def _between(one: str, other: str) -> list[str]:
    return [f'udp sport {one} udp dport {other} drop', f'udp sport {other} udp dport {one} drop']


def _drop(rules: list[str]) -> None:
    text = '\n'.join([f'table ip {_TABLE} {{', 'chain input {',
                      'type filter hook input priority 0', *rules, '}', '}', ''])
    done = subprocess.run(['nft', '-f', '-'], input=text, text=True, capture_output=True)
    if done.returncode:
        raise CellFailed(f'nft: {done.stderr.splitlines()[0]}')


def _heal() -> None:
    subprocess.run(['nft', 'delete', 'table', 'ip', _TABLE], check=False, capture_output=True)


def main() -> int:
    """Provoke the case that the arguments name, in the network that this process finds."""
    name, phase, seed = sys.argv[1:]
    case = next(case for case in NETWORK_CASES if case.name == name)
    subprocess.run(['ip', 'link', 'set', 'lo', 'up', 'multicast', 'on'], check=True)
    seen = (lossy if case.name.startswith('loss') else cut)(case, phase, int(seed))
    print(json.dumps({'observed': seen.observed, 'cycles': seen.cycles, 'right': seen.right}))
    return 0


_SOURCE = 'lam_ws.faults.processes.network:in_own_network'
NETWORK_CASES: tuple[Case, ...] = (
    *(Case(16, f'cut_{pair.replace("-", "_")}_{span}s', 'N', pair,
           'the arm rests; whole again, it moves only after reset and arm',
           bound + BRAKING + HEARD, _SOURCE, ('reach',), 1)
      for pair, bound in (('guard-sim', ARM_DEADLINE), ('policy-guard', HEARTBEAT))
      for span in ('0.1', '0.5', '3', '30')),
    Case(16, f'loss_{LOSS_PERCENT}', 'N', 'all', 'the episode succeeds, or the guard stops',
         BRAKING + HEARD, _SOURCE, ('reach',), 1))

if __name__ == '__main__':
    sys.exit(main())
