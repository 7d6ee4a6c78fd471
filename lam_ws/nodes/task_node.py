"""The task as a node: an instruction enters by action, subgoals leave, and a result.

One instruction at a time; a second is rejected. What is done, what comes next and when to give
up is decided by the task's state machine on scenes and joints; this node only carries data to
it. A result is given when the arm has come to rest, also after a cancel.
"""
from collections.abc import Callable, Mapping
import os
import sys
import time
from typing import Any

from lam_interfaces.action import ExecuteInstruction
from lam_interfaces.msg import GuardState, Proposal, Subgoal
from lam_interfaces.msg import Scene as SceneMessage
from lam_interfaces.srv import Reply
from lam_ws.errors import ObservationError
from lam_ws.keys import read_keys
from lam_ws.nodes import conversion, nodes, sealing
from lam_ws.nodes.arm_watch import ArmWatch
from lam_ws.nodes.assignment import Assignment, UNFINISHED
from lam_ws.nodes.cell_signals import Signals
from lam_ws.nodes.lifecycle import LamNode, run_node
from lam_ws.nodes.turn import Turn
from lam_ws.safety.lease import RANK
from lam_ws.types import Instruction, JointState, Scene
from rclpy.action import ActionServer, CancelResponse, GoalResponse
from rclpy.action.server import GoalEvent, ServerGoalHandle
from sensor_msgs.msg import JointState as JointStateMessage
from std_msgs.msg import String

_LOOK_S, _UNSEEN_S = 0.2, 1.0   # how often, and after how long without a scene, it is looked
NO_QUESTION = '지금 여쭤본 것에 대한 답이 아닙니다. / That answers no question that is open now.'


class TaskNode(LamNode):
    """Serves `execute_instruction` and publishes the subgoal of the moment."""

    def __init__(self) -> None:
        super().__init__('task')

    def open(self) -> None:
        from lam_ws.grounding.grounding import load_grounder

        self._grounder = load_grounder(self.site.knowledge, self.site.moves,
                                       self.site.language_model)
        self._lockstep = nodes.lockstep(self.site)
        self._keys = read_keys(('task', *RANK))
        self._out = self.create_lifecycle_publisher(Subgoal, nodes.SUBGOAL, nodes.RELIABLE)
        self._news = self.create_lifecycle_publisher(String, nodes.ASSIGNMENT, nodes.LATCHED)
        self._turn = Turn([nodes.SCENE, nodes.JOINT_STATES], self._take, self._send_again,
                          self._cell_was_reset)
        self._signals = Signals.of(self, self.site)
        self._assignment: Assignment | None = None
        self._ended: Assignment | None = None
        self._handle: ServerGoalHandle | None = None
        self._forget()
        for kind, name, use in ((SceneMessage, nodes.SCENE, self._scene),
                                (JointStateMessage, nodes.JOINT_STATES, self._joint_state),
                                (Proposal, nodes.PROPOSED, self._proposal),
                                (GuardState, nodes.GUARD_STATE, self._guard_state)):
            sealed = kind is Proposal   # read once it is believed, waited for among forged ones
            self.create_subscription(kind, name, self._while_running(use),
                                     nodes.DEEP if sealed else nodes.RELIABLE, raw=sealed)
        self._arm = None if self.site.adapter is None else ArmWatch(self)
        self._server = ActionServer(
            self, ExecuteInstruction, nodes.EXECUTE, execute_callback=self._result,
            goal_callback=self._consider, handle_accepted_callback=self._accept,
            cancel_callback=self._cancel)
        self.create_service(Reply, nodes.REPLY, self._reply)
        if not self._lockstep:
            self.create_timer(_LOOK_S, self._look_up)

    def start(self) -> None:
        self._forget()

    def stop(self) -> None:
        if self._assignment is not None:
            self._assignment.give_up('stopped')
            self._finish()

    def shut(self) -> None:
        if hasattr(self, '_server'):
            self._server.destroy()

    def _while_running(self, use: Callable[[Any], None]) -> Callable[[Any], None]:
        def receive(message: object) -> None:
            if self.running:
                use(message)
        return receive

    def _forget(self) -> None:
        self._turn.clear()
        self._joints: JointState | None = None
        self._waiting: tuple[Scene, JointState] | None = None   # lock-step: to be answered
        self._asked_ns = self._proposed_ns = -1
        self._done: float | None = None
        self._phase, self._scene_s = '', 0.0
        self._guard = ('', '')   # state and reason it last gave
        self._sent: Subgoal | None = None

    # The action

    def _consider(self, request: ExecuteInstruction.Goal) -> GoalResponse:
        if not self.running or self._handle is not None:
            return GoalResponse.REJECT
        return GoalResponse.ACCEPT

    def _accept(self, handle: ServerGoalHandle) -> None:
        # rclpy would poll a coroutine that waits for the result; the goal is instead marked as
        # executing here and its one callback is called when the result is known.
        handle._update_state(GoalEvent.EXECUTE)
        self._handle = handle
        wish = handle.request
        name = time.strftime('%Y%m%d_%H%M%S') + f'_{os.urandom(2).hex()}'
        self._assignment = Assignment(
            Instruction(wish.text, wish.language or 'auto', wish.operator_id or 'local'), name,
            self._grounder, self.site, wish.may_ask,
            self._signals.lacking if self._signals is not None else lambda goal: '')
        self._news.publish(String(data=self._assignment.news()))
        self._advance()

    def _cancel(self, handle: ServerGoalHandle) -> CancelResponse:
        if self._assignment is not None and not self._lockstep:
            self._assignment.cancel()   # brake now rather than with the next scene
            self._publish(time.monotonic())
        return CancelResponse.ACCEPT

    def _reply(self, request: Reply.Request, response: Reply.Response) -> Reply.Response:
        current = self._assignment
        mine = current is not None and request.episode_id in ('', current.episode)
        response.success = mine and current.reply(request.text, request.asked)
        response.text = '' if response.success else NO_QUESTION
        return response

    def _finish(self) -> None:
        handle, self._handle = self._handle, None
        assignment, self._assignment = self._assignment, None
        self._ended = assignment
        self._news.publish(String(data=assignment.news()))
        if assignment.phase == 'succeeded':
            handle.succeed()
        elif assignment.phase == 'cancelled' and handle.is_cancel_requested:
            handle.canceled()
        else:
            handle.abort()
        self._server.notify_execute(handle, None)

    def _result(self, handle: ServerGoalHandle) -> ExecuteInstruction.Result:
        """Give the result; rclpy only logs what goes wrong here, and the node would live on."""
        try:
            return self._report(handle)
        except Exception as failure:
            self.failure = failure   # the main loop ends by it
            raise

    def _report(self, handle: ServerGoalHandle) -> ExecuteInstruction.Result:
        return self._ended.result()

    # What comes in

    def _scene(self, message: SceneMessage) -> None:
        try:
            scene = conversion.scene(message)
        except ObservationError as refusal:
            self.get_logger().error(f'scene refused: {refusal}', throttle_duration_sec=1.0)
            return
        if self._lockstep:
            self._refresh(scene)
            self._turn.put(nodes.SCENE, conversion.to_ns(message.header.stamp), scene)
        elif self._joints is not None:
            self._scene_s = time.monotonic()
            self._waiting = (scene, self._joints)
            self._advance()

    def _refresh(self, scene: Scene) -> None:
        """Let a scene of the same stamp replace one that nothing was decided on yet.

        A cell that is laid out anew before time moves has two scenes of one stamp.
        """
        waiting = self._waiting
        if self._assignment is None and waiting and waiting[0].stamp_s == scene.stamp_s:
            self._waiting = (scene, waiting[1])

    def _joint_state(self, message: JointStateMessage) -> None:
        stamp_ns = conversion.to_ns(message.header.stamp)
        if self._lockstep and not nodes.is_tick(self.site, stamp_ns):
            return
        try:
            self._joints = conversion.joint_state(message, self.site.arm.names)
        except ObservationError as refusal:
            self.get_logger().error(f'joints refused: {refusal}', throttle_duration_sec=1.0)
            return
        if self._lockstep:
            self._turn.put(nodes.JOINT_STATES, stamp_ns, self._joints)

    def _proposal(self, data: bytes) -> None:
        message = sealing.proposal(data, self._keys)
        if message is None:   # the guard tells of seals that are wrong
            return
        asked = self._sent
        if asked is not None and asked.active and _key(message) == _key(asked):
            self._done, self._phase = message.done, message.phase
        self._proposed_ns = conversion.to_ns(message.header.stamp)
        if self._lockstep and self._waiting is not None:
            self._advance()

    def _guard_state(self, message: GuardState) -> None:
        self._guard = (message.state, message.reason)

    def _look_up(self) -> None:
        """End what nobody sees the end of: the guard stopped the arm, and no scene comes."""
        current, (state, reason) = self._assignment, self._guard
        if not self.running or current is None or \
                time.monotonic() - self._scene_s < _UNSEEN_S:
            return
        if state in ('stopping', 'stopped') or current.phase not in UNFINISHED:
            current.give_up(f'guard_{reason}')
            self._finish()
            self._publish(time.monotonic())

    def _take(self, stamp_ns: int, items: Mapping[str, Any]) -> None:
        self._waiting = (items[nodes.SCENE], items[nodes.JOINT_STATES])
        self._advance()

    def _send_again(self) -> None:
        if self._waiting is None and self._sent is not None:
            self._out.publish(sealing.sealed(self._sent, self._keys['task']))

    def _cell_was_reset(self) -> None:
        self._forget()
        if self._assignment is not None:
            self._assignment.give_up('cell_was_reset')
            self._finish()

    # The answer

    def _advance(self) -> None:
        """Answer the scene that waits, if it is time to."""
        if self._waiting is None:
            return
        if self._lockstep and self._proposed_ns < self._asked_ns:
            return   # the answer to the last subgoal belongs to this decision
        scene, joints = self._waiting
        current = self._assignment
        if current is not None:
            if self._handle.is_cancel_requested:
                current.cancel()
            current.advance(scene, joints, self._done, self._guard, self._phase,
                            1.0 if self._arm is None else self._arm.pace)
            self._handle.publish_feedback(current.feedback())
            if current.over:
                self._finish()
        if self._assignment is None and self._lockstep:
            return   # simulated time stands still until there is work again
        self._waiting = None
        self._publish(scene.stamp_s)

    def _publish(self, stamp_s: float) -> None:
        current, before = self._assignment, self._sent
        self._sent = (current.subgoal(stamp_s) if current is not None
                      else conversion.subgoal_message(stamp_s, '', None))
        if before is None or _key(before) != _key(self._sent):
            self._done, self._phase = None, ''   # what it said was about something else
        self._asked_ns = conversion.to_ns(self._sent.header.stamp)
        self._out.publish(sealing.sealed(self._sent, self._keys['task']))


def _key(message: Subgoal | Proposal) -> tuple[str, int, int]:
    return message.episode_id, message.step, message.attempt


def main() -> int:
    """Run the node until it is told to end."""
    return run_node(TaskNode)


if __name__ == '__main__':
    sys.exit(main())
