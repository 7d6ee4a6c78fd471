"""The second learner from beginning to end: a dataset enters, a packaged model leaves.

It knows nothing of our cell: what it learns from is in the dataset, and what it has to know at
work is in the card it writes. Where the dataset says what was true around the robot, that is
taught beside the actions: places are learned from fewer pictures when they are told. A training
is bounded by steps and by minutes, keeps a checkpoint each minute, and goes on from it as if it
had never stopped.
"""
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
import json
import math
from pathlib import Path
import re
import time
from typing import Any

from lam_ws.dataset.info import read_json, write_json
from lam_ws.dataset.reader import Dataset
from lam_ws.errors import ConfigurationError
from lam_ws.policy.chunking.config import ChunkConfig, KINDS, Sizes
from lam_ws.policy.chunking.network import ChunkNetwork, make_network
from lam_ws.policy.chunking.scaling import Scaling
from lam_ws.train.checkpoint import Checkpoint
from lam_ws.train.package import Log, package
from lam_ws.train.samples import Batch, config_of, digest_of, Samples
import numpy as np
import torch
from torch import nn, Tensor
from torch.nn import functional as F

LOG_EVERY = 20        # steps
SAVE_S = 60.0         # s between checkpoints
PEAK = {'act': 5e-4, 'flow': 5e-4, 'keypoint': 2e-3}   # learning rate
STEADY = ('keypoint',)   # read places off the image to a part of a pixel: it is not moved about
WARM_UP = 100         # steps
LAST = 0.05           # share of the rate that is left at the end
STEEPEST = 1.0        # norm of the gradient
DONE_WEIGHT = 0.1     # of the done-probability beside the chunk
ENVIRONMENT_WEIGHT = 1.0   # of what is true around the robot


@dataclass(frozen=True)
class Imitation:
    """One training.

    Attributes:
        kind: 'act', 'flow' or 'keypoint'.
        data: Folder of the dataset.
        out: Folder of the model, its name that of the model.
        run: Folder of checkpoint, log and small frames.
        steps: Steps at most.
        minutes: Minutes of training at most, all runs together; None for no such bound.
        batch: Moments in a step.
        seed: Of weights, batches and noise.
        sizes: Of the network.
    """

    kind: str
    data: Path
    out: Path
    run: Path
    steps: int = 20000
    minutes: float | None = None
    batch: int = 32
    seed: int = 0
    sizes: Sizes = Sizes()


class Budget:
    """How much of a training has been spent; kept in the checkpoint in place of a schedule."""

    def __init__(self, training: Imitation):
        self._steps = training.steps
        self._limit_s = math.inf if training.minutes is None else 60.0 * training.minutes
        self.spent_s = self.cpu_s = 0.0

    def share(self, step: int) -> float:
        """Return the share of the budget that is spent after `step` steps, 0..1."""
        return min(1.0, max(step / self._steps, self.spent_s / self._limit_s))

    def state_dict(self) -> dict[str, float]:
        """Return what a checkpoint keeps."""
        return {'spent_s': self.spent_s, 'cpu_s': self.cpu_s}

    def load_state_dict(self, state: dict[str, float]) -> None:
        """Take up what a checkpoint kept."""
        self.spent_s, self.cpu_s = state['spent_s'], state['cpu_s']

    def spend(self, wall_s: float, cpu_s: float) -> None:
        """Count time that was spent."""
        self.spent_s, self.cpu_s = self.spent_s + wall_s, self.cpu_s + cpu_s


def imitate(training: Imitation, stopped: Callable[[], bool]) -> Iterator[dict[str, Any]]:
    """Train and package, yielding a row now and then with the share that is done.

    Args:
        training: What to train.
        stopped: Asked after each step; true ends the training with a checkpoint, unpackaged.

    Raises:
        ConfigurationError: The dataset cannot be read, or the run folder is of another training.
    """
    if training.kind not in KINDS or not re.fullmatch(r'[A-Za-z][A-Za-z0-9_]*',
                                                      training.out.name):
        raise ConfigurationError('the name of a model is of letters, digits and _ and starts '
                                 'with a letter', training.out)
    dataset = Dataset(training.data)
    config = config_of(dataset, training.sizes)
    for _, message in config.contradictions():
        raise ConfigurationError(message, training.data)
    _claim(training)
    samples = Samples(dataset, training.run, training.sizes, training.kind not in STEADY)
    for share in samples.prepare():
        yield {'stage': 'frames', 'share': share}
        if stopped():
            return
    row: dict[str, Any] = {}
    for row in fit(training, config, samples, stopped):
        yield row
    if row.get('share') == 1.0:
        _package(training, config, dataset, row)


def fit(training: Imitation, config: ChunkConfig, samples: Samples,
        stopped: Callable[[], bool]) -> Iterator[dict[str, Any]]:
    """Train until the budget is spent; the last row has share 1 unless it was stopped."""
    torch.manual_seed(training.seed)
    network = make_network(training.kind, config)
    optimiser = torch.optim.AdamW(network.parameters(), PEAK[training.kind])
    budget = Budget(training)
    checkpoint = Checkpoint(training.run / 'training.safetensors', network, optimiser, budget)
    step, scaling = checkpoint.resume(), Scaling(config)
    log, losses = Log(training.run / 'log.jsonl'), list[float]()
    apart = samples.kept_out(training.batch, training.seed)
    saved = last = time.monotonic()
    used = time.process_time()
    share, loss = budget.share(step), math.nan
    while share < 1.0 and not stopped():
        losses.append(_step(training, network, optimiser, scaling, samples, step, share))
        step, now, using = step + 1, time.monotonic(), time.process_time()
        budget.spend(now - last, using - used)
        last, used = now, using
        share = budget.share(step)
        if step % LOG_EVERY == 0 or share == 1.0:
            loss, losses = float(np.mean(losses)), []
            row = {'step': step, 'steps': training.steps, 'loss': loss}
            if apart is not None:
                row |= _judge(training, network, scaling, apart)
            log.add({'stage': training.kind, **row})
            yield {'stage': training.kind, **row, 'share': share}
        if now - saved > SAVE_S:
            checkpoint.save(step)
            saved = now
    checkpoint.save(step)
    yield {'stage': training.kind, 'step': step, 'steps': training.steps, 'share': share,
           'spent_s': round(budget.spent_s, 1), 'cpu_s': round(budget.cpu_s, 1),
           **({} if math.isnan(loss) else {'loss': loss})}


def _step(training: Imitation, network: ChunkNetwork, optimiser: torch.optim.Optimizer,
          scaling: Scaling, samples: Samples, step: int, share: float) -> float:
    """Take one step; return the loss before it."""
    rate = PEAK[training.kind] * min(1.0, (step + 1) / WARM_UP) \
        * (LAST + (1.0 - LAST) * 0.5 * (1.0 + math.cos(math.pi * share)))
    for group in optimiser.param_groups:
        group['lr'] = rate
    batch = samples.draw(step, training.batch, training.seed)
    noise = torch.Generator().manual_seed(training.seed * 1_000_003 + step)
    network.train()
    loss = total(losses_of(network, scaling, batch, noise))
    optimiser.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(network.parameters(), STEEPEST)
    optimiser.step()
    return float(loss.detach())


def losses_of(network: ChunkNetwork, scaling: Scaling, batch: Batch,
              source: torch.Generator) -> dict[str, Tensor]:
    """Return the losses of a batch; noise and times of a flow come from `source`.

    Returns:
        `chunk`, `done`, and `environment` (mean absolute error in spreads) where it was told.
    """
    chunk = scaling.action(batch.chunk)
    noise = torch.randn(chunk.shape, generator=source)
    draw = torch.rand(len(chunk), generator=source)
    known = network.know(scaling.images(batch.images), scaling.state(batch.state), batch.letters)
    miss = network.miss(known, chunk, noise, draw)
    losses = {'chunk': (miss * batch.there).sum() / batch.there.sum(),
              'done': F.binary_cross_entropy_with_logits(network.done(known), batch.ends)}
    if batch.environment.shape[1]:
        true = scaling.environment(batch.environment)
        losses['environment'] = (network.environment(known) - true).abs().mean()
    return losses


def total(losses: dict[str, Tensor]) -> Tensor:
    """Return the sum that is made small."""
    loss = losses['chunk'] + DONE_WEIGHT * losses['done']
    if 'environment' in losses:
        loss = loss + ENVIRONMENT_WEIGHT * losses['environment']
    return loss


@torch.no_grad()
def _judge(training: Imitation, network: ChunkNetwork, scaling: Scaling,
           apart: Batch) -> dict[str, float]:
    """Return the loss on moments that are never trained on, and that of the environment."""
    network.eval()
    losses = losses_of(network, scaling, apart, torch.Generator().manual_seed(training.seed))
    found = {'kept_out': float(total(losses))}
    if 'environment' in losses:
        found['environment'] = float(losses['environment'])
    return found


def _claim(training: Imitation) -> None:
    """Make the run folder this training's own, or refuse one of another training.

    Steps and minutes may be raised later, everything else belongs to the checkpoint.
    """
    path = training.run / 'training.json'
    mine = {'kind': training.kind, 'batch': training.batch, 'seed': training.seed,
            'sizes': asdict(training.sizes), 'dataset': digest_of(training.data)}
    if path.exists():
        told = read_json(path, 'remove this folder to train anew')
        for name, value in mine.items():
            if told.get(name) != value:
                raise ConfigurationError(
                    f'this run was begun with another {name}; give another --out, or remove the '
                    'folder to train anew', path)
    write_json(path, mine)


def _package(training: Imitation, config: ChunkConfig, dataset: Dataset,
             row: dict[str, Any]) -> None:
    """Write weights, card and learning curve of what the checkpoint holds."""
    network = make_network(training.kind, config)
    Checkpoint(training.run / 'training.safetensors', network,
               torch.optim.AdamW(network.parameters()), Budget(training)).resume()
    robot = config.embodiment.robot
    arms = (robot,) if re.fullmatch(r'[A-Za-z][A-Za-z0-9_]*', robot) else ()
    figures = {'episodes': dataset.info.episodes, 'frames': len(dataset),
               'sentences': len(dataset.sentences), 'steps': row['step'], 'batch': training.batch,
               'training_s': row['spent_s'], 'training_cpu_s': row['cpu_s'],
               'dataset_sha256': digest_of(training.data)}
    package(network, training.out, training.kind, arms,
            f'A chunk of actions from pixels, state and a sentence ({training.kind}), learned '
            f'from the dataset {training.data.resolve().name}.', figures,
            json.loads(json.dumps(asdict(config))))
    Log(training.run / 'log.jsonl').draw(training.out / 'learning.png')
