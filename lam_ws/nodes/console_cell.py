"""A running cell as the console's web server sees it: fulfils `lam_ws.console.console.Cell`.

Calls enter from the server's threads. A stop leaves from the thread that calls; everything else
is done in the node's thread, in the order in which it was wished, and nothing there waits.
"""
from collections.abc import Callable, Sequence
from concurrent.futures import Future
import math
from typing import Any

from lam_interfaces.srv import Record as RecordService
from lam_ws.console import console
from lam_ws.console.console import Answer, Json, Person, Picture, Wish
from lam_ws.nodes import nodes
from lam_ws.nodes.asking import after, Asking, given, hand_on
from lam_ws.nodes.by_hand import ByHand
from lam_ws.nodes.explaining import explained
from lam_ws.nodes.instructing import Instructing
from lam_ws.nodes.showing import Showing, told
from lam_ws.nodes.wordings import accepted, refusal
from lam_ws.sim.urdf import arm_urdf
from lam_ws.site import Site
from rclpy.node import Node
from std_srvs.srv import Trigger

_ARMED_S = 3.0       # longest wait for the guard to say that it is armed
_STOP_S = 3.0        # longest wait for the guard to take a stop
_KEEP_S = 10.0       # for the recorder: it may have a file to finish, and is asked once


class ConsoleCell:
    """The cell of `site`, seen and commanded through `node`.

    Args:
        node: Of the console; its executor turns.
        site: Of the cell.
    """

    def __init__(self, node: Node, site: Site):
        self._node, self._site = node, site
        self._tell: Callable[[Json], None] = lambda event: None
        self.asking, self.showing = Asking(), Showing(node, site)
        self.instructing = Instructing(node, site, self.showing, self.asking,
                                       lambda event: self._tell(event))
        self.hand = ByHand(node, site, self.asking)
        self._stop, self._reset, self._arm, self._recover = (
            node.create_client(Trigger, name)
            for name in (nodes.STOP, nodes.RESET, nodes.ARM, nodes.RECOVER))
        self._record = node.create_client(RecordService, nodes.RECORD)
        self._urdf = arm_urdf(site.arm)

    def close(self) -> None:
        """Let go of the arm, and of what the node does not release by itself."""
        self.hand.release()
        self.instructing.close()

    # What is shown

    def facts(self) -> Json:
        """See `Cell.facts`."""
        site, limits = self._site, self._site.limits
        arm = site.arm
        joints = [{'name': name, 'lower': float(arm.limits.lower[i]),
                   'upper': float(arm.limits.upper[i]),
                   'velocity': float(arm.limits.velocity[i] * limits.velocity_scale)}
                  for i, name in enumerate(arm.names)]
        return {'name': site.name, 'arm': arm.name, 'joints': joints[:-1], 'gripper': joints[-1],
                'cameras': [{'name': camera.name, 'width': camera.width,
                             'height': camera.height, 'rate_hz': camera.rate_hz}
                            for camera in site.cameras],
                'language': '', 'knowledge': site.knowledge, 'policy': site.policy.name,
                'records': site.record is not None, 'lockstep': nodes.lockstep(site),
                'workspace': {'lower': [float(x) for x in limits.workspace_lower],
                              'upper': [float(x) for x in limits.workspace_upper],
                              'table_z': limits.table_z},
                'keep_out': [{'name': zone.name, 'lower': [float(x) for x in zone.lower],
                              'upper': [float(x) for x in zone.upper]}
                             for zone in limits.keep_out],
                'tool_speed': limits.tool_speed}

    def urdf(self) -> str:
        """See `Cell.urdf`."""
        return self._urdf

    def state(self) -> Json:
        """See `Cell.state`."""
        state, guard = self.showing.state(), self.showing.guard
        commander = '' if guard is None else guard.commander
        return {**state, 'task': self.instructing.state(), 'teleop': self.hand.state(commander)}

    def health(self) -> Json:
        """See `Cell.health`."""
        return {'nodes': self.showing.health()}

    def history(self) -> Sequence[Json]:
        """See `Cell.history`."""
        return list(self.instructing.history)

    def recent(self) -> Sequence[Json]:
        """See `Cell.recent`."""
        return self.instructing.recent()

    def picture(self, camera: str, after: int) -> Picture | None:
        """See `Cell.picture`."""
        return self.showing.picture(camera, after)

    def attach(self, tell: Callable[[Json], None]) -> None:
        """See `Cell.attach`."""
        self._tell = tell

    # What is wished

    def stop(self, person: Person) -> 'Future[Answer]':
        """See `Cell.stop`."""
        answer = self.asking.send(self._stop, Trigger.Request(), _taken('stop_sent'), _STOP_S)
        self.hand.release()
        return answer

    def jog(self, jog: console.Jog) -> None:
        """See `Cell.jog`."""
        self.hand.jog(jog)

    def release(self) -> None:
        """See `Cell.release`."""
        self.hand.release()

    def leave(self) -> None:
        """See `Cell.leave`.

        While a step is in work the policy would go on with it, and nobody is there to see: then
        the hand keeps the arm still until the step is over, or somebody takes it.
        """
        self.hand.release()
        self._node.executor.create_task(self._leave)   # behind a take that is under way

    def _leave(self) -> None:
        """Give the arm back once nothing moves by that, in the node's thread."""
        taken = self.hand.taken

        def look() -> Answer | None:
            subgoal = self.showing.subgoal()
            if self.hand.taken == taken and subgoal is not None and subgoal.active:
                return None
            if self.hand.taken == taken:
                self.hand.give()
            return accepted()
        self.asking.wait(look, accepted, math.inf)

    def ask(self, wish: Wish, person: Person) -> 'Future[Answer]':
        """See `Cell.ask`."""
        answer: Future[Answer] = Future()

        def act() -> None:
            try:
                self._do(wish, person).add_done_callback(lambda done: hand_on(done, answer))
            except Exception as failure:   # the server says 'internal'; the node goes on
                answer.set_exception(failure)
        self._node.executor.create_task(act)
        return answer

    def _do(self, wish: Wish, person: Person) -> 'Future[Answer]':
        """Do a wish, in the node's thread."""
        match wish:
            case console.Instruct() if self.hand.holds:
                return given(refusal('hand_holds'))
            case console.Instruct():
                return self.instructing.instruct(wish, person)
            case console.Reply():
                return self.instructing.reply(wish)
            case console.Cancel():
                return self.instructing.cancel()
            case console.Reset():
                return self._trigger(self._reset)
            case console.Recover():
                return self._trigger(self._recover)
            case console.Arm():
                return self._permit()
            case console.Record():
                return self._keep(wish, person)
            case console.Hand():
                return self.hand.take() if wish.action == 'take' else self.hand.give()
            case console.Why():
                return given(explained(self.instructing, self.showing))

    def _trigger(self, client: Any) -> 'Future[Answer]':
        if not client.service_is_ready():
            return given(refusal('no_guard'))
        return self.asking.send(client, Trigger.Request(), _taken('done'))

    def _permit(self) -> 'Future[Answer]':
        """Arm, and answer once the guard says so; in lock-step it says so when time moves."""
        if nodes.lockstep(self._site):
            return self._trigger(self._arm)

        def look() -> Answer | None:
            guard = self.showing.guard
            if guard is not None and guard.state in ('armed', 'running'):
                return accepted()
            latched = guard is not None and guard.state in ('stopping', 'stopped')
            return late() if latched else None

        def late() -> Answer:
            guard = self.showing.guard
            words = {'ko': '', 'en': ''} if guard is None else told(guard)
            return refusal('not_armed', words['ko'], words['en'] or getattr(guard, 'state', ''))
        return after(self._trigger(self._arm), lambda: self.asking.wait(look, late, _ARMED_S))

    def _keep(self, wish: console.Record, person: Person) -> 'Future[Answer]':
        if not self._record.service_is_ready():
            return given(refusal('no_recorder'))

        def read(response: Any) -> Answer:
            if not response.success:
                return refusal('not_recorded', en=response.message)
            return accepted(episode_id=response.episode_id)
        return self.asking.send(self._record, RecordService.Request(
            action=wish.action, episode_id=wish.episode_id, instruction=wish.instruction,
            operator_id=person.name, label=wish.label, note=wish.note), read, _KEEP_S, _KEEP_S)


def _taken(code: str) -> Callable[[Any], Answer]:
    """Return what reads the response of a Trigger."""
    def read(response: Any) -> Answer:
        return accepted(code) if response.success else refusal('guard_refuses',
                                                               en=response.message)
    return read
