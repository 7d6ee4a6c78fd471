"""A guard with a limit missing does not start."""
from dataclasses import fields, MISSING, replace
from types import SimpleNamespace

from guard_stream import config_of, SITES
from lam_ws.errors import LimitError
from lam_ws.keep_out import KeepOut
from lam_ws.robot import ToolShape
from lam_ws.safety.handling import Handled, WITHOUT_COMPANY
from lam_ws.safety.safety import (
    guard_config,
    GuardConfig,
    GuardDecision,
    GuardInputs,
    GuardState,
    Request,
)
from lam_ws.site import load_site
import numpy as np
import pytest

NUMBERS = [f.name for f in fields(GuardConfig)
           if f.name not in ('spec', 'workspace_lower', 'workspace_upper')]


@pytest.mark.parametrize('name', NUMBERS)
@pytest.mark.parametrize('value', [None, float('nan'), float('inf'), -float('inf'), '1.0', True])
def test_a_number_that_is_none_refuses_to_start(name, value):
    """Pins fail-closed: None, NaN, infinity, text and truth are not limits."""
    with pytest.raises(LimitError, match=name):
        config_of(**{name: value})


@pytest.mark.parametrize('name', ['workspace_lower', 'workspace_upper'])
@pytest.mark.parametrize('value', [None, [], [0.1, 0.2], [0.1, 0.2, None], [0.0, 0.0, np.nan],
                                   'abc', 0.5])
def test_a_corner_that_is_none_refuses_to_start(name, value):
    """Pins the same for vectors, whose wrong shape numpy would broadcast without a word."""
    with pytest.raises(LimitError, match=name):
        config_of(**{name: value})


@pytest.mark.parametrize(('zones', 'words'), [
    ([], 'keep_out is missing'), (('post',), 'keep_out is missing'),
    ((KeepOut('post', [0.0, 0.0], [1.0, 1.0]),), 'keep_out post: lower must hold 3 numbers'),
    ((KeepOut('post', [0.0, 0.0, 0.0], [1.0, np.nan, 1.0]),), 'upper must be finite'),
    ((KeepOut('post', [0.0, 0.0, 0.0], [1.0, 0.0, 1.0]),), 'lower must be below upper'),
])
def test_a_box_that_keeps_nothing_out_refuses_to_start(zones, words):
    """Pins boxes that no file loader has seen."""
    with pytest.raises(LimitError, match=words):
        config_of(keep_out=zones)


@pytest.mark.parametrize('changes', [
    {'velocity_scale': 0.0}, {'velocity_scale': 1.001}, {'acceleration_scale': -0.5},
    {'jerk_scale': 0.0}, {'effort_scale': 0.0}, {'effort_scale': 1.1},
    {'tool_speed': 0.0}, {'control_hz': 0.0}, {'stale_chunk_s': 0.0},
    {'stale_joints_s': 0.005}, {'stale_chunk_s': 0.001}, {'tracking_rad': 0.0},
    {'tracking_lag_s': -0.1}, {'table_z': 0.75}, {'table_z': 9.0},
    {'workspace_lower': np.array([0.9, -0.5, 0.0])},
    {'workspace_upper': np.array([0.8, -0.5, 0.75])},
])
def test_contradictory_limits_refuse_to_start(changes):
    """Pins each contradiction: an empty workspace, a scale beyond 1, a state stale at birth."""
    with pytest.raises(LimitError):
        config_of(**changes)


@pytest.mark.parametrize('name', ['lower', 'upper', 'velocity', 'acceleration', 'jerk'])
@pytest.mark.parametrize('value', [float('nan'), float('inf'), None])
def test_an_arm_without_a_limit_refuses_to_start(name, value):
    """Pins the arm's own limits, whatever read them from disk."""
    config = config_of()
    limits = config.spec.limits
    broken = np.array(getattr(limits, name))
    broken = broken[:-1] if value is None else np.where(np.arange(8) == 3, value, broken)
    spec = replace(config.spec, limits=replace(limits, **{name: broken}))
    with pytest.raises(LimitError, match=name):
        replace(config, spec=spec)


@pytest.mark.parametrize('changes', [
    {'velocity': np.zeros(8)}, {'acceleration': -np.ones(8)}, {'jerk': np.zeros(8)},
    {'lower': np.ones(8), 'upper': np.ones(8)},
    {'lower': np.zeros(8), 'upper': np.full(8, 1e-5)},
])
def test_an_arm_that_cannot_move_within_its_limits_refuses_to_start(changes):
    """Pins zero and crossed limits, and a range smaller than the braking margin."""
    config = config_of()
    spec = replace(config.spec, limits=replace(config.spec.limits, **changes))
    with pytest.raises(LimitError):
        replace(config, spec=spec)


def test_a_site_that_lost_a_limit_refuses_to_start():
    """Pins `guard_config`: what the file loader let through is checked again here."""
    site = load_site('sim_bench')
    for name in ('velocity_scale', 'table_z', 'tool_speed', 'stale_joints_s', 'workspace_lower'):
        limits = SimpleNamespace(**vars(site.limits))
        setattr(limits, name, None)
        with pytest.raises(LimitError, match=name):
            guard_config(SimpleNamespace(arm=site.arm, limits=limits, heartbeat_s=0.25))


@pytest.mark.parametrize('site', [*SITES, 'sim_demo'])
def test_zero_is_a_height_and_sites_are_complete(site):
    """Pins `table_z: 0.0`, which a falsy test once switched off elsewhere."""
    config = config_of(site)
    assert config.table_z == 0.0
    assert (config.velocity <= config.spec.limits.velocity).all()
    assert config.cycle_s == pytest.approx(0.01)


@pytest.mark.parametrize('changes', [
    {'names': ('a',) * 8}, {'names': ('a', 'b')}, {'X_FlangeTcp': np.full((4, 4), np.nan)},
    {'effort': (10.0,) * 6}, {'effort': (10.0,) * 6 + (0.0,)}, {'effort': (np.nan,) * 7},
    {'link_radius': (0.05,) * 6 + (-0.01,)}, {'tool': ToolShape(0.05, 0.1, -0.1, 0.03)},
    {'tool': ToolShape(0.05, 0.1, 0.1, float('inf'))}])
def test_an_arm_that_is_none_refuses_to_start(changes):
    """Pins joints that are not told apart, and a tool that is nowhere."""
    config = config_of()
    with pytest.raises(LimitError):
        replace(config, spec=replace(config.spec, **changes))


def test_a_link_that_is_nowhere_refuses_to_start():
    """Pins a DH row that is no number."""
    config = config_of()
    rows = (replace(config.spec.dh[0], d=float('inf')), *config.spec.dh[1:])
    with pytest.raises(LimitError, match='kinematics'):
        replace(config, spec=replace(config.spec, dh=rows))


def test_a_drive_that_does_not_lag_leaves_nothing_behind():
    """Pins the envelope of the tracking check at its limit."""
    assert config_of(tracking_lag_s=0.0).decay == 0.0 < config_of(tracking_lag_s=0.1).decay < 1.0


def test_what_a_site_leaves_of_an_arm():
    """Pins the arithmetic: 0.7 of speed, acceleration and jerk, and 1.25 a dt^2 / 8 of room."""
    config, limits = config_of(), config_of().spec.limits
    assert config.velocity == pytest.approx(0.7 * limits.velocity)
    assert config.acceleration == pytest.approx(0.7 * limits.acceleration)
    assert config.jerk == pytest.approx(0.7 * limits.jerk)
    room = np.r_[np.full(7, 1.25 * 7.0 * 0.0001 / 8.0), 1.25 * 0.7 * 0.0001 / 8.0]
    assert config.lower - limits.lower == pytest.approx(room)
    assert limits.upper - config.upper == pytest.approx(room)
    assert config.decay == pytest.approx(np.exp(-0.05))
    assert config.encoders[3] == ('fr3_joint4', pytest.approx(5.24), 0.02)
    assert config.encoders[7] == ('fr3_gripper', pytest.approx(0.2), pytest.approx(0.08))
    assert (config.tracking_rad, config.tracking_lag_s) == (0.15, 0.20)


def test_torques_are_watched_by_the_share_a_site_says():
    """Pins `effort_scale`: a share of each torque, none where the site says null."""
    site = load_site('sim_bench')
    half = guard_config(replace(site, limits=replace(site.limits, effort_scale=0.5)))
    assert half.effort == (43.5, 43.5, 43.5, 43.5, 6.0, 6.0, 6.0)
    assert guard_config(replace(site, limits=replace(site.limits, effort_scale=None))).effort == ()
    assert half.lease_s == site.heartbeat_s and half.control_hz == 100.0
    assert (half.stale_joints_s, half.stale_chunk_s) == (0.03, 1.2)


@pytest.mark.parametrize('changes', [
    {'velocity_scale': 1.0}, {'jerk_scale': 1e-3}, {'effort_scale': 1.0}, {'tracking_lag_s': 0.0},
    {'table_z': 0.7499}, {'table_z': -2.0}, {'stale_joints_s': 0.01}, {'tracking_rad': 1e-6},
    {'workspace_lower': np.array([0.7999, -0.5, 0.0])}, {'tool_speed': 1e-3},
])
def test_limits_at_the_edge_start(changes):
    """Pins that what is allowed is allowed: a bound belongs to it."""
    name, value = next(iter(changes.items()))
    assert np.all(getattr(config_of(**changes), name) == value)


@pytest.mark.parametrize(('changes', 'words'), [
    ({'table_z': 0.75}, r'table_z 0.75 m leaves no workspace below workspace_upper z 0.75 m'),
    ({'stale_joints_s': 0.005}, r'stale_joints_s 0.005 s is shorter than one control cycle of'),
    ({'lease_s': 0.009}, r'lease_s 0.009 s is shorter'),
    ({'jerk_scale': 1.5}, r'jerk_scale must be above 0 and at most 1, found 1.5'),
    ({'tool_speed': -1.0}, r'tool_speed must be above 0, found -1.0'),
    ({'tracking_lag_s': -0.1}, r'tracking_lag_s must not be negative, found -0.1'),
    ({'workspace_lower': np.array([0.9, -0.5, 0.0])}, 'workspace_lower must be below'),
    ({'handlings': None}, 'handlings are missing, found None'),
    ({'table_z': np.array([1.0])}, 'table_z is missing: expected a number'),
])
def test_a_contradiction_is_told_in_words(changes, words):
    """Pins that each refusal is for its own reason, and says which."""
    with pytest.raises(LimitError, match=words):
        config_of(**changes)


@pytest.mark.parametrize(('changes', 'words'), [
    ({'link_radius': (0.0,) * 7}, None), ({'tool': ToolShape(0.0, 0.0, 0.0, 0.0)}, None),
    ({'effort': ()}, None), ({'effort': (1e-3,) * 7}, None),
    ({'link_radius': (0.05,) * 6 + (-1e-3,)}, 'must not be negative'),
    ({'tool': ToolShape(0.0, 0.0, 0.0, -1e-3)}, 'must not be negative'),
    ({'effort': (1.0,) * 6 + (0.0,)}, 'effort must be above 0 for every joint'),
    ({'link_radius': (0.05,) * 6}, 'link_radius must hold 7 numbers, found shape'),
    ({'names': ('a', 'b', 'c', 'd', 'e', 'f', 'g', 'a')}, 'one distinct joint name'),
    ({'X_FlangeTcp': np.full((4, 4), np.inf)}, 'kinematics must be finite'),
])
def test_an_arm_starts_or_says_what_is_wrong_with_it(changes, words):
    """Pins the edges of an arm: a link may be a line, a torque may be small, none negative."""
    config = config_of()
    if words is None:
        assert replace(config, spec=replace(config.spec, **changes)).spec is not config.spec
        return
    with pytest.raises(LimitError, match=words):
        replace(config, spec=replace(config.spec, **changes))


def test_what_goes_without_saying():
    """Pins defaults: none stands in for a limit, and none asks for or permits anything."""
    given = {field.name: field.default for field in fields(GuardConfig)
             if field.default is not MISSING}
    assert given == {'tracking_rad': 0.15, 'tracking_lag_s': 0.20, 'keep_out': (),
                     'handlings': WITHOUT_COMPANY, 'effort_scale': 1.0}
    inputs = GuardInputs(1.0)
    assert tuple(vars(inputs).values()) == (
        1.0, None, None, False, Request.NONE, Handled(), None, None, 1.0)
    assert not inputs.idle and replace(inputs, hold=True).idle
    assert replace(inputs, handled=None).idle
    assert GuardDecision(None, GuardState.ARMED) == (
        None, 'armed', '', '', 0.0, 0.0, '', False)
