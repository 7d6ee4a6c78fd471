"""The trainings from beginning to end, each a page: load, fit, keep; at last assemble.

Data folders enter; rows of losses leave as they come, and a packaged model at the end. Each part
of the policy is taught by itself and kept in a file of its own, so that parts can be taught at
the same time, one alone can be taught anew, and a broken training goes on where it was.
"""
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
import time
from typing import Any

from lam_ws.errors import ConfigurationError
from lam_ws.perception.model import SceneNet
from lam_ws.policy.model import LamNetwork
from lam_ws.train import perception as seeing
from lam_ws.train import policy as acting
from lam_ws.train.asking import Sentences
from lam_ws.train.closeup import fit_closeup
from lam_ws.train.package import Log, package, write_config
from safetensors.torch import load_file, save_file
import torch

SENTENCES, TEXT_STEPS, HEAD_STEPS = 60000, 1500, 30000
# Each part of the policy and what of the network it teaches. The grounder needs the text.
PARTS: Mapping[str, tuple[str, ...]] = {
    'text': ('text', 'attributes'), 'grounder': ('vision', 'grounder'),
    'closeup': ('closeup',), 'head': ('head',)}
EPOCHS = {'perception': 10, 'grounder': 2, 'closeup': 2}   # passes over the stills


@dataclass(frozen=True)
class Run:
    """One training.

    Attributes:
        folder: Where it keeps checkpoints, finished parts and its log.
        seed: Of everything drawn.
        stills: Folders of stills.
        demos: Files of demonstrations.
        epochs: Passes over the stills, by the name of the training.
    """

    folder: Path
    seed: int
    stills: Sequence[Path] = ()
    demos: Sequence[Path] = ()
    epochs: Mapping[str, int] | None = None

    def passes(self, name: str) -> int:
        """Return how often the training `name` sees every still."""
        return {**EPOCHS, **(self.epochs or {})}[name]

    def logged(self, stage: str, rows: Iterator[dict[str, float]]) -> Iterator[dict[str, Any]]:
        """Yield `rows` with their stage and the CPU s of this start, and write them down."""
        log, started = Log(self.folder / f'{stage}.jsonl'), time.process_time()
        for row in rows:
            whole = {'stage': stage, **row, 'cpu_s': round(time.process_time() - started, 1)}
            log.add(whole)
            yield whole


def use_threads(count: int) -> None:
    """Let torch compute on `count` cores; one is the fastest for CPU time."""
    torch.set_num_threads(count)


def perception(run: Run, out: Path) -> Iterator[dict[str, Any]]:
    """Train SceneNet and package it as models/scene_small."""
    data, epochs = seeing.Stills(list(run.stills)), run.passes('perception')
    if not (run.folder / 'perception.safetensors').exists():
        yield from run.logged('perception', seeing.fit(data, run.folder, epochs, run.seed))
    net = SceneNet()
    net.load_state_dict(load_file(run.folder / 'perception.safetensors'))
    log = Log(run.folder / 'perception.jsonl')
    package(net, out, 'scene', (),
            'What is where in the cells of the suite, from the fixed camera.',
            {'stills': len(data), 'epochs': epochs, 'training_cpu_s': round(log.cpu_s())}, {})
    log.draw(out / 'learning.png')


def part(run: Run, name: str, scene: Path) -> Iterator[dict[str, Any]]:
    """Teach one of PARTS, unless it is finished; its file in the run's folder says so.

    Args:
        run: The training.
        name: A key of PARTS.
        scene: models/<name> of perception, from which the grounder's image tower starts.
    """
    if (run.folder / f'{name}.safetensors').exists():
        return
    torch.manual_seed(run.seed)
    model = LamNetwork()
    if name == 'text':
        rows = acting.fit_text(model.train(), _sentences(run), TEXT_STEPS, run.seed)
    elif name == 'grounder':
        _take(model, run, 'text')
        net = SceneNet()
        net.load_state_dict(load_file(scene / 'model.safetensors'))
        acting.adopt_vision(model, net)
        rows = acting.fit_grounder(model.eval(), seeing.Stills(list(run.stills)),
                                   _sentences(run), run.folder, run.passes(name), run.seed)
    elif name == 'closeup':
        rows = fit_closeup(model, seeing.Stills(list(run.stills)), run.folder,
                           run.passes(name), run.seed)
    else:
        rows = acting.fit_head(model, acting.Demos(list(run.demos)), HEAD_STEPS, run.seed)
    yield from run.logged(name, rows)
    _keep(model, run, name)


def policy(run: Run, scene: Path, out: Path) -> Iterator[dict[str, Any]]:
    """Teach every part that is not finished, then package them as models/lam_small."""
    for name in PARTS:
        yield from part(run, name, scene)
    assemble(run, out)


def assemble(run: Run, out: Path) -> None:
    """Package the finished parts as models/lam_small.

    Raises:
        ConfigurationError: One of them is not finished.
    """
    model = LamNetwork()
    for name in PARTS:
        _take(model, run, name)
    logs = {name: Log(run.folder / f'{name}.jsonl') for name in PARTS}
    write_config(model, out)
    package(model, out, 'policy', ('fr3', 'ur5e'),
            'The skills of the factory suite by one instruction; Korean and English.',
            {'sentences': SENTENCES, 'epochs': {name: run.passes(name)
                                                for name in ('grounder', 'closeup')},
             'training_cpu_s': {name: round(log.cpu_s()) for name, log in logs.items()}}, {})
    Log.draw_all(list(logs.values()), out / 'learning.png')


def forget(run: Run, name: str) -> None:
    """Have a part of the policy taught anew."""
    for path in run.folder.glob(f'{name}.*'):
        path.unlink()


def _sentences(run: Run) -> Sentences:
    return Sentences(SENTENCES, run.seed + 1)


def _keep(model: LamNetwork, run: Run, name: str) -> None:
    """Write a finished part."""
    weights = {f'{child}.{key}': value.contiguous() for child in PARTS[name]
               for key, value in getattr(model, child).state_dict().items()}
    unfinished = run.folder / f'{name}.part'
    save_file(weights, unfinished)
    unfinished.replace(run.folder / f'{name}.safetensors')


def _take(model: LamNetwork, run: Run, name: str) -> None:
    """Put a finished part into the network.

    Raises:
        ConfigurationError: It is not finished.
    """
    path = run.folder / f'{name}.safetensors'
    if not path.exists():
        raise ConfigurationError(f"the part '{name}' has not been taught; teach it with: "
                                 f'lam train policy --part {name}', path)
    model.load_state_dict(load_file(path), strict=False)
