"""One episode in lock-step: what it does while the cell cannot be seen."""
from lam_ws.errors import ObservationError
from lam_ws.pipeline import Pipeline
from lam_ws.site import load_site
from lam_ws.types import Instruction
import numpy as np
import pytest

pytestmark = pytest.mark.sim

ORDER = Instruction('put the red cylinder in the black box', 'en')


class Blinking(Pipeline):
    """Sees nothing from one time to another."""

    def blink(self, start_s, end_s):
        self.dark, self.sent = (start_s, end_s), []

    def observe(self, joints, frames, now_s):
        if self.dark[0] <= now_s < self.dark[1]:
            raise ObservationError('black_camera', 'dark')
        return super().observe(joints, frames, now_s)

    def guard(self, inputs):
        decision = super().guard(inputs)
        self.sent.append((inputs, decision))
        return decision


@pytest.fixture(scope='module')
def made():
    """Return a cell in which the order can be carried out, and its stages."""
    from lam_ws.sim.cell import Cell
    site = load_site('sim_bench')
    cell = Cell(site)
    yield cell, Blinking(site)
    cell.close()


def run(made, start_s, end_s):
    """Return the outcome and the cycles of an episode with a dark time."""
    from lam_ws.episode import Episode
    cell, pipeline = made
    for seed in range(100):
        cell.reset(seed)
        if ('cylinder', 'red') in {(part.kind, part.colour) for part in cell.draw.parts}:
            break
    pipeline.restart()
    pipeline.blink(start_s, end_s)
    return Episode(cell, pipeline).run(ORDER), pipeline.sent


def test_a_cell_that_goes_dark_ends_the_task_and_the_arm_rests(made):
    """Pins reason and time, and that the last command of an episode that gave up is a rest."""
    outcome, sent = run(made, 1.0, np.inf)
    assert (outcome.phase, outcome.reason) == ('failed', 'black_camera')
    first = next(i for i, (inputs, _) in enumerate(sent) if i > 5 and inputs.handled is None)
    # It looks after the two cycles of arming and then each tenth: last at 0.92 s.
    assert sent[first][0].now_s == pytest.approx(0.92 + 0.25 + 0.01)
    speeds = [np.abs(decision.command.velocity).max() for _, decision in sent[first - 1:]]
    assert speeds[0] > 0.0 and speeds[-1] == 0.0
    assert sent[-1][1].state == 'armed'


def test_one_frame_that_is_missing_ends_nothing(made):
    """Pins that a single bad image costs no task."""
    outcome, sent = run(made, 1.0, 1.1)
    assert outcome.phase == 'succeeded'


def test_a_cell_that_is_dark_takes_no_instruction(made):
    """Pins that nothing begins where nothing is seen."""
    outcome, sent = run(made, 0.0, np.inf)
    assert (outcome.phase, outcome.reason) == ('refused', 'black_camera')
    assert not any(decision.command.velocity.any() for _, decision in sent if decision.command)
