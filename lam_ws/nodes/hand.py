"""An operator's hand in a process: jogs enter from whatever device, sealed proposals leave.

    hand = Hand(node, site, read_keys(HAND_KEYS))
    hand.take()                      # ask for the arm, also from a running policy
    hand.jog(Jog('base', (0, 0, 1, 0, 0, 0)), time.monotonic())   # again and again while held
    hand.release()                   # at once; so does silence of DEAD_MAN_S
    hand.give()                      # hand the arm back
    hand.state                       # who commands, what slows it, why it does not move

The node must be spun: a timer of it speaks for the hand 25 times a second. What an operator asks
may come from any thread and only notes what is wanted. The hand is believed no more than a
policy is: the guard sees its seal, its lease and its limits, and brakes when it falls silent.
"""
from collections.abc import Mapping
from threading import Lock
import time
from typing import NamedTuple

from lam_interfaces.msg import GuardState as GuardStateMessage
from lam_interfaces.msg import Proposal, Subgoal
from lam_ws.errors import LamError, ObservationError
from lam_ws.nodes import conversion, nodes, sealing
from lam_ws.policy.teleop import check_jog, Felt, Jog, Teleop
from lam_ws.policy.teleop_words import teleop_words, WORDINGS
from lam_ws.safety.lease import DEAD_MAN_S, TELEOP
from lam_ws.safety.words import words
from lam_ws.site import Site
from lam_ws.types import ActionChunk, Array, Command
from rclpy.clock import Clock, ClockType
from rclpy.node import Node
from std_msgs.msg import Header
from trajectory_msgs.msg import JointTrajectory

HAND_KEYS = (TELEOP, 'task', 'guard')   # roles whose keys it needs
_LOOK_S = 0.01       # between two looks at what is wanted
_SPEAK_S = 0.04      # between two proposals
_ANSWER_S = 1.0      # until the guard has said that the arm is ours, or no longer
_SILENT_S = 0.5      # guard_state comes at 10 Hz
_NOT_MINE = ('not_commander', 'claim_', 'no_claim', 'lease_lapsed')   # told of somebody else


class HandError(LamError):
    """The arm of a site cannot be moved by hand: its time waits for the commands."""

    def __init__(self, site: str):
        super().__init__(
            f'{site}: time stands still at this site while nothing is asked, so its arm cannot be '
            'moved by hand; take one whose sim.clock is wall, for example sim_demo')


class HandState(NamedTuple):
    """What the operator is to know.

    Attributes:
        holds: The guard obeys this hand.
        moving: A jog is in force.
        commander: Process that holds the lease, '' while nobody does.
        code: Why the arm does not move, or slowly; '' when nothing is in the way.
        where: Joint or process concerned.
        share: Of the asked speed that is left, 0 to 1.
        smallest: Smallest singular value of the pose; large is good.
        ends: Joints that are near an end.
        measured: Value that belongs to a code of the guard, else 0.
        allowed: Its bound.
    """

    holds: bool = False
    moving: bool = False
    commander: str = ''
    code: str = 'not_taken'
    where: str = ''
    share: float = 1.0
    smallest: float = 0.0
    ends: tuple[str, ...] = ()
    measured: float = 0.0
    allowed: float = 0.0

    def text(self, language: str = 'en') -> str:
        """Return the code in words, '' when nothing is in the way."""
        if self.code in WORDINGS and not self.allowed:
            return teleop_words(self.code, self.where, language)
        return words(self.code, self.measured, self.allowed, self.where, language)


class Hand:
    """One operator's hand.

    Args:
        node: Speaks and listens; whoever spins it lets the hand speak.
        site: Whose arm.
        keys: Of HAND_KEYS, from `lam_ws.keys.read_keys`.

    Raises:
        HandError: Time of the site waits for commands, so nobody can move its arm by hand.

    Attributes:
        state: What the operator is to know now.
        last: What the guard commanded last, None before it did.
    """

    def __init__(self, node: Node, site: Site, keys: Mapping[str, bytes]):
        if nodes.lockstep(site):
            raise HandError(site.name)
        self.site, self.teleop, self._keys, self._node = site, Teleop(site), dict(keys), node
        self._commander = sealing.commander(TELEOP, node)
        self._lock = Lock()
        self._wants = self._gives = False    # what the operator wants
        self._asked_s = 0.0
        self._jog: Jog | None = None
        self._leader: Array | None = None
        self._renewed_s = 0.0
        self._holds = self._moves = False    # what is
        self._refused, self._where = 'not_taken', ''
        self._felt, self._spoke_s, self._sequence = Felt(), 0.0, 0
        self.last: Command | None = None
        self._answers = '', 0, 0
        self._subgoal_s = self._guard_s = 0.0
        self._guard = GuardStateMessage()
        self._out = node.create_publisher(Proposal, nodes.PROPOSED, nodes.RELIABLE)
        node.create_subscription(Subgoal, nodes.SUBGOAL, self._take_subgoal, nodes.DEEP, raw=True)
        node.create_subscription(JointTrajectory, nodes.COMMAND, self._take_command,
                                 nodes.RELIABLE, raw=True)
        node.create_subscription(GuardStateMessage, nodes.GUARD_STATE, self._take_guard,
                                 nodes.RELIABLE)
        self._timer = node.create_timer(_LOOK_S, self.turn,
                                        clock=Clock(clock_type=ClockType.STEADY_TIME))
        self.state = HandState()

    # What the operator asks; from any thread

    def take(self) -> None:
        """Ask for the arm, also from a policy in mid-motion; the arm then comes to rest."""
        with self._lock:
            if not (self._wants or self._gives or self._holds):
                # The guard refuses a hand that is older than one it obeyed: asking makes it new.
                self._commander = sealing.commander(TELEOP, self._node)
            self._wants, self._gives, self._asked_s = True, False, time.monotonic()
            self._jog = self._leader = None
            self._refused, self._where = 'taking', ''

    def give(self) -> None:
        """Stop, and hand the arm back to whoever speaks next."""
        with self._lock:
            self._gives = self._gives or self._wants
            self._wants, self._asked_s = False, time.monotonic()
            self._jog = self._leader = None
            self._refused, self._where = ('giving' if self._gives else 'not_taken'), ''

    def jog(self, jog: Jog, now_s: float) -> None:
        """Move; to be renewed within DEAD_MAN_S by the operator's own input.

        Args:
            jog: What is asked.
            now_s: When the operator's input came, s of the monotonic clock.

        Raises:
            JogError: It makes no sense.
        """
        check_jog(jog, self.teleop.joints)
        with self._lock:
            if self._wants:
                self._jog, self._leader, self._renewed_s = jog, None, now_s

    def follow(self, leader: Array, now_s: float) -> None:
        """Follow the pose [n] rad (gripper m) of a leader arm; to be renewed as a jog is."""
        with self._lock:
            if self._wants:
                self._jog, self._leader, self._renewed_s = None, leader, now_s

    def release(self) -> None:
        """Come to rest now, and keep the arm."""
        with self._lock:
            self._jog = self._leader = None

    @property
    def giving(self) -> bool:
        """Whether the arm is being given back."""
        return self._gives

    # What the node does

    def turn(self, now_s: float | None = None) -> None:
        """Say what is due; the timer does this."""
        now_s = time.monotonic() if now_s is None else now_s
        with self._lock:
            self._judge(now_s)
            wants, gives = self._wants, self._gives
            if not now_s - self._renewed_s <= DEAD_MAN_S:
                self._jog = self._leader = None
            jog, leader = self._jog, self._leader
        moves = wants and self._follows(now_s) and (jog is not None or leader is not None)
        due = now_s - self._spoke_s >= _SPEAK_S - 0.5 * _LOOK_S
        if (wants or gives) and (due or moves != self._moves):
            chunk = self._chunk(jog, leader, now_s) if moves else None
            self._say(now_s, chunk, gives)
        elif not wants:
            self._felt = Felt()
        self._moves = moves
        self.state = self._tell(now_s)

    def _follows(self, now_s: float) -> bool:
        """Return whether it is known where the arm goes now; no motion begins elsewhere."""
        return self.last is not None and now_s - self.last.stamp_s <= DEAD_MAN_S

    def _chunk(self, jog: Jog | None, leader: Array | None, now_s: float) -> ActionChunk:
        assert self.last is not None
        if jog is None:
            assert leader is not None
            self._felt = Felt()
            return self.teleop.follow(leader, self.last, now_s)
        chunk, self._felt = self.teleop.chunk(jog, self.last, now_s)
        return chunk

    def _say(self, now_s: float, chunk: ActionChunk | None, gives: bool) -> None:
        self._spoke_s = now_s
        self._sequence += chunk is not None
        episode, step, attempt = self._answers
        claim = self._commander.claim(now_s, idle=chunk is None,
                                      takes=not (gives or self._holds), gives=gives)
        proposal = Proposal(
            header=Header(stamp=conversion.to_time(now_s), frame_id=nodes.BASE_FRAME),
            episode_id=episode, step=step, attempt=attempt, sequence=self._sequence,
            phase='' if chunk is None else chunk.phase, claim=sealing.claim_message(claim))
        if chunk is not None:
            proposal.trajectory = conversion.chunk_trajectory(chunk)
        self._out.publish(sealing.sealed(proposal, self._keys[TELEOP]))

    def _judge(self, now_s: float) -> None:
        """Notice what became of what was asked: taken, refused, lost, given."""
        guard, waited = self._guard, now_s - self._asked_s > _ANSWER_S
        held, self._holds = self._holds, guard.commander == self._commander.name
        if self._gives and (not self._holds and held or waited):
            self._gives, self._refused = False, 'not_taken'
        if not self._wants:
            return
        if not self._guard_s:
            if waited:
                self._drop('no_guard')
        elif guard.state not in ('armed', 'running'):
            self._drop('not_armed')
        elif self._holds:
            self._refused = ''
        elif held or waited:
            self._drop('held' if guard.commander else 'no_answer', guard.commander)

    def _drop(self, why: str, where: str = '') -> None:
        """Want nothing any more: what was lost is not taken again unasked."""
        self._wants, self._jog, self._leader = False, None, None
        self._refused, self._where = why, where

    def _tell(self, now_s: float) -> HandState:
        felt, guard = self._felt, self._guard
        code, where, measured, allowed = felt.code, felt.where, 0.0, 0.0
        limited = guard.limited if not guard.limited.startswith(_NOT_MINE) else ''
        silent = self._jog is not None and not self._follows(now_s)
        if silent or now_s - self._guard_s > _SILENT_S:
            code, where = 'no_guard', ''
        elif self._refused:
            code, where = self._refused, self._where
        elif now_s - self._subgoal_s > self.site.heartbeat_s:
            code, where = 'task_silent', ''
        elif limited or guard.reason:
            code, measured, allowed = limited or guard.reason, guard.measured, guard.allowed
            where = place(guard)
        return HandState(self._holds, self._moves, guard.commander, code, where,
                         felt.share, felt.smallest, felt.ends, measured, allowed)

    # What the cell says

    def _take_subgoal(self, data: bytes) -> None:
        message = sealing.subgoal(data, self._keys['task'])
        if message is not None:   # the guard tells of seals that are wrong
            self._answers = message.episode_id, message.step, message.attempt
            self._subgoal_s = time.monotonic()

    def _take_command(self, data: bytes) -> None:
        message = sealing.command(data, self._keys['guard'])
        if message is None:
            return
        try:
            command = conversion.command(message, self.site.arm.names)
        except ObservationError as refusal:
            self._node.get_logger().error(f'command not read: {refusal}',
                                          throttle_duration_sec=1.0)
            return
        if self.last is None or command.stamp_s > self.last.stamp_s:   # no old one, sent again
            self.last = command

    def _take_guard(self, message: GuardStateMessage) -> None:
        self._guard, self._guard_s = message, time.monotonic()


def place(guard: GuardStateMessage) -> str:
    """Return the joint or point that a guard's message is about, which only its text names."""
    plain = words(guard.limited or guard.reason, guard.measured, guard.allowed)
    head = guard.text.removesuffix(plain)
    return head.removesuffix(': ') if head != guard.text else ''
