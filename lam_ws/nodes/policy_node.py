"""The policy as a node: views and subgoals enter, proposals leave.

It answers every view, so that the guard knows that it is alive: with a new chunk when it
replans, with the number of the last chunk in between, and with an empty trajectory (hold) when
there is nothing to do or the task has fallen silent.
"""
from collections.abc import Mapping
import sys
import time
from typing import Any

from lam_interfaces.msg import Proposal, Subgoal
from lam_ws.errors import ObservationError
from lam_ws.keys import read_keys
from lam_ws.nodes import conversion, nodes, sealing
from lam_ws.nodes.lifecycle import LamNode, run_node
from lam_ws.nodes.observing import expected, Observing, View
from lam_ws.nodes.turn import Turn
from lam_ws.perception.perception import synchronise
from lam_ws.safety.lease import POLICY
from lam_ws.types import ActionChunk
from std_msgs.msg import Header

_VIEW = 'view'
_WATCH_S = 0.02   # wall mode: how often it looks whether the task is still there


class PolicyNode(LamNode):
    """Asks the site's policy for a chunk at each replanning time."""

    def __init__(self) -> None:
        super().__init__('policy')

    def open(self) -> None:
        from lam_ws.policy.policy import load_policy

        self._keys = read_keys((POLICY, 'task'))
        self._commander = sealing.commander(POLICY, self)
        self._policy = load_policy(self.site)
        self._lockstep = nodes.lockstep(self.site)
        self._replan_ns = round(self.site.policy.replan_s * 1e9)
        self._out = self.create_lifecycle_publisher(Proposal, nodes.PROPOSED, nodes.RELIABLE)
        self._turn = Turn([_VIEW, nodes.SUBGOAL], self._answer, self._send_again, self._forget)
        self._observing = Observing(self, self._view, again=self._view)
        self.create_subscription(Subgoal, nodes.SUBGOAL, self._take_subgoal, nodes.DEEP,
                                 raw=True)
        self._sequence, self._refused = 0, 0
        self._subgoal: Subgoal | None = None
        self._subgoal_s = 0.0
        self._forget()
        if not self._lockstep:
            self.create_timer(_WATCH_S, self._watch)

    def start(self) -> None:
        self._forget()

    def health(self) -> dict[str, object]:
        return {'chunks': self._sequence, 'refused': self._refused}

    def _forget(self) -> None:
        self._pursued: tuple[str, int, int] | None = None
        self._planned_ns = 0
        self._last: ActionChunk | None = None
        self._sent: bytes | None = None
        self._turn.clear()

    def _view(self, view: View) -> None:
        if not self.running:
            return
        if self._lockstep:
            self._turn.put(_VIEW, view.stamp_ns, view)
        elif self._subgoal is not None and not self._abandoned():
            self._propose(view, self._subgoal)

    def _abandoned(self) -> bool:
        return time.monotonic() - self._subgoal_s > self.site.heartbeat_s

    def _watch(self) -> None:
        """Hold when the task fell silent; what was pursued goes on when it is back."""
        if self.running and self._last is not None and self._abandoned():
            self.get_logger().warning('no subgoal: holding')
            self._last = None
            self._sequence += 1
            self._send(time.monotonic_ns(), self._subgoal, None)

    def _take_subgoal(self, data: bytes) -> None:
        message = sealing.subgoal(data, self._keys['task']) if self.running else None
        if message is None:   # the guard tells of seals that are wrong
            return
        if self._lockstep:
            self._turn.put(nodes.SUBGOAL, conversion.to_ns(message.header.stamp), message)
            return
        self._subgoal, self._subgoal_s = message, time.monotonic()
        if not message.active and self._pursued is not None:   # a cancel does not wait for images
            self._hold(conversion.to_ns(message.header.stamp), message)

    def _answer(self, stamp_ns: int, items: Mapping[str, Any]) -> None:
        self._propose(items[_VIEW], items[nodes.SUBGOAL])

    def _send_again(self) -> None:
        if self._sent is not None:
            self._out.publish(self._sent)

    def _propose(self, view: View, subgoal: Subgoal) -> None:
        try:
            goal = conversion.goal(subgoal)
        except ObservationError as refusal:
            self.get_logger().error(f'no goal: {refusal}', throttle_duration_sec=1.0)
            goal = None
        if goal is None:
            self._hold(view.stamp_ns, subgoal)
            return
        key = (subgoal.episode_id, subgoal.step, subgoal.attempt)
        if key != self._pursued:
            self._policy.reset(goal)
            self._pursued, self._last = key, None
        if self._last is not None and view.stamp_ns - self._planned_ns < self._replan_ns:
            self._send(view.stamp_ns, subgoal, None)
            return
        try:
            observation = synchronise(self.site, expected(view.joints, self.site), view.frames,
                                      view.stamp_ns / 1e9)
            self._last = self._policy.act(observation)
        except ObservationError as refusal:
            self._refused += 1
            self.get_logger().error(f'no chunk: {refusal}', throttle_duration_sec=1.0)
            self._send(view.stamp_ns, subgoal, None)   # the last chunk may run out, then it stops
            return
        self._planned_ns = view.stamp_ns
        self._sequence += 1
        self._send(view.stamp_ns, subgoal, self._last)

    def _hold(self, stamp_ns: int, subgoal: Subgoal) -> None:
        if self._pursued is not None or self._sent is None:
            self._sequence += 1
        self._pursued = self._last = None
        self._send(stamp_ns, subgoal, None)

    def _send(self, stamp_ns: int, subgoal: Subgoal, new: ActionChunk | None) -> None:
        proposal = Proposal(
            header=Header(stamp=conversion.to_time(stamp_ns / 1e9), frame_id=nodes.BASE_FRAME),
            episode_id=subgoal.episode_id, step=subgoal.step, attempt=subgoal.attempt,
            sequence=self._sequence, claim=sealing.claim_message(
                self._commander.claim(stamp_ns / 1e9, self._last is None)))
        if self._last is not None:
            proposal.done, proposal.phase = float(self._last.done), self._last.phase
        if new is not None:
            proposal.trajectory = conversion.chunk_trajectory(new)
        self._sent = sealing.sealed(proposal, self._keys[POLICY])
        self._out.publish(self._sent)


def main() -> int:
    """Run the node until it is told to end."""
    return run_node(PolicyNode)


if __name__ == '__main__':
    sys.exit(main())
