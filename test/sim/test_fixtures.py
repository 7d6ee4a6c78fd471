"""Fixtures as drawn: where their points are, and whether parts fit what is made for them."""
from lam_ws.policy.vocabulary import PARTS, PLACES
from lam_ws.sim.fixtures import (
    CLEARANCE,
    fixture_kind,
    KINDS,
    LEAD_IN,
    NEST,
    PRESS,
    PRESSED,
    SHAFT,
    STRIPE,
    TURN,
)
from lam_ws.sim.scene import catalogue, load_scene
import numpy as np
import pytest

CORNERS = np.array(np.meshgrid([-1, 1], [-1, 1], [-1, 1])).reshape(3, 8).T / 2


def solids(kind):
    """Return (primitive, [4, 4] its pose in the fixture) of everything, the hinge at 0."""
    found = [(one, one.X) for one in kind.solids]
    if kind.hinge is not None:
        found += [(one, kind.hinge.X @ one.X) for one in kind.hinge.solids]
    return found


def corners(solid, X):
    """Return the [8, 3] m corners of a primitive's box in the fixture's frame."""
    return (CORNERS * solid.size) @ X[:3, :3].T + X[:3, 3]


@pytest.mark.parametrize('name', KINDS)
def test_points_are_where_the_body_is(name):
    """Pins: a point beside or under its body is one that the tool would miss or drive into."""
    kind = fixture_kind(name)
    for point in kind.points:
        inside = []
        for solid, X in solids(kind):
            local = np.linalg.inv(X) @ [*point.at, 1.0]
            inside.append((np.abs(local[:3]) <= np.array(solid.size) / 2 + 1e-9).all())
        assert any(inside), point
        assert point.moves is False or kind.hinge is not None


@pytest.mark.parametrize('name', KINDS)
def test_nothing_reaches_into_the_table(name):
    """Pins a slip in a height: what overlaps the table top is pushed out of it by the physics."""
    for solid, X in solids(fixture_kind(name)):
        assert corners(solid, X)[:, 2].min() >= -1e-9
        assert min(solid.size) > 0
        np.testing.assert_allclose(X[:3, :3] @ X[:3, :3].T, np.eye(3), atol=1e-9)


def test_every_point_has_a_word():
    """Pins that perception and policy know all there is to be named."""
    words = [point.kind for name in KINDS for point in fixture_kind(name).points]
    assert set(words) | {'bin'} == set(PLACES)
    assert not set(words) & set(PARTS)


def test_what_moves_has_room_to():
    """Pins that a button is pressed before it ends, and a housing leaves its cap room."""
    assert PRESSED < PRESS
    button = fixture_kind('button')
    assert button.hinge.travel == PRESS and fixture_kind('clamp').hinge.travel == TURN
    cap, X = solids(button)[-1]
    hard = [one for one in button.solids if one.hard]
    top = max(corners(one, one.X)[:, 2].max() for one in hard)
    assert corners(cap, X)[:, 2].min() - PRESS > top
    lever = fixture_kind('clamp')
    under = min(corners(one, X)[:, 2].min() for one, X in solids(lever)[len(lever.solids):])
    assert under > max(corners(one, one.X)[:, 2].max() for one in lever.solids)


def sides(name):
    """Return sides, and (wall, plate) of each as their inner faces' [8, 2] m radius and height."""
    count = {'nest': 4, 'socket': 12}[name]
    walls = fixture_kind(name).solids[1:]
    assert len(walls) == 2 * count
    for k in range(count):
        turn = -2 * np.pi * k / count
        c, s = np.cos(turn), np.sin(turn)
        yield [np.column_stack([points[:, 0] * c - points[:, 1] * s, points[:, 2]])
               for points in (corners(one, one.X) for one in walls[2 * k:2 * k + 2])]


@pytest.mark.parametrize(('name', 'part', 'width'), [
    ('nest', 'pump_body', NEST), ('socket', 'shaft', SHAFT)])
def test_a_part_fits_its_hole(name, part, width):
    """Pins clearances at every scale a scene draws, and that the part is the one it is for."""
    spec = load_scene('assembly')
    assert catalogue()[part].size[0] == catalogue()[part].size[1] == width
    assert part in spec.parts.kinds and name in [row.kind for row in spec.fixtures]
    half = width / 2 + CLEARANCE
    for wall, plate in sides(name):
        assert wall[:, 0].min() == pytest.approx(half)
        assert plate[:, 0].min() > half - 1e-9
    assert 0.001 < half - spec.parts.scale[1] * width / 2
    assert half - spec.parts.scale[0] * width / 2 < CLEARANCE + 0.0005


@pytest.mark.parametrize('name', ['nest', 'socket'])
def test_a_lead_in_is_wider_above_and_leaves_no_ledge(name):
    """Pins the way a part that comes beside its hole takes down into it."""
    half = (NEST if name == 'nest' else SHAFT) / 2 + CLEARANCE
    for wall, plate in sides(name):
        top, rim = plate[:, 1].max(), wall[:, 1].max()
        upper = plate[plate[:, 1] > (top + rim) / 2]
        lower = plate[plate[:, 1] <= (top + rim) / 2]
        assert upper[:, 0].min() > half + LEAD_IN - 0.001
        assert lower[:, 0].min() < half + 0.002 and lower[:, 1].min() < rim


def test_a_stripe_runs_from_its_square_to_its_end():
    """Pins the direction in which a stripe is wiped: its frame's x."""
    begin, end = fixture_kind('stripe').points
    assert (begin.kind, end.kind) == ('stripe', 'stripe_end')
    np.testing.assert_allclose(np.subtract(end.at, begin.at), [STRIPE, 0, 0])


@pytest.mark.parametrize('name', ['stripe', 'line', 'pad'])
def test_paint_cannot_be_touched(name):
    """Pins that the hand is not stopped by what is only painted on the table."""
    assert not any(one.hard for one in fixture_kind(name).solids)
    assert fixture_kind(name).hinge is None


def test_an_unknown_kind_is_an_error():
    """Pins that a misspelt fixture does not become nothing."""
    with pytest.raises(KeyError):
        fixture_kind('buton')
