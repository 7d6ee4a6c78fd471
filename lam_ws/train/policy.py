"""Train LamNetwork: text, grounder and motion head; `lam_ws.train.closeup` has the close look.

Sentences, labelled stills and demonstrations enter; models/<name>/ with safetensors leaves.
Each part is a loop one can read from top to bottom; it yields its losses for the progress bar
and checkpoints as it goes.
"""
from collections.abc import Iterator
from pathlib import Path

from lam_ws.perception.model import SceneNet
from lam_ws.policy.model import ATTRIBUTES, LamNetwork
from lam_ws.policy.sizes import STATE, STRIDE
from lam_ws.policy.skills import MOST_PHASES, SKILLS
from lam_ws.train.asking import Asking, Sentences
from lam_ws.train.checkpoint import Checkpoint
from lam_ws.train.descent import Chance, descend
from lam_ws.train.perception import augment, draw_window, focal, SPREAD, Stills
import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

BLUR = 0.006   # m, how far off the second look may be: what failed is centimetres off
TURNED = 0.3   # share of the second looks that tell no heading
ANYTIME = 0.5  # share of the samples of the last phase whose time in it says nothing


def fit_text(model: LamNetwork, sentences: Sentences, steps: int, seed: int = 0,
             batch: int = 256) -> Iterator[dict[str, float]]:
    """Teach the encoder to tell kinds, colours and destinations apart."""
    torch.manual_seed(seed)
    parts = [*model.text.parameters(), *model.attributes.parameters()]
    optimiser = torch.optim.AdamW(parts, 3e-3, weight_decay=1e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 3e-3, steps, pct_start=0.1)
    generator = torch.Generator().manual_seed(seed)
    for step in range(1, steps + 1):
        rows = torch.randint(len(sentences.ids), (batch,), generator=generator)
        loss, right = attribute_loss(model, sentences.ids[rows], sentences.attributes[rows])
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
        if step % 20 == 0:
            yield {'step': step, 'steps': steps, 'loss': loss.item(), 'right': right}


def attribute_loss(model: LamNetwork, ids: Tensor, wanted: Tensor) -> tuple[Tensor, float]:
    """Return the loss, and the share of sentences with every attribute right."""
    text = F.dropout(model.text(ids), 0.1, model.training)
    loss, right = text.new_zeros(()), torch.ones(len(ids), dtype=torch.bool)
    for column, name in enumerate(ATTRIBUTES):
        logits = model.attributes[name](text)
        loss = loss + F.cross_entropy(logits, wanted[:, column], label_smoothing=0.02)
        right &= logits.argmax(-1) == wanted[:, column]
    return loss, right.float().mean().item()


def adopt_vision(model: LamNetwork, scene_net: SceneNet) -> None:
    """Start the policy's image tower from the folded weights of perception."""
    source = scene_net.state_dict()
    names = {name: name.replace('down.', '', 1).replace('.weight', '.conv.weight')
             .replace('.bias', '.conv.bias') for name in model.vision.state_dict()}
    names |= {name: name for name in names if name.startswith('lateral')}
    model.vision.load_state_dict({ours: source[theirs] for ours, theirs in names.items()})


def fit_grounder(model: LamNetwork, stills: Stills, sentences: Sentences, folder: Path,
                 epochs: int, seed: int = 0, batch: int = 16, each: int = 4,
                 rate: float = 3e-3) -> Iterator[dict[str, float]]:
    """Teach where a sentence points; the text encoder stays as it is.

    Args:
        model: The network; its text encoder has been taught.
        stills: Labelled images.
        sentences: What is asked about them.
        folder: Where checkpoints go.
        epochs: Passes over the stills.
        seed: Of order, windows and questions.
        batch: Stills in a step.
        each: Sentences about each of them.
        rate: Highest learning rate; the image tower's is a sixth.
    """
    with torch.inference_mode():
        embedded = torch.cat([model.text(part) for part in sentences.ids.split(1024)])
    text = embedded.clone()
    asking = Asking(stills.labels, sentences)
    per_epoch = len(stills) // batch
    state = Checkpoint(folder / 'grounder.ckpt', model, *_seeing(model, rate,
                                                                 epochs * per_epoch))

    def loss(rows: np.ndarray, chance: Chance) -> dict[str, Tensor]:
        window = draw_window(stills.shape, chance.numbers)
        asked = asking.ask(rows, chance.numbers, each)
        asked['pixel'] = torch.from_numpy(window.cut(asked['pixel'].numpy()))
        images = augment(stills.pixels(rows, window), chance.torch)
        features = model.vision(images)[asked['row']]
        return grounding_loss(model.grounder(features, text[asked['sentence']]), asked)
    yield from descend(state, epochs, per_epoch, seed,
                       lambda numbers: stills.batches(batch, numbers), loss)


def grounding_loss(maps: Tensor, asked: dict[str, Tensor]) -> dict[str, Tensor]:
    """Return the losses of the heat maps [N, 2, h, w] of the first and the second thing."""
    h, w = maps.shape[-2:]
    cell = asked['pixel'] / STRIDE - 0.5
    limit = torch.tensor([w - 1, h - 1])
    inside = ((cell > -0.5) & (cell < limit + 0.5)).all(-1)
    seen = (asked['state'] == 1) & inside
    known = (asked['state'] == 0) | seen
    v, u = torch.meshgrid(torch.arange(h), torch.arange(w), indexing='ij')
    far = (u - cell[..., 0, None, None]) ** 2 + (v - cell[..., 1, None, None]) ** 2
    heat = torch.exp(-far / (2 * SPREAD ** 2)) * seen[..., None, None]
    at = torch.minimum(cell.round().clamp(min=0), limit).long()
    n, which = seen.nonzero(as_tuple=True)
    column, row = at[n, which].unbind(-1)
    heat[n, which, row, column] = 1.0
    weight = known[..., None, None].float()
    return {name: focal(maps[:, k], heat[:, k], weight[:, k])
            for k, name in enumerate(('first', 'second'))}


def _seeing(model: LamNetwork, rate: float, steps: int) -> tuple[
        torch.optim.Optimizer, torch.optim.lr_scheduler.LRScheduler]:
    """Return optimiser and schedule of the grounder and, more carefully, its image tower."""
    optimiser = torch.optim.AdamW([
        {'params': model.grounder.parameters(), 'lr': rate},
        {'params': model.vision.parameters(), 'lr': rate / 6}], weight_decay=1e-4)
    return optimiser, torch.optim.lr_scheduler.OneCycleLR(optimiser, [rate, rate / 6], steps,
                                                          pct_start=0.1)


class Demos:
    """Demonstrations as pairs of what was known and what the expert did.

    Args:
        paths: Files written by lam_ws.train.demos.
        back: Samples between two calls of the policy, whose phase is what it remembers.
    """

    def __init__(self, paths: list[Path], back: int = 5):
        shards = [dict(np.load(path)) for path in paths]
        for number, shard in enumerate(shards):
            shard['episode'] += number * 1_000_000
        rows = {name: np.concatenate([shard[name] for shard in shards]) for name in shards[0]}
        index = np.arange(len(rows['phase']))
        start = np.searchsorted(rows['episode'], rows['episode'])
        self._first = (index - start) < back
        before = np.maximum(index - back, start)
        self.known = {name: torch.from_numpy(rows[name]).float() for name in ('state', 'points')}
        self.known['phase'] = F.one_hot(torch.from_numpy(
            np.where(self._first, 0, rows['phase'][before])), MOST_PHASES).float()
        self.known['skill'] = F.one_hot(torch.from_numpy(rows['skill']), len(SKILLS)).float()
        self.known['elapsed'] = torch.from_numpy(
            np.where(self._first, 0.0, rows['elapsed'][before])).float()
        self.chunk = torch.from_numpy(rows['chunk']).float()
        self.phase = torch.from_numpy(rows['phase'])
        self.done = torch.from_numpy(rows['done']).float()
        self.taught = np.flatnonzero(rows['taught'])
        ends = torch.tensor([len(skill.phases) - 1 for skill in SKILLS.values()])
        self.last = ends[torch.from_numpy(rows['skill'])]


def fit_head(model: LamNetwork, demos: Demos, steps: int, seed: int = 0, batch: int = 256,
             ) -> Iterator[dict[str, float]]:
    """Teach the motion head, with key points as blurred as the grounder's."""
    torch.manual_seed(seed)
    optimiser = torch.optim.AdamW(model.head.parameters(), 1e-3, weight_decay=1e-4)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 2e-3, steps, pct_start=0.1)
    taught = torch.from_numpy(demos.taught)
    for step in range(1, steps + 1):
        rows = taught[torch.randint(len(taught), (batch,))]
        terms = head_loss(model, demos, rows)
        optimiser.zero_grad()
        terms.sum().backward()
        optimiser.step()
        schedule.step()
        if step % 50 == 0:
            yield {'step': step, 'steps': steps,
                   **dict(zip(('motion', 'fingers', 'phase', 'done'), terms.tolist(),
                              strict=True))}


def head_loss(model: LamNetwork, demos: Demos, rows: Tensor) -> Tensor:
    """Return the [4] terms: motion of the tool, of the fingers, phase and done."""
    known = {name: values[rows] for name, values in demos.known.items()}
    state = known['state'] + torch.randn(len(rows), STATE) * torch.tensor(
        [0.001] * 3 + [0.01] * 3 + [0.01] * 2 + [0.0005, 0.003])
    elapsed = known['elapsed'] + 0.05 * torch.rand(len(rows))
    points = known['points'].clone()
    # Before it has looked twice a policy does not know how fast a thing is carried along.
    unknown = (known['phase'][:, 0] > 0) & (torch.rand(len(rows)) < 0.3)
    points[:, 5:7] *= 1.0 - unknown.float()[:, None]
    # What came of it is judged by a second look, which is a few millimetres off.
    over = demos.phase[rows] == demos.last[rows]
    points[:, [0, 1, 2, 7, 8, 9]] += over[:, None] * BLUR * torch.randn(len(rows), 6)
    # Nor does it hang on the heading of what stands in its place, nor on how long it took:
    # demonstrations show few of either, and what they leave out a head makes up.
    anyhow = (over & (torch.rand(len(rows)) < TURNED))[:, None]
    angle = 2 * torch.pi * torch.rand(len(rows))
    points[:, 3:5] = torch.where(anyhow, torch.stack([angle.cos(), angle.sin()], 1),
                                 points[:, 3:5])
    elapsed = torch.where(over & (torch.rand(len(rows)) < ANYTIME), 2 * torch.rand(len(rows)),
                          elapsed)
    chunk, phase, done = model.head(state, points, known['skill'], known['phase'], elapsed)
    wanted = demos.chunk[rows]
    motion = F.smooth_l1_loss(chunk[..., :3] / 0.02, wanted[..., :3] / 0.02, beta=0.5) \
        + F.smooth_l1_loss(chunk[..., 3:5] / 0.1, wanted[..., 3:5] / 0.1, beta=0.5)
    fingers = F.smooth_l1_loss(chunk[..., 5] / 0.005, wanted[..., 5] / 0.005, beta=0.5)
    return torch.stack([motion, 0.3 * fingers, 0.3 * F.cross_entropy(phase, demos.phase[rows]),
                        0.3 * F.binary_cross_entropy_with_logits(done, demos.done[rows])])
