"""Capsules against each other and against boxes."""
from dataclasses import replace

from guard_stream import config_of, SITES
from lam_ws.faults.judging_bodies import between, capsules, to_box, watched
from lam_ws.keep_out import KeepOut
from lam_ws.safety.bodies import Bodies
from lam_ws.safety.kinematics import Kinematics
from lam_ws.safety.meeting import SELF_MARGIN
from lam_ws.safety.workspace import Workspace
import numpy as np
import pytest

ZONES = (KeepOut('post', [0.5, 0.15, -0.2], [0.6, 0.3, 0.7]),
         KeepOut('shelf', [0.2, -0.6, 0.55], [0.7, -0.2, 0.6]))
MOVING = {'fr3': 2, 'ur5e': 1}   # the first link that moves


def told(bodies, points):
    """Return the gaps by name, m."""
    found = {}
    for i in range(bodies.count):
        gap = bodies.gap(i, points)
        found[bodies.bound(i, gap).where] = gap
    return found


@pytest.mark.parametrize('site', SITES)
def test_every_gap_is_the_one_the_judge_finds(site):
    """Pins gaps and names in 300 poses: boxes with every link that moves, pairs of links."""
    spec, rng = config_of(site).spec, np.random.default_rng(0)
    q = rng.uniform(spec.limits.lower[:-1], spec.limits.upper[:-1], (300, len(spec.dh)))
    shapes, bodies, kinematics = capsules(spec, q), Bodies(spec, ZONES), Kinematics(spec)
    labels = [*spec.names[:len(spec.dh) - 1], 'tool', 'palm']
    gaps = {f'{labels[i]}, {labels[j]}': between(shapes[i], shapes[j]) - SELF_MARGIN
            for i, j in watched(shapes)}
    boxes = {f'{zone.name}, {label}': to_box(shape, zone.lower, zone.upper)
             for zone in ZONES for label, shape in list(zip(labels, shapes, strict=True))[
                 MOVING[spec.name]:]}
    for k, pose in enumerate(q.tolist()):
        found = told(bodies, kinematics.points(pose))
        assert set(boxes) <= set(found) <= set(boxes) | set(gaps)
        for i in range(bodies.count):   # far is told by less, but never by too little
            exact, enough = bodies.gap(i, kinematics.points(pose)), float(rng.uniform(0.0, 0.4))
            gap = bodies.gap(i, kinematics.points(pose), enough)
            assert gap == exact or enough <= gap <= exact + 1e-12
        for name, gap in found.items():
            assert gap == pytest.approx({**gaps, **boxes}[name][k], abs=1e-7)


def test_a_bound_tells_the_distance_that_was_found():
    """Pins the values of both codes: surface to surface, against what is demanded."""
    bodies = Bodies(config_of().spec, ZONES)
    pair, box = bodies.bound(0, -0.03), bodies.bound(len(bodies.pairs), -0.03)
    assert (pair.name, pair.measured, pair.allowed) == ('self_distance', pytest.approx(-0.02),
                                                        SELF_MARGIN)
    assert box[:3] == ('keep_out', -0.03, 0.0)


def test_a_box_does_not_concern_what_cannot_move():
    """Pins the pedestal: a box around it would bar the arm for ever."""
    config = config_of()
    points = Kinematics(config.spec).points(config.spec.home.tolist())
    base = KeepOut('base', [-0.1, -0.1, -0.1], [0.1, 0.1, 0.2])
    assert min(told(Bodies(config.spec, (base,)), points).values()) > 0.0


@pytest.mark.parametrize('site', SITES)
def test_homes_keep_well_clear_of_the_arm_itself(site):
    """Pins radii and margin against the arms that ship: home is no place to be stopped at."""
    config = config_of(site)
    points = Kinematics(config.spec).points(config.spec.home.tolist())
    assert min(told(Bodies(config.spec, ()), points).values()) > 0.05


def test_a_tool_of_no_length_still_has_its_radius():
    """Pins a TCP in the last joint frame: the tool is then a sphere, not nothing."""
    config = config_of()
    X = np.eye(4)
    spec = replace(config.spec, X_FlangeTcp=X, dh=(*config.spec.dh[:-1],
                                                  replace(config.spec.dh[-1], d=0.0)))
    tcp = Kinematics(spec).points(spec.home.tolist())[7]
    near = np.array(tcp) + [0.0, 0.0, spec.tool.radius - 0.01]
    zone = KeepOut('near', near, near + 0.005)
    place = Workspace(replace(config, spec=spec, keep_out=(zone,), table_z=-1.0)).place(
        spec.home.tolist())
    assert place.bound.name == 'keep_out' and place.clearance == pytest.approx(-0.01, abs=0.06)
    assert 'tool' in [link.name for link in Bodies(spec, ()).links]


def test_the_capsules_of_the_arm_that_ships():
    """Pins radius and half length of each link: the FR3 as its file draws it, tool and palm.

    Joint 2 sits in joint 1 and joint 7 beyond joint 6: links of no length are none.
    """
    bodies = Bodies(config_of().spec, ())
    assert [(link.name, link.radius, pytest.approx(link.half), link.order) for link in
            bodies.links] == [
        ('fr3_joint1', 0.06, 0.5 * 0.333, 0),
        ('fr3_joint3', 0.06, 0.5 * np.hypot(0.0825, 0.316), 2),
        ('fr3_joint4', 0.055, 0.5 * 0.0825, 3), ('fr3_joint5', 0.055, 0.5 * 0.384, 4),
        ('fr3_joint6', 0.05, 0.5 * 0.088, 5), ('tool', 0.052, 0.5 * 0.2104, 6),
        ('palm', 0.037, 0.085, 6)]
    assert [(link.start, link.end) for link in bodies.links] == [
        (0, 1), (2, 3), (3, 4), (4, 5), (5, 6), (6, 7), (8, 9)]
    assert bodies.moving == (False,) * 3 + (True,) * 7
    assert bodies.none == (0.0,) * bodies.count and bodies.count == len(bodies.spans)


def test_the_tool_is_as_thick_as_the_thicker_of_flange_and_fingers():
    """Pins the larger of both radii."""
    spec = config_of().spec
    thick = replace(spec, link_radius=(*spec.link_radius[:-1], 0.2))
    assert Bodies(thick, ()).links[-2][2:5:2] == (0.2, 'tool')
    assert Bodies(spec, ()).links[-2].radius == spec.tool.radius


def test_what_is_far_is_told_by_the_balls_around_it():
    """Pins the short cut: half lengths and the demanded distance off the middles' distance."""
    bodies = Bodies(config_of().spec, ())
    for number, (i, j, apart, halves) in enumerate(bodies.pairs):
        one, other = bodies.links[i], bodies.links[j]
        assert apart == pytest.approx(one.radius + other.radius + 0.01)
        assert halves == pytest.approx(one.half + other.half)
        points = [(0.0, 0.0, 0.0)] * 10
        points[other.start], points[other.end] = (1.0, 2.0, 3.0), (3.0, 0.0, 1.0)
        points[one.start], points[one.end] = (-1.0, 0.0, 0.0), (1.0, 2.0, -4.0)
        if len({one.start, one.end, other.start, other.end}) < 4:
            continue
        rough = np.linalg.norm([2.0, 0.0, 4.0]) - halves - apart   # between (2, 1, 2), (0, 1, -2)
        assert bodies.gap(number, points, rough) == pytest.approx(rough)
        assert bodies.gap(number, points, rough + 1e-9) == bodies.gap(number, points)


@pytest.mark.parametrize('letter', ['a', 'z'])
def test_a_joint_may_have_any_name(letter):
    """Pins that links of no length are none, whatever their joints are called."""
    spec = config_of().spec
    other = replace(spec, names=tuple(f'{letter}{i}' for i in range(8)))
    assert [link._replace(name='') for link in Bodies(other, ()).links] == [
        link._replace(name='') for link in Bodies(spec, ()).links]
