"""Distances that a judge with other arithmetic finds too."""
from lam_ws.faults.judging_bodies import between, to_box
from lam_ws.safety.distances import between_lines
from lam_ws.safety.distances import to_box as line_to_box
import numpy as np
import pytest

COUNT = 3000


def ends(seed: int, count: int) -> list[np.ndarray]:
    """Return `count` sets of COUNT points: anywhere, on a coarse grid, or nearly on a line.

    The grid gives lines that are parallel, meet, or lie in the planes of a box's faces.
    """
    rng = np.random.default_rng(seed)
    points = rng.normal(0.0, 1.0, (count, COUNT, 3))
    points[:, ::3] = np.round(points[:, ::3] * 2.0) / 2.0
    points[1, 1::3] = points[0, 1::3] + rng.normal(0.0, 1e-3, (COUNT // 3, 3))
    return list(points)


def test_lines_are_as_far_apart_as_the_judge_says():
    """Pins every case of two lines: skew, parallel, crossing, and one of them a point."""
    a, b, c, d = ends(0, 4)
    d[::7] = c[::7]
    proper = (a != b).any(1)
    a, b, c, d = a[proper], b[proper], c[proper], d[proper]
    found = [between_lines(*map(tuple, row)) for row in zip(a.tolist(), b.tolist(), c.tolist(),
                                                            d.tolist(), strict=True)]
    wanted = between((a, b, 0.0), (c, d, 0.0))
    assert np.allclose(found, wanted, atol=1e-7)
    assert (np.array(found) < 1e-12).any() and (c == d).all(1).any()


@pytest.mark.parametrize(('c', 'd', 'wanted'), [
    ((0.0, 1.0, 0.0), (1.0, 1.0, 0.0), 1.0),      # parallel, beside each other
    ((3.0, 0.0, 0.0), (5.0, 0.0, 0.0), 2.0),      # one behind the other
    ((-5.0, 1.0, 0.0), (-2.0, 1.0, 0.0), 5.0 ** 0.5),
    ((0.5, -1.0, 0.25), (0.5, 1.0, 0.25), 0.25),  # crossing above
    ((0.5, 2.0, 0.0), (0.5, 2.0, 0.0), 2.0),      # a point
])
def test_lines_that_stand_in_a_plain_way(c, d, wanted):
    """Pins known distances to the line from 0 to 1 along x, with the ends either way round."""
    a, b = (0.0, 0.0, 0.0), (1.0, 0.0, 0.0)
    for one in ((a, b), (b, a)):
        for other in ((c, d), (d, c)):
            assert between_lines(*one, *other) == pytest.approx(wanted, abs=1e-12)


def test_a_line_is_as_far_from_a_box_as_the_judge_says():
    """Pins lines outside, through, inside and along a box, and lines that are points."""
    a, b = ends(1, 2)
    b[::11] = a[::11]
    lower, upper = (-0.5, -0.25, 0.0), (0.5, 1.0, 0.75)
    found = [line_to_box(tuple(p), tuple(q), lower, upper)
             for p, q in zip(a.tolist(), b.tolist(), strict=True)]
    assert np.allclose(found, to_box((a, b, 0.0), np.array(lower), np.array(upper)), atol=1e-7)
    assert 0.05 < np.mean(np.array(found) < 1e-12) < 0.6


@pytest.mark.parametrize(('a', 'b', 'wanted'), [
    ((-1.0, 2.0, 0.5), (2.0, 2.0, 0.5), 1.0),    # past a face
    ((-1.0, -1.0, 2.0), (2.0, -1.0, 2.0), 2.0 ** 0.5),    # past an edge
    ((2.0, 2.0, 2.0), (3.0, 3.0, 3.0), 3.0 ** 0.5),       # away from a corner
    ((0.5, 0.5, -4.0), (0.5, 0.5, 4.0), 0.0),    # through it
    ((0.4, 0.5, 0.5), (0.6, 0.5, 0.5), 0.0),     # in it
    ((3.0, 0.5, 0.5), (2.0, 0.5, 0.5), 1.0),     # towards it
])
def test_lines_beside_a_unit_box(a, b, wanted):
    """Pins known distances, with the ends either way round."""
    for p, q in ((a, b), (b, a)):
        assert line_to_box(p, q, (0.0, 0.0, 0.0), (1.0, 1.0, 1.0)) == pytest.approx(
            wanted, abs=1e-12)
