"""Failures as one can see them: some failed cases of the suite, run again with a camera on.

Verdicts enter; a film of each chosen one leaves, with stills and the verdict of the second run.
An episode in lock-step depends on its seed alone, so the second run is the first; that it was is
checked and said.
"""
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
import shlex

from lam_ws.camera_file import pinhole
from lam_ws.evaluation.evaluation import Verdict
from lam_ws.evaluation.stage import WatchedCell
from lam_ws.evaluation.suite import run_case, set_up_task, Setting
from lam_ws.geometry import look_at
from lam_ws.pipeline import Pipeline, TaskState
from lam_ws.record.film import stills, write_film
from lam_ws.record.record import Episode, GuardRecord, Picture, ProposalRecord, SubgoalRecord
from lam_ws.safety.safety import GuardDecision, GuardInputs
from lam_ws.sim.camera import composite
from lam_ws.sim.scene import SceneDraw
from lam_ws.site import CameraSpec
from lam_ws.types import ActionChunk, Frame, Observation

STILLS = 4
VIEW = CameraSpec('view', 'base', 640, 440, pinhole(640, 440, 42.0),
                  look_at([1.25, -0.62, 0.72], [0.42, 0.0, 0.12]), 10.0)
SEEN = 'seen'   # what the film calls the first camera of the site


class FilmedCell(WatchedCell):
    """A cell with one more camera, which no stage can see.

    Attributes:
        views: Its pictures since the last reset, one for each of the site's first camera.
        seen: Pictures of that camera.
    """

    def reset(self, seed: int, draw: SceneDraw | None = None) -> None:
        """Build a fresh scene, with nothing filmed yet."""
        super().reset(seed, draw)
        exact = {VIEW.name: (0.0,) * 6}
        self.draw = replace(self.draw, residual={**self.draw.residual, **exact})
        self.views: list[Picture] = []
        self.seen: list[Picture] = []

    def render(self, name: str) -> Frame:
        """Return what camera `name` sees now, and film."""
        frame = super().render(name)
        if name == self.site.cameras[0].name:
            self.seen.append(Picture(self.now_s, frame.pixels))
            self.views.append(Picture(self.now_s, composite(*self.shoot(VIEW.model()))))
        return frame


class NotedPipeline(Pipeline):
    """Stages that note what a film says below its picture."""

    def restart(self) -> None:
        """Begin a new run, with nothing noted yet."""
        super().restart()
        self.subgoals: list[SubgoalRecord] = []
        self.proposals: list[ProposalRecord] = []
        self.guarded: list[GuardRecord] = []

    def decide(self, observation: Observation, state: TaskState) -> ActionChunk | None:
        """Note the goal and the chunk."""
        goal, chunk, now_s = state.goal, super().decide(observation, state), observation.stamp_s
        if goal is not None:
            self.subgoals.append(SubgoalRecord(now_s, True, state.step, state.attempt, goal.skill,
                                               goal.kind, goal.colour, goal.destination,
                                               goal.text))
        if chunk is not None:
            self.proposals.append(ProposalRecord(
                now_s, state.step, state.attempt, len(self.proposals), chunk.phase, chunk.done,
                chunk.times, chunk.position))
        return chunk

    def guard(self, inputs: GuardInputs) -> GuardDecision:
        """Note what the guard says."""
        decision = super().guard(inputs)
        self.guarded.append(GuardRecord(
            inputs.now_s, str(decision.state), decision.reason, '', decision.limited,
            float(decision.measured), float(decision.allowed), len(self.guarded), 0, 0))
        return decision


@dataclass(frozen=True)
class Film:
    """One failed case, run again.

    Attributes:
        verdict: Of the evaluation.
        again: Of the second run.
        file: Name of the film.
        stills: Pictures from start to end.
        command: What runs this one case again.
    """

    verdict: Verdict
    again: Verdict
    file: str
    stills: tuple[Picture, ...]
    command: str


def replay(setting: Setting, seed: int) -> tuple[Verdict, Episode]:
    """Return the verdict and the recording of one case."""
    with closing(set_up_task(setting, FilmedCell, NotedPipeline)) as stage:
        verdict = run_case(stage, setting, seed)
        cell, noted = stage.cell, stage.pipeline
        assert isinstance(cell, FilmedCell) and isinstance(noted, NotedPipeline)
        return verdict, Episode(
            Path(f'{setting.task} {seed}'), duration_s=cell.now_s,
            proposals=tuple(noted.proposals), guard=tuple(noted.guarded),
            subgoals=tuple(noted.subgoals),
            frames={VIEW.name: tuple(cell.views), SEEN: tuple(cell.seen)})


def film(setting: Setting, verdict: Verdict, folder: Path) -> Film:
    """Run a failed case again and write its film into `folder`.

    Raises:
        RecordingError: The film cannot be written.
    """
    again, episode = replay(setting, verdict.seed)
    path = write_film(episode, folder / f'{_name(setting, verdict.seed)}.mp4')
    return Film(verdict, again, path.name, stills(episode, STILLS),
                reproduce(setting, verdict.seed))


def choose(verdicts: Sequence[Verdict], most: int) -> list[Verdict]:
    """Return at most `most` failures: of tasks and causes in turn, by order where these tie."""
    left = [one for one in verdicts if not one.success]
    chosen: list[Verdict] = []
    while left and len(chosen) < most:
        best = min(left, key=partial(_shown, chosen))
        left.remove(best)
        chosen.append(best)
    return sorted(chosen, key=verdicts.index)


def _shown(chosen: Sequence[Verdict], one: Verdict) -> tuple[int, int, int]:
    """Return how often the like of `one` was chosen: task and cause together, task, cause."""
    return (sum((other.task, other.cause) == (one.task, one.cause) for other in chosen),
            sum(other.task == one.task for other in chosen),
            sum(other.cause == one.cause for other in chosen))


def reproduce(setting: Setting, seed: int) -> str:
    """Return the command that runs one case, and films it when it fails."""
    more = ['--axis', setting.axis] if setting.axis else []
    more += ['--raw'] if setting.raw else []
    more += ['--lesson', setting.lesson, '--wordings', setting.wordings] if setting.lesson else []
    more += ['--model', setting.model] if setting.model else []
    return shlex.join(['lam', 'eval', '--suite', 'cell', '--site', setting.site, '--split',
                       setting.split, *more, '--tasks', setting.task, '--seed', str(seed),
                       '--episodes', '1', '--policy', setting.policy, '--report',
                       f'out/{_name(setting, seed)}'])


def _name(setting: Setting, seed: int) -> str:
    return '_'.join(part for part in (setting.task, setting.axis, str(seed)) if part)
