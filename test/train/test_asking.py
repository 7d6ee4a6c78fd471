"""What training may ask: nothing that is held out, and only what a still can answer."""
import pytest

pytestmark = pytest.mark.train
torch = pytest.importorskip('torch')
pytest.importorskip('pybullet')
from lam_ws.grounding.asking import held_out  # noqa: E402
from lam_ws.policy.model import KINDS  # noqa: E402
from lam_ws.policy.vocabulary import COLOURS  # noqa: E402
from lam_ws.sim.tasks.suite import all_goals, scenes  # noqa: E402
from lam_ws.train.asking import Asking, Sentences  # noqa: E402
from lam_ws.train.stills import label_arrays  # noqa: E402
import numpy as np  # noqa: E402


@pytest.fixture(scope='module')
def bank():
    """Return a small bank of sentences."""
    return Sentences(3000, 1)


def test_nothing_held_out_is_said(bank):
    """Pins the leak that makes a held-out split worth nothing."""
    assert any(map(held_out, all_goals()))
    assert not any(map(held_out, bank.goals))
    asked = {bank.goals[number] for number in bank.goal}
    assert not any(map(held_out, asked)) and len(asked) > 0.9 * len(bank.goals)


def test_nothing_held_out_is_asked_of_a_still(bank):
    """Pins the other way in: a still whose two things are a held-out pair."""
    goal = next(goal for goal in all_goals() if held_out(goal) and goal.skill == 'kit')
    labels = label_arrays(1)
    labels['scene'][0] = list(scenes()).index('kitting')
    for row, (kind, colour) in enumerate(((goal.kind, goal.colour),
                                          (goal.place, goal.destination))):
        labels['kind'][0, row] = KINDS.index(kind)
        labels['colour'][0, row] = COLOURS.index(colour)
    asking, rng = Asking(labels, bank), np.random.default_rng(0)
    pairs = [asking._goal(0, rng)[1] for _ in range(200)]
    assert [0, 1] not in pairs
    free = next(other for other in bank.goals if other.skill == 'kit')
    labels['kind'][0, :2] = KINDS.index(free.kind), KINDS.index(free.place)
    labels['colour'][0, :2] = COLOURS.index(free.colour), COLOURS.index(free.destination)
    assert [0, 1] in [asking._goal(0, rng)[1] for _ in range(200)]
