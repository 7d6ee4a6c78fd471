"""A Neuromeka controller as its own client knows it, made of the client's own service definitions.

Runs in the environment that has `neuromeka`. A host and joints to start from (degrees) enter as
arguments, wishes as JSON lines (`["press_estop"]`, `["collide"]`, ...), and what the arm does
leaves. The arm follows tele-operation within its ratios, as a critically damped filter would, and
obeys the states: what is not remote-controlled does not move, a pressed stop is not recovered.
"""
from concurrent import futures
import json
import sys
import threading
import time

import grpc
from neuromeka.proto import common_msgs_pb2 as common
from neuromeka.proto import config_msgs_pb2 as settings
from neuromeka.proto import config_pb2_grpc, control_pb2_grpc, rtde_pb2_grpc
from neuromeka.proto import rtde_msgs_pb2 as data
import numpy as np

CONTROL, CONFIG, RTDE = 20001, 20003, 20004   # ports that the client knows
STEP_S = 0.002
SPEED, ACCELERATION = 150.0, 172.0            # deg/s, deg/s^2 at a ratio of one
BEND = 40.0                                   # rad/s of the filter
OK, REFUSED = 0, 1


class Robot:
    """The arm and its state; everything is done under `lock`."""

    def __init__(self, start):
        self.lock = threading.RLock()
        self.q, self.rate = np.array(start, float), np.zeros(len(start))
        self.target, self.ratio, self.vel, self.acc = self.q.copy(), 100, 1.0, 1.0
        self.state, self.text, self.pressed, self.lasting = common.OP_IDLE, '', False, False

    def step(self):
        """Let STEP_S pass."""
        with self.lock:
            if self.state == common.TELE_OP:
                share = self.ratio / 100.0
                push = BEND ** 2 * (self.target - self.q) - 2.0 * BEND * self.rate
                most = self.acc * ACCELERATION
                self.rate += STEP_S * np.clip(push, -most, most)
                fastest = self.vel * SPEED * share
                self.rate = np.clip(self.rate, -fastest, fastest)
            else:           # the brake of a stop
                self.rate -= np.clip(self.rate, -2000.0 * STEP_S, 2000.0 * STEP_S)
            self.q = self.q + STEP_S * self.rate

    def fault(self, state, text, lasting=False):
        """Stop for a reason."""
        with self.lock:
            self.state, self.text, self.lasting = state, text, lasting

    def press_estop(self):
        self.pressed = True
        self.fault(common.OP_STOP_AND_OFF, 'Emergency button is pressed')

    def release_estop(self):
        self.pressed = False

    def collide(self):
        self.fault(common.OP_COLLISION, 'Collision detected')

    def violate(self):
        self.fault(common.OP_VIOLATE, 'Joint 3 position limit is exceeded', lasting=True)

    def violation_over(self):
        self.lasting = False

    def teach(self, on):
        self.fault(common.OP_TEACHING if on else common.OP_IDLE, '')

    def program(self, on):
        self.fault(common.OP_MOVING if on else common.OP_IDLE, '')

    def brakes(self):
        self.fault(common.OP_BRAKE_CONTROL, 'Brakes are applied')

    def speed(self, ratio):
        self.ratio = ratio

    def recover(self):
        """Return why not, '' when the arm is idle again."""
        with self.lock:
            if self.pressed or self.lasting:
                return self.text
            if self.state == common.OP_TEACHING:
                return 'Direct teaching is on'
            if self.state not in (common.OP_MOVING, common.TELE_OP):
                self.state, self.text = common.OP_IDLE, ''
            return ''


def answer(refusal=''):
    """Return the reply of most services."""
    return common.Response(code=REFUSED if refusal else OK, msg=refusal)


class Control(control_pb2_grpc.ControlServicer):
    def __init__(self, robot):
        self.robot = robot

    def StartTeleOp(self, request, context):
        with self.robot.lock:
            if self.robot.state != common.OP_IDLE:
                return answer('the robot is not idle')
            self.robot.target = self.robot.q.copy()
            self.robot.state = common.TELE_OP
        return answer()

    def StopTeleOp(self, request, context):
        with self.robot.lock:
            if self.robot.state == common.TELE_OP:
                self.robot.state = common.OP_IDLE
        return answer()

    def MoveTeleJ(self, request, context):
        with self.robot.lock:
            if self.robot.state != common.TELE_OP:
                return answer('tele-operation is off')
            self.robot.target = np.array(request.jpos, float)
            self.robot.vel, self.robot.acc = request.vel_ratio, request.acc_ratio
        return answer()

    def Recover(self, request, context):
        return answer(self.robot.recover())


class Config(config_pb2_grpc.ConfigServicer):
    def __init__(self, robot):
        self.robot = robot

    def GetSpeedRatio(self, request, context):
        return settings.Ratio(ratio=self.robot.ratio)

    def SetSpeedRatio(self, request, context):
        self.robot.speed(request.ratio)
        return answer()


class Exchange(rtde_pb2_grpc.RTDataExchangeServicer):
    def __init__(self, robot):
        self.robot = robot

    def GetControlData(self, request, context):
        with self.robot.lock:
            return data.ControlData(op_state=self.robot.state, q=self.robot.q,
                                    qdot=self.robot.rate, is_robot_connected=True)

    def GetMotionData(self, request, context):
        return data.MotionData(speed_ratio=self.robot.ratio)

    def GetViolationData(self, request, context):
        return data.ViolationData(violation_str=self.robot.text)


def serve(host, robot):
    """Return running servers on the ports that the client knows."""
    servers = []
    for port, add, part in (
            (CONTROL, control_pb2_grpc.add_ControlServicer_to_server, Control(robot)),
            (CONFIG, config_pb2_grpc.add_ConfigServicer_to_server, Config(robot)),
            (RTDE, rtde_pb2_grpc.add_RTDataExchangeServicer_to_server, Exchange(robot))):
        server = grpc.server(futures.ThreadPoolExecutor(2), options=[('grpc.so_reuseport', 0)])
        add(part, server)
        server.add_insecure_port(f'{host}:{port}')
        server.start()
        servers.append(server)
    return servers


def run(robot):
    """Step in real time for ever."""
    due_s = time.monotonic()
    while True:
        robot.step()
        due_s = max(due_s + STEP_S, time.monotonic() - 0.05)
        time.sleep(max(due_s - time.monotonic(), 0.0))


def main():
    """Serve until stdin closes."""
    host, *start = sys.argv[1:]
    robot = Robot([float(word) for word in start])
    servers = serve(host, robot)
    threading.Thread(target=run, args=(robot,), daemon=True).start()
    print(json.dumps({'servers': len(servers)}), flush=True)
    for line in sys.stdin:
        name, *arguments = json.loads(line)
        if name != 'state':
            getattr(robot, name)(*arguments)
        with robot.lock:
            print(json.dumps({'q': robot.q.tolist(), 'qd': robot.rate.tolist(),
                              'state': common.OpState.Name(robot.state)}), flush=True)


if __name__ == '__main__':
    main()
