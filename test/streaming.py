"""A policy streams to a real arm or its counterpart, and what comes of it is measured.

An unconnected arm and a site enter; each control cycle the arm's own joints and the policy's
newest chunk go through the guard, and its command to the arm, in real time. The policy and the
cell that it sees run in a process of their own (`coupled_cell.py`). Figures leave.
"""
import json
import os
from pathlib import Path
import subprocess
import sys
import time

from lam_ws.arm.arm import Mode
from lam_ws.errors import ArmError
from lam_ws.safety.guard import start, step
from lam_ws.safety.handling import Handled
from lam_ws.safety.lease import Commander, POLICY
from lam_ws.safety.safety import guard_config, GuardInputs, Request
from lam_ws.types import ActionChunk
import numpy as np

SEEING = Path(__file__).with_name('coupled_cell.py')
ROOT = SEEING.parents[1]
_PRIORITY = 10   # of SCHED_FIFO
_LAGS_S = np.arange(0.0, 0.3, 0.001)


class Seer:
    """The process that sees and decides, and never makes anybody wait."""

    def __init__(self, site, seed):
        self._process = subprocess.Popen(
            [sys.executable, str(SEEING), str(site.path), str(seed)], cwd=ROOT,
            env={**os.environ, 'PYTHONPATH': str(ROOT)}, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, preexec_fn=_ordinary)
        for stream in (self._process.stdin, self._process.stdout):
            os.set_blocking(stream.fileno(), False)
        self._rest, self._names, self.episodes = b'', site.arm.names, []
        self._commander = Commander(POLICY, 'seer', 1)

    def tell(self, joints, opening, decision):
        """Say where the arm is; a line that does not fit is left out."""
        line = json.dumps({'position': joints.position.tolist(), 'opening': opening,
                           'velocity': joints.velocity.tolist(), 'state': decision.state.value,
                           'reason': decision.reason})
        try:
            os.write(self._process.stdin.fileno(), line.encode() + b'\n')
        except BlockingIOError:
            pass

    def hear(self):
        """Yield (chunk, handled, request, claim) for each line since the last call."""
        try:
            self._rest += os.read(self._process.stdout.fileno(), 1 << 20)
        except BlockingIOError:
            return
        *lines, self._rest = self._rest.split(b'\n')
        for said in map(json.loads, lines):
            if 'episode' in said:
                self.episodes.append(said)
                continue
            chunk, handled, claim = said['chunk'], said['handled'], said['claim']
            yield (chunk and ActionChunk(chunk['stamp_s'], self._names, chunk['times'],
                                         chunk['position'], chunk['done']),
                   None if handled is None else Handled(*handled), Request(said['request']),
                   None if claim is None else self._commander.claim(claim))

    def close(self):
        """End the process."""
        self._process.kill()
        self._process.wait()
        self._process.stdin.close()
        self._process.stdout.close()


def urgent():
    """Let this thread and those it starts go before every other process, where that is allowed.

    As nodes do that keep a rate (`lam_ws.nodes.lifecycle`).
    """
    try:
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(_PRIORITY))
    except PermissionError:
        pass


def _ordinary():
    os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))


class Record:
    """What was commanded and measured: rows of (s, [n] position)."""

    def __init__(self):
        self.commanded, self.measured, self.faults, self.stops = [], [], [], []

    def figures(self, arm, seer, seconds):
        """Return the figures of a run."""
        period_s = np.array(arm.periods)
        lag_s, error = follow(self.commanded, self.measured)
        moved = np.abs(np.diff([row for _, row in self.measured], axis=0))[:, :-1].sum(axis=0)
        return {'seconds': round(seconds, 2), 'faults': self.faults, 'guard_stops': self.stops,
                'commands': len(self.commanded),
                'period_ms': dict(zip(('p50', 'p99', 'max'), (np.percentile(
                    period_s, (50, 99, 100)) * 1e3).round(3).tolist(), strict=True)),
                'lag_ms': round(lag_s * 1e3), 'rms_rad': round(error, 5),
                'moved_rad': moved.round(2).tolist(), 'episodes': seer.episodes}


def follow(commanded, measured):
    """Return the delay at which the arm followed best, s, and the rms error then, rad."""
    sent_s, sent = np.array([s for s, _ in commanded]), np.array([row for _, row in commanded])
    seen_s, seen = np.array([s for s, _ in measured]), np.array([row for _, row in measured])
    errors = []
    for lag_s in _LAGS_S:
        inside = (seen_s - lag_s >= sent_s[0]) & (seen_s - lag_s <= sent_s[-1])
        there = np.stack([np.interp(seen_s[inside] - lag_s, sent_s, sent[:, i])
                          for i in range(sent.shape[1] - 1)], axis=1)
        errors.append(float(np.sqrt(np.mean((seen[inside, :-1] - there) ** 2))))
    best = int(np.argmin(errors))
    return float(_LAGS_S[best]), errors[best]


def stream(arm, site, seconds, seed=3):
    """Let the site's policy move a connected `arm` for `seconds`; return the figures."""
    config, record, seer = guard_config(site), Record(), Seer(site, seed)
    memory, opening, arm.periods = start(config), float(site.arm.home[-1]), []
    handled, waiting, begun_s, due_s = None, [], None, time.monotonic()
    try:
        while begun_s is None or time.monotonic() - begun_s < seconds:
            waiting += seer.hear()
            chunk, claim, request = None, None, Request.NONE
            if waiting:
                chunk, handled, request, claim = waiting.pop(0)
                begun_s = begun_s or time.monotonic()
            joints = arm.read()
            memory, decision = step(config, memory, GuardInputs(
                time.monotonic(), joints, chunk, False, request, handled, claim))
            if decision.reason and decision.reason not in record.stops:
                record.stops.append(decision.reason)
            if decision.command is not None:
                opening = float(decision.command.position[-1])
                _send(arm, decision.command, record)
            record.measured.append((joints.stamp_s, joints.position))
            seer.tell(joints, opening, decision)
            while due_s <= time.monotonic():   # as a node's timer does, which skips
                due_s += config.cycle_s
            time.sleep(max(due_s - time.monotonic(), 0.0))
        return record.figures(arm, seer, time.monotonic() - begun_s)
    finally:
        seer.close()


def _send(arm, command, record):
    try:
        arm.stream(command)
        record.commanded.append((command.stamp_s + 0.01, command.position))
    except ArmError as refusal:
        status = arm.status()
        if status.mode is not Mode.READY or status.fault:
            if status.fault not in record.faults:
                record.faults.append(status.fault)
        elif str(refusal) not in record.faults:
            record.faults.append(str(refusal))
