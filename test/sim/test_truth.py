"""Key points read from the truth: how parts are taken, where they go, what carries them."""
from lam_ws.errors import InstructionError
from lam_ws.geometry import quaternion, rotation_x, rotation_y, rotation_z
from lam_ws.sim.fixtures import BELT
from lam_ws.sim.truth import find, fold, in_bin, key_points, LOWEST, nearest, ON_BELT, things
from lam_ws.types import Goal
import numpy as np
import pytest

UPRIGHT = np.eye(4)


def part(kind='cube', colour='red', at=(0.5, 0.0, 0.02), R=UPRIGHT, size=(0.04, 0.04, 0.04),
         grip=(0.02, 0.04, 4)):
    """Return a part as the cell tells of it; grip is z m, width m, turns."""
    return {'kind': kind, 'colour': colour, 'position': list(at),
            'quaternion': quaternion(R).tolist(), 'velocity': [0.0, 0.0, 0.0],
            'size': list(size), 'grip': dict(zip(('z', 'width', 'turns'), grip, strict=True))}


def fixture(kind, at=(0.45, 0.28, 0.0), yaw=0.0, speed=0.0, points=()):
    """Return a fixture; points are (kind, [3] m, turns)."""
    return {'kind': kind, 'colour': 'green', 'position': list(at), 'yaw': yaw, 'value': 0.0,
            'most': 0.0, 'speed': speed, 'moving': -1, 'points': [
                {'kind': name, 'colour': 'green', 'position': list(xyz), 'yaw': yaw,
                 'turns': turns} for name, xyz, turns in points]}


def truth(*parts, fixtures=(), bins=()):
    """Return a true state; bins are (colour, (x, y), yaw)."""
    return {'parts': list(parts), 'fixtures': list(fixtures), 'bins': [
        {'colour': colour, 'position': [*xy, 0.0], 'yaw': yaw, 'inner': [0.15, 0.15],
         'height': 0.045} for colour, xy, yaw in bins]}


BIN = ('black', (0.5, 0.29), 0.2)
GOAL = Goal('pick_place', 'cube', 'red', 'black', '')
SHAFT = {'kind': 'shaft', 'size': (0.026, 0.026, 0.062), 'grip': (0.046, 0.026, 0)}


def test_an_upright_part_is_taken_at_its_grip():
    """Pins height, width and heading, and that a quarter turn of a cube is none."""
    cube = part(at=(0.5, 0.1, 0.02), R=rotation_z(0.3 + np.pi / 2), grip=(0.015, 0.04, 4))
    points = key_points(truth(cube, bins=[BIN]), GOAL)
    np.testing.assert_allclose(points.pick, [0.5, 0.1, 0.015])
    assert points.width == 0.04 and points.yaw == pytest.approx(0.3)
    np.testing.assert_allclose(points.place, [*BIN[1], 0.015])
    assert points.place_yaw == pytest.approx(0.2)    # of the bin's headings the nearest
    assert points.velocity == (0.0, 0.0)


def test_a_bar_is_taken_across_and_turned_at_most_a_quarter():
    """Pins that half turns are equal and quarter turns are not."""
    for yaw in (1.2, 1.2 - np.pi, 1.2 + np.pi):
        bar = part('bar', R=rotation_z(yaw), size=(0.076, 0.03, 0.03), grip=(0.015, 0.03, 2))
        points = key_points(truth(bar, bins=[BIN]), Goal('pick_place', 'bar', 'red', 'black', ''))
        assert points.yaw == pytest.approx(1.2)


@pytest.mark.parametrize('yaw', [0.0, 0.5, -1.2])
def test_a_part_that_lies_is_taken_by_its_middle_along_its_axis(yaw):
    """Pins: a fallen shaft is taken above where its end would be, across thin air."""
    R = rotation_z(yaw) @ rotation_y(np.pi / 2)
    shaft = part(at=(0.5, 0.0, 0.013), R=R, **SHAFT)
    thing = find(truth(shaft), 'shaft', 'red')
    np.testing.assert_allclose(thing.grip, [0.5, 0.0, max(0.013, LOWEST)])
    assert fold(thing.yaw - yaw, np.pi) == pytest.approx(0.0, abs=1e-9) and thing.turns == 2
    assert thing.surface[2] == pytest.approx(0.026)
    standing = find(truth(part(at=(0.5, 0.0, 0.031), R=rotation_z(yaw), **SHAFT)), 'shaft', 'red')
    np.testing.assert_allclose(standing.grip, [0.5, 0.0, 0.046])
    assert standing.yaw is None and standing.surface[2] == pytest.approx(0.062)


@pytest.mark.parametrize('yaw', [0.0, 0.5, -1.2])
def test_a_rod_that_rolled_over_points_where_it_did(yaw):
    """Pins: a rod on its side was once taken by the axis of its eyes, a quarter turn off."""
    R = rotation_z(yaw) @ rotation_x(np.pi / 2)
    rod = part('tie_rod', at=(0.5, 0.0, 0.015), R=R, size=(0.084, 0.020, 0.020),
               grip=(0.014, 0.020, 2))
    thing = find(truth(rod), 'tie_rod', 'red')
    assert fold(thing.yaw - yaw, np.pi) == pytest.approx(0.0, abs=1e-9) and thing.turns == 2
    assert thing.surface[2] == pytest.approx(0.025)


def test_a_part_that_leans_a_little_still_stands():
    """Pins that a part that rocks on the belt is not taken for a fallen one."""
    leaning = part(at=(0.5, 0.0, 0.031), R=rotation_x(0.4), **SHAFT)
    assert find(truth(leaning), 'shaft', 'red').yaw is None
    fallen = part(at=(0.5, 0.0, 0.031), R=rotation_x(1.2), **SHAFT)
    assert find(truth(fallen), 'shaft', 'red').yaw is not None


def test_no_part_is_taken_below_where_the_fingers_clear_the_table():
    """Pins the least height, for thin parts."""
    flat = part('bearing', at=(0.5, 0, 0.009), size=(0.046, 0.046, 0.018), grip=(0.005, 0.046, 0))
    assert find(truth(flat), 'bearing', 'red').grip[2] == LOWEST


@pytest.mark.parametrize(('at', 'carried'), [
    ((0.0, 0.0, BELT[2] + 0.02), True), ((0.05, 0.25, BELT[2] + 0.02), True),
    ((0.07, 0.0, BELT[2] + 0.02), False), ((0.0, 0.32, BELT[2] + 0.02), False),
    ((0.0, 0.0, ON_BELT + 0.01), False)],
    ids=['middle', 'corner', 'beside', 'beyond', 'lifted'])
@pytest.mark.parametrize('yaw', [0.0, 0.5])
def test_what_lies_on_a_belt_moves_with_it(at, carried, yaw):
    """Pins the belt's outline and direction; a part in the hand over it stands still."""
    c, s = np.cos(yaw), np.sin(yaw)
    there = (0.49 + c * at[0] - s * at[1], s * at[0] + c * at[1], at[2])
    belt = fixture('belt', (0.49, 0.0, 0.0), yaw, speed=0.08)
    points = key_points(truth(part(at=there), fixtures=[belt], bins=[BIN]), GOAL)
    expected = (-0.08 * s, 0.08 * c) if carried else (0.0, 0.0)
    np.testing.assert_allclose(points.velocity, expected)


def test_a_part_rocking_on_a_still_bench_has_no_speed():
    """Pins that speeds come from belts, not from a part's own jitter."""
    rocking = {**part(), 'velocity': [0.05, 0.0, 0.0]}
    assert find(truth(rocking, fixtures=[fixture('nest')]), 'cube', 'red').velocity == (0.0, 0.0)


def test_what_is_held_is_put_down_at_the_height_it_was_taken():
    """Pins the height of the tool over a place, for what is held and what is not."""
    slot = fixture('slot', points=[('slot', (0.45, 0.28, 0.003), 4)])
    line = fixture('line', points=[('line', (0.49, 0.22, 0.0), 2)])
    scene = truth(part(R=rotation_z(0.2), grip=(0.031, 0.04, 4)), fixtures=[slot, line])
    put = key_points(scene, Goal('kit', 'cube', 'red', 'green', '', 'slot'))
    np.testing.assert_allclose(put.place, [0.45, 0.28, 0.034])
    assert put.place_yaw == pytest.approx(0.0)
    pushed = key_points(scene, Goal('push', 'cube', 'red', 'green', '', 'line'))
    np.testing.assert_allclose(pushed.place, [0.49, 0.22, 0.0])


def test_a_part_can_be_the_place_of_another():
    """Pins that a stack is built on the top of what is below, turned as that is."""
    below = part('carton', 'blue', (0.4, 0.1, 0.018), rotation_z(0.5), (0.052, 0.04, 0.036),
                 (0.018, 0.04, 2))
    points = key_points(truth(part(), below), Goal('stack', 'cube', 'red', 'blue', '', 'carton'))
    np.testing.assert_allclose(points.place, [0.4, 0.1, 0.036 + 0.02])
    assert points.place_yaw == pytest.approx(0.5)


def test_what_has_no_second_thing_ends_where_it_begins():
    """Pins the points of a button, which is round: every heading is as good."""
    button = fixture('button', yaw=0.7, points=[('button', (0.5, -0.2, 0.05), 0)])
    points = key_points(truth(fixtures=[button]), Goal('press', 'button', 'green', '', '', ''))
    np.testing.assert_array_equal(points.pick, points.place)
    assert points.yaw == 0.0 and points.width == 0.0


def test_a_round_place_leaves_the_part_as_it_was_taken():
    """Pins that the wrist does not turn for a socket."""
    socket = fixture('socket', yaw=0.9, points=[('socket', (0.5, -0.28, 0.003), 0)])
    points = key_points(truth(part(R=rotation_z(0.3)), fixtures=[socket]),
                        Goal('insert', 'cube', 'red', 'green', '', 'socket'))
    assert points.place_yaw == points.yaw == pytest.approx(0.3)


def test_everything_is_yielded_once():
    """Pins the order that labels rely on: parts first, as many as there are."""
    clamp = fixture('clamp', points=[('lever', (0.5, 0.2, 0.055), 2), ('clamp', (0.4, 0.2, 0.048),
                                                                       2)])
    found = list(things(truth(part(), part('bar'), fixtures=[clamp], bins=[BIN])))
    assert [thing.kind for thing in found] == ['cube', 'bar', 'bin', 'lever', 'clamp']


@pytest.mark.parametrize('goal', [
    Goal('pick_place', 'cube', 'blue', 'black', ''), Goal('pick_place', 'bar', 'red', 'black', ''),
    Goal('pick_place', 'cube', 'red', 'white', ''),
    Goal('kit', 'cube', 'red', 'black', '', 'slot')])
def test_what_is_not_there_is_said(goal):
    """Pins that a goal is never bent to what the scene happens to have."""
    with pytest.raises(InstructionError) as refusal:
        key_points(truth(part(), bins=[BIN]), goal)
    assert refusal.value.reason == 'not_in_scene'


@pytest.mark.parametrize(('local', 'z', 'inside'), [
    ((0.0, 0.0), 0.02, True), ((0.07, 0.07), 0.02, True), ((0.08, 0.0), 0.02, False),
    ((0.0, 0.08), 0.02, False), ((0.0, 0.0), 0.06, False)])
def test_in_a_bin_is_within_its_walls(local, z, inside):
    """Pins the outline of a turned bin, and that a part over it is not in it."""
    c, s = np.cos(BIN[2]), np.sin(BIN[2])
    at = (BIN[1][0] + c * local[0] - s * local[1], BIN[1][1] + s * local[0] + c * local[1], z)
    assert in_bin(truth(part(at=at), bins=[BIN]), GOAL) is inside


@pytest.mark.parametrize(('angle', 'turns', 'to', 'expected'), [
    (3.0, 2, 0.0, 3.0 - np.pi), (3.0, 1, 0.0, 3.0), (0.9, 4, 0.0, 0.9 - np.pi / 2),
    (0.1, 4, 1.6, 0.1 + np.pi / 2), (2.0, 0, 0.4, 0.4)])
def test_the_nearest_of_equal_headings(angle, turns, to, expected):
    """Pins which way the wrist turns."""
    assert nearest(angle, turns, to) == pytest.approx(expected)
