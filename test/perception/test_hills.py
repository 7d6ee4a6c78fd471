"""Which cells of a heat map are looked at closely, and when one hill is two things."""
import pytest

pytestmark = pytest.mark.train
torch = pytest.importorskip('torch')
from lam_ws.perception.hills import APART, candidates  # noqa: E402
from lam_ws.perception.model import STRIDE  # noqa: E402
import numpy as np  # noqa: E402


def found(*cells):
    """Return the candidates in a map that is cold but for (row, column, confidence)."""
    score = np.full((12, 16), 0.01)
    for row, column, sure in cells:
        score[row, column] = sure
    logits = torch.from_numpy(np.log(score / (1 - score))).float()
    return candidates({'part': logits[None, None],
                       'part_geometry': torch.zeros(1, 3, 12, 16)}, 'part')


ONE = ((4, 5, 0.9), (4, 6, 0.5), (5, 5, 0.6))
PILE = ((3, 5, 0.8), (4, 5, 0.86), (5, 5, 0.92), (5, 6, 0.5))
BELOW_TOP = ((3, 5, 0.91), (4, 5, 0.93), (5, 6, 0.89))


def rows(one):
    """Return the rows of the candidates, tops first."""
    return (one.pixels[:, 1] / STRIDE - 0.5).tolist()


def test_a_hill_is_looked_at_on_its_top():
    """Pins that ordinary things cost one look."""
    one = found(*ONE, (9, 12, 0.7))
    assert rows(one) == [4, 9] and not one.end.any() and not one.hill.any()
    np.testing.assert_allclose(one.sure, [0.9, 0.7], atol=1e-6)
    assert one.things(one.pixels).all()


@pytest.mark.parametrize(('cells', 'top'), [(PILE, 5), (BELOW_TOP, 4)])
def test_a_long_hill_is_looked_at_at_both_ends(cells, top):
    """Pins a cube on a carton of its colour: one hill, and its top between the two."""
    one = found(*cells)
    assert rows(one) == [top, 3, 5] and one.end.tolist() == [False, True, True]
    two = np.array([[0.0, 0.0], [0.0, 0.0], [0.0, APART + 0.1]])
    assert one.things(two).tolist() == [False, True, True]
    same = np.array([[0.0, 0.0], [0.0, 0.0], [0.0, APART - 0.1]])
    assert one.things(same).tolist() == [True, False, False]


def test_hills_are_judged_each_by_itself():
    """Pins the numbers: the ends of one hill are not compared with those of another."""
    aside = [(row, column + 6, sure) for row, column, sure in BELOW_TOP]
    one = found(*PILE, *aside)
    points = one.pixels.copy()
    points[one.hill == 2] = 0.0
    kept = one.things(points)
    assert kept[one.hill == 1].tolist() == [False, True, True]
    assert kept[one.hill == 2].tolist() == [True, False, False]


def test_two_tops_need_no_ends():
    """Pins that what the map tells apart by itself is not looked at again."""
    one = found((3, 5, 0.9), (4, 5, 0.5), (5, 5, 0.9))
    assert rows(one) == [3, 5] and not one.end.any()


def test_an_empty_map_has_nothing():
    """Pins the shapes of nothing."""
    one = found()
    assert one.pixels.shape == (0, 2) and one.things(one.pixels).shape == (0,)
