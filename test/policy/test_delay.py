"""Late chunks without a simulator: when they come, and what each strategy makes of them."""
from dataclasses import replace

from lam_ws.errors import ConfigurationError
from lam_ws.policy.delay import Blend, BLEND_S, Delayed, Hold, Naive, Rtc, STRATEGIES, target
from lam_ws.types import ActionChunk, Goal, JointState, Observation
import numpy as np
import pytest

NAMES = ('one', 'two', 'gripper')
TICK_S, POINTS = 0.1, 10
TIMES = TICK_S * np.arange(1, POINTS + 1)
GOAL = Goal('press', 'button', 'red', '', 'press the red button', '')
SPEED = np.array([0.5, -0.2, 0.01])


def observation(now_s, velocity=0.0):
    """Return what is observed at `now_s`, with the arm joints at `velocity`."""
    joints = JointState(now_s, NAMES, np.zeros(3), np.full(3, velocity))
    return Observation(now_s, joints, {})


class Ramp:
    """A policy whose chunks run at SPEED from `start`, and further off each time by `shift`."""

    def __init__(self, shift=0.0):
        self.shift, self.asked, self.goals = shift, [], []

    def reset(self, goal):
        self.goals.append(goal)

    def act(self, seen):
        offset = self.shift * len(self.asked)
        self.asked.append(seen.stamp_s)
        return ActionChunk(seen.stamp_s, NAMES, TIMES,
                           (seen.stamp_s + TIMES)[:, None] * SPEED + offset, 0.25, 'ramp')


def play(policy, seconds, start=0.0):
    """Show a policy one observation a tick; return {tick: chunk} of what it handed out."""
    found = {}
    for tick in range(round(seconds / TICK_S)):
        chunk = policy.act(observation(start + tick * TICK_S))
        if chunk is not None:
            found[tick] = chunk
    return found


def joined(strategy, delay_s=0.3, shift=0.1, replan_s=0.5):
    """Return the first and the second chunk a strategy hands out, and when the second comes.

    The second one was asked for at `replan_s`, by a policy that wants something else by then.
    """
    inner = Ramp(shift)
    late = strategy(Delayed(inner, delay_s))
    first = next(chunk for chunk in (late.act(observation(k * TICK_S)) for k in range(9)) if chunk)
    now_s = replan_s + delay_s
    assert late.act(observation(replan_s)) is None
    second = late.act(observation(now_s))
    assert inner.asked == [0.0, replan_s]
    return first, second, now_s


# ---- Delayed: when a chunk is handed out

@pytest.mark.parametrize(('delay_s', 'tick'), [(0.0, 0), (0.1, 1), (0.25, 3), (0.3, 3)])
def test_a_chunk_comes_at_the_first_tick_that_is_late_enough(delay_s, tick):
    """Pins the hand-out at t + delay, also where the sum is not exact in binary."""
    for start in (0.0, 0.7, 12.3):
        inner = Ramp()
        found = play(Delayed(inner, delay_s), (tick + 1) * TICK_S, start)
        assert list(found) == [tick]
        assert found[tick].stamp_s == inner.asked[0] == start


def test_a_delayed_policy_is_asked_once_an_answer_and_sees_the_old_observation():
    """Pins that waiting costs no second inference and that the chunk keeps its stamp."""
    inner = Ramp()
    found = play(Delayed(inner, 0.2), 0.9)
    assert list(found) == [2, 5, 8]
    np.testing.assert_allclose(inner.asked, [0.0, 0.3, 0.6])
    np.testing.assert_allclose([chunk.stamp_s for chunk in found.values()], inner.asked)


def test_no_delay_is_no_wrapper():
    """Pins that a delay of 0 hands the policy's own object through, under every strategy."""
    for name in ('none', 'naive', 'blend', 'rtc'):
        plain, late = Ramp(0.1), STRATEGIES[name](Delayed(Ramp(0.1), 0.0), 0.5)
        for tick in range(20):
            wanted, got = plain.act(observation(tick * 0.5)), late.act(observation(tick * 0.5))
            assert got.stamp_s == wanted.stamp_s
            np.testing.assert_array_equal(got.times, wanted.times)
            np.testing.assert_array_equal(got.position, wanted.position)


def test_jitter_adds_up_to_its_bound_and_is_the_seeds():
    """Pins range, spread and repeatability of the drawn time."""
    def ticks(seed):
        rng = np.random.default_rng(seed)
        late = Delayed(Ramp(), 0.2, jitter_s=0.4, rng=rng)
        arrivals, start = [], 0.0
        for _ in range(60):
            arrivals.append(next(iter(play(late, 1.0, start))))
            late.reset(GOAL)
            start += 2.0
        return arrivals
    assert ticks(3) == ticks(3) != ticks(4)
    assert set(ticks(3)) == {3, 4, 5, 6}   # 0.2 s to 0.6 s, at the next tick


def test_a_lost_chunk_is_noticed_when_due_and_asked_for_anew():
    """Pins that a loss costs a whole delay, and that the share is the one asked for."""
    inner = Ramp()
    late = Delayed(inner, 0.2, drop=0.5, rng=np.random.default_rng(1))
    found = play(late, 60.0)
    lost = len(inner.asked) - len(found)
    assert 0.4 < lost / len(inner.asked) < 0.6
    assert {round(gap, 6) for gap in np.diff(inner.asked)} == {0.2, 0.3}   # lost, answered
    again = Delayed(Ramp(), 0.2, drop=0.5, rng=np.random.default_rng(1))
    assert list(play(again, 60.0)) == list(found)


def test_a_loss_without_delay_is_noticed_one_call_later():
    """Pins that drop at delay 0 neither loops nor goes unnoticed."""
    inner = Ramp()
    found = play(Delayed(inner, 0.0, drop=0.5, rng=np.random.default_rng(2)), 10.0)
    assert 0 < len(found) < 100 and len(inner.asked) == 100


def test_a_new_goal_forgets_the_answer_to_the_old_one():
    """Pins that a chunk for the last goal never reaches the arm under the next."""
    inner = Ramp()
    late = Delayed(inner, 0.3)
    assert late.act(observation(0.0)) is None
    late.reset(GOAL)
    assert late.act(observation(0.3)) is None     # asked anew at 0.3
    assert late.act(observation(0.6)).stamp_s == 0.3
    assert inner.goals == [GOAL]


@pytest.mark.parametrize('wrong', [{'delay_s': -0.1}, {'delay_s': np.nan}, {'jitter_s': -1.0},
                                   {'drop': 1.0}, {'drop': -0.1}, {'delay_s': np.inf}])
def test_impossible_delays_are_refused(wrong):
    """Pins that a sign error in a study is an error, not a result."""
    with pytest.raises(ConfigurationError, match='delay of'):
        Delayed(Ramp(), **{'delay_s': 0.1, **wrong})


# ---- target: what a chunk asks for

def test_the_target_of_a_chunk_is_exact_on_parabolas_and_rests_at_the_end():
    """Pins values and slopes within, before the first point, and after the last."""
    chunk = ActionChunk(2.0, NAMES, TIMES, np.stack([TIMES ** 2, 3 * TIMES, 0 * TIMES], 1))
    for t in (0.0, 0.05, 0.1, 0.42, 0.99):
        position, velocity = target(chunk, 2.0 + t)
        np.testing.assert_allclose(position, [t * t, 3 * t, 0.0], atol=1e-12)
        np.testing.assert_allclose(velocity, [2 * t, 3.0, 0.0], atol=1e-12)
    for t in (1.0, 7.0):
        position, velocity = target(chunk, 2.0 + t)
        np.testing.assert_allclose(position, chunk.position[-1])
        np.testing.assert_array_equal(velocity, 0.0)
    alone = replace(chunk, times=TIMES[:1], position=chunk.position[:1])
    np.testing.assert_array_equal(target(alone, 2.0)[0], chunk.position[0])


# ---- the strategies

def test_naive_stamps_a_late_chunk_with_its_arrival():
    """Pins the honest mistake: every point of the past is played, late."""
    found = play(Naive(Delayed(Ramp(), 0.3)), 0.4)
    chunk = found[3]
    assert chunk.stamp_s == pytest.approx(0.3)
    np.testing.assert_array_equal(chunk.times, TIMES)
    np.testing.assert_allclose(chunk.position, TIMES[:, None] * SPEED)   # from t = 0 on
    assert (chunk.done, chunk.phase) == (0.25, 'ramp')


def test_hold_plays_a_part_and_stands_until_the_next_arrives():
    """Pins that nothing is asked for while the arm moves, and nothing is played while it waits."""
    inner = Ramp()
    found = play(Hold(Delayed(inner, 0.3), 0.5), 2.0)
    assert list(found) == [3, 11, 19]     # 0.3 s of waiting, 0.5 s of motion
    np.testing.assert_allclose(inner.asked, [0.0, 0.8, 1.6])
    for tick, chunk in found.items():
        assert chunk.stamp_s == pytest.approx(tick * TICK_S)
        assert len(chunk.times) == 5 and chunk.times[-1] == pytest.approx(0.5)


def test_hold_waits_for_an_arm_that_still_moves():
    """Pins that the observation it waits with is one of an arm at rest."""
    inner = Ramp()
    late = Hold(inner, 0.5)
    assert late.act(observation(0.0, velocity=0.3)) is None and not inner.asked
    assert late.act(observation(0.1)) is not None


@pytest.mark.parametrize('strategy', [Blend, Rtc])
def test_a_chunk_asked_for_at_rest_is_played_from_its_first_point(strategy):
    """Pins that nothing is left out where the arm stood waiting; the stamp stays true."""
    found = play(strategy(Delayed(Ramp(), 0.3)), 0.4)
    chunk = found[3]
    assert chunk.stamp_s == 0.0
    np.testing.assert_allclose(chunk.times, TIMES + 0.3)
    np.testing.assert_allclose(chunk.position, TIMES[:, None] * SPEED)


def test_blend_leaves_out_the_past_and_goes_over_gradually():
    """Pins the points that are kept, the growing share of the new chunk, and its end."""
    first, second, now_s = joined(Blend)
    stamps = second.stamp_s + second.times
    assert second.stamp_s == 0.5 and (stamps > now_s).all()
    np.testing.assert_allclose(stamps, 0.5 + TIMES[3:])
    new = Ramp(0.1)
    new.act(observation(0.0))
    new = new.act(observation(0.5)).position[3:]
    old = np.stack([target(first, stamp)[0] for stamp in stamps])
    share = np.clip((stamps - now_s) / BLEND_S, 0, 1)[:, None]
    wanted = share * new + (1 - share) * old
    np.testing.assert_allclose(second.position[:, :-1], wanted[:, :-1])
    np.testing.assert_allclose(second.position[3:], new[3:])
    np.testing.assert_allclose(second.position[:, -1], new[:, -1])   # the gripper at once


def test_rtc_meets_the_frozen_prefix_and_keeps_the_new_end():
    """Pins the prefix as played, no jump where it ends, and an offset that dies out."""
    first, second, now_s = joined(Rtc)
    stamps = second.stamp_s + second.times
    frozen = stamps <= now_s + 1e-9
    assert frozen.sum() == 3
    np.testing.assert_allclose(
        second.position[frozen], [target(first, stamp)[0] for stamp in stamps[frozen]])
    asked = Ramp(0.1)
    asked.act(observation(0.0))
    new = asked.act(observation(0.5))
    off = np.abs(second.position - new.position)[:, 0]
    gap = abs((target(first, now_s)[0] - target(new, now_s)[0])[0])
    assert off[2] == pytest.approx(gap)               # met exactly where the prefix ends
    assert (np.diff(off[2:]) <= 1e-12).all()          # and less and less after that
    np.testing.assert_allclose(second.position[stamps > 1.3 + 1e-9],
                               new.position[stamps > 1.3 + 1e-9])   # the old chunk ends at 1.3
    np.testing.assert_allclose(second.position[~frozen][:, -1], new.position[~frozen][:, -1])


@pytest.mark.parametrize('strategy', [Blend, Rtc])
def test_the_seam_is_smaller_than_without(strategy):
    """Pins what the strategies are for: a smaller step where the chunks are switched."""
    def seam(wrap):
        first, second, now_s = joined(wrap)
        return np.abs(target(second, now_s)[0] - target(first, now_s)[0])[0]
    assert seam(strategy) < 0.5 * seam(lambda late: Naive(late))


@pytest.mark.parametrize('strategy', [Blend, Rtc])
def test_a_chunk_that_lies_in_the_past_is_not_played(strategy):
    """Pins that a delay beyond the horizon is asked for anew instead of sent to the guard."""
    inner = Ramp()
    late = strategy(Delayed(inner, 1.2))
    assert late.act(observation(0.0)) is None
    assert late.act(observation(1.2)) is not None         # asked for at rest
    assert late.act(observation(1.3)) is None             # the arm moves until 2.2
    assert late.act(observation(2.5)) is None
    assert late.act(observation(2.6)) is None and len(inner.asked) == 3


def test_strategies_keep_their_last_chunk_across_goals():
    """Pins that the arm is known to move when the next step of a plan begins."""
    late = Blend(Delayed(Ramp(), 0.2))
    first = play(late, 0.3)[2]
    late.reset(GOAL)
    assert late.act(observation(0.5)) is None
    second = late.act(observation(0.7))
    assert first is not None and (second.stamp_s + second.times > 0.7).all()
    assert len(second.times) == POINTS - 2


def test_every_strategy_in_the_table_can_be_made():
    """Pins the table that the command line offers."""
    assert set(STRATEGIES) == {'none', 'hold', 'naive', 'blend', 'rtc'}
    for make in STRATEGIES.values():
        make(Ramp(), 0.5).reset(GOAL)
