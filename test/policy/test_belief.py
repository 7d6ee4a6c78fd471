"""What the policy believes between two sights, and which sights it believes."""
from dataclasses import replace

from lam_ws.geometry import inverse, project
from lam_ws.policy.belief import (
    Belief,
    likely_yaw,
    LOWEST,
    MOVING,
    SAME,
    SEEN_ABOVE,
    SLOWEST_S,
    SURE,
)
from lam_ws.policy.passes import Reading
from lam_ws.policy.sight import Hint, see, Sight
from lam_ws.policy.sizes import CROP, HEIGHT_SCALE, Sizes, STRIDE
from lam_ws.policy.skills import SKILLS
from lam_ws.site import load_site
from lam_ws.types import Frame
import numpy as np
import pytest

CAMERA = load_site('sim_bench').cameras[0].model()
YAWS = Sizes().yaws
COARSE = 0.41 * np.pi / YAWS   # rad, to which a heading can be read from the bins
PART, PLACE = (0.50, -0.10, 0.030), (0.45, 0.28, 0.004)
HIGH = SEEN_ABOVE + 0.1


def heading(*angles):
    """Return logits [yaws] that say each of these headings rad, half turns being equal."""
    shares = np.zeros(YAWS)
    for angle in angles:
        place = angle % np.pi / np.pi * YAWS
        low = int(place)
        shares[low % YAWS] += (1 - (place - low)) / len(angles)
        shares[(low + 1) % YAWS] += (place - low) / len(angles)
    return np.log(shares + 1e-9).tolist()


def sight(first=PART, second=PLACE, sure=(0.9, 0.9), yaw=(0.0, 0.0)):
    """Return what one image shows."""
    return Sight(sure, np.array([first, second]), [heading(angle) for angle in yaw],
                 CAMERA.X_ParentCamera[:3, 3])


UNSEEN = sight(first=(9, 9, 9), second=(9, 9, 9), sure=(SURE - 0.01, SURE - 0.01))


def believing(skill, *sights, phase=0, height=HIGH):
    """Return a belief after sights half a second apart in one phase."""
    belief = Belief(SKILLS[skill])
    for k, seen in enumerate(sights):
        belief.update(seen, 0.5 * k, phase, height)
    return belief


@pytest.mark.parametrize(('skill', 'sure', 'known'), [
    ('pick_place', (0.9, 0.9), True), ('pick_place', (0.9, 0.1), False),
    ('pick_place', (0.1, 0.9), False), ('pick_place', (0.1, 0.1), False),
    ('press', (0.9, 0.1), True), ('press', (0.1, 0.9), False), ('push', (0.9, 0.1), False)])
def test_it_knows_nothing_before_it_has_seen_what_it_needs(skill, sure, known):
    """Moving towards a guess is worse than standing still."""
    assert (believing(skill, sight(sure=sure)).points() is not None) is known


def test_the_points_are_what_the_head_was_taught():
    """The order, the doubled headings and the height of the place must be those of the demos."""
    points = believing('pick_place', sight(yaw=(0.3, 0.5))).points()
    np.testing.assert_allclose(points, [
        *PART, np.cos(0.6), np.sin(0.6), 0.0, 0.0,
        PLACE[0], PLACE[1], PLACE[2] + PART[2], np.cos(1.0), np.sin(1.0)], atol=2 * COARSE)
    np.testing.assert_allclose(points[[0, 1, 2, 7, 8, 9]],
                               [*PART, *PLACE[:2], PLACE[2] + PART[2]])
    swept = believing('push', sight()).points()
    assert swept[9] == pytest.approx(PLACE[2])     # nothing is held, so nothing is added
    pressed = believing('press', sight(yaw=(0.4, 0.0))).points()
    np.testing.assert_array_equal(pressed[7:10], pressed[:3])
    np.testing.assert_array_equal(pressed[10:], pressed[3:5])


def test_fingers_never_aim_into_the_table():
    """A height that is read too low would press the fingers onto the table."""
    assert believing('pick_place', sight(first=(0.5, 0.0, 0.002))).points()[2] == LOWEST


def test_what_a_belt_carries_is_believed_further_on():
    """Pins: a part under the gripper is out of sight just when its place matters most."""
    moved = (PART[0], PART[1] + 0.04, PART[2])
    belief = believing('belt_pick', sight(), sight(first=moved))
    np.testing.assert_allclose(belief.points()[5:7], [0.0, 0.08])
    for k, phase in enumerate((0, 1, 2)):           # until the fingers have closed
        belief.update(UNSEEN, 0.75 + 0.25 * k, phase, 0.1)
    assert belief.points()[1] == pytest.approx(moved[1] + 0.08 * 0.75)
    belief.update(UNSEEN, 2.0, 3, 0.1)              # now it moves with the hand
    assert belief.points()[1] == pytest.approx(moved[1] + 0.08 * 0.75)


@pytest.mark.parametrize(('skill', 'way', 'wait'), [
    ('belt_pick', 0.8 * MOVING * 0.5, 0.5), ('belt_pick', 0.04, SLOWEST_S - 0.1),
    ('pick_place', 0.04, 0.5)], ids=['too_slow', 'too_soon', 'no_belt'])
def test_no_speed_is_read_into_a_jitter(skill, way, wait):
    """A speed out of two noisy sights would lead the hand away from a part at rest."""
    belief = Belief(SKILLS[skill])
    belief.update(sight(), 0.0, 0, HIGH)
    there = (PART[0] + way, PART[1], PART[2])
    belief.update(sight(first=there), wait, 0, HIGH)
    np.testing.assert_array_equal(belief.points()[5:7], 0.0)
    belief.update(UNSEEN, wait + 2.0, 1, HIGH)
    np.testing.assert_allclose(belief.points()[:3], there)


@pytest.mark.parametrize(('phase', 'off', 'taken'), [
    (1, SAME - 0.005, 'mean'), (1, SAME + 0.005, 'not'), (0, SAME + 0.005, 'anew')])
def test_a_half_hidden_part_is_not_exchanged_for_another(phase, off, taken):
    """Once the gripper hides the red cube, another red thing is not the red cube."""
    belief = believing('pick_place', sight())
    there = (PART[0] + off, PART[1], PART[2])
    belief.update(sight(first=there), 0.5, phase, HIGH)
    wanted = {'mean': (PART[0] + off / 2, *PART[1:]), 'not': PART, 'anew': there}[taken]
    np.testing.assert_allclose(belief.points()[:3], wanted)


@pytest.mark.parametrize('phase', [0, 1])
def test_a_gripper_that_comes_near_drags_no_sight_along(phase):
    """Pins 2 cm of error at the last look, with the arm half before the part and its place."""
    belief = believing('stack', sight())
    before = belief.points()
    near = sight(first=(PART[0] + 0.02, *PART[1:]), second=(PLACE[0] - 0.015, *PLACE[1:]))
    belief.update(near, 1.5, phase, SEEN_ABOVE - 0.01)
    np.testing.assert_array_equal(belief.points(), before)


def test_several_sights_are_worth_more_than_the_last():
    """Pins the mean: each sight of a thing at rest is a few millimetres off by itself."""
    belief = Belief(SKILLS['pick_place'])
    for k, off in enumerate((0.006, -0.006, 0.003, -0.003)):
        belief.update(sight(first=(PART[0] + off, *PART[1:])), 0.1 * k, 0, HIGH)
    np.testing.assert_allclose(belief.points()[:3], PART, atol=1e-12)


@pytest.mark.parametrize('phase', range(2, len(SKILLS['pick_place'].phases)))
def test_what_is_in_the_hand_is_not_looked_for(phase):
    """Between grasp and release the belief is where the part was taken, and where it goes."""
    belief = believing('pick_place', sight())
    away = sight(first=(0.6, 0.2, 0.05), second=(0.4, -0.3, 0.05))
    belief.update(away, 0.5, phase, SEEN_ABOVE - 0.01)
    points = belief.points()
    np.testing.assert_allclose(points[:3], PART)
    np.testing.assert_allclose(points[7:9], PLACE[:2])


def test_from_home_it_looks_again():
    """Whether the part really lies in its place is seen once the tool is out of the way."""
    belief = believing('pick_place', sight())
    there = (*PLACE[:2], 0.03)
    belief.update(sight(first=there), 0.5, len(SKILLS['pick_place'].phases) - 1, HIGH)
    np.testing.assert_allclose(belief.points()[:3], [*PLACE[:2], PLACE[2] + PART[2]], atol=5e-3)


def test_what_stands_on_another_thing_is_not_taken_for_one_that_lies_behind():
    """Pins: a cube on a cube looks in one image like a cube 30 mm behind, and was picked anew."""
    top = (*PLACE[:2], 0.040)
    belief = believing('stack', sight(second=top))
    last = len(SKILLS['stack'].phases) - 1
    stacked = np.array([*PLACE[:2], top[2] + PART[2]])
    eye = CAMERA.X_ParentCamera[:3, 3]
    behind = eye + (stacked - eye) * ((PART[2] - eye[2]) / (stacked[2] - eye[2]))
    assert np.hypot(*(behind - stacked)[:2]) > 0.02
    for k in range(3):       # however often it looks
        belief.update(sight(first=behind, second=top), 0.5 * (k + 1), last, HIGH)
        np.testing.assert_allclose(belief.points()[:3], stacked, atol=1e-9)
        np.testing.assert_allclose(belief.points()[7:10], stacked, atol=1e-9)   # as demonstrated
    belief = believing('stack', sight(second=top))
    aside = behind + [0.0, 0.05, 0.0]                    # fell down beside it
    belief.update(sight(first=aside, second=top), 0.5, last, HIGH)
    np.testing.assert_allclose(belief.points()[:3], aside)


def test_an_uncertain_sight_changes_nothing():
    """The hottest cell of a cold map is somewhere, and means nothing."""
    belief = believing('pick_place', sight())
    before = belief.points()
    belief.update(UNSEEN, 0.5, 0, HIGH)
    np.testing.assert_array_equal(belief.points(), before)


def test_the_past_of_a_belief_is_not_written_over():
    """An array shared with the sight would move when the belief does."""
    seen = sight()
    belief = believing('belt_pick', seen, sight(first=(0.5, -0.06, 0.03)))
    belief.update(UNSEEN, 1.5, 1, 0.1)
    np.testing.assert_array_equal(seen.xyz, [PART, PLACE])


@pytest.mark.parametrize('angle', [0.0, 0.4, 1.2, 1.5, 2.8])
@pytest.mark.parametrize('near', [0.0, 0.9, -1.4, 3.0])
def test_a_heading_is_the_one_near_what_was_asked(angle, near):
    """Half turns are equal, so the wrist never turns further than a quarter."""
    found = likely_yaw(heading(angle), near)
    assert abs(found - near) <= np.pi / 2 + 1e-9
    assert abs((found - angle + np.pi / 2) % np.pi - np.pi / 2) < COARSE


@pytest.mark.parametrize(('near', 'expected'), [(0.0, 0.2), (0.2 + np.pi / 2, 0.2 + np.pi / 2),
                                                (-1.2, 0.2 - np.pi / 2)])
def test_of_the_headings_of_a_cube_the_nearest_counts(near, expected):
    """Two headings a quarter turn apart are both right: their mean would be wrong."""
    assert likely_yaw(heading(0.2, 0.2 + np.pi / 2), near) == pytest.approx(expected, abs=COARSE)


@pytest.mark.parametrize('near', [0.0, 0.9, -1.4])
def test_what_is_round_is_taken_as_the_wrist_is(near):
    """Pins: no side of a shaft is its own; the noise of a network must not turn the wrist."""
    noise = np.random.default_rng(3).normal(0.0, 0.15, YAWS)
    assert likely_yaw(noise.tolist(), near) == near


def test_what_was_moved_is_looked_at_anew():
    """Pins: where a part was before it was gripped says nothing of where it lies now."""
    belief = believing('insert', sight(), sight(), sight())
    belief.update(UNSEEN, 2.0, SKILLS['insert'].looks, HIGH)
    last = len(SKILLS['insert'].phases) - 1
    belief.update(sight(first=(PART[0] + 0.01, *PART[1:])), 3.0, last, HIGH)
    assert belief.points()[0] == pytest.approx(PART[0] + 0.01)


def test_the_place_is_turned_to_as_the_part_is():
    """A slot's heading is chosen near the part's, so that the wrist turns little in between."""
    for own, expected in ((0.3, 0.1), (1.4, 0.1 + np.pi / 2)):
        both = [heading(own), heading(0.1, 0.1 + np.pi / 2)]
        points = believing('kit', replace(sight(), yaw=both)).points()
        doubled = np.cos(2 * expected), np.sin(2 * expected)
        np.testing.assert_allclose(points[10:], doubled, atol=2 * COARSE)


class Showing:
    """Passes of a network that sees PART and PLACE.

    Each crop has the place of its corner in its red and green: that tells where it was cut.
    """

    points = project(CAMERA.K, inverse(CAMERA.X_ParentCamera), np.array([PART, PLACE]))

    def ground(self, pixels, reading):
        heat = np.full((2, CAMERA.height // STRIDE, CAMERA.width // STRIDE), -5.0)
        for k, (u, v) in enumerate(self.points):
            heat[k, int(v // STRIDE), int(u // STRIDE)] = 3.0
        return heat

    def closeup(self, crops, reading):
        headings = np.zeros((2, YAWS))
        headings[[0, 1], [3, 7]] = 20.0
        return (self.points - crops[:, 0, 0, :2] - CROP / 2,
                np.array([PART[2], PLACE[2]]) / HEIGHT_SCALE, headings)


def test_a_sight_is_the_point_that_the_crop_shows():
    """Pins cells, crops, offsets and heights against the camera: half a cell is a centimetre."""
    v, u = np.mgrid[:CAMERA.height, :CAMERA.width]
    pixels = np.stack([u, v, 0 * u], -1).astype(np.uint8)
    seen = see(Showing(), Frame(0.0, CAMERA, pixels), Reading(None, np.zeros(1), None))
    np.testing.assert_allclose(seen.xyz, [PART, PLACE], atol=1e-5)
    np.testing.assert_allclose(seen.sure, 1 / (1 + np.exp(-3.0)), atol=1e-6)
    assert np.argmax(seen.yaw, -1).tolist() == [3, 7]


@pytest.mark.parametrize(('other', 'found'), [(3.5, PART), (6.0, PLACE)])
def test_of_two_that_look_alike_it_is_the_one_that_is_expected_there(other, found):
    """Pins a green cube on the table that was a little more like a green cylinder in its bin."""
    class Twins(Showing):
        def ground(self, pixels, reading):
            heat = super().ground(pixels, reading)
            u, v = self.points[1]
            heat[0, int(v // STRIDE), int(u // STRIDE)] = other
            return heat
    v, u = np.mgrid[:CAMERA.height, :CAMERA.width]
    frame = Frame(0.0, CAMERA, np.stack([u, v, 0 * u], -1).astype(np.uint8))
    seen = see(Twins(), frame, Reading(None, np.zeros(1), None),
               (Hint(PART, 1.5), None))
    likely = 3.0 if found is PART else other
    assert seen.sure[0] == pytest.approx(1 / (1 + np.exp(-likely)))
    assert see(Twins(), frame, Reading(None, np.zeros(1), None)).sure[0] > 0.96


def test_what_was_put_is_expected_where_it_was_put():
    """Pins when: not before it was put, nor where nothing is gripped."""
    last = len(SKILLS['kit'].phases) - 1
    belief = believing('kit', sight())
    first, _ = belief.hints(last)
    np.testing.assert_allclose(first.point, [*PLACE[:2], PLACE[2] + PART[2]])
    assert belief.hints(last - 1) == (None, None)
    assert Belief(SKILLS['kit']).hints(last) == (None, None)
    assert believing('push', sight()).hints(len(SKILLS['push'].phases) - 1) == (None, None)


def test_what_somebody_else_saw_is_expected_there_until_it_is_taken():
    """Pins a cube that fell and was looked for where it had been before."""
    where, place = (0.4, 0.1, 0.02), (0.5, 0.3, 0.0)
    belief = Belief(SKILLS['kit'], where, place)
    assert [hint.point for hint in belief.hints(0)] == [where, place]
    assert all(hint.seen for hint in belief.hints(0))
    first, second = belief.hints(3)
    assert first is None and second.point == place
    belief.update(sight(), 1.0, 3, 0.3)
    first, second = belief.hints(0)
    assert first is None and second.point == place
    assert Belief(SKILLS['belt_pick'], where, place).hints(0)[0] is None   # it travels on


@pytest.mark.parametrize(('seen', 'sure'), [(True, -1.0), (False, -5.0)])
def test_what_somebody_else_saw_is_surer_to_be_there(seen, sure):
    """Pins a retry that stood still: the thing was in sight, and the map was not sure of it."""
    class Faint(Showing):
        def ground(self, pixels, reading):
            return np.full_like(super().ground(pixels, reading), -5.0)
    v, u = np.mgrid[:CAMERA.height, :CAMERA.width]
    frame = Frame(0.0, CAMERA, np.stack([u, v, 0 * u], -1).astype(np.uint8))
    found = see(Faint(), frame, Reading(None, np.zeros(1), None), (Hint(PART, 4.0, seen), None))
    assert found.sure[0] == pytest.approx(1 / (1 + np.exp(-sure)))
