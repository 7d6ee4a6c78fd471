"""What a shadow hears: topics of a running cell, or a recording of them, one handler for both.

Messages enter; measured joints, views, goals and what was commanded leave for
`lam_ws.shadow.shadow.Shadow`. Nothing is published and no service is called: a cell does not
notice. A recording is read as if its messages came now, in the order in which they once did.
"""
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from lam_interfaces.msg import GuardState, Proposal, Subgoal
from lam_ws.errors import LamError, ObservationError, RecordingError
from lam_ws.nodes import conversion, nodes
from lam_ws.nodes.observing import Observing, View
from lam_ws.nodes.turn import Turn
from lam_ws.record.streams import Bag
from lam_ws.shadow.shadow import Asked, Said, Shadow
from lam_ws.site import Site
import numpy as np
from rclpy.node import Node
from rclpy.serialization import deserialize_message
from sensor_msgs.msg import JointState
from trajectory_msgs.msg import JointTrajectory

_VIEW = 'view'
SILENT_S = 5.0   # s without any picture, after which there is no cell


class SilentCell(LamError):
    """No cell of the site shows anything."""


class Hearing:
    """Hands on what a cell says.

    Args:
        host: Whose subscriptions are made: a node, or `Playback`. It needs `site`, `running`,
            `get_logger` and `create_subscription`.
        shadow: Takes it.
        now_s: The clock of the stamps.
    """

    def __init__(self, host: Any, shadow: Shadow, now_s: Callable[[], float]):
        self._shadow, self._site = shadow, host.site
        self._lockstep = nodes.lockstep(host.site)
        # In lock-step the policy answers a view together with the subgoal of its stamp.
        self._turn = Turn([_VIEW, nodes.SUBGOAL], self._together)
        for kind, name, take in ((JointState, nodes.JOINT_STATES, self._joints),
                                 (Subgoal, nodes.SUBGOAL, self._subgoal),
                                 (JointTrajectory, nodes.COMMAND, self._command),
                                 (Proposal, nodes.PROPOSED, self._proposal),
                                 (GuardState, nodes.GUARD_STATE, self._said)):
            host.create_subscription(kind, name, self._strictly(take), nodes.DEEP)
        self.observing = Observing(host, self._view, now_s=now_s)

    @staticmethod
    def _strictly(take: Callable[[Any], None]) -> Callable[[Any], None]:
        def receive(message: object) -> None:
            try:
                take(message)
            except ObservationError:   # the nodes of the cell refuse and tell of it as well
                pass
        return receive

    def _view(self, view: View) -> None:
        if self._lockstep:
            self._turn.put(_VIEW, view.stamp_ns, view)
        else:
            self._shadow.view(view.joints, view.frames, view.stamp_ns)

    def _together(self, stamp_ns: int, items: Mapping[str, Any]) -> None:
        view: View = items[_VIEW]
        self._shadow.asked(items[nodes.SUBGOAL])
        self._shadow.view(view.joints, view.frames, view.stamp_ns)

    def _joints(self, message: JointState) -> None:
        self._shadow.measured(conversion.joint_state(message, self._site.arm.names))

    def _subgoal(self, message: Subgoal) -> None:
        asked = Asked(conversion.to_seconds(message.header.stamp), message.episode_id,
                      message.step, message.attempt, conversion.goal(message))
        if self._lockstep:
            self._turn.put(nodes.SUBGOAL, conversion.to_ns(message.header.stamp), asked)
        else:
            self._shadow.asked(asked)

    def _command(self, message: JointTrajectory) -> None:
        self._shadow.watch.commands.append(conversion.command(message, self._site.arm.names))

    def _proposal(self, message: Proposal) -> None:
        chunk = conversion.chunk(message)
        if chunk is not None:
            self._shadow.watch.proposals[conversion.to_ns(message.header.stamp)] = chunk

    def _said(self, message: GuardState) -> None:
        self._shadow.watch.said.append(Said(conversion.to_seconds(message.header.stamp),
                                            message.state, message.reason, message.limited,
                                            message.commander))


def listen(node: Node, site: Site, shadow: Shadow, now_s: Callable[[], float]) -> Hearing:
    """Let `shadow` hear the cell in whose namespace `node` is."""
    host: Any = node
    host.site, host.running = site, True
    return Hearing(host, shadow, now_s)


class Playback:
    """A recording in place of a node: subscriptions get its messages.

    Args:
        bag: An open recording.
        site: Where it was made.
    """

    running = True

    def __init__(self, bag: Bag, site: Site):
        self.site, self._bag = site, bag
        self._takers: dict[str, list[Callable[[Any], None]]] = {}
        self._kinds: dict[str, type] = {}
        self.now_s = 0.0
        spaces = {name.rsplit('/', 1)[0] for name in bag.topics
                  if name.rsplit('/', 1)[-1] == nodes.JOINT_STATES}
        if len(spaces) != 1:
            raise RecordingError(f'{bag.path}: needs one topic {nodes.JOINT_STATES}, found '
                                 f'{len(spaces)}')
        self._space = spaces.pop()
        self._joints = f'{self._space}/{nodes.JOINT_STATES}'

    def create_subscription(self, kind: type, topic: str, take: Callable[[Any], None],
                            quality: object) -> None:
        """Hand messages of a topic to `take`."""
        name = f'{self._space}/{topic}'
        self._takers.setdefault(name, []).append(take)
        self._kinds[name] = kind

    def get_logger(self) -> 'Playback':
        """Return who takes words that nobody reads; what is refused is counted."""
        return self

    def error(self, text: str, **options: object) -> None:
        """Take a word."""

    def play(self) -> Iterator[float]:
        """Hand on every message; yield s after the first.

        Raises:
            RecordingError: It cannot be read, or was made with other messages.
        """
        first_s, stale = None, self._stale()
        for topic, logged_s, data in self._bag.raw(list(self._takers)):
            first_s = logged_s if first_s is None else first_s
            self.now_s = logged_s
            if topic == self._joints and stale > 0:
                stale -= 1
                continue
            try:
                message = deserialize_message(data, self._kinds[topic])
            except Exception as error:
                raise RecordingError(f'{self._bag.path}: {topic} was recorded with other '
                                     f'messages: {error}') from error
            for take in self._takers[topic]:
                take(message)
            yield logged_s - first_s

    def _stale(self) -> int:
        """Return how many joint states are of a cell that was reset since.

        A lock-step cell repeats itself until it is answered, a recording does not: what came
        before would have the first views of the new scene thrown away.
        """
        stamps, _ = self._bag.stamps(self._joints)
        back = np.flatnonzero(np.diff(stamps) < 0.0)
        return int(back[-1]) + 1 if len(back) else 0
