"""The two trainings from beginning to end, each a page: load, fit, judge, package.

Data folders enter; rows of losses leave as they come, and a packaged model at the end.
"""
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
import time
from typing import Any

from lam_ws.perception.model import SceneNet
from lam_ws.policy.model import LamNetwork
from lam_ws.train import perception as seeing
from lam_ws.train import policy as acting
from lam_ws.train.asking import Sentences
from lam_ws.train.checkpoint import save_weights
from lam_ws.train.package import Log, package, write_config
from safetensors.torch import load_file
import torch

SENTENCES, TEXT_STEPS, HEAD_STEPS = 60000, 1500, 30000


@dataclass(frozen=True)
class Run:
    """Where a training keeps its checkpoints and log, and its seed."""

    folder: Path
    seed: int

    def logged(self, stage: str, rows: Iterator[dict[str, float]]) -> Iterator[dict[str, Any]]:
        """Yield `rows` marked with their stage, and write them down."""
        log = Log(self.folder / 'log.jsonl')
        for row in rows:
            log.add(stage, row)
            yield {'stage': stage, **row}


def use_threads(count: int) -> None:
    """Let torch compute on `count` cores; one is the fastest for CPU time."""
    torch.set_num_threads(count)


def perception(run: Run, stills: list[Path], epochs: int, out: Path) -> Iterator[dict[str, Any]]:
    """Train SceneNet and package it as models/scene_small."""
    started = time.process_time()
    data = seeing.Stills(stills)
    yield from run.logged('perception', seeing.fit(data, run.folder, epochs, run.seed))
    net = SceneNet()
    net.load_state_dict(load_file(run.folder / 'perception.safetensors'))
    package(net, out, 'scene', (),
            'What is where in the cells of the suite, from the fixed camera.',
            {'stills': len(data), 'epochs': epochs,
             'training_cpu_s': round(time.process_time() - started)}, {})
    Log(run.folder / 'log.jsonl').draw(out / 'learning.png')


def policy(run: Run, stills: list[Path], demos: list[Path], epochs: int, scene: Path,
           out: Path) -> Iterator[dict[str, Any]]:
    """Train the three parts of LamNetwork and package it as models/lam_small."""
    started = time.process_time()
    torch.manual_seed(run.seed)
    model = LamNetwork()
    sentences = Sentences(SENTENCES, run.seed + 1)
    yield from _part(run, 'text', model, acting.fit_text(model.train(), sentences, TEXT_STEPS,
                                                         run.seed))
    model.eval()
    net = SceneNet()
    net.load_state_dict(load_file(scene / 'model.safetensors'))
    acting.adopt_vision(model, net)
    data = seeing.Stills(stills)
    yield from _part(run, 'grounder', model, acting.fit_grounder(
        model, data, sentences, run.folder, epochs, run.seed))
    shown = acting.Demos(demos)
    yield from _part(run, 'head', model, acting.fit_head(model, shown, HEAD_STEPS, run.seed))
    yield from _part(run, 'refine', model, acting.fit_grounder(
        model, data, sentences, run.folder / 'refine', epochs, run.seed + 1, rate=1e-3, exact=3.0))
    write_config(model, out)
    package(model, out, 'policy', ('fr3', 'ur5e'),
            'The skills of the factory suite by one instruction; Korean and English.',
            {'stills': len(data), 'demo_samples': len(shown.phase), 'epochs': epochs,
             'sentences': SENTENCES, 'training_cpu_s': round(time.process_time() - started)}, {})
    Log(run.folder / 'log.jsonl').draw(out / 'learning.png')


def _part(run: Run, name: str, model: LamNetwork,
          rows: Iterator[dict[str, float]]) -> Iterator[dict[str, Any]]:
    """Train one part, or take up the finished one of a broken run."""
    done = run.folder / f'{name}.done.safetensors'
    if done.exists():
        model.load_state_dict(load_file(done))
        return
    yield from run.logged(name, rows)
    save_weights(model, done)
