"""A company's cell in one process: the guard looks up what the steps say they handle."""
from dataclasses import replace

from lam_ws.geometry import Chain
from lam_ws.site import load_site
from lam_ws.types import Instruction
import numpy as np
import pytest

pytest.importorskip('pybullet')
pytest.importorskip('torch')
from lam_ws.episode import Episode
from lam_ws.pipeline import Pipeline
from lam_ws.sim.cell import Cell

pytestmark = [pytest.mark.sim, pytest.mark.train]
ORDER = Instruction('녹색 볼조인트를 격리함에 넣고 청색 볼조인트를 격리함에 넣어')
SEED = 4           # a scene that has both
SPEED = 0.25       # m/s, of either: parts.csv of the plant


@pytest.fixture(scope='module')
def cell():
    """Return the sorting cell, with its stages."""
    site = load_site('sim_sort')
    simulated = Cell(site, SEED)
    yield simulated, Pipeline(site)
    simulated.close()


def test_two_parts_are_carried_as_gently_as_their_rows_say(cell):
    """Pins speed by part instead of by cell, measured on what was commanded in a real motion."""
    simulated, pipeline = cell
    outcome = Episode(simulated, pipeline, keep=True).run(ORDER)
    assert [goal.part for goal in outcome.plan.steps] == ['bj22g', 'bj20b']
    assert outcome.phase == 'succeeded', outcome.reason
    _, X = Chain(simulated.spec)._frames(np.array(
        [command.position for command in outcome.commands])[:, :-1])
    speeds = np.linalg.norm(np.diff(X[:, :3, 3], axis=0), axis=1) / simulated.cycle_s
    assert 0.9 * SPEED < speeds.max() <= SPEED * (1.0 + 1e-9)
    assert simulated.site.limits.tool_speed == 1.0


def test_a_plan_of_other_knowledge_moves_nothing(cell):
    """Pins a plan that was made before the company changed a limit: no motion, and why."""
    simulated, pipeline = cell
    pipeline.restart()
    simulated.reset(SEED)
    plan = pipeline.ground(ORDER, None)
    outcome = Episode(simulated, pipeline, keep=True).pursue(replace(plan, kb_version='older'))
    assert (outcome.phase, outcome.reason) == ('failed', 'guard_knowledge_mismatch')
    assert outcome.seconds < 0.1
    assert not np.ptp([command.position for command in outcome.commands], axis=0).any()
