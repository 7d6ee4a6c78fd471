"""What tests of adapters share: a guard's commands in real time, and what comes of them."""
import os
from pathlib import Path
import signal
import subprocess
import sys
import time

from lam_ws.errors import ArmError
from lam_ws.types import Command
import numpy as np
import pytest

CYCLE_S = 0.01
PERIOD_S = 2.0    # of a swing
ROOT = Path(__file__).resolve().parents[1]


def swing(arm, start, seconds, joint=-2, reach=0.15):
    """Stream a swing of one joint from `start` [n] at 100 Hz in real time; stop at a refusal.

    Returns:
        A list of (time s, commanded [n], measured [n]) and the refusal, None where there was none.
    """
    rows, began_s = [], time.monotonic()
    for i in range(round(seconds / CYCLE_S)):
        due_s = began_s + i * CYCLE_S
        time.sleep(max(due_s - time.monotonic(), 0.0))
        phase = 2.0 * np.pi * (i + 1) * CYCLE_S / PERIOD_S
        position, velocity = start.copy(), np.zeros(len(start))
        position[joint] += 0.5 * reach * (1.0 - np.cos(phase))
        velocity[joint] = 0.5 * reach * np.sin(phase) * 2.0 * np.pi / PERIOD_S
        try:
            arm.stream(Command(due_s, arm.spec.names, position, velocity))
        except ArmError as refusal:
            return rows, refusal
        rows.append((time.monotonic(), position, arm.read().position))
    return rows, None


def until(fact, within_s):
    """Return after how many seconds `fact()` was true; fail when it did not become so."""
    began_s = time.monotonic()
    while not fact():
        if time.monotonic() - began_s > within_s:
            raise AssertionError(f'not within {within_s:g} s')
        time.sleep(0.001)
    return time.monotonic() - began_s


def stands(arm, seconds=0.3, travel=0.003):
    """Return whether no joint moves by more than `travel` rad in `seconds`."""
    before = arm.read().position
    time.sleep(seconds)
    return bool((np.abs(arm.read().position - before) < travel).all())


def refuses_to_move(arm):
    """Require that the arm takes no command, stands, and stays so while it is asked to move."""
    here = arm.read().position
    for _ in range(5):
        with pytest.raises(ArmError):
            arm.stream(Command(time.monotonic(), arm.spec.names, here + 0.004, 0.0 * here))
        time.sleep(CYCLE_S)
    assert stands(arm)


def moves_again(arm):
    """Require that the arm stands after its recovery and follows a new command."""
    assert stands(arm)
    rows, refusal = swing(arm, arm.read().position, PERIOD_S)
    assert refusal is None
    assert np.ptp([row[2][-2] for row in rows]) > 0.1


def rests_after_death(spec, file, peer, still, within_s):
    """Require that the arm comes to rest when the process that moves it is killed.

    Args:
        spec: The arm.
        file: Path of the adapter's file.
        peer: The counterpart, whose wish 'state' says what the arm itself measures.
        still: Largest of its velocities that counts as rest, in its own unit.
        within_s: s that it may take.
    """
    path = os.pathsep.join([str(ROOT), str(ROOT / 'test')])
    with subprocess.Popen([sys.executable, 'test/swinging.py', spec.name, str(file)], cwd=ROOT,
                          stdout=subprocess.PIPE, text=True,
                          env={**os.environ, 'PYTHONPATH': path}) as process:
        try:
            assert process.stdout.readline() == 'swings\n'
            time.sleep(0.6)
            assert np.abs(peer.wish('state')['qd']).max() > 5.0 * still
        finally:
            os.kill(process.pid, signal.SIGKILL)
    took_s = until(lambda: np.abs(peer.wish('state')['qd']).max() < still, within_s)
    before = np.array(peer.wish('state')['q'])
    time.sleep(0.3)
    assert np.abs(np.array(peer.wish('state')['q']) - before).max() < still
    return took_s
