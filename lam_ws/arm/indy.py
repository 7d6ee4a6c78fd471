"""Neuromeka Indy through IndyDCP3: joint tele-operation at 100 Hz, the state with each answer.

Set-points enter; what the controller measures and how it is leave. The vendor's client runs in a
process of its own (`indy_client`), because it needs other packages than this repository; a line
goes there and one comes back each cycle. A client that hangs is ended, and the wire is broken.
"""
import json
from pathlib import Path
import select
import subprocess
import sys
import time
from typing import Any

from lam_ws.adapter_file import AdapterFile, IndySettings
from lam_ws.arm.arm import ArmStatus, Mode
from lam_ws.arm.wired import Setpoint, WiredArm
from lam_ws.errors import ArmError
from lam_ws.robot import ArmSpec
from lam_ws.types import JointState
import numpy as np

_PROGRAM = Path(__file__).with_name('indy_client.py')
_START_S, _ANSWER_S, _RECOVER_S = 15.0, 0.5, 4.0
# OpState of the controller; what is not here is HELD, alarm.
_STATES = {
    'OP_IDLE': (Mode.READY, ''),
    'TELE_OP': (Mode.READY, ''),
    'OP_TEACHING': (Mode.MANUAL, 'teach'),
    'OP_COMPLIANCE': (Mode.MANUAL, 'teach'),
    'OP_MANUAL_RECOVER': (Mode.MANUAL, 'teach'),
    'OP_MOVING': (Mode.HELD, 'switched'),
    'TRAJ_MOVING': (Mode.HELD, 'switched'),
    'OP_COLLISION': (Mode.HELD, 'contact'),
    'OP_VIOLATE': (Mode.HELD, 'protective_stop'),
    'OP_RECOVER_HARD': (Mode.HELD, 'protective_stop'),
    'OP_RECOVER_SOFT': (Mode.HELD, 'protective_stop'),
    'OP_STOP_AND_OFF': (Mode.HELD, 'estop'),
    'OP_BRAKE_CONTROL': (Mode.HELD, 'brake'),
    'OP_SYSTEM_OFF': (Mode.HELD, 'brake'),
    'OP_POWER_OFF': (Mode.HELD, 'brake'),
}
_OTHER = (Mode.HELD, 'alarm')


class IndyArm(WiredArm):
    """A six-axis Indy; see `WiredArm`."""

    period_s = 0.01   # s

    def __init__(self, spec: ArmSpec, adapter: AdapterFile, cycle_s: float):
        super().__init__(spec, adapter, cycle_s)
        self._settings = adapter.indy or IndySettings()
        self._client: subprocess.Popen[str] | None = None
        self._driven = False
        self._opening = spec.home[-1:]   # m, last commanded

    def open(self) -> tuple[JointState, ArmStatus]:
        """See `WiredArm`."""
        host = self.adapter.address
        command = [self._settings.python or sys.executable, str(_PROGRAM), host]
        try:
            self._client = subprocess.Popen(command, text=True, bufsize=1, stdin=subprocess.PIPE,
                                            stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        except OSError as missing:
            raise ArmError(f'no Python at {command[0]}: {missing.strerror}') from missing
        self._driven = False
        try:
            joints, status = self._measured(self._answer(_START_S))
            self.check_range(joints)
        except ArmError:
            self.shut()
            raise
        return joints, status

    def exchange(self, setpoint: Setpoint | None) -> tuple[JointState, ArmStatus]:
        """See `WiredArm`."""
        wish: object = 'look'
        if setpoint is not None:
            self._opening = setpoint.position[-1:]
            wish = np.degrees(setpoint.position[:-1]).tolist()
            self._driven = True
        elif self._driven:      # a fault stands: no longer remote-controlled
            wish, self._driven = 'leave', False
        return self._measured(self._ask(wish, _ANSWER_S))

    def clear(self) -> None:
        """See `WiredArm`."""
        answer = self._ask('recover', _RECOVER_S)
        if answer['refusal']:
            raise ArmError(f'{self.spec.name} did not recover: {answer["refusal"]}')

    def shut(self) -> None:
        """See `WiredArm`."""
        client, self._client = self._client, None
        if client is None:
            return
        try:
            client.communicate(timeout=1.0)
        except (subprocess.TimeoutExpired, BrokenPipeError, ValueError):
            client.kill()
            client.communicate()

    def _ask(self, wish: object, within_s: float) -> dict[str, Any]:
        client = self._client
        if client is None or client.stdin is None:
            raise ArmError(f'{self.spec.name} is not connected')
        try:
            client.stdin.write(json.dumps(wish) + '\n')
        except OSError as gone:
            raise ArmError(f'the client of {self.spec.name} has ended') from gone
        return self._answer(within_s)

    def _answer(self, within_s: float) -> dict[str, Any]:
        """Return the next line of the client; end one that stays silent."""
        client = self._client
        if client is None or client.stdout is None or client.stderr is None:
            raise ArmError(f'{self.spec.name} is not connected')
        if not select.select([client.stdout], [], [], within_s)[0]:
            client.kill()
            raise ArmError(f'{self.adapter.address} did not answer in {within_s:g} s')
        line = client.stdout.readline()
        if not line:
            why = client.stderr.read().strip().splitlines()
            raise ArmError(f'the client of {self.spec.name} ended: {why[-1] if why else "?"}')
        answer: dict[str, Any] = json.loads(line)
        if 'broken' in answer:
            raise ArmError(f'{self.adapter.address} does not answer: {answer["broken"]}')
        return answer

    def _measured(self, answer: dict[str, Any]) -> tuple[JointState, ArmStatus]:
        n = self.spec.axes - 1
        if len(answer['q']) != n:
            raise ArmError(f'the arm at {self.adapter.address} has {len(answer["q"])} joints, '
                           f'{self.spec.name} has {n}')
        joints = JointState(time.monotonic(), self.spec.names,
                            np.append(np.radians(answer['q']), self._opening),
                            np.append(np.radians(answer['qdot']), 0.0))
        mode, fault = _STATES.get(answer['state'], _OTHER)
        text = answer['text'] or ('' if mode is Mode.READY else answer['state'])
        return joints, ArmStatus(mode, fault, text, pace=answer['ratio'] / 100.0)
