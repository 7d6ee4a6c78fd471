"""Train LamNetwork's three parts: text, then grounder, then motion head.

Sentences, labelled stills and demonstrations enter; models/<name>/ with safetensors leaves.
Each part is a loop one can read from top to bottom; it yields its losses for the progress bar
and checkpoints as it goes.
"""
from collections.abc import Iterator
from pathlib import Path

from lam_ws.grounding.noise import add_noise
from lam_ws.grounding.sentences import sample_sentence
from lam_ws.grounding.words import BIN_COLOURS, KINDS, LANGUAGES, PART_COLOURS
from lam_ws.perception.model import SceneNet
from lam_ws.policy.model import ATTRIBUTES, HEIGHT_SCALE, LamNetwork, STRIDE
from lam_ws.policy.text import tokens
from lam_ws.train.checkpoint import Checkpoint, save_weights
from lam_ws.train.perception import augment, draw_window, focal, SPREAD, Stills, yaw_shares
import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

GOALS = [(kind, colour, destination) for kind in range(3) for colour in range(4)
         for destination in range(2)]
KIND_NAMES = tuple(KINDS['en'])


class Sentences:
    """A bank of noisy sentences with what they ask for.

    Args:
        count: How many.
        seed: Seed of goals, wordings and slips.
        split: 'train' or 'heldout' wordings.
        level: Largest noise level; each sentence draws its own below it.
    """

    def __init__(self, count: int, seed: int, split: str = 'train', level: float = 0.9):
        rng = np.random.default_rng(seed)
        self.goal = rng.integers(len(GOALS), size=count)
        self.language = rng.integers(len(LANGUAGES), size=count)
        self.texts = []
        for goal, language in zip(self.goal, self.language, strict=True):
            kind, colour, destination = GOALS[goal]
            text = sample_sentence(KIND_NAMES[kind], PART_COLOURS[colour],
                                   BIN_COLOURS[destination], LANGUAGES[language], rng, split)
            noise = level * rng.random() if rng.random() < 0.7 else 0.0
            self.texts.append(add_noise(text, rng, noise))
        self.ids = torch.tensor([tokens(text) for text in self.texts])
        self.attributes = torch.tensor([GOALS[goal] for goal in self.goal])


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
                 epochs: int, seed: int = 0, batch: int = 16, each: int = 3,
                 ) -> Iterator[dict[str, float]]:
    """Teach where a sentence points; the text encoder stays as it is."""
    with torch.inference_mode():
        embedded = torch.cat([model.text(part) for part in sentences.ids.split(1024)])
    text = embedded.clone()
    by_goal = [np.flatnonzero(sentences.goal == goal) for goal in range(len(GOALS))]
    optimiser = torch.optim.AdamW([
        {'params': model.grounder.parameters(), 'lr': 3e-3},
        {'params': model.vision.parameters(), 'lr': 5e-4}], weight_decay=1e-4)
    per_epoch = len(stills) // batch
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, [3e-3, 5e-4], epochs * per_epoch,
                                                   pct_start=0.1)
    state = Checkpoint(folder / 'grounder.ckpt', model, optimiser, schedule)
    first = state.resume()
    step, sums = first * per_epoch, np.zeros(4)
    for epoch in range(first, epochs):
        rng = np.random.default_rng((seed, epoch))
        generator = torch.Generator().manual_seed(seed * 1000 + epoch)
        for rows in stills.batches(batch, rng):
            window = draw_window(stills.shape, rng)
            asked = ask(stills.labels, rows, by_goal, rng, each)
            asked['pixel'] = torch.from_numpy(window.cut(asked['pixel'].numpy()))
            images = augment(stills.pixels(rows, window), generator)
            features = model.vision(images)[asked['row']]
            maps = model.grounder(features, text[asked['sentence']])
            terms = grounding_loss(maps, asked)
            optimiser.zero_grad()
            terms.sum().backward()
            optimiser.step()
            schedule.step()
            step, sums = step + 1, sums + terms.detach().numpy()
            if step % 20 == 0:
                yield {'step': step, 'steps': epochs * per_epoch, 'epoch': epoch,
                       **dict(zip(('part', 'bin', 'geometry', 'yaw'), (sums / 20).tolist(),
                                  strict=True))}
                sums = np.zeros(4)
        state.save(epoch + 1)
    save_weights(model, folder / 'grounder.safetensors')


def ask(labels: dict[str, np.ndarray], rows: np.ndarray, by_goal: list[np.ndarray],
        rng: np.random.Generator, each: int) -> dict[str, Tensor]:
    """Draw sentences about the stills `rows`; most name a part that is there.

    Returns row [N] into `rows`, sentence [N], and for part and bin (column 0 and 1) pixel
    [N, 2, 2], height [N, 2], state [N, 2] (1 seen, 0 absent, -1 hidden), and yaw shares.
    """
    drawn: dict[str, list] = {name: [] for name in ('row', 'sentence', 'thing', 'bin')}
    for row, still in enumerate(rows):
        kinds, colours = labels['kind'][still], labels['colour'][still]
        parts = np.flatnonzero((kinds >= 0) & (kinds < 3))
        for _ in range(each):
            destination = int(rng.integers(2))
            if rng.random() < 0.9:
                thing = int(rng.choice(parts))
                kind, colour = int(kinds[thing]), int(colours[thing])
            else:
                kind, colour = int(rng.integers(3)), int(rng.integers(4))
                same = np.flatnonzero((kinds == kind) & (colours == colour))
                thing = int(same[0]) if len(same) else -1
            goal = GOALS.index((kind, colour, destination))
            drawn['row'].append(row)
            drawn['sentence'].append(int(rng.choice(by_goal[goal])))
            drawn['thing'].append(thing)
            bins = np.flatnonzero((kinds == 3) & (colours == 4 + destination))
            drawn['bin'].append(int(bins[0]))
    still = rows[drawn['row']]
    pick = np.column_stack([drawn['thing'], drawn['bin']])
    at = (still[:, None], np.maximum(pick, 0))
    state = np.where(labels['visible'][at], 1, -1)
    state[pick < 0] = 0
    return {'row': torch.tensor(drawn['row']), 'sentence': torch.tensor(drawn['sentence']),
            'pixel': torch.from_numpy(labels['pixel'][at]),
            'height': torch.from_numpy(labels['position'][at][..., 2] / HEIGHT_SCALE),
            'state': torch.from_numpy(state),
            'yaw': yaw_shares(labels['yaw'][at][:, 0], labels['kind'][at][:, 0])}


def grounding_loss(maps, asked: dict[str, Tensor]) -> Tensor:
    """Return the [4] loss terms: part heat, bin heat, geometry, heading."""
    h, w = maps.heat.shape[-2:]
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
    terms = [focal(maps.heat[:, k], heat[:, k], weight[:, k]) for k in (0, 1)]
    geometry = maps.geometry.unflatten(1, (2, 3))[n, which, :, row, column]
    middle = (torch.stack([column, row], -1) + 0.5) * STRIDE
    wanted = torch.cat([asked['pixel'][n, which] - middle,
                        asked['height'][n, which, None]], -1)
    terms.append(0.3 * F.smooth_l1_loss(geometry, wanted, beta=0.3))
    part = which == 0
    yaw = maps.yaw[n[part], :, row[part], column[part]]
    terms.append(0.3 * F.cross_entropy(yaw, asked['yaw'][n[part]]))
    return torch.stack(terms)


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
            np.where(self._first, 0, rows['phase'][before])), 8).float()
        self.known['elapsed'] = torch.from_numpy(
            np.where(self._first, 0.0, rows['elapsed'][before])).float()
        self.chunk = torch.from_numpy(rows['chunk']).float()
        self.phase = torch.from_numpy(rows['phase'])
        self.done = torch.from_numpy(rows['done']).float()
        self.taught = np.flatnonzero(rows['taught'])


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
    state = known['state'] + torch.randn(len(rows), 10) * torch.tensor(
        [0.001] * 3 + [0.01] * 3 + [0.01] * 2 + [0.0005, 0.003])
    elapsed = known['elapsed'] + 0.05 * torch.rand(len(rows))
    chunk, phase, done = model.head(state, known['points'], known['phase'], elapsed)
    wanted = demos.chunk[rows]
    motion = F.smooth_l1_loss(chunk[..., :3] / 0.02, wanted[..., :3] / 0.02, beta=0.5) \
        + F.smooth_l1_loss(chunk[..., 3:5] / 0.1, wanted[..., 3:5] / 0.1, beta=0.5)
    fingers = F.smooth_l1_loss(chunk[..., 5] / 0.005, wanted[..., 5] / 0.005, beta=0.5)
    return torch.stack([motion, 0.3 * fingers, 0.3 * F.cross_entropy(phase, demos.phase[rows]),
                        0.3 * F.binary_cross_entropy_with_logits(done, demos.done[rows])])
