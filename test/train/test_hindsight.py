"""What a recording shows, from joints and looks alone; what it does not show is refused."""
from dataclasses import replace
from pathlib import Path

from lam_ws.errors import RecordingError
from lam_ws.geometry import Chain
from lam_ws.record.record import Episode, Motion
from lam_ws.site import load_site
from lam_ws.train.hindsight import hindsight
from lam_ws.types import Detection, Scene
import numpy as np
import pytest

ARM = load_site('sim_demo').arm
CHAIN = Chain(ARM)
RED, BLUE, BIN = (0.45, -0.05), (0.55, 0.08), (0.5, 0.3)
RATE = 50.0   # joint states a second


def path(*legs):
    """Return tool places [T, 3] m and openings [T] m of (xy, height, opening, s) legs."""
    xyz, opening = [np.array([0.42, 0.0, 0.37])], [0.08]
    for xy, height, wide, seconds in legs:
        steps = int(seconds * RATE)
        share = np.linspace(1 / steps, 1, steps)[:, None]
        xyz += list(xyz[-1] + share * (np.array([*xy, height]) - xyz[-1]))
        opening += list(opening[-1] + share[:, 0] * (wide - opening[-1]))
    return np.array(xyz), np.array(opening)


def carry(start, end, wide=0.04):
    """Return the legs that carry something from one place to another."""
    return [(start, 0.1, 0.08, 0.8), (start, 0.02, 0.08, 0.6), (start, 0.02, wide, 0.4),
            (start, 0.02, wide, 0.6), (start, 0.17, wide, 0.6), (end, 0.17, wide, 1.0),
            (end, 0.05, wide, 0.6), (end, 0.05, 0.08, 0.4), (end, 0.25, 0.08, 0.8),
            ((0.42, 0.0), 0.37, 0.08, 1.0)]


def episode(legs, looks=None, moved=True):
    """Return a recording of a motion in a scene with two cubes and a bin."""
    xyz, opening = path(*legs)
    joints = CHAIN.follow(ARM.home[:-1], xyz[:1], [0.0], 60)
    rows = [joints[0]]
    for point in xyz[1:]:
        rows.append(CHAIN.follow(rows[-1], point[None], [0.0], 2)[0])
    position = np.column_stack([rows, opening])
    times = np.arange(len(xyz)) / RATE
    looks = looks or [('cube', 'red', RED), ('cube', 'blue', BLUE), ('bin', 'black', BIN)]
    scenes = []
    for time_s in np.arange(0.0, times[-1], 0.1):
        late = moved and time_s > times[-1] - 1.0
        scenes.append(Scene(float(time_s), tuple(
            Detection(kind, colour, np.array([*(BIN if late and colour == 'red' else xy), 0.02]),
                      0.9) for kind, colour, xy in looks)))
    return Episode(Path('one.mcap'), 0, float(times[-1]),
                   joints=Motion(times, ARM.names, position, np.zeros_like(position)),
                   scenes=tuple(scenes))


def test_what_was_taken_and_where_it_was_let_go_is_told():
    """Pins the label that everything is learned from."""
    shown = hindsight(episode(carry(RED, BIN)), '아까 가꾸 구로 하꼬에 여라', ARM)
    goal = shown.goal
    assert (goal.skill, goal.kind, goal.colour) == ('pick_place', 'cube', 'red')
    assert (goal.place, goal.destination) == ('bin', 'black')
    assert np.allclose(shown.took_at[:2], RED, atol=0.01)
    assert shown.closed_s < shown.opened_s


def test_of_two_grips_the_last_counts():
    """Pins an operator who takes the wrong part out of the hand and carries on."""
    wrong = carry(BLUE, (0.6, -0.2))
    shown = hindsight(episode([*wrong, *carry(RED, BIN)]), '아까 가꾸', ARM)
    assert shown.goal.colour == 'red' and np.allclose(shown.took_at[:2], RED, atol=0.01)


@pytest.mark.parametrize('legs, why', [
    (carry(RED, BIN, wide=0.0), 'nothing was taken'),
    (carry((0.6, -0.15), BIN), 'was not seen'),
    (carry(RED, (0.55, -0.3)), 'let go'),
    (carry(RED, BIN)[:6], 'nothing was taken'),
    ([(RED, 0.1, 0.08, 1.0), (BLUE, 0.1, 0.08, 1.0)], 'nothing was taken')])
def test_what_shows_nothing_is_refused_with_the_reason(legs, why):
    """Pins closing on air, a thing nobody saw, a place that is none, and a carry without end."""
    with pytest.raises(RecordingError, match=why):
        hindsight(episode(legs), '아까 가꾸', ARM)


def test_a_part_that_still_lies_where_it_was_was_not_taken():
    """Pins that the look afterwards has to bear out the joints."""
    with pytest.raises(RecordingError, match='still where it was'):
        hindsight(episode(carry(RED, BIN), moved=False), '아까 가꾸', ARM)


def test_a_thing_that_looks_like_several_is_not_believed():
    """Pins perception in doubt: a wrong label is worse than none."""
    one = episode(carry(RED, BIN))
    scenes = tuple(replace(scene, detections=tuple(
        replace(item, kind='cylinder') if item.colour == 'red' and number % 2 else item
        for item in scene.detections)) for number, scene in enumerate(one.scenes))
    with pytest.raises(RecordingError, match='different things'):
        hindsight(replace(one, scenes=scenes), '아까 가꾸', ARM)


def test_without_a_sentence_nothing_is_learned():
    """Pins a recording that nobody said anything for."""
    with pytest.raises(RecordingError, match='no sentence'):
        hindsight(episode(carry(RED, BIN)), '  ', ARM)
