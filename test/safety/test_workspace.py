"""The guard's verdicts in space."""
from dataclasses import replace
import math

from crowded_cell import crowded
from guard_stream import config_of, SITES
from lam_ws.safety.workspace import Moves, Workspace
import numpy as np
import pytest


@pytest.mark.parametrize('site', SITES)
def test_no_point_moves_further_than_the_bound_says(site):
    """Pins `moves`, on which the whole braking path's verdict rests: points and every gap."""
    workspace = Workspace(crowded(site))
    rng = np.random.default_rng(1)
    for _ in range(300):
        q = rng.uniform(-3.0, 3.0, workspace.joints)
        other = q + rng.normal(0.0, rng.choice([0.01, 0.3]), workspace.joints)
        points, others = (workspace.points(pose.tolist()) for pose in (q, other))
        moved = max(map(math.dist, points, others))
        moves = workspace.moves(q.tolist(), other.tolist())
        assert moved <= moves.any + 1e-12
        for i, most in enumerate(moves.gaps):
            change = workspace.bodies.gap(i, points) - workspace.bodies.gap(i, others)
            assert abs(change) <= most + 1e-12


@pytest.mark.parametrize('site', SITES)
def test_what_is_known_from_before_never_says_too_much(site):
    """Pins gaps that are carried on: never larger than looked at anew, and never wrong in sign."""
    workspace, rng = Workspace(crowded(site)), np.random.default_rng(4)
    home = config_of(site).spec.home[:-1]
    q = home.copy()
    place, looked, outside = workspace.place(q.tolist()), 0, 0
    for _ in range(2000):
        q += rng.normal(0.0, 0.02, workspace.joints)
        enough = rng.choice([0.0, 0.02, 0.1, 9.0], workspace.bodies.count).tolist()
        place = workspace.place(q.tolist(), place, enough if rng.random() < 0.8 else None)
        anew = workspace.place(q.tolist())
        assert (place.inside, place.wall) == (anew.inside, anew.wall)
        assert (place.clearance < 0.0) == (anew.clearance < 0.0)
        for known, exact in zip(place.free, anew.free, strict=True):
            assert known <= exact + 1e-12
            looked += known == exact
        if anew.clearance < 0.0:
            assert place.bound == anew.bound
            outside += 1
        if rng.random() < 0.02:
            q = home.copy()
    assert 50 < outside and 0.05 < looked / (2000 * workspace.bodies.count) < 0.95


def test_a_path_called_connected_stays_inside():
    """Pins the argument in `touched`: every point between two configurations is inside."""
    config = config_of(workspace_lower=np.array([0.3, -0.3, 0.1]),
                       workspace_upper=np.array([0.7, 0.3, 0.6]), table_z=0.1)
    workspace, rng, connected = Workspace(config), np.random.default_rng(2), 0
    for _ in range(4000):
        q = config.spec.home[:-1] + rng.normal(0.0, 0.2, 7)
        first = workspace.place(q.tolist())
        last = workspace.place((q + rng.normal(0.0, 0.03, 7)).tolist())
        if min(first.clearance, last.clearance) < 0.0 \
                or workspace.touched(first, last) is not None:
            continue
        connected += 1
        a, b = np.array(first.joints), np.array(last.joints)
        for share in rng.uniform(0.0, 1.0, (5, 7)):  # any way there, joint by joint
            assert workspace.place((a + share * (b - a)).tolist()).clearance >= 0.0
    assert connected > 200


@pytest.mark.parametrize(('changes', 'name', 'where'), [
    ({'workspace_upper': np.array([0.40, 0.5, 0.75])}, 'workspace', 'tcp x'),
    ({'workspace_lower': np.array([0.15, 0.10, 0.0])}, 'workspace', 'tcp y'),
    ({'table_z': 0.40}, 'table', 'tcp z'),
    ({'table_z': 0.0}, '', ''),
])
def test_place_names_the_bound_that_is_passed(changes, name, where):
    """Pins each face; table_z 0.0 is a height like any other."""
    config = config_of(**changes)
    place = Workspace(config).place(config.spec.home.tolist())
    assert (place.clearance < 0.0) == bool(name)
    if name:
        assert (place.bound.name, place.bound.where) == (name, where)
        assert abs(place.bound.measured - place.bound.allowed) == pytest.approx(-place.clearance)


@pytest.mark.parametrize('axis', range(3))
@pytest.mark.parametrize('high', [False, True])
def test_every_face_of_the_box_is_told_by_its_own_number(axis, high):
    """Pins the list of faces: a bound reported with its neighbour's name or value."""
    corner, home = np.array([2.0, 2.0, 2.0]), config_of().spec.home.tolist()
    tcp = Workspace(config_of()).points(home)[7]
    box = [-corner, corner.copy()]
    box[high][axis] = tcp[axis] - 0.1 if high else tcp[axis] + 0.1
    place = Workspace(config_of(workspace_lower=box[0], workspace_upper=box[1],
                                table_z=-3.0)).place(home)
    assert place.clearance == pytest.approx(-0.1)
    assert place.bound == ('workspace', tcp[axis], box[high][axis], f'tcp {"xyz"[axis]}')


def test_links_stay_above_the_table_by_their_radius():
    """Pins the elbow: an arm that lies down with its tool up must be seen too."""
    # The elbow (joint 5) at 0.298 m with a link of 0.055 m round it, the tool at 0.558 m.
    elbow_down = [-1.9, 1.7, 2.3, -0.7, -0.1, 1.5, 1.8]
    corner = np.array([2.0, 2.0, 2.0])
    for table_z, inside in ((0.24, True), (0.25, False)):
        place = Workspace(config_of(workspace_lower=-corner, workspace_upper=corner,
                                    table_z=table_z)).place(elbow_down)
        assert place.tcp[2] > 0.55 and (place.clearance >= 0.0) == inside
        assert (place.bound.name, place.bound.where) == ('table', 'fr3_joint5')


@pytest.mark.parametrize('site', SITES)
def test_a_joint_moves_what_it_carries_and_nothing_else(site):
    """Pins `moves` in numbers: angle times reach, for boxes and pairs beyond the joint alone."""
    workspace = Workspace(crowded(site))
    bodies, home = workspace.bodies, [0.0] * workspace.joints
    spans = [(bodies.links[i].order, bodies.links[j].order) for i, j, _, _ in bodies.pairs]
    spans += [(-1, link.order) for _, _, _, link in bodies.boxes]
    for k in range(workspace.joints):
        for angle in (0.2, -0.2):
            moves = workspace.moves(home, [angle * (i == k) for i in range(workspace.joints)])
            far = 0.2 * workspace.reach[k]
            assert moves.any == pytest.approx(far)
            assert moves.gaps == pytest.approx([
                far * (first < k <= last) for first, last in spans])
    together = workspace.moves(home, [0.1] * workspace.joints)
    assert together.any == pytest.approx(0.1 * sum(workspace.reach))


def test_what_is_left_decides_whether_to_look():
    """Pins `holds` and `touched` at their edges: exactly enough is enough."""
    workspace = Workspace(crowded('sim_bench'))
    home = config_of().spec.home.tolist()[:7]
    place = workspace.place(home)
    free = list(place.free)
    exact = Moves(place.inside, free)
    assert workspace.holds(place, exact)
    assert not workspace.holds(place, exact._replace(any=place.inside + 1e-9))
    for i in range(len(free)):
        more = [gap + 1e-9 * (k == i) for k, gap in enumerate(free)]
        assert not workspace.holds(place, Moves(0.0, more))
    other = workspace.place([q + 0.01 for q in home])
    moves = workspace.moves(place.joints, other.joints)
    wide = [9.0] * len(free)
    near = place._replace(inside=0.5 * moves.any, free=wide)
    assert workspace.touched(near, other._replace(inside=0.5 * moves.any, free=wide)) is None
    assert workspace.touched(near, other._replace(
        inside=0.49 * moves.any, free=wide)) == other.wall
    for i, most in enumerate(moves.gaps):
        here = near._replace(inside=9.0, free=[
            0.5 * most if k == i else 9.0 for k in range(len(free))])
        there = [0.5 * most if k == i else 9.0 for k in range(len(free))]
        assert workspace.touched(here, other._replace(inside=9.0, free=there)) is None
        there[i] = 0.49 * most
        found = workspace.touched(here, other._replace(inside=9.0, free=there))
        assert found == (workspace.bodies.bound(i, there[i]) if most > 0.0 else None)


def test_a_link_is_as_high_as_the_thicker_of_those_that_meet():
    """Pins the heights over the table: the radius of the links on both sides of a joint."""
    config = config_of(table_z=-0.125)
    radii = [0.01, 0.02, 0.03, 0.09, 0.05, 0.04, 0.06]
    thick = Workspace(replace(config, spec=replace(config.spec, link_radius=tuple(radii))))
    assert [(i, pytest.approx(height), name) for i, height, name in thick.heights] == [
        (3, -0.125 + 0.09, 'fr3_joint4'), (4, -0.125 + 0.09, 'fr3_joint5'),
        (5, -0.125 + 0.05, 'fr3_joint6'), (6, -0.125 + 0.06, 'fr3_joint7')]
