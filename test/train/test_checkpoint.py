"""Trainings that are broken off and taken up again."""
import pytest

pytestmark = pytest.mark.train
torch = pytest.importorskip('torch')
from lam_ws.train.checkpoint import Checkpoint  # noqa: E402


def machine(folder):
    """Return a small training with its checkpoint in `folder`."""
    torch.manual_seed(3)
    model = torch.nn.Sequential(torch.nn.Linear(4, 8), torch.nn.ReLU(), torch.nn.Linear(8, 1))
    optimiser = torch.optim.AdamW(model.parameters(), 1e-2)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 1e-2, 40)
    return model, optimiser, schedule, Checkpoint(folder / 'run.ckpt', model, optimiser, schedule)


def train(model, optimiser, schedule, steps, start):
    """Train on batches numbered from `start`; return the last loss."""
    for step in range(start, start + steps):
        x = torch.randn(16, 4, generator=torch.Generator().manual_seed(step))
        loss = (model(x)[:, 0] - x.sum(1)).pow(2).mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
    return loss.item()


def test_a_resumed_run_ends_where_an_unbroken_one_does(tmp_path):
    """Forgetting the optimiser's moments or the rate would change every later step."""
    model, optimiser, schedule, _ = machine(tmp_path)
    unbroken = train(model, optimiser, schedule, 30, 0)
    model, optimiser, schedule, checkpoint = machine(tmp_path)
    train(model, optimiser, schedule, 10, 0)
    checkpoint.save(10)
    model, optimiser, schedule, checkpoint = machine(tmp_path)
    assert checkpoint.resume() == 10
    assert train(model, optimiser, schedule, 20, 10) == pytest.approx(unbroken, rel=1e-5)


def test_a_fresh_run_starts_at_nothing(tmp_path):
    """Resuming without a file must not fail."""
    assert machine(tmp_path)[3].resume() == 0
