"""Train LamNetwork's three parts: text, then grounder, then motion head.

Sentences, labelled stills and demonstrations enter; models/<name>/ with safetensors leaves.
Each part is a loop one can read from top to bottom; it yields its losses for the progress bar
and checkpoints as it goes.
"""
from collections.abc import Iterator
from pathlib import Path

from lam_ws.grounding.asking import held_out, sample_request
from lam_ws.grounding.noise import add_noise
from lam_ws.grounding.words import LANGUAGES
from lam_ws.perception.model import SceneNet
from lam_ws.policy.model import ATTRIBUTES, HEIGHT_SCALE, KINDS, LamNetwork, STATE, STRIDE
from lam_ws.policy.skills import MOST_PHASES, NUMBER, SKILLS
from lam_ws.policy.text import tokens
from lam_ws.policy.vocabulary import COLOURS
from lam_ws.sim.tasks.suite import all_goals, scenes
from lam_ws.train.checkpoint import Checkpoint, save_weights
from lam_ws.train.perception import augment, draw_window, focal, SPREAD, Stills, yaw_shares
from lam_ws.types import Goal
import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F


class Sentences:
    """A bank of noisy sentences with what they ask for.

    Args:
        count: How many.
        seed: Seed of goals, wordings and slips.
        split: 'train' or 'heldout' wordings.
        level: Largest noise level; each sentence draws its own below it.

    Attributes:
        goals: Every goal of the suite that may be shown.
        goal: [count] index of each sentence's goal.
        attributes: [count, 5] what text is taught to tell apart.
    """

    def __init__(self, count: int, seed: int, split: str = 'train', level: float = 0.9):
        rng = np.random.default_rng(seed)
        self.goals = [goal for goal in all_goals() if not held_out(goal)]
        # Every skill is asked for equally often, however many goals it has.
        skills = sorted({goal.skill for goal in self.goals}, key=list(SKILLS).index)
        of_skill = [[i for i, goal in enumerate(self.goals) if goal.skill == skill]
                    for skill in skills]
        self.goal = np.array([rng.choice(of_skill[rng.integers(len(skills))])
                              for _ in range(count)])
        self.texts = []
        for number in self.goal:
            language = LANGUAGES[rng.integers(len(LANGUAGES))]
            text = sample_request(self.goals[number], language, rng, split)
            noise = level * rng.random() if rng.random() < 0.7 else 0.0
            self.texts.append(add_noise(text, rng, noise))
        self.ids = torch.tensor([tokens(text) for text in self.texts])
        self.attributes = torch.tensor([attributes_of(goal) for goal in self.goals])[self.goal]
        self.by_goal = {_key(goal): np.flatnonzero(self.goal == i)
                        for i, goal in enumerate(self.goals)}


def attributes_of(goal: Goal) -> tuple[int, ...]:
    """Return the classes of a goal's attributes, in the order of ATTRIBUTES."""
    place = KINDS.index(goal.place) if goal.place else len(KINDS)
    destination = COLOURS.index(goal.destination) if goal.destination else len(COLOURS)
    return (NUMBER[goal.skill], KINDS.index(goal.kind), COLOURS.index(goal.colour), place,
            destination)


def _key(goal: Goal) -> tuple[str, ...]:
    return goal.skill, goal.kind, goal.colour, goal.place, goal.destination


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
                 ) -> Iterator[dict[str, float]]:
    """Teach where a sentence points; the text encoder stays as it is."""
    with torch.inference_mode():
        embedded = torch.cat([model.text(part) for part in sentences.ids.split(1024)])
    text = embedded.clone()
    asking = Asking(stills.labels, sentences)
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
            asked = asking.ask(rows, rng, each)
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
                       **dict(zip(('first', 'second', 'geometry', 'yaw'), (sums / 20).tolist(),
                                  strict=True))}
                sums = np.zeros(4)
        state.save(epoch + 1)
    save_weights(model, folder / 'grounder.safetensors')


class Asking:
    """Draws sentences about stills.

    Args:
        labels: Labels of the stills.
        sentences: The bank to draw from.
    """

    def __init__(self, labels: dict[str, np.ndarray], sentences: Sentences):
        self._labels, self._bank = labels, sentences
        self._tasks = tuple(scenes().values())

    def ask(self, rows: np.ndarray, rng: np.random.Generator, each: int) -> dict[str, Tensor]:
        """Draw `each` sentences about each of the stills `rows`; most name what is there.

        Returns row [N] into `rows`, sentence [N], and for the first and the second thing
        (column 0 and 1) pixel [N, 2, 2], height [N, 2], state [N, 2] (1 seen, 0 absent, -1
        hidden) and yaw shares [N, 2, YAWS].
        """
        drawn: dict[str, list] = {name: [] for name in ('row', 'sentence', 'pick')}
        for row, still in enumerate(rows):
            for _ in range(each):
                goal, pick = self._goal(still, rng)
                if goal is None:
                    continue
                drawn['row'].append(row)
                drawn['sentence'].append(int(rng.choice(self._bank.by_goal[_key(goal)])))
                drawn['pick'].append(pick)
        labels, still = self._labels, rows[drawn['row']]
        picks: np.ndarray = np.array(drawn['pick'])
        at = (still[:, None], np.maximum(picks, 0))
        state = np.where(labels['visible'][at], 1, -1)
        state[picks < 0] = 0
        pixel = np.stack([labels['grip_pixel'][at][:, 0], labels['surface_pixel'][at][:, 1]], 1)
        height = np.stack([labels['grip'][at][:, 0, 2], labels['surface'][at][:, 1, 2]], 1)
        shares = yaw_shares(labels['yaw'][at].ravel(), labels['turns'][at].ravel())
        return {'row': torch.tensor(drawn['row']), 'sentence': torch.tensor(drawn['sentence']),
                'pixel': torch.from_numpy(pixel),
                'height': torch.from_numpy(height / HEIGHT_SCALE),
                'state': torch.from_numpy(state), 'yaw': shares.unflatten(0, (-1, 2))}

    def _goal(self, still: int, rng: np.random.Generator) -> tuple[Goal | None, list[int]]:
        """Return a goal about a still and the label rows of its two things, -1 for absent."""
        kinds, colours = self._labels['kind'][still], self._labels['colour'][still]
        names = [(KINDS[kind], COLOURS[colour]) if kind >= 0 else ('', '')
                 for kind, colour in zip(kinds, colours, strict=True)]
        tasks = self._tasks[self._labels['scene'][still]]
        for _ in range(8):
            task = tasks[rng.integers(len(tasks))]
            if rng.random() < 0.1:
                goal = self._bank.goals[rng.integers(len(self._bank.goals))]
                if goal.kind not in task.kinds or goal.skill != task.skill:
                    continue
            else:
                first = [name for name in names if name[0] in task.kinds]
                if not first:
                    continue
                kind, colour = first[rng.integers(len(first))]
                second = [name for name in names if name[0] in task.places
                          and name != (kind, colour) and (not task.same or name[1] == colour)]
                if task.places and not second:
                    continue
                place, other = second[rng.integers(len(second))] if second else ('', '')
                goal = Goal(task.skill, kind, colour, other, '', place)
            if _key(goal) in self._bank.by_goal:
                return goal, [_index(names, (goal.kind, goal.colour)),
                              _index(names, (goal.place, goal.destination))]
        return None, []


def _index(names: list[tuple[str, str]], name: tuple[str, str]) -> int:
    return names.index(name) if name[0] and name in names else -1


def grounding_loss(maps, asked: dict[str, Tensor]) -> Tensor:
    """Return the [4] loss terms: heat of the first and second thing, geometry, headings."""
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
    terms.append(0.3 * F.smooth_l1_loss(geometry, wanted.float(), beta=0.3))
    yaw = maps.yaw.unflatten(1, (2, -1))[n, which, :, row, column]
    terms.append(0.3 * F.cross_entropy(yaw, asked['yaw'][n, which]))
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
            np.where(self._first, 0, rows['phase'][before])), MOST_PHASES).float()
        self.known['skill'] = F.one_hot(torch.from_numpy(rows['skill']), len(SKILLS)).float()
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
    state = known['state'] + torch.randn(len(rows), STATE) * torch.tensor(
        [0.001] * 3 + [0.01] * 3 + [0.01] * 2 + [0.0005, 0.003])
    elapsed = known['elapsed'] + 0.05 * torch.rand(len(rows))
    points = known['points'].clone()
    # Before it has looked twice a policy does not know how fast a thing is carried along.
    unknown = (known['phase'][:, 0] > 0) & (torch.rand(len(rows)) < 0.3)
    points[:, 5:7] *= 1.0 - unknown.float()[:, None]
    chunk, phase, done = model.head(state, points, known['skill'], known['phase'], elapsed)
    wanted = demos.chunk[rows]
    motion = F.smooth_l1_loss(chunk[..., :3] / 0.02, wanted[..., :3] / 0.02, beta=0.5) \
        + F.smooth_l1_loss(chunk[..., 3:5] / 0.1, wanted[..., 3:5] / 0.1, beta=0.5)
    fingers = F.smooth_l1_loss(chunk[..., 5] / 0.005, wanted[..., 5] / 0.005, beta=0.5)
    return torch.stack([motion, 0.3 * fingers, 0.3 * F.cross_entropy(phase, demos.phase[rows]),
                        0.3 * F.binary_cross_entropy_with_logits(done, demos.done[rows])])
