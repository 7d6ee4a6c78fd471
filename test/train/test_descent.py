"""The loop of every training: its rows are means of what there was."""
import pytest

pytestmark = pytest.mark.train
torch = pytest.importorskip('torch')
from lam_ws.train.checkpoint import Checkpoint  # noqa: E402
from lam_ws.train.descent import descend, EVERY, one_cycle  # noqa: E402
import numpy as np  # noqa: E402


@pytest.mark.parametrize('stop', [None, 2])
def test_a_row_is_the_mean_of_the_steps_since_the_last(tmp_path, stop):
    """Pins a curve that fell by half at every pass, as sums began anew and were divided by 20."""
    def rows():
        model = torch.nn.Linear(1, 1)
        state = Checkpoint(tmp_path / 'run.ckpt', model, *one_cycle(model, 1e-3, 90))
        return descend(state, 3, 30, 0, lambda numbers: [np.zeros(1)] * 30,
                       lambda batch, chance: {'one': 0.0 * model(torch.ones(1)).sum() + 1.0})
    if stop:   # broken off in the second pass, so that it goes on with the first step of it
        for _, _ in zip(range(stop), rows(), strict=False):
            pass
    found = list(rows())
    assert [row['one'] for row in found] == [1.0] * len(found)
    assert [row['step'] for row in found] == [step for step in range(EVERY, 91, EVERY)
                                              if not stop or step > 30]
