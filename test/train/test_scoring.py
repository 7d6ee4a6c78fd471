"""How detections are counted: parts where they are taken, places where something is put."""
import numpy as np
import pytest

pytestmark = [pytest.mark.train, pytest.mark.sim]
pytest.importorskip('torch')
pytest.importorskip('pybullet')
from lam_ws.perception.model import COLOURS  # noqa: E402
from lam_ws.train.scoring import HELD, MATCH, match, summary  # noqa: E402
from lam_ws.train.stills import KINDS, label_arrays  # noqa: E402
from lam_ws.types import Detection  # noqa: E402

SIZE = (256, 192)   # px
CUBE = ('cube', 'red', (0.5, 0.0, 0.02), (0.5, 0.0, 0.04))
SLOT = ('slot', 'red', (0.4, 0.3, 0.003), (0.4, 0.3, 0.003))


def labels(*things, pixel=(100.0, 90.0), visible=True):
    """Return the label of things (kind, colour, grip [3] m, surface [3] m)."""
    made = {name: values[0] for name, values in label_arrays(1).items()}
    for row, (kind, colour, grip, surface) in enumerate(things):
        made['kind'][row], made['colour'][row] = KINDS.index(kind), COLOURS.index(colour)
        made['grip'][row], made['surface'][row] = grip, surface
        made['grip_pixel'][row] = made['surface_pixel'][row] = pixel
        made['visible'][row] = visible
    return made


def seen(kind, colour, at):
    """Return one detection."""
    return Detection(kind, colour, np.array(at), 0.9)


def counts(detections, given):
    """Return [right, wrong, missed] as a list."""
    return match(detections, given, SIZE)[0].tolist()


@pytest.mark.parametrize(('thing', 'at'), [(CUBE, CUBE[2]), (SLOT, SLOT[3])])
def test_the_error_is_from_the_point_that_was_learned(thing, at):
    """Pins: parts scored by their top would all be off by half their height."""
    found, errors = match([seen(*thing[:2], at)], labels(thing), SIZE)
    assert found.tolist() == [1, 0, 0]
    np.testing.assert_allclose(errors, 0.0, atol=1e-6)


def test_a_part_in_its_place_and_the_place_are_two_things():
    """Pins that one does not count for the other, whichever is listed first."""
    inside = ('cube', 'red', SLOT[3], SLOT[3])
    both = labels(inside, SLOT)
    assert counts([seen('cube', 'red', SLOT[3]), seen('slot', 'red', SLOT[3])], both) == [2, 0, 0]
    assert counts([seen('slot', 'red', SLOT[3])], both) == [1, 0, 1]


@pytest.mark.parametrize('wrong', [
    seen('cube', 'blue', CUBE[2]), seen('bar', 'red', CUBE[2]),
    seen('cube', 'red', (0.5 + MATCH + 0.005, 0.0, 0.02))], ids=['colour', 'kind', 'place'])
def test_what_is_seen_wrongly_is_wrong_and_missed(wrong):
    """Pins that a wrong name costs precision and recall."""
    assert counts([wrong], labels(CUBE)) == [0, 1, 1]


def test_one_thing_is_found_once():
    """Pins that a second detection of the same thing is wrong."""
    assert counts([seen(*CUBE[:3])] * 2, labels(CUBE)) == [1, 1, 0]


def test_what_cannot_be_seen_is_not_missed():
    """Pins hidden things, things outside the picture and parts in the hand."""
    assert counts([], labels(CUBE)) == [0, 0, 1]
    assert counts([], labels(CUBE, visible=False)) == [0, 0, 0]
    for pixel in ((-1.0, 90.0), (100.0, 192.0), (256.0, 90.0)):
        assert counts([], labels(CUBE, pixel=pixel)) == [0, 0, 0]
    held = ('cube', 'red', (0.5, 0.0, HELD + 0.05), (0.5, 0.0, HELD + 0.07))
    assert counts([], labels(held)) == [0, 0, 0]
    assert counts([seen('cube', 'red', (0.2, 0.2, 0.02))], labels(held)) == [0, 0, 0]


def test_the_summary_adds_up():
    """Pins the rates of both sets."""
    rows = [{'start_counts': np.array([3, 1, 0]), 'start_errors': np.array([0.001, 0.003, 0.002]),
             'busy_counts': np.array([1, 0, 1]), 'busy_errors': np.array([0.004])}] * 2
    found = summary(rows)
    assert found['start']['precision'] == 0.75 and found['start']['recall'] == 1.0
    assert found['busy']['recall'] == 0.5 and found['busy']['error_mm_mean'] == 4.0
    assert found['start']['error_mm_mean'] == 2.0 and found['start']['scenes'] == 2
