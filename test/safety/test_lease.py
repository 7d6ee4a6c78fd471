"""One lease: who may have it, for how long, and what does not count twice."""
from guard_stream import config_of, Run
from lam_ws.safety.lease import Claim, Commander, consider, DEAD_MAN_S, Lease, POLICY, TELEOP
from lam_ws.safety.safety import Request
import numpy as np
import pytest

CONFIG = config_of()
FRESH_S, CYCLE_S = 1.0, 0.01


def ask(lease, claim, now_s=5.0):
    """Return the lease after a claim, and why it is refused."""
    return consider(lease, claim, now_s, FRESH_S, CYCLE_S)


def claim(commander, now_s=5.0, **more):
    """Return the next claim of a commander."""
    return commander.claim(now_s, **more)


def test_the_first_sound_claim_takes_an_open_lease_and_no_second_does():
    """Pins one commander at a time, by role, name and epoch alike."""
    first = Commander(POLICY, 'a', 3)
    lease, refused = ask(Lease(), claim(first))
    assert refused is None and lease.holder.commander == 'a' and lease.heard_s == 5.0
    for other in (Commander(POLICY, 'b', 4), Commander(POLICY, 'a', 4), Commander(TELEOP, 'a', 4)):
        same, refused = ask(lease, claim(other))
        assert refused.name == 'not_commander' and refused.where == other.name and same == lease
    lease, refused = ask(lease, claim(first))
    assert refused is None and lease.holder.sequence == 2


def test_a_higher_rank_takes_over_only_if_it_asks():
    """Pins the explicit hand-over, and that a policy can never take from a person."""
    policy, person = Commander(POLICY, 'p', 1), Commander(TELEOP, 'h', 1)
    lease, _ = ask(Lease(), claim(policy))
    assert ask(lease, claim(person))[1].name == 'not_commander'
    lease, refused = ask(lease, claim(person, takes=True))
    assert refused is None and lease.holder.role == TELEOP
    assert ask(lease, claim(policy, takes=True))[1].name == 'not_commander'
    lease, refused = ask(lease.opened(), claim(policy))
    assert refused is None and lease.holder.role == POLICY


def test_what_was_claimed_once_counts_no_second_time():
    """Pins replay: of the holder, after the lease was opened, and of another's turn."""
    policy, person = Commander(POLICY, 'p', 7), Commander(TELEOP, 'h', 1)
    old = claim(policy)
    lease, _ = ask(Lease(), old)
    newest = claim(policy)
    lease, _ = ask(lease, newest)
    assert ask(lease, old)[1].name == 'claim_replayed'
    assert ask(lease, newest, 5.5) == (lease, None)          # its chunk may follow, ...
    assert ask(lease, newest, 5.5)[0].heard_s == 5.0         # ... it proves no life
    lease, _ = ask(lease, claim(person, takes=True))
    for held in (lease, lease.opened()):
        assert ask(held, newest)[1].name == 'claim_replayed'
        assert ask(held, Claim(POLICY, 'p', 6, 99, 5.0))[1].name == 'claim_replayed'


@pytest.mark.parametrize(('wrong', 'name'), [
    (Claim('janitor', 'j', 1, 1, 5.0), 'claim_role'), (Claim('', '', 0, 0, 5.0), 'claim_role'),
    (Claim(POLICY, 'p', 1, 1, 3.9), 'claim_stale'), (Claim(POLICY, 'p', 1, 1, 5.02),
                                                     'claim_stale'),
    (Claim(POLICY, 'p', 1, 1, float('nan')), 'claim_stale')])
def test_a_claim_that_is_none(wrong, name):
    """Pins unknown roles, old stamps, stamps from the future and none at all."""
    lease, refused = ask(Lease(), wrong)
    assert refused.name == name and lease == Lease()
    assert ask(Lease(), Claim(POLICY, 'p', 1, 1, 4.0))[1] is None
    assert ask(Lease(), Claim(POLICY, 'p', 1, 1, CYCLE_S), 0.0)[1] is None


def test_a_lease_lapses_and_a_hand_sooner():
    """Pins the terms: the site's for a policy, the dead-man's for a person."""
    lease, _ = ask(Lease(), claim(Commander(POLICY, 'p', 1)))
    assert not lease.lapsed(0.25, 5.25) and lease.lapsed(0.25, 5.26)
    hand, _ = ask(Lease(), claim(Commander(TELEOP, 'h', 1)))
    assert not hand.lapsed(0.25, 5.0 + DEAD_MAN_S) and hand.lapsed(0.25, 5.01 + DEAD_MAN_S)
    assert hand.lapsed(0.05, 5.06)
    began = lease._replace(heard_s=0.0)   # rounding of the clock is no silence
    assert not began.lapsed(0.25, 0.25 + 1e-9) and began.lapsed(0.25, 0.25 + 3e-9)
    assert Lease().lapsed(0.25, 5.0) and lease.lapsed(0.25, float('nan'))
    assert Lease().idle and not lease.idle


def test_what_is_given_back_goes_to_the_next_sound_claim():
    """Pins the way back to the policy, and that only who holds the lease gives it away."""
    policy, person = Commander(POLICY, 'p', 1), Commander(TELEOP, 'h', 1)
    lease, _ = ask(Lease(), claim(policy))
    before = lease
    lease, refused = ask(lease, claim(person, gives=True))
    assert (refused.name, lease) == ('not_commander', before)
    lease, _ = ask(lease, claim(person, takes=True))
    before = lease
    lease, refused = ask(lease, claim(policy, gives=True))
    assert (refused.name, lease) == ('not_commander', before)
    gift = claim(person, idle=True, gives=True)
    lease, refused = ask(lease, gift)
    assert refused is None and lease.holder is None and lease.idle and not lease.by_hand
    assert lease.lapsed(9.0, 5.0) and ask(lease, gift)[1].name == 'claim_replayed'
    lease, refused = ask(lease, claim(policy))
    assert refused is None and lease.holder.role == POLICY
    again, refused = ask(lease, claim(person, idle=True, gives=True))
    assert refused.name == 'not_commander' and again == lease   # said twice, it takes nothing away
    open_again, _ = ask(lease, claim(policy, gives=True))
    other, refused = ask(open_again, claim(person))
    assert refused is None and other.by_hand   # open is open, for whatever rank
    assert ask(other, claim(Commander(TELEOP, 'h2', 1), takes=True))[1].name == 'claim_replayed'
    assert ask(other, claim(Commander(TELEOP, 'h2', 2), takes=True))[1].name == 'not_commander'


def test_a_claim_that_both_takes_and_gives_leaves_the_lease_open():
    """Pins the pair: it takes from the policy and keeps nothing."""
    policy, person = Commander(POLICY, 'p', 1), Commander(TELEOP, 'h', 1)
    lease, _ = ask(Lease(), claim(policy))
    lease, refused = ask(lease, claim(person, takes=True, gives=True))
    assert refused is None and lease.holder is None


@pytest.mark.parametrize(('holder', 'by_hand'), [
    (None, False), (Claim(POLICY, 'p', 1, 1, 5.0), False), (Claim(TELEOP, 'h', 1, 1, 5.0), True),
    (Claim(TELEOP, 'h', 1, 1, 5.0, idle=True), False)])
def test_who_moves_the_arm_by_hand(holder, by_hand):
    """Pins that a hand which only holds is none that moves."""
    assert Lease(holder).by_hand is by_hand


def test_a_claim_that_is_refused_is_told_in_numbers():
    """Pins values and who it was, by which an operator finds the process."""
    fresh = Claim(POLICY, 'p', 3, 7, 5.0)
    lease, _ = ask(Lease(), fresh)
    assert ask(lease, Claim('x', 'p', 3, 8, 5.0))[1] == ('claim_role', 0.0, 0.0, 'x')
    assert ask(lease, Claim(POLICY, 'p', 3, 8, 3.0))[1] == ('claim_stale', 2.0, 1.0, 'p')
    assert ask(lease, Claim(POLICY, 'p', 3, 8, 6.0))[1] == ('claim_stale', -1.0, 1.0, 'p')
    assert ask(lease, Claim(POLICY, 'q', 3, 5, 5.0))[1] == ('claim_replayed', 5, 7, 'q')
    assert ask(lease, Claim(POLICY, 'q', 4, 1, 5.0))[1] == ('not_commander', 0.0, 0.0, 'q')


def test_numbers_are_those_of_a_role_and_an_epoch():
    """Pins what is newer: the next number, or any number of a later epoch; of one's own role."""
    lease, _ = ask(Lease(), Claim(POLICY, 'p', 3, 7, 5.0))
    for sequence, epoch, name in ((7, 3, 'claim_replayed'), (99, 2, 'claim_replayed'),
                                  (8, 3, ''), (1, 4, '')):
        refused = ask(lease.opened(), Claim(POLICY, 'q', epoch, sequence, 5.0))[1]
        assert (refused.name if refused else '') == name
    hand, refused = ask(lease, Claim(TELEOP, 'h', 1, 1, 5.0, takes=True), 5.4)
    assert refused is None and hand.heard_s == 5.4
    assert hand.marks == ((POLICY, 3, 7), (TELEOP, 1, 1))
    assert ask(hand, Claim(TELEOP, 'h', 1, 2, 5.0))[0].marks == ((POLICY, 3, 7), (TELEOP, 1, 2))


def test_a_commander_counts_from_one():
    """Pins what a process says of itself: nothing idle and nothing taken unless it says so."""
    commander = Commander(POLICY, 'p', 4)
    assert commander.claim(2.0) == Claim(POLICY, 'p', 4, 1, 2.0, False, False)
    assert commander.claim(3.0, idle=True, takes=True) == Claim(POLICY, 'p', 4, 2, 3.0, True, True)
    assert commander.claim(3.0, gives=True) == Claim(POLICY, 'p', 4, 3, 3.0, False, False, True)
    assert Claim(POLICY, 'p', 4, 1, 2.0) == commander.claim(2.0)._replace(sequence=1)


def test_a_silence_is_told_in_numbers():
    """Pins how long, how long it may be, and who is silent."""
    run = Run(CONFIG).start_motion()
    silent(run, 30)
    assert (run.decision.limited, run.decision.where) == ('lease_lapsed', 'test')
    assert (run.decision.measured, run.decision.allowed) == pytest.approx((0.30, CONFIG.lease_s))
    run.cycle(hold=True)
    run.claim = lambda: None
    for _ in range(30):
        run.cycle(hold=True)
    assert run.decision.limited == ''   # nothing is missed by nobody


def silent(run, cycles):
    """Run cycles in which nobody says anything."""
    run.claim = lambda: None
    for _ in range(cycles):
        run.cycle()
    del run.claim


def test_silence_brakes_and_long_silence_stops():
    """Pins a commander that died: at rest by itself, and latched before it is back for good."""
    run = Run(CONFIG).start_motion()
    silent(run, round(CONFIG.lease_s / CONFIG.cycle_s))
    assert run.decision.state == 'running' and run.memory.path is not None
    silent(run, 1)
    assert (run.decision.limited, run.memory.path) == ('lease_lapsed', None)
    assert run.decision.allowed == CONFIG.lease_s
    silent(run, 60)
    assert run.decision.state == 'armed' and not run.decision.command.velocity.any()
    silent(run, round(CONFIG.stale_chunk_s / CONFIG.cycle_s) - 61 - round(
        CONFIG.lease_s / CONFIG.cycle_s))
    assert run.decision.state == 'armed'
    silent(run, 1)
    assert (run.decision.state, run.decision.reason) == ('stopped', 'policy_stalled')


def test_a_short_silence_is_made_up_for():
    """Pins that a hiccup costs a rest and no operator."""
    run = Run(CONFIG).start_motion()
    silent(run, round(CONFIG.lease_s / CONFIG.cycle_s) + 5)
    assert run.memory.path is None
    run.cycle(run.chunk(run.position + 0.1 * run.way()[None]))
    assert run.decision.state == 'running' and run.memory.path is not None


def test_who_has_nothing_to_do_may_be_silent():
    """Pins that an idle cell is not stopped by its own quiet."""
    run = Run(CONFIG).arm()
    run.claim = lambda: run.commander.claim(run.now_s, idle=True)
    run.cycle()
    silent(run, 400)
    assert run.decision.state == 'armed' and run.decision.limited == ''


def test_a_policy_that_was_started_again_waits_for_the_operator():
    """Pins no resumption by itself: a new epoch moves nothing before RESET and ARM."""
    run = Run(CONFIG).start_motion()
    silent(run, 30)
    run.commander = Commander(POLICY, 'test', 2)
    run.cycle(run.chunk(run.position + 0.1 * run.way()[None]))
    assert (run.decision.limited, run.memory.path) == ('not_commander', None)
    run.cycle(request=Request.STOP)
    while run.decision.state != 'stopped':
        run.cycle()
    run.cycle(request=Request.RESET)
    run.cycle(request=Request.ARM)
    run.cycle(run.chunk(run.position + 0.1 * run.way()[None]))
    assert run.decision.state == 'running'


def test_a_chunk_from_nobody_is_not_followed():
    """Pins the one check that all others rest on."""
    run = Run(CONFIG).arm()
    run.claim = lambda: None
    run.cycle(run.chunk(run.position + 0.1 * run.way()[None]))
    assert (run.decision.limited, run.decision.state) == ('no_claim', 'armed')
    assert run.memory.rejected == 1


def test_a_hand_over_in_mid_motion_is_smooth():
    """Pins the hand-over: within every bound, and what the policy had planned is gone."""
    from guard_stream import violations
    run = Run(CONFIG).start_motion()
    policy, hand = run.commander, Commander(TELEOP, 'h', 1)
    run.claim = lambda: hand.claim(run.now_s, takes=True)
    run.cycle(run.chunk(run.position - 0.3 * run.way()[None], 0.5))
    assert run.decision.state == 'running' and run.memory.lease.holder.role == TELEOP
    for _ in range(40):
        run.cycle()
    run.claim = lambda: policy.claim(run.now_s)
    before = run.memory.path
    run.cycle(run.chunk(run.position + 0.3 * run.way()[None]))
    assert run.decision.limited == 'not_commander' and run.memory.path is before
    assert not any(violations(CONFIG, stream) for stream in run.streams)
    assert np.ptp([p for p, _ in run.streams[-1]], axis=0).max() > 0.02


def by_hand(run, **more):
    """Let a hand speak in each cycle of a run from now on; return it."""
    hand = Commander(TELEOP, 'h', 1)
    run.claim = lambda: hand.claim(run.now_s, **more)
    return hand


def test_a_hand_moves_the_arm_without_a_step():
    """Pins teleoperation: what stops a policy that was asked for nothing moves by a hand."""
    for role, state in ((POLICY, 'armed'), (TELEOP, 'running')):
        run = Run(CONFIG).arm()
        run.handled, who = None, Commander(role, 'x', 9)
        run.claim = lambda who=who, run=run: who.claim(run.now_s)
        run.cycle(run.chunk(run.position + np.linspace(0.04, 0.4, 10)[:, None] * run.way()))
        for _ in range(19):
            run.cycle()
        assert run.decision.state == state
        assert run.decision.command.velocity.any() == (role == TELEOP)


def test_a_hand_that_falls_silent_brakes_at_once_and_latches_later():
    """Pins the dead-man switch without a step: DEAD_MAN_S, at rest, stopped, and not back."""
    run = Run(CONFIG).arm()
    run.handled, hand = None, by_hand(run)
    run.cycle(run.chunk(run.position + np.linspace(0.04, 0.4, 10)[:, None] * run.way()))
    for _ in range(20):
        run.cycle()
    assert run.decision.command.velocity.any()
    silent(run, round(DEAD_MAN_S / CONFIG.cycle_s))
    assert run.memory.path is not None
    silent(run, 1)
    assert (run.decision.limited, run.decision.where, run.memory.path) == (
        'lease_lapsed', 'h', None)
    assert run.decision.allowed == DEAD_MAN_S
    silent(run, 40)
    assert not run.decision.command.velocity.any() and run.decision.state == 'armed'
    silent(run, round((CONFIG.stale_chunk_s - DEAD_MAN_S) / CONFIG.cycle_s) - 41)
    assert run.decision.state == 'armed'
    silent(run, 10)
    assert (run.decision.state, run.decision.reason) == ('stopped', 'policy_stalled')
    run.claim = lambda: hand.claim(run.now_s, takes=True)
    run.cycle(run.chunk(run.position + 0.1 * run.way()[None]))
    assert run.decision.state == 'stopped'


def test_a_hand_that_only_holds_may_be_silent_and_keeps_the_policy_out():
    """Pins a hand that died while it moved nothing: the arm waits for an operator."""
    run = Run(CONFIG).start_motion()
    policy, hand = run.commander, Commander(TELEOP, 'h', 1)
    run.claim = lambda: hand.claim(run.now_s, idle=True, takes=True)
    run.cycle()
    assert run.memory.path is None
    run.claim = lambda: policy.claim(run.now_s, takes=True)
    for _ in range(300):
        run.cycle(run.chunk(run.position + 0.1 * run.way()[None]))
        assert run.decision.limited == 'not_commander' and run.memory.path is None
    assert run.decision.state == 'armed' and not run.decision.command.velocity.any()


def test_hand_over_and_back_in_mid_motion_are_within_every_bound():
    """Pins both ways: the arm brakes in the cycle of giving, and follows the policy again."""
    from guard_stream import violations
    run = Run(CONFIG).start_motion()
    policy, hand = run.commander, by_hand(run, takes=True)
    back = np.linspace(0.04, 0.4, 10)[:, None] * run.way()
    run.cycle(run.chunk(run.position - back))
    for _ in range(30):
        run.cycle()
    assert run.memory.path is not None and run.memory.lease.by_hand
    run.claim = lambda: hand.claim(run.now_s, gives=True)
    run.cycle(run.chunk(run.position - back))     # even with a chunk
    assert run.memory.path is None and run.memory.lease.holder is None
    assert run.decision.command.velocity.any()    # it brakes, it does not jump
    run.claim = lambda: policy.claim(run.now_s)
    run.cycle(run.chunk(run.position + back))
    assert run.decision.state == 'running' and run.memory.lease.holder.role == POLICY
    for _ in range(60):
        run.cycle()
    assert not any(violations(CONFIG, stream) for stream in run.streams)
