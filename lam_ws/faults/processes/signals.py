"""Nodes of a running cell killed, told to end, and frozen, each in the middle of what it does.

A case names the node and the signal; how long the arm needs to come to rest leaves, and whether
it stays there. Nobody supervises: what is judged is what is left of the cell. A node that was
frozen goes on later, and nothing may move by that alone.
"""
import os
import signal
import time

from lam_ws.faults.faults import Case, Seen
from lam_ws.faults.processes.running import Running, running, STRAYED, WAITS

# In control cycles, each from a setting that test/faults/test_signals.py compares it with.
ARM_DEADLINE = 10    # without a command the arm brakes by itself
HEARTBEAT = 25       # without task or policy the guard brakes
STALE = 10           # without joint states, or after a silence of its own, the guard stops
BRAKING = 53         # from full speed to rest
TAKEN = 3            # until a request is taken: two cycles, and the way there
HEARD = 2            # until a command is measured and the measurement has come here
_FROZEN_S = 2.0
_AFTERWARDS_S = 1.5
_EPISODE_S = 30.0
_TRIES = 3
BOUNDS = {'guard': ARM_DEADLINE + BRAKING + HEARD, 'sim': STALE + HEARD,
          **dict.fromkeys(('perception', 'task', 'policy'), HEARTBEAT + BRAKING + HEARD),
          'record': STALE}
_WANTED = {
    'sim': 'the guard stops, and stays stopped',
    'record': 'the episode succeeds, no command is late enough for a stop',
    **dict.fromkeys(('guard', 'perception', 'task', 'policy'),
                    'the arm rests, and moves only after reset and arm')}


def signalled(case: Case, phase: str, seed: int) -> Seen:
    """Send a node a signal in a phase."""
    number = signal.Signals[case.name.rsplit('_', 1)[1].upper()]
    if case.component == 'record':
        return _unimpressed(number, phase, seed)
    with running(seed) as run:
        run.go_to(phase)
        pid = run.cell.processes[case.component]
        os.kill(pid, number)
        struck_s = time.monotonic()
        run.turn(_FROZEN_S)
        cycles = _until_rest(run, case.component, struck_s) / run.cycle_s
        if number == signal.SIGSTOP:
            os.kill(pid, signal.SIGCONT)
        # A frozen simulator brakes when it goes on; all else has rested for long.
        run.turn(BRAKING * run.cycle_s if case.component == 'sim' else 0.0)
        went_on_s = time.monotonic()
        run.turn(_AFTERWARDS_S)
        if not (number == signal.SIGSTOP and phase == 'idle'):   # nothing was to be stopped
            run.order()
            run.turn(_AFTERWARDS_S)
        strayed = run.witness.strayed(went_on_s)
        told = f'guard {run.witness.state} {run.witness.reason}'.strip()
        if strayed > STRAYED:
            return Seen(f'moves {strayed:.2f} rad by itself; {told}', cycles, False)
        return Seen(f'rests; {told}', cycles, True)


def _until_rest(run: Running, component: str, struck_s: float) -> float:
    """Return for how long the arm moved on, in s; where it cannot be seen, until the stop."""
    if component == 'sim':
        return run.witness.stopped_s(struck_s) - struck_s
    return run.witness.rested_s(struck_s) - struck_s


def _unimpressed(number: signal.Signals, phase: str, seed: int) -> Seen:
    """Send the recorder a signal: motion takes no notice of a disk."""
    waits = 0
    while True:
        with running(seed) as run:
            run.go_to(phase)
            os.kill(run.cell.processes['record'], number)
            struck_s = time.monotonic()
            if phase == 'idle':
                run.order()
            well = run.succeeded(_EPISODE_S)
            cycles = run.witness.longest_gap(struck_s) / run.cycle_s
            told = run.told(well)
            waits += run.witness.reason in WAITS
            if run.witness.reason in WAITS and waits < _TRIES:
                continue
            return Seen(told + f'; {waits} stops by a busy host' * bool(waits), cycles, well)


SIGNAL_CASES = tuple(
    Case(13 if name == 'sigkill' and node == 'policy' else
         12 if name == 'sigstop' and node == 'policy' else 14,
         f'{node}_{name}', 'P', node, _WANTED[node], BOUNDS[node],
         'lam_ws.faults.processes.signals:signalled', ('reach', 'carry', 'idle'), 1,
         quick=(node, name) == ('guard', 'sigkill'))
    for node in ('sim', 'perception', 'task', 'policy', 'guard', 'record')
    for name in ('sigkill', 'sigstop', 'sigterm'))
