"""The guard as a node: what is asked and measured enters, the one command of each cycle leaves.

The only publisher of `command`. In wall mode it runs at its own rate on the monotonic clock,
whatever arrives or does not; in lock-step it answers each stamp. stop, reset and arm are taken
at the next cycle, and a stop goes before everything that waits. The task says what is handled,
how gently is looked up here; a chunk counts with the subgoal that it answers and no other. What
is not sealed with the key of its role was never said.
"""
from collections import deque
from collections.abc import Mapping
import sys
import time
from typing import Any

from lam_interfaces.msg import GuardState as GuardStateMessage
from lam_interfaces.msg import Proposal, Subgoal
from lam_ws.errors import ObservationError
from lam_ws.keys import read_keys
from lam_ws.nodes import conversion, nodes, sealing
from lam_ws.nodes.arm_watch import ArmWatch
from lam_ws.nodes.cell_signals import Signals
from lam_ws.nodes.lifecycle import LamNode, run_node
from lam_ws.nodes.offers import Offers
from lam_ws.nodes.stops import Stops
from lam_ws.nodes.turn import Turn
from lam_ws.safety.bound import Bound
from lam_ws.safety.guard import start, step
from lam_ws.safety.handling import Handled, handlings
from lam_ws.safety.lease import RANK
from lam_ws.safety.safety import guard_config, GuardDecision, GuardInputs, Request
from lam_ws.safety.words import explain
from lam_ws.types import JointState
from rclpy.qos import QoSProfile
from sensor_msgs.msg import JointState as JointStateMessage
from std_msgs.msg import Header
from std_srvs.srv import Trigger
from trajectory_msgs.msg import JointTrajectory

_STATE_CYCLES = 10   # guard_state is sent at least each so many cycles


class GuardNode(LamNode):
    """Runs `lam_ws.safety.guard.step` once per control cycle."""

    def __init__(self) -> None:
        super().__init__('guard')

    def open(self) -> None:
        from lam_ws.grounding.grounding import load_limits

        self._config = guard_config(self.site, handlings(*load_limits(self.site.knowledge)))
        self._lockstep = nodes.lockstep(self.site)
        self._keys = read_keys((*RANK, 'task', 'guard'))
        self._out = self.create_lifecycle_publisher(JointTrajectory, nodes.COMMAND,
                                                    nodes.RELIABLE)
        self._state_out = self.create_lifecycle_publisher(GuardStateMessage, nodes.GUARD_STATE,
                                                          nodes.RELIABLE)
        self._tick = Turn([nodes.JOINT_STATES, nodes.SUBGOAL, nodes.PROPOSED], self._answer_tick,
                          self._send_again)
        self._requests: deque[Request] = deque()
        self._forged = 0
        self._restart()
        self._signals = Signals.of(self, self.site)
        self._stops = Stops(self, self.site.stop, self._signals)
        self._arm = None if self.site.adapter is None else ArmWatch(self)
        latest: QoSProfile = nodes.RELIABLE
        self.create_subscription(JointStateMessage, nodes.JOINT_STATES, self._joint_state, latest)
        self.create_subscription(Subgoal, nodes.SUBGOAL, self._subgoal, nodes.DEEP, raw=True)
        self.create_subscription(Proposal, nodes.PROPOSED, self._proposal, nodes.DEEP, raw=True)
        for name, request in ((nodes.STOP, Request.STOP), (nodes.RESET, Request.RESET),
                              (nodes.ARM, Request.ARM)):
            self.create_service(Trigger, name, self._asks_for(request))
        if not self._lockstep:
            self.create_timer(self._config.cycle_s, self._cycle_now)

    def start(self) -> None:
        joints = self._joints
        self._restart()
        self._joints = joints   # its age is checked; without it the first cycles know nothing

    def health(self) -> dict[str, object]:
        return {'state': self._memory.state.value, 'commands': self._memory.commands,
                'reason': '' if self._decision is None else explain(self._decision),
                'commander': self._commander(), 'forged': self._refused(),
                'late_cycles': self._late}

    def _refused(self) -> int:
        return self._forged + (0 if self._signals is None else self._signals.refused)

    def _commander(self) -> str:
        holder = self._memory.lease.holder
        return '' if holder is None else holder.commander

    def _restart(self) -> None:
        """Begin as after power-up: disarmed, with no memory of chunks or joints."""
        heard = self._memory.lease if hasattr(self, '_memory') else None
        self._memory = start(self._config)
        if heard is not None:   # what was claimed once counts no second time
            self._memory = self._memory._replace(lease=heard.opened())
        self._joints: JointState | None = None
        self._stamp_ns = -1
        self._offers = Offers()
        self._handled: Handled | None = None
        self._pursued = ('', 0, 0)   # by the task
        self._decision: GuardDecision | None = None
        self._sent: bytes | None = None
        self._malformed = self._late = self._cycles = 0
        self._cycle_s = self._subgoal_s = 0.0
        self._subgoal_ns = -1

    def _asks_for(self, request: Request) -> Any:
        def serve(asked: Trigger.Request, response: Trigger.Response) -> Trigger.Response:
            if not self.running:
                response.message = 'the guard is not active'
                return response
            if request == Request.STOP:
                self._requests.clear()
            elif request == Request.ARM:
                self._stops.look()   # who commands the arm besides this node, as of now
            self._requests.append(request)
            response.success, response.message = True, 'taken at the next cycle; see guard_state'
            return response
        return serve

    def _joint_state(self, message: JointStateMessage) -> None:
        try:
            joints = conversion.joint_state(message, self.site.arm.names)
        except ObservationError as refusal:   # the last good state ages until it counts as stale
            self.get_logger().error(f'joint state refused: {refusal}', throttle_duration_sec=1.0)
            return
        stamp_ns = conversion.to_ns(message.header.stamp)
        if not self._lockstep:
            self._joints = joints
        elif self.running:
            self._take_turn(stamp_ns, joints)

    def _take_turn(self, stamp_ns: int, joints: JointState) -> None:
        if stamp_ns < self._stamp_ns:
            self._restart()
        repeated = stamp_ns == self._stamp_ns
        if nodes.is_tick(self.site, stamp_ns):
            self._tick.put(nodes.JOINT_STATES, stamp_ns, joints)
        elif repeated:
            self._send_again()
        else:
            self._answer(stamp_ns, joints)

    def _answer_tick(self, stamp_ns: int, items: Mapping[str, Any]) -> None:
        self._attend(items[nodes.SUBGOAL])
        self._consider(items[nodes.PROPOSED])
        self._answer(stamp_ns, items[nodes.JOINT_STATES])

    def _answer(self, stamp_ns: int, joints: JointState) -> None:
        self._stamp_ns, self._joints = stamp_ns, joints
        self._cycle(joints.stamp_s)

    def _send_again(self) -> None:
        if self._sent is not None:
            self._out.publish(self._sent)

    def _subgoal(self, data: bytes) -> None:
        if not self.running:
            return
        message = sealing.subgoal(data, self._keys['task'])
        if message is None:
            self._refuse('subgoal')
            return
        stamp_ns = conversion.to_ns(message.header.stamp)
        if self._lockstep:
            self._tick.put(nodes.SUBGOAL, stamp_ns, message)
        elif stamp_ns < self._subgoal_ns or not self._in_time(stamp_ns / 1e9):
            self._refuse('subgoal')   # an old one, sent again
        else:
            self._subgoal_s, self._subgoal_ns = time.monotonic(), stamp_ns
            self._attend(message)

    def _in_time(self, stamp_s: float) -> bool:
        age_s = time.monotonic() - stamp_s
        return -self._config.cycle_s <= age_s <= self._config.stale_chunk_s

    def _refuse(self, what: str) -> None:
        self._forged += 1
        self.get_logger().error(f'{what} refused: its seal is wrong, or it is an old one',
                                throttle_duration_sec=1.0)

    def _attend(self, message: Subgoal) -> None:
        """Keep what the step in progress handles, None when none is."""
        self._pursued = _key(message)
        self._handled = Handled(message.skill, message.part, message.tool,
                                message.kb_version) if message.active else None

    def _proposal(self, data: bytes) -> None:
        if not self.running:
            return
        message = sealing.proposal(data, self._keys)
        if message is None:
            self._refuse('proposal')
        elif self._lockstep:
            self._tick.put(nodes.PROPOSED, conversion.to_ns(message.header.stamp), message)
        else:
            self._consider(message)

    def _consider(self, message: Proposal) -> None:
        """Keep what a proposal claims, and its chunk."""
        try:
            chunk = conversion.chunk(message)
        except ObservationError as refusal:
            self._malformed += 1
            self.get_logger().error(f'chunk refused: {refusal}', throttle_duration_sec=1.0)
            return
        self._offers.put(sealing.claim(message), chunk, _key(message))

    def _cycle_now(self) -> None:
        if not self.running:
            return
        now_s = time.monotonic()
        if self._cycle_s and now_s - self._cycle_s > 2.0 * self._config.cycle_s:
            self._late += 1
        # Task, or one of those it waits for, is gone; of the commander the guard judges itself.
        silence_s = now_s - self._subgoal_s
        alarm = None
        if self._handled is not None and silence_s > self._config.stale_chunk_s:
            alarm = Bound('task_silent', silence_s, self._config.stale_chunk_s)
        self._cycle(now_s, silence_s > self.site.heartbeat_s, alarm)

    def _cycle(self, now_s: float, hold: bool = False, alarm: Bound | None = None) -> None:
        """Decide one cycle, send its command, and say what changed."""
        request = self._requests.popleft() if self._requests else Request.NONE
        claim, chunk = self._offers.take(self._pursued)
        alarm = self._stops.alarm(time.monotonic()) or alarm
        pace = 1.0
        if self._arm is not None:
            pace, alarm = self._arm.pace, alarm or self._arm.alarm(time.monotonic())
        inputs = GuardInputs(now_s, self._joints, chunk, hold, request, self._handled, claim,
                             alarm, pace)
        before, holder, self._cycle_s = self._decision, self._commander(), now_s
        self._memory, decision = step(self._config, self._memory, inputs)
        self._decision = decision
        self._cycles += 1
        if decision.command is not None:
            self._sent = sealing.sealed_command(conversion.command_message(
                decision.command, self._config.cycle_s), self._keys['guard'])
            self._out.publish(self._sent)
        changed = before is None or (before.state, before.reason, holder) != (
            decision.state, decision.reason, self._commander())
        if changed or self._cycles % _STATE_CYCLES == 0:
            self._publish_state(now_s, decision)

    def _publish_state(self, now_s: float, decision: GuardDecision) -> None:
        text = explain(decision)
        self._state_out.publish(GuardStateMessage(
            header=Header(stamp=conversion.to_time(now_s), frame_id=nodes.BASE_FRAME),
            state=decision.state.value, reason=decision.reason, text=text,
            limited=decision.limited, measured=float(decision.measured),
            allowed=float(decision.allowed), commander=self._commander(),
            commands=self._memory.commands,
            limited_count=self._memory.limited,
            rejected_count=self._memory.rejected + self._malformed + self._refused()))


def _key(message: Subgoal | Proposal) -> tuple[str, int, int]:
    return message.episode_id, message.step, message.attempt


def main() -> int:
    """Run the node until it is told to end."""
    return run_node(GuardNode, urgent=True)


if __name__ == '__main__':
    sys.exit(main())
