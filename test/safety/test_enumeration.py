"""The stop's state machine as a whole: everything that can be reached, by everything that comes.

From power-up every combination of request, joint state, claim, chunk and alarm is given to every
state that was ever reached, until nothing new is. Two memories count as the same state if they
agree in what decides transitions; times are counted in cycles, up to where they stop to matter.
"""
from collections import deque
from dataclasses import dataclass
from itertools import product

from guard_stream import config_of
from lam_ws.safety.bound import Bound
from lam_ws.safety.guard import GuardMemory, start, step
from lam_ws.safety.handling import BY_HAND, Handled
from lam_ws.safety.lease import Claim, POLICY, TELEOP
from lam_ws.safety.safety import GuardDecision, GuardInputs, GuardState, Request
from lam_ws.types import ActionChunk, JointState
import numpy as np
import pytest

# Spans as short as they can be and still differ: one cycle without joints or claim is borne, the
# second is not, and with the third the commander has stalled.
CONFIG = config_of(lease_s=0.015, stale_chunk_s=0.025, stale_joints_s=0.015)
SPEC, DT = CONFIG.spec, CONFIG.cycle_s
HOME = np.array(SPEC.home)
S = GuardState
STOPPED_STATES = {S.STOPPING, S.STOPPED}
MOVABLE = {S.ARMED, S.RUNNING}
ESTOP = Bound('estop')
A, B, HAND = (POLICY, 'a', 1), (POLICY, 'b', 2), (TELEOP, 'hand', 1)
# who, whether it has a chunk; of its claim idle, takes, gives
SAID = {'nothing': None, 'alive': (A, False, False, False, False),
        'idle': (A, False, True, False, False), 'chunk': (A, True, False, False, False),
        'policy gives': (A, True, False, False, True),
        'second policy': (B, True, False, False, False),
        'second policy takes': (B, True, False, True, False),
        'hand': (HAND, True, False, False, False), 'hand takes': (HAND, True, False, True, False),
        'hand idle': (HAND, False, True, False, False),
        'hand gives': (HAND, True, False, False, True)}
JOINTS = ('fresh', 'none', 'jump')


@dataclass(frozen=True)
class Event:
    """What comes in one cycle; `step` tells whether the task has one in work."""

    request: Request
    joints: str
    said: str
    alarm: bool
    step: bool = True
    pace: float = 1.0


@dataclass(frozen=True)
class Here:
    """A guard, the time, where its arm stands, and how often somebody has spoken."""

    memory: GuardMemory
    now_s: float
    position: np.ndarray
    count: int

    def key(self) -> tuple[object, ...]:
        """Return what decides transitions from here."""
        memory, lease = self.memory, self.memory.lease
        age = 2 if memory.joints is None else min(
            round((self.now_s - memory.joints.stamp_s) / DT), 2)
        silence = min(round(min(self.now_s - lease.heard_s, 1.0) / DT), 3)
        holder = None if lease.holder is None else lease.holder.process
        moving = memory.motion is not None and not memory.motion.resting
        newest = max((epoch for role, epoch, _ in lease.marks if role == POLICY), default=0)
        return (memory.state, age, memory.bad > 0, holder, lease.idle, silence,
                memory.path is not None, moving, memory.motion is None, newest,
                memory.pace < 1.0)


def after(here: Here, event: Event) -> tuple[Here, GuardDecision, GuardInputs]:
    """Return where the event leads, with what went into the guard."""
    now_s, count = here.now_s + DT, here.count + 1
    position = here.position + (0.5 if event.joints == 'jump' else 0.0)
    joints = None if event.joints == 'none' else JointState(
        now_s, SPEC.names, position, np.zeros(SPEC.axes))
    claim = chunk = None
    if SAID[event.said] is not None:
        who, has_chunk, *asks = SAID[event.said]
        claim = Claim(*who, count, now_s, *asks)
        if has_chunk:
            turn = np.eye(SPEC.axes)[0] * np.array([[0.02], [0.06], [0.1]])
            chunk = ActionChunk(now_s, SPEC.names, np.array([0.1, 0.2, 0.3]),
                                here.position + turn)
    inputs = GuardInputs(now_s, joints, chunk, False, event.request,
                         Handled() if event.step else None, claim,
                         ESTOP if event.alarm else None, event.pace)
    memory, decision = step(CONFIG, here.memory, inputs)
    where = here.position if decision.command is None else decision.command.position
    return Here(memory, now_s, where, count), decision, inputs


CALM = {'policy gives', 'second policy takes', 'hand idle'}   # with sound joints only
# An alarm with every request and every joint state, and with who wants to move in spite of it;
# no step in work with whoever speaks.
EVENTS = (*(Event(*parts) for parts in product(Request, JOINTS, SAID, (False,))
            if parts[1] == 'fresh' or parts[2] not in CALM),
          *(Event(*parts) for parts in product(Request, JOINTS, ('nothing', 'chunk'), (True,))),
          *(Event(Request.NONE, 'fresh', said, False, False) for said in SAID),
          *(Event(Request.NONE, 'fresh', said, False, True, pace)
            for said in ('nothing', 'chunk') for pace in (0.0, 0.5)))


@pytest.fixture(scope='module')
def graph():
    """Return [(here, event, there, decision, inputs), ...]: every event in every state."""
    first = Here(start(CONFIG), 1.0, HOME, 0)
    known, waiting, edges = {first.key()}, deque([first]), []
    while waiting:
        here = waiting.popleft()
        for event in EVENTS:
            there, decision, inputs = after(here, event)
            edges.append((here, event, there, decision, inputs))
            if there.key() not in known:
                known.add(there.key())
                waiting.append(there)
    return edges


def test_every_state_and_every_commander_is_reached(graph):
    """Pins that the enumeration enumerates: all states, all holders, with and without a path."""
    keys = {here.key() for here, *_ in graph}
    assert {key[0] for key in keys} == set(GuardState)
    assert {key[3] for key in keys} == {None, A, B, HAND}
    assert len(keys) > 800 and len(graph) == len(keys) * len(EVENTS)


def test_a_stop_wins_over_everything_in_its_cycle(graph):
    """Pins one step to a stop from anywhere, by request and by alarm, and nothing followed."""
    for here, event, there, decision, _ in graph:
        if event.request is not Request.STOP and not event.alarm:
            continue
        before, state = here.memory.state, there.memory.state
        assert there.memory.path is None and state not in MOVABLE, (here.key(), event)
        if before in MOVABLE or event.request is Request.STOP:
            assert state in STOPPED_STATES and decision.reason, (here.key(), event)
        if event.alarm and before is S.STOPPED:
            assert state is S.STOPPED, event   # RESET does not help while it is pressed


def test_an_arm_that_slows_down_is_waited_for(graph):
    """Pins that no path outlives a slower pace, and that none is begun at a stand."""
    for here, event, there, *_ in graph:
        if event.pace < here.memory.pace:
            assert there.memory.path is None or there.memory.path is not here.memory.path
        if event.pace == 0.0:
            assert there.memory.path is None, (here.key(), event)


def test_a_stop_brakes_until_the_arm_stands(graph):
    """Pins 'brakes or holds': from every stop on the arm only slows down, whatever comes."""
    checked = 0
    for here, _, there, decision, _ in graph:
        if there.memory.state is not S.STOPPING or decision.command is None:
            continue
        way = here.memory.motion.ways[0] if here.memory.motion is not None else None
        assert way is not None
        end = way.trajectory.at_time(way.trajectory.duration)[0]
        left = there.memory.motion.ways[0]
        assert left.gone_s > 0.0 or there.memory.motion.resting
        assert np.allclose(left.trajectory.at_time(left.trajectory.duration)[0], end, atol=1e-9)
        checked += 1
    assert checked > 100


def test_motion_is_permitted_in_two_deliberate_steps(graph):
    """Pins RESET, then ARM: no other way leads out of a stop, and none in one event."""
    for here, event, there, _, inputs in graph:
        before, state = here.memory.state, there.memory.state
        case = here.key(), event
        if before in STOPPED_STATES:
            assert state in STOPPED_STATES or (
                before is S.STOPPED and state is S.DISARMED and event.request is Request.RESET
                and not event.alarm), case
        if before is S.DISARMED and state not in (S.DISARMED, *STOPPED_STATES):
            assert state is S.ARMED and event.request is Request.ARM, case
            newest = there.memory.joints
            assert newest is not None and event.joints != 'jump', case
            assert inputs.now_s - newest.stamp_s <= CONFIG.stale_joints_s + 1e-9, case
        if state is S.RUNNING:
            assert before in MOVABLE, case
        if state is S.ARMED:
            assert before in MOVABLE or event.request is Request.ARM, case


def test_nothing_moves_without_a_valid_lease(graph):
    """Pins that what is followed is the holder's, who was heard in time and not on its own."""
    for here, event, there, _, inputs in graph:
        lease, before = there.memory.lease, here.memory.lease.holder
        case = here.key(), event
        if there.memory.path is not None:
            assert lease.holder is not None and not lease.idle, case
            assert not lease.lapsed(CONFIG.lease_s, inputs.now_s), case
            if there.memory.path is not here.memory.path:
                assert inputs.claim is not None, case
                assert inputs.claim.process == lease.holder.process, case
        if before is not None and lease.holder is not None \
                and lease.holder.process != before.process:
            assert event.said == 'hand takes' and before.role == POLICY, case
        if event.said == 'second policy' and before is not None and before.process != B:
            assert there.memory.chunk_s == here.memory.chunk_s or event.request is Request.ARM


def test_without_a_step_only_a_hand_moves_the_arm(graph):
    """Pins motion by hand: its own lease, its own limits, and nobody else's."""
    followed = 0
    for here, event, there, _, inputs in graph:
        if event.step:
            continue
        by_hand = there.memory.lease.by_hand
        if there.memory.path is not None:
            followed += 1
            assert by_hand and there.memory.lease.holder.process == HAND, (here.key(), event)
            assert not there.memory.lease.lapsed(CONFIG.lease_s, inputs.now_s), event
            assert there.memory.handled == BY_HAND, event
        assert (there.memory.handled == BY_HAND) == (by_hand or here.memory.handled == BY_HAND)
    assert followed > 50


def test_what_is_given_back_moves_nothing_and_is_taken_by_the_next(graph):
    """Pins the way back: in that cycle the arm brakes, then the next sound claim has the lease."""
    given = taken = 0
    for here, event, there, decision, inputs in graph:
        before, lease = here.memory.lease, there.memory.lease
        case = here.key(), event
        if event.said.endswith('gives') and before.holder is not None \
                and before.holder.process == inputs.claim.process:
            given += 1
            assert lease.holder is None and there.memory.path is None, case
            assert there.memory.chunk_s == here.memory.chunk_s or not decision.limited, case
        if before.holder is None and inputs.claim is not None and not inputs.claim.gives \
                and event.request is not Request.ARM:
            claim, marks = inputs.claim, {role: mark for role, *mark in before.marks}
            sound = [claim.epoch, claim.sequence] > marks.get(claim.role, [0, 0])
            taken += sound
            assert (lease.holder == claim) == sound, case
        if before.holder is not None and lease.holder is None:
            assert event.said.endswith('gives') or event.request is Request.ARM, case
        if before.holder is not None and before.holder.role == TELEOP:
            assert lease.holder is None or lease.holder.role == TELEOP, case   # no policy takes
    assert given > 50 and taken > 50


def test_commands_never_pause(graph):
    """Pins 'hold, never nothing': once a pose is known there is a command in every cycle."""
    for here, event, _, decision, _ in graph:
        if here.memory.motion is not None:
            assert decision.command is not None, (here.key(), event)
            assert np.isfinite(decision.command.position).all()


def test_a_replayed_claim_leads_nowhere(graph):
    """Pins that what was heard once counts no second time, in no state.

    A claim that was refused was not heard: the same may be said again once ARM has opened the
    lease. Else a stranger could use up the numbers of the one who holds it.
    """
    replayed = 0
    for here, event, there, _, inputs in graph[::5]:
        claim = inputs.claim
        if claim is None or inputs.chunk is None or (
                claim.role, claim.epoch, claim.sequence) not in there.memory.lease.marks:
            continue
        replayed += 1
        joints = JointState(there.now_s + DT, SPEC.names, there.position, np.zeros(SPEC.axes))
        memory, _ = step(CONFIG, there.memory, GuardInputs(
            there.now_s + DT, joints, inputs.chunk, claim=inputs.claim))
        assert memory.path is None or memory.path is there.memory.path, (here.key(), event)
        assert memory.lease.heard_s == there.memory.lease.heard_s, (here.key(), event)
    assert replayed > 1000
