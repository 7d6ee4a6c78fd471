"""Delay and lag are found where they are, with intervals that say how surely, or refused."""
from lam_ws.errors import RecordingError
from lam_ws.identify.identify import identify
from lam_ws.identify.track import read_tracks
import numpy as np
import pytest
from recordings import write_motion

NAMES = ('a', 'b', 'grip')
FINE_S = 0.0005   # step of the arm below, which knows nothing of how it is identified


def told_at(t):
    """Return [..., 3] rad: two joints that move briskly, and a gripper that opens."""
    t = np.asarray(t, float)
    return np.stack([0.4 * np.sin(1.3 * t) + 0.1 * np.sin(5.0 * t),
                     0.3 * np.cos(1.7 * t) + 0.08 * np.sin(4.0 * t), 0.04 + 0.0 * t], axis=-1)


def arm(path, delay_s, lags_s, seconds=12.0, offset=0.0, noise=2e-4, told=told_at, **kept):
    """Record an arm that is late by `delay_s` and lags by `lags_s`, by small Euler steps."""
    cycles = np.arange(0.0, seconds, 0.01)
    targets = told(cycles + 0.01)
    fine = np.arange(0.0, seconds, FINE_S)
    wanted = np.stack([np.interp(fine - delay_s, cycles + 0.01, column)
                       for column in targets.T], axis=1)
    where = np.empty_like(wanted)
    where[0] = wanted[0]
    for i in range(1, len(fine)):
        share = np.array([FINE_S / max(lag, FINE_S) for lag in (*lags_s, FINE_S)])
        where[i] = where[i - 1] + share * (wanted[i] - where[i - 1])
    random = np.random.default_rng(3)
    rows = slice(0, None, round(0.008 / FINE_S))   # an arm that measures every 8 ms
    seen = where[rows] + offset + noise * random.standard_normal(where[rows].shape)
    return write_motion(path, NAMES, list(zip(cycles, targets, strict=True)),
                        list(zip(fine[rows], seen, strict=True)), **kept)


@pytest.mark.parametrize(('delay_s', 'lags_s'), [
    (0.0, (0.02, 0.04)), (0.03, (0.0, 0.0)), (0.025, (0.06, 0.03)), (0.11, (0.12, 0.08))])
def test_delay_and_lags_of_an_arm_are_found(tmp_path, delay_s, lags_s):
    """Pins both within 2 ms, and that the truth lies in or 1 ms beside what the interval says."""
    found = identify(read_tracks(arm(tmp_path / 'a.mcap', delay_s, lags_s, offset=0.002)))
    assert not found.faults
    assert found.delay_s.value == pytest.approx(delay_s, abs=0.002)
    for lag, true, joint in zip(found.time_constant_s, lags_s, found.joints, strict=True):
        assert lag.value == pytest.approx(true, abs=0.002)
        assert lag.low - 0.001 <= true <= lag.high + 0.001
        assert joint.late_s.low - 0.001 <= delay_s + true <= joint.late_s.high + 0.001
        assert joint.offset_rad == pytest.approx(0.002, abs=2e-4)
        assert joint.residual_rad < 3e-4 < joint.plain_rad


def test_intervals_are_wider_where_less_was_measured(tmp_path):
    """Pins that an interval comes from the data: noise and a short motion widen it."""
    sure = identify(read_tracks(arm(tmp_path / 'a.mcap', 0.03, (0.05, 0.05))))
    less = identify(read_tracks(arm(tmp_path / 'b.mcap', 0.03, (0.05, 0.05), 5.0, noise=2e-3)))
    width = [one.delay_s.high - one.delay_s.low for one in (sure, less)]
    assert width[1] > 3 * width[0] > 0.0


def test_a_joint_that_hardly_moved_is_refused(tmp_path):
    """Pins that nothing is guessed for it, nor for the arm."""
    def still(t):
        rows = told_at(t)
        rows[..., 1] *= 0.02
        return rows
    found = identify(read_tracks(arm(tmp_path / 'a.mcap', 0.03, (0.05, 0.05), told=still)))
    assert len(found.faults) == 1 and found.faults[0].startswith('b: was moved by 0.01')
    assert found.delay_s is None and found.time_constant_s == () and found.settings() is None


def test_a_joint_that_does_not_follow_is_refused(tmp_path):
    """Pins that an arm that was held is not called slow."""
    made = arm(tmp_path / 'a.mcap', 0.03, (0.05, 0.05))
    [track] = read_tracks(made)
    seen = track.seen.copy()
    seen[len(seen) // 3:, 0] = seen[len(seen) // 3, 0]
    write_motion(tmp_path / 'b.mcap', NAMES, list(zip(track.told_s - 0.01, track.told,
                                                      strict=True)),
                 list(zip(track.seen_s, seen, strict=True)))
    found = identify(read_tracks(tmp_path / 'b.mcap'))
    assert [fault.split(' rad')[0][:17] for fault in found.faults] == ['a: did not follow']


def test_a_motion_that_says_too_little_is_refused(tmp_path):
    """Pins that a joint whose noise hides how late it is gives no number."""
    def small(t):
        rows = told_at(t)
        rows[..., 0] *= 0.1
        return rows
    found = identify(read_tracks(arm(tmp_path / 'a.mcap', 0.03, (0.05, 0.05), 2.5, noise=0.01,
                                     told=small)))
    assert any('evenly or too little' in fault for fault in found.faults)


def test_a_gap_in_the_commands_parts_a_recording(tmp_path):
    """Pins that what an arm does when it is told nothing is not taken for lag."""
    cycles = [t for t in np.arange(0.0, 9.0, 0.01) if not 4.0 < t < 5.0]
    seen = [(t, told_at(t)) for t in np.arange(0.0, 9.0, 0.01)]
    path = write_motion(tmp_path / 'a.mcap', NAMES, [(t, told_at(t + 0.01)) for t in cycles],
                        seen)
    first, second = read_tracks(path)
    assert first.told_s[-1] < second.told_s[0] - 0.9
    assert first.seen_s[-1] <= first.told_s[-1] and second.seen_s[0] >= second.told_s[0]


def test_recordings_of_different_joints_are_not_put_together(tmp_path):
    """Pins against an average of two arms."""
    one = read_tracks(arm(tmp_path / 'a.mcap', 0.0, (0.02, 0.02), 3.0))
    rows = [(t, told_at(t)) for t in np.arange(0.0, 3.0, 0.01)]
    other = read_tracks(write_motion(tmp_path / 'b.mcap', ('x', 'y', 'z'), rows, rows))
    with pytest.raises(RecordingError, match='different joints'):
        identify([*one, *other])


def test_a_recording_without_commands_is_refused(tmp_path):
    """Pins a refusal that names what is missing."""
    rows = [(t, told_at(t)) for t in np.arange(0.0, 3.0, 0.01)]
    with pytest.raises(RecordingError, match='one topic command'):
        read_tracks(write_motion(tmp_path / 'a.mcap', NAMES, [], rows))
    with pytest.raises(RecordingError, match='one topic joint_states'):
        read_tracks(write_motion(tmp_path / 'b.mcap', NAMES, rows, []))
