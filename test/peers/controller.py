"""A trajectory controller that is no ROS node: Cyclone DDS alone, as a foreign participant.

It behaves as ros2_control's JointTrajectoryController does by topic: a trajectory replaces the
one before at once, its first piece begins at what is commanded now, positions and velocities are
joined by cubics, a trajectory that ends in motion is refused, and the last point is held. Its
drives lag by a first-order time constant. Written from the controller's documentation; it knows
nothing of lam_ws.

    python controller.py JOINTS HOME [--command T] [--states T] [--scaling T] [--rate HZ]

Lines on standard input change it: `scale 0.5`; `stop` and `go` of its joint states; `jam` and
`free` of its joints; `off` and `on` of taking commands. It says READY once, and on `report` a
line of JSON about what it got.
"""
import argparse
from dataclasses import dataclass
from itertools import pairwise
import json
import os
import select
import sys
import time

from cyclonedds.core import Policy, Qos
from cyclonedds.domain import DomainParticipant
from cyclonedds.idl import IdlStruct, types
from cyclonedds.pub import DataWriter
from cyclonedds.sub import DataReader
from cyclonedds.topic import Topic
from cyclonedds.util import duration


@dataclass
class Time(IdlStruct, typename='builtin_interfaces::msg::dds_::Time_'):
    sec: types.int32
    nanosec: types.uint32


@dataclass
class Duration(IdlStruct, typename='builtin_interfaces::msg::dds_::Duration_'):
    sec: types.int32
    nanosec: types.uint32


@dataclass
class Header(IdlStruct, typename='std_msgs::msg::dds_::Header_'):
    stamp: Time
    frame_id: str


@dataclass
class JointState(IdlStruct, typename='sensor_msgs::msg::dds_::JointState_'):
    header: Header
    name: types.sequence[str]
    position: types.sequence[types.float64]
    velocity: types.sequence[types.float64]
    effort: types.sequence[types.float64]


@dataclass
class Point(IdlStruct, typename='trajectory_msgs::msg::dds_::JointTrajectoryPoint_'):
    positions: types.sequence[types.float64]
    velocities: types.sequence[types.float64]
    accelerations: types.sequence[types.float64]
    effort: types.sequence[types.float64]
    time_from_start: Duration


@dataclass
class Trajectory(IdlStruct, typename='trajectory_msgs::msg::dds_::JointTrajectory_'):
    header: Header
    joint_names: types.sequence[str]
    points: types.sequence[Point]


@dataclass
class Share(IdlStruct, typename='std_msgs::msg::dds_::Float64_'):
    data: types.float64


def reliable(depth=10):
    """Return the quality of service of ROS's default."""
    return Qos(Policy.Reliability.Reliable(duration(seconds=1)), Policy.History.KeepLast(depth),
               Policy.Durability.Volatile)


def hermite(begin, end, t):
    """Return position and velocity at `t` between two (time, position, velocity)."""
    (t0, q0, v0), (t1, q1, v1) = begin, end
    h = max(t1 - t0, 1e-6)
    u = min(max((t - t0) / h, 0.0), 1.0)
    q = ((1 + 2 * u) * (1 - u) ** 2 * q0 + u * (1 - u) ** 2 * h * v0
         + u * u * (3 - 2 * u) * q1 + u * u * (u - 1) * h * v1)
    v = 6 * u * (u - 1) / h * (q0 - q1) + (1 - u) * (1 - 3 * u) * v0 + u * (3 * u - 2) * v1
    return q, v


class Controller:
    """Joints that follow trajectories."""

    def __init__(self, names, home, lag_s):
        self.names, self.lag_s = names, lag_s
        self.wanted = [(q, 0.0) for q in home]
        self.measured = [(q, 0.0) for q in home]
        self.pieces, self.clock = [], 0.0
        self.scale, self.jammed, self.telling = 1.0, False, True
        self.taken = self.refused = 0
        self.reasons = {}

    def take(self, message):
        """Replace what is played, as the controller's topic does."""
        reason = self.fault(message)
        if reason:
            self.refused += 1
            self.reasons[reason] = self.reasons.get(reason, 0) + 1
            return
        order = [list(message.joint_names).index(name) for name in self.names]
        rows = [[(self.clock, q, v) for q, v in self.wanted]]
        for point in message.points:
            when = self.clock + point.time_from_start.sec + 1e-9 * point.time_from_start.nanosec
            rows.append([(when, point.positions[i], point.velocities[i]) for i in order])
        self.pieces = rows
        self.taken += 1

    def fault(self, message):
        if sorted(message.joint_names) != sorted(self.names):
            return 'joints'
        if not message.points:
            return 'empty'
        if any(abs(v) > 1e-9 for v in message.points[-1].velocities):
            return 'ends in motion'
        times = [p.time_from_start.sec + 1e-9 * p.time_from_start.nanosec
                 for p in message.points]
        if any(b <= a for a, b in pairwise(times)):
            return 'times'
        return ''

    def turn(self, passed_s):
        """Move on by `passed_s` of real time; the trajectory's own time may pass more slowly."""
        self.clock += passed_s * self.scale
        if self.pieces:
            i = 1
            while i < len(self.pieces) - 1 and self.pieces[i][0][0] < self.clock:
                i += 1
            self.wanted = [hermite(a, b, self.clock)
                           for a, b in zip(self.pieces[i - 1], self.pieces[i], strict=True)]
            if self.clock >= self.pieces[-1][0][0]:
                self.wanted = [(q, 0.0) for _, q, _ in self.pieces[-1]]
                self.pieces = []
        share = passed_s / (self.lag_s + passed_s)
        moved = []
        for (q, _), (target, _) in zip(self.measured, self.wanted, strict=True):
            after = q if self.jammed else q + share * (target - q)
            moved.append((after, (after - q) / passed_s))
        self.measured = moved


def reader(options):
    """Return a participant of its own and the reader of commands in it."""
    participant = DomainParticipant(options.domain)
    topic = Topic(participant, f'rt/{options.command}', Trajectory, qos=reliable())
    return participant, DataReader(participant, topic, qos=reliable())


def main():
    """Run until standard input ends."""
    parser = argparse.ArgumentParser()
    parser.add_argument('joints')
    parser.add_argument('home')
    parser.add_argument('--command', default='joint_trajectory_controller/joint_trajectory')
    parser.add_argument('--states', default='joint_states')
    parser.add_argument('--scaling', default='')
    parser.add_argument('--rate', type=float, default=250.0)
    parser.add_argument('--domain', type=int, default=int(os.environ.get('ROS_DOMAIN_ID', '0')))
    parser.add_argument('--lag', type=float, default=0.02)
    options = parser.parse_args()
    names = options.joints.split(',')
    controller = Controller(names, [float(q) for q in options.home.split(',')], options.lag)
    participant = DomainParticipant(options.domain)
    commands = reader(options)
    states = DataWriter(participant, Topic(participant, f'rt/{options.states}', JointState,
                                           qos=reliable()), qos=reliable())
    shares = None
    if options.scaling:
        shares = DataWriter(participant, Topic(participant, f'rt/{options.scaling}', Share,
                                               qos=reliable()), qos=reliable())
    print('READY', flush=True)
    period, due, last = 1.0 / options.rate, time.monotonic(), time.monotonic()
    others, cycle = ['gripper_extra'], 0
    while True:
        due += period
        ready, _, _ = select.select([sys.stdin], [], [], max(due - time.monotonic(), 0.0))
        if ready:
            words = sys.stdin.readline().split()
            if not words:
                break
            if words[0] == 'scale':
                controller.scale = float(words[1])
            elif words[0] in ('jam', 'free'):
                controller.jammed = words[0] == 'jam'
            elif words[0] == 'off':
                commands[0]._delete(commands[0]._ref)   # its destructor does not
                commands = None
            elif words[0] == 'on':
                commands = reader(options)
            elif words[0] in ('stop', 'go'):
                controller.telling = words[0] == 'go'
            elif words[0] == 'report':
                print(json.dumps({'taken': controller.taken, 'refused': controller.refused,
                                  'reasons': controller.reasons,
                                  'position': [q for q, _ in controller.measured]}), flush=True)
        if commands is not None:
            for message in commands[1].take(N=20):
                if isinstance(message, Trajectory):
                    controller.take(message)
        now = time.monotonic()
        if now - last < 0.5 * period:
            continue
        controller.turn(now - last)
        last, cycle = now, cycle + 1
        if controller.telling:
            seconds, rest = divmod(time.time_ns(), 10 ** 9)
            # Drivers send the joints in an order of their own, and others besides.
            order = list(range(len(names)))[::-1]
            states.write(JointState(
                Header(Time(seconds, rest), ''), [names[i] for i in order] + others,
                [controller.measured[i][0] for i in order] + [0.0],
                [controller.measured[i][1] for i in order] + [0.0], []))
        if shares is not None and cycle % 10 == 0:
            shares.write(Share(100.0 * controller.scale))


if __name__ == '__main__':
    main()
