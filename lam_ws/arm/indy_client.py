"""The other half of `indy`: a process that has Neuromeka's client, in an environment of its own.

The client wants other versions of numpy, Pillow and protobuf than this repository, so it cannot
be imported here. The controller's host enters as argument, then one line a cycle: a pose to go to
(`[6]` deg), `"look"` or `"recover"`. A line of what was measured leaves each time. Nothing of
lam_ws is imported. When its input ends, the arm is stopped.
"""
from collections.abc import Iterator
import json
import sys
from typing import Any

import grpc
from neuromeka import IndyDCP3
from neuromeka.proto import common_msgs_pb2 as common
from neuromeka.proto import control_msgs_pb2 as control

WAIT_S = 0.2       # s that the controller may take for one answer
RECOVER_S = 3.0    # s that it may take to recover
SLOW = 10          # cycles between two looks at the speed ratio
VEL_RATIO, ACC_RATIO = 1.0, 10.0   # of the arm's own; the guard's limits are lower


class Controller:
    """One controller, asked over gRPC with a dead-line for each answer."""

    def __init__(self, host: str):
        self.client = IndyDCP3(host)
        self.looks, self.ratio, self.driven = 0, 100, False

    def look(self) -> dict[str, Any]:
        """Return joints (deg, deg/s), state, speed ratio (percent) and the violation's text."""
        data = self.client.rtde.GetControlData(common.Empty(), timeout=WAIT_S)
        if self.looks % SLOW == 0:
            self.ratio = self.client.rtde.GetMotionData(common.Empty(), timeout=WAIT_S).speed_ratio
        self.looks += 1
        text = ''
        if data.op_state not in (common.OP_IDLE, common.TELE_OP):
            text = self.client.rtde.GetViolationData(common.Empty(),
                                                     timeout=WAIT_S).violation_str
        return {'q': list(data.q), 'qdot': list(data.qdot), 'state': common.OpState.Name(
            data.op_state), 'ratio': self.ratio, 'text': text}

    def move(self, position: list[float]) -> None:
        """Send a pose [6] deg; the arm is put under remote control before the first."""
        if not self.driven:
            self.client.control.StartTeleOp(control.TeleOpState(
                mode=control.TELE_RAW, method=control.TELE_JOINT_ABSOLUTE), timeout=WAIT_S)
            self.driven = True
        self.client.control.MoveTeleJ(control.MoveTeleJReq(
            jpos=position, vel_ratio=VEL_RATIO, acc_ratio=ACC_RATIO,
            method=control.TELE_JOINT_ABSOLUTE), timeout=WAIT_S)

    def leave(self) -> None:
        """Give up remote control; the arm stays where it is."""
        if self.driven:
            self.driven = False
            self.client.control.StopTeleOp(common.Empty(), timeout=WAIT_S)

    def recover(self) -> str:
        """Ask the controller to leave its fault; return why it refuses."""
        answer = self.client.control.Recover(common.Empty(), timeout=RECOVER_S)
        return '' if answer.code == 0 else answer.msg or f'code {answer.code}'


def answers(controller: Controller) -> Iterator[dict[str, Any]]:
    """Do what each line of stdin wants; yield what to answer."""
    yield controller.look()
    for line in sys.stdin:
        wish = json.loads(line)
        refusal = ''
        if wish == 'recover':
            refusal = controller.recover()
        elif wish == 'leave':
            controller.leave()
        elif wish != 'look':
            controller.move(wish)
        yield {**controller.look(), 'refusal': refusal}


def main() -> int:
    """Serve until stdin ends or the controller no longer answers."""
    controller = Controller(sys.argv[1])
    try:
        try:
            for answer in answers(controller):
                print(json.dumps(answer), flush=True)
        except BrokenPipeError:     # who asked has died before the answer
            sys.stdout = None
        controller.leave()
    except grpc.RpcError as fault:
        print(json.dumps({'broken': fault.code().name.lower()}), flush=True)
        return 1
    return 0


if __name__ == '__main__':
    sys.exit(main())
