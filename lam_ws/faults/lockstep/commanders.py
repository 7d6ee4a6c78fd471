"""Two commanders of one guard: a second policy, an old message, a person who does not ask.

And a policy that does ask, and somebody who gives away what is not theirs. A case and a seed
enter; how many chunks were followed that should not have been leaves. Each foreign
message comes in a cycle of its own between those of the commander that is obeyed.
"""
from collections.abc import Callable

from lam_ws.faults.faults import Case, Seen
from lam_ws.faults.lockstep.aftermath import turning
from lam_ws.faults.lockstep.lone_guard import LoneGuard, REPLAN
from lam_ws.safety.guard import step
from lam_ws.safety.handling import Handled
from lam_ws.safety.lease import Claim, Commander, POLICY, TELEOP
from lam_ws.safety.safety import GuardInputs, Request

CYCLES = 400
EVERY = 7       # cycles between two foreign messages

Speak = Callable[[LoneGuard], Claim | None]


def _second(guard: LoneGuard) -> Claim:
    return Commander(POLICY, 'second', 2).claim(guard.now_s)


def _unasked(guard: LoneGuard) -> Claim:
    return Commander(TELEOP, 'person', 1).claim(guard.now_s)


def _taking(guard: LoneGuard) -> Claim:
    return Commander(POLICY, 'second', 2).claim(guard.now_s, takes=True)


def _giving(guard: LoneGuard) -> Claim:
    return Commander(TELEOP, 'person', 1).claim(guard.now_s, gives=True)


def _old(guard: LoneGuard) -> Claim:
    return Claim(POLICY, guard.commander.name, guard.commander.epoch, 1, guard.now_s)


def _nobody(guard: LoneGuard) -> None:
    return None


SAID: dict[str, tuple[Speak, str]] = {
    'second_policy': (_second, 'not_commander'), 'person_unasked': (_unasked, 'not_commander'),
    'policy_takes': (_taking, 'not_commander'), 'gives_unasked': (_giving, 'not_commander'),
    'claim_replayed': (_old, 'claim_replayed'), 'no_claim': (_nobody, 'no_claim')}


def spoken(case: Case, phase: str, seed: int) -> Seen:
    """Let somebody else propose motion while the arm waits, or moves for another."""
    speak, code = SAID[case.name]
    guard = LoneGuard(seed)
    guard.cycle()
    guard.cycle(None, Handled(), Request.ARM)
    guard.cycle(None if phase == 'idle' else guard.swing(), Handled())
    followed = refused = 0
    for k in range(CYCLES):
        if k % EVERY:
            moves = phase != 'idle' and k % REPLAN == 1
            guard.cycle(guard.swing() if moves else None, Handled())
            continue
        path = guard.memory.path
        guard.now_s += guard.config.cycle_s
        guard.memory, decision = step(guard.config, guard.memory, GuardInputs(
            guard.now_s, guard.read(), turning(guard.read(), guard.now_s), False, Request.NONE,
            Handled(), speak(guard)))
        if decision.command is not None:
            guard.position, guard.velocity = decision.command.position, decision.command.velocity
        refused += decision.limited == code
        followed += guard.memory.path is not path and guard.memory.path is not None
    sound = guard.memory.lease.holder is not None \
        and guard.memory.lease.holder.process == guard.commander.claim(0.0).process
    return Seen(f'{refused} refused as {code}, {followed} followed', float(followed),
                sound and refused == len(range(0, CYCLES, EVERY)))
