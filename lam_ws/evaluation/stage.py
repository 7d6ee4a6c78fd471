"""What one episode after the other runs on: a cell and its stages, set up once.

A site, the name of a policy and a scene enter; a `Stage` leaves, on which an instruction or a
plan is carried out and comes back with what was true before and after.
"""
from dataclasses import dataclass

from lam_ws.episode import Episode, Outcome
from lam_ws.evaluation.quality import measure, Quality
from lam_ws.pipeline import Pipeline
from lam_ws.policy.policy import Policy
from lam_ws.sim.cell import Cell
from lam_ws.sim.expert import Expert
from lam_ws.sim.scene import SceneDraw, SceneSpec
from lam_ws.sim.truth import Truth
from lam_ws.site import Site
from lam_ws.types import Instruction, Plan


class WatchedCell(Cell):
    """A cell that notes how hard the arm, or what it grips, touches something.

    Attributes:
        peak_n: N, the largest contact force since the last reset.
    """

    def reset(self, seed: int, draw: SceneDraw | None = None) -> None:
        """Build a fresh scene in which nothing was touched yet."""
        super().reset(seed, draw)
        self.peak_n = 0.0

    def advance(self, cycles: int = 1) -> None:
        """Move simulated time on and look at the contacts after each cycle."""
        for _ in range(cycles):
            super().advance()
            self.peak_n = max(self.peak_n, self.contact_force())


@dataclass(frozen=True)
class Run:
    """One episode: what the stack said of it, and what was true before and after."""

    before: Truth
    after: Truth
    outcome: Outcome
    quality: Quality | None


@dataclass(frozen=True)
class Stage:
    """A cell with the stages that work in it; whoever sets it up closes it."""

    site: Site
    cell: WatchedCell
    pipeline: Pipeline

    def run(self, asked: Instruction | Plan, blind: bool = False) -> Run:
        """Carry out what is asked in the scene as it stands, with a memory of nothing.

        Args:
            asked: A sentence for the stack to ground, or a plan.
            blind: Show the policy grey images.
        """
        self.pipeline.restart()
        before = self.cell.truth()
        episode = Episode(self.cell, self.pipeline, keep=True, blind=blind)
        outcome = episode.run(asked) if isinstance(asked, Instruction) else episode.pursue(asked)
        return Run(before, self.cell.truth(), outcome,
                   measure(outcome.commands, self.cell.chain, self.cell.peak_n))

    def close(self) -> None:
        """Close the cell."""
        self.cell.close()


def set_up(site: Site, policy: str = 'site', scene: SceneSpec | None = None,
           cell_kind: type[WatchedCell] = WatchedCell,
           pipeline_kind: type[Pipeline] = Pipeline) -> Stage:
    """Return a stage.

    Args:
        site: The cell's site; its clock does not matter here.
        policy: 'site' for the site's own, 'expert' for the scripted one, 'oracle' for the
            site's own with true key points.
        scene: What may stand in the cell, by default what the site's scene file says.
        cell_kind: A cell that notes more.
        pipeline_kind: Stages that note more.
    """
    cell = cell_kind(site, scene=scene)
    return Stage(site, cell, pipeline_kind(site, policy=_policy(site, cell, policy)))


def _policy(site: Site, cell: Cell, name: str) -> Policy | None:
    """Return the policy to evaluate; None for the site's own."""
    if name == 'expert':
        return Expert(cell)
    if name == 'oracle':
        from lam_ws.evaluation.oracle import OraclePolicy
        return OraclePolicy(site, cell)
    return None
