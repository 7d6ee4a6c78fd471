"""The guard's verdict on a chunk that nobody sends: passed, limited, refused, and from motion."""
from lam_ws.safety.handling import Handled
from lam_ws.safety.safety import guard_config
from lam_ws.shadow.trial import Trial
from lam_ws.site import load_site
from lam_ws.types import ActionChunk, JointState
import numpy as np
import pytest

FOLLOW_S = 0.5


@pytest.fixture(scope='module')
def site():
    """Return the evaluation cell."""
    return load_site('sim_bench')


@pytest.fixture(scope='module')
def trial(site):
    """Return a trial of its guard."""
    return Trial(guard_config(site), FOLLOW_S)


def moving(site, speed):
    """Return joints at home of which the last arm joint turns at `speed`."""
    velocity = np.zeros(site.arm.axes)
    velocity[-2] = speed
    return JointState(10.0, site.arm.names, site.arm.home, velocity)


def chunk(site, joint, speed, first=0.0):
    """Return a chunk that turns `joint` at `speed` from `first` rad beside home."""
    times = 0.1 * np.arange(1, 11)
    position = np.tile(site.arm.home, (10, 1))
    position[:, joint] += first + speed * times
    return ActionChunk(10.0, site.arm.names, times, position, 0.3, 'approach')


def test_a_gentle_chunk_passes_and_is_followed(site, trial):
    """Pins that what the guard would command is what was asked, cycle by cycle."""
    verdict = trial.judge(moving(site, 0.0), chunk(site, -2, 0.2), Handled())
    assert verdict.word == 'passed' and verdict.limited == ()
    assert verdict.times[0] == pytest.approx(0.01) and verdict.times[-1] == pytest.approx(0.5)
    at = np.interp([0.3, 0.5], verdict.times, verdict.position[:, -2] - site.arm.home[-2])
    assert at == pytest.approx([0.06, 0.1], abs=0.005)


def test_a_chunk_that_goes_on_as_the_arm_moves_is_not_held_back(site, trial):
    """Pins that the guard knows how the arm moves: from rest this chunk would be a jerk."""
    going = trial.judge(moving(site, 1.0), chunk(site, -2, 1.0), Handled())
    resting = trial.judge(moving(site, 0.0), chunk(site, -2, 1.0, 0.0), Handled())
    at = [np.interp(0.1, one.times, one.position[:, -2] - site.arm.home[-2])
          for one in (going, resting)]
    assert going.word == 'passed'
    assert at[0] == pytest.approx(0.1, abs=0.003) and at[1] < 0.09


def test_a_chunk_that_is_too_fast_is_limited(site, trial):
    """Pins the bound's name, and that the limit is what would have been commanded."""
    verdict = trial.judge(moving(site, 0.0), chunk(site, -2, 4.5), Handled())
    assert verdict.word == 'limited' and verdict.limited
    step = np.abs(np.diff(verdict.position[:, -2])).max() / 0.01
    assert step <= site.arm.limits.velocity[-2] * site.limits.velocity_scale + 1e-9


@pytest.mark.parametrize(('change', 'code'), [
    ({'names': ('a',) * 8}, 'chunk_joints'), ({'times': -0.1 * np.arange(10)}, 'chunk_times'),
    ({'position': np.full((10, 8), np.nan)}, 'chunk_not_finite')])
def test_an_unsound_chunk_is_refused_for_the_guards_own_reason(site, trial, change, code):
    """Pins that a refusal carries the code that `lam guard explain` knows."""
    sound = vars(chunk(site, -2, 0.2))
    verdict = trial.judge(moving(site, 0.0), ActionChunk(**{**sound, **change}), Handled())
    assert verdict.word == 'refused' and verdict.refused == code


def test_a_chunk_that_begins_elsewhere_is_refused(site, trial):
    """Pins the check of an arm that stands still."""
    verdict = trial.judge(moving(site, 0.0), chunk(site, -2, 0.0, 1.5), Handled())
    assert verdict.refused == 'chunk_start'
