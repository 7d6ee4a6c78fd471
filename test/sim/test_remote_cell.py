"""A cell whose policy is on another machine: what the arm does when that machine is gone."""
from dataclasses import replace

from peers import serving
import pytest

pytestmark = pytest.mark.sim
pytest.importorskip('pybullet')
pytest.importorskip('ruckig')
from lam_ws.episode import Episode  # noqa: E402
from lam_ws.pipeline import Pipeline  # noqa: E402
from lam_ws.remote_file import RemoteSettings  # noqa: E402
from lam_ws.sim.cell import Cell  # noqa: E402
from lam_ws.site import load_site, PolicySettings  # noqa: E402
from lam_ws.types import Goal, Instruction, Plan, Scene  # noqa: E402
import numpy as np  # noqa: E402

GOAL = Goal('pick_place', 'cylinder', 'red', 'black', 'put the red cylinder in the black bin')
PLAN = Plan(Instruction(GOAL.text), 'en', (GOAL,))
LAST = 12   # images until the server is killed


class Unseeing:
    """Perception that finds nothing, and ends a server when it has looked often enough."""

    def __init__(self, server):
        self._server, self.looks = server, 0

    def forget(self):
        pass

    def estimate(self, observation):
        self.looks += 1
        if self.looks == LAST:
            self._server.process.kill()
            self._server.process.wait()
        return Scene(observation.stamp_s, ())


def test_a_server_that_dies_in_mid_episode_ends_in_a_stop():
    """Pins the way from a killed process to an arm at rest, with the guard's reason."""
    site = load_site('sim_bench')
    with serving('--site', 'sim_bench') as server:
        far = replace(site, policy=PolicySettings(
            'far', 'remote', 0.5, 10, remote=RemoteSettings(server.url, 5.0)))
        cell, seen = Cell(far), Unseeing(server)
        try:
            outcome = Episode(cell, Pipeline(far, perception=seen)).pursue(PLAN)
            speed = np.abs(cell.read().velocity).max()
        finally:
            cell.close()
    assert (outcome.phase, outcome.reason) == ('failed', 'guard_policy_stalled')
    assert seen.looks - LAST < 25
    assert speed < 0.01
