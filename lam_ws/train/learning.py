"""Teach a policy what operators showed: demonstrations and a model enter, another model leaves.

What operators said is mixed with the sentences of the first training. Only what reads sentences
is taught. It learns to mean the same by the operators' sentences as it always did by the
canonical ones, and keeps meaning the same by those it knew: its old self is its teacher, so that
everything behind the sentence, which the training leaves alone, finds what it is used to.
"""
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
import hashlib
import json
from pathlib import Path
import time
from typing import Any

from lam_ws.configuration import load
from lam_ws.errors import ConfigurationError
from lam_ws.grounding.asking import canonical_request
from lam_ws.grounding.words import LANGUAGES
from lam_ws.models import check_weights, ModelCard
from lam_ws.policy.model import ATTRIBUTES, LamNetwork
from lam_ws.policy.network import load_model
from lam_ws.policy.tokens import tokens
from lam_ws.sim.tasks.suite import all_goals
from lam_ws.train.aligning import align, Meaning
from lam_ws.train.asking import attributes_of, Sentences
from lam_ws.train.checkpoint import Checkpoint
from lam_ws.train.descent import Chance, descend, one_cycle
from lam_ws.train.hindsight import Shown
from lam_ws.train.package import Log, package, write_config
from lam_ws.train.retelling import canonical, Retelling
import numpy as np
import torch
from torch import nn, Tensor
from torch.nn import functional as F

BANK, RETOLD = 20000, 6000     # sentences of the first training, and of operators
BATCH = {'bank': 128, 'usual': 32, 'taught': 96}   # in a step: of both, and canonical ones
PASS = 20                      # steps between two checkpoints
RATE = 1e-3                    # highest learning rate
ALIKE = 20.0                   # weight of meaning the same as before


@dataclass(frozen=True)
class Learning:
    """One training.

    Attributes:
        model: Folder of the model that it begins with.
        out: Folder of the model that it makes.
        run: Folder of its checkpoint and log.
        steps: How many.
        seed: Of everything drawn.
    """

    model: Path
    out: Path
    run: Path
    steps: int = 800
    seed: int = 0


@dataclass(frozen=True)
class Examples:
    """Sentences and what is to be read in them.

    Attributes:
        ids: [N, LENGTH] letters.
        wanted: [N, 5] attributes, or [N, 0] where only the meaning counts.
        meaning: [N, text_size] embedding that they are to have.
    """

    ids: Tensor
    wanted: Tensor
    meaning: Tensor

    def draw(self, count: int, chance: Chance) -> 'Examples':
        """Return `count` of them."""
        rows = torch.randint(len(self.ids), (count,), generator=chance.torch)
        return Examples(self.ids[rows], self.wanted[rows], self.meaning[rows])


def learn(training: Learning, shown: Sequence[Shown],
          stopped: Callable[[], bool] = lambda: False) -> Iterator[dict[str, Any]]:
    """Teach and package, yielding rows of losses; goes on where it was broken off.

    Args:
        training: What to train.
        shown: What operators showed.
        stopped: Asked now and then; true ends the training with a checkpoint, unpackaged.

    Raises:
        ConfigurationError: There is nothing to learn from, or the run folder is of another
            training.
        CheckpointError: The model cannot be used.
    """
    if not shown:
        raise ConfigurationError('there is no demonstration to learn from', training.run)
    card = load(training.model / 'model.yaml', ModelCard)
    check_weights(training.model, card)
    said = [(one.text, one.goal) for one in shown]
    meanings = align(said)
    _claim(training, card, said)
    network = load_model(training.model, card.weights)
    examples = prepare(network, said, meanings, training.seed)
    log, started = Log(training.run / 'text.jsonl'), time.process_time()
    for row in fit(network, examples, training):
        log.add({'stage': 'text', **row, 'cpu_s': round(time.process_time() - started, 1)})
        yield {'stage': 'text', **row, 'share': row['step'] / row['steps'],
               'loss': sum(row[name] for name in BATCH)}
        if stopped():
            return
    read_right = {name: _right(network, one) for name, one in examples.items()}
    figures = {'from': card.name, 'from_sha256': card.sha256, **tell(shown, meanings),
               'read_right': read_right,
               'steps': training.steps, 'training_cpu_s': {'text': round(log.cpu_s())}}
    write_config(network, training.out)
    package(network, training.out, 'policy', tuple(card.arms),
            f'{card.name}, taught by {len(shown)} demonstrations of operators.', figures,
            dict(card.config))
    log.draw(training.out / 'learning.png')
    yield {'stage': 'text', 'share': 1.0, 'read_right': read_right}


def prepare(network: LamNetwork, said: Sequence[tuple[str, Any]], meanings: Sequence[Meaning],
            seed: int) -> dict[str, Examples]:
    """Return what is learned from: of the first training, canonical, and taught by operators."""
    bank, rng = Sentences(BANK, seed + 1), np.random.default_rng((seed, 53))
    retelling = Retelling(said, meanings)
    taught = [retelling.draw(rng) for _ in range(RETOLD)]
    usual = [(canonical_request(goal, language), goal) for goal in all_goals()
             for language in LANGUAGES]
    found = {'bank': _examples(network, bank.texts, bank.texts,
                               [bank.goals[number] for number in bank.goal]),
             'usual': _examples(network, [text for text, _ in usual], [text for text, _ in usual],
                                [goal for _, goal in usual]),
             'taught': _examples(network, [text for text, _ in taught],
                                 [canonical(text, goal) for text, goal in taught],
                                 [goal for _, goal in taught])}
    return found


@torch.inference_mode()
def _examples(network: LamNetwork, texts: Sequence[str], like: Sequence[str],
              goals: Sequence[Any]) -> Examples:
    """Return sentences that are to mean what the network means by others now."""
    known = {text: network.text(torch.tensor([tokens(text)])) for text in set(like)} \
        if len(set(like)) < len(like) else {}
    if known:
        meaning = torch.cat([known[text] for text in like])
    else:
        meaning = torch.cat([network.text(torch.tensor([tokens(text) for text in part]))
                             for part in _parts(like, 512)])
    return Examples(torch.tensor([tokens(text) for text in texts]),
                    torch.tensor([attributes_of(goal) for goal in goals]), meaning.clone())


def fit(network: LamNetwork, examples: dict[str, Examples],
        training: Learning) -> Iterator[dict[str, float]]:
    """Teach text and attributes of the network; the rest of it stays as it is."""
    reader = nn.ModuleDict({'text': network.text, 'attributes': network.attributes}).train()
    passes = -(-training.steps // PASS)
    state = Checkpoint(training.run / 'text.ckpt', reader,
                       *one_cycle(reader, RATE, passes * PASS))

    def batches(numbers: np.random.Generator) -> list[np.ndarray]:
        return [np.arange(0)] * PASS   # each step draws its own

    def loss(_: np.ndarray, chance: Chance) -> dict[str, Tensor]:
        return {name: reading_loss(network, one.draw(BATCH[name], chance))
                for name, one in examples.items()}
    torch.manual_seed(training.seed)
    yield from descend(state, passes, PASS, training.seed, batches, loss)
    network.eval()


def reading_loss(network: LamNetwork, examples: Examples) -> Tensor:
    """Return how far sentences are from being read as wanted."""
    text = network.text(examples.ids)
    loss = ALIKE * F.mse_loss(text, examples.meaning)
    for column, name in enumerate(ATTRIBUTES):
        loss = loss + F.cross_entropy(network.attributes[name](text), examples.wanted[:, column],
                                      label_smoothing=0.02)
    return loss


@torch.inference_mode()
def _right(network: LamNetwork, examples: Examples, most: int = 2000) -> float:
    """Return the share of sentences of which every attribute is read right."""
    right = []
    for part, wanted in zip(examples.ids[:most].split(512), examples.wanted[:most].split(512),
                            strict=True):
        text = network.text(part)
        said = torch.stack([network.attributes[name](text).argmax(-1) for name in ATTRIBUTES], 1)
        right.append((said == wanted).all(1))
    return round(float(torch.cat(right).float().mean()), 4)


def tell(shown: Sequence[Shown], meanings: Sequence[Meaning]) -> dict[str, Any]:
    """Return what was learned from, JSON-ready."""
    return {'demonstrations': len(shown),
            'interventions': sum(one.took_over for one in shown),
            'words': [{**asdict(one), 'contradicted': one.contradicted} for one in meanings]}


def _claim(training: Learning, card: ModelCard, said: Sequence[tuple[str, Any]]) -> None:
    """Write down what is trained; refuse a folder that holds another training."""
    mine = {'from': card.sha256, 'steps': training.steps, 'seed': training.seed,
            'said': hashlib.sha256(repr(said).encode()).hexdigest()}
    path = training.run / 'training.json'
    if path.exists() and json.loads(path.read_text()) != mine:
        raise ConfigurationError('holds the checkpoint of another training; name another folder '
                                 'with --runs or remove it', training.run)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(mine, indent=2) + '\n')


def _parts(texts: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    return (texts[start:start + size] for start in range(0, len(texts), size))
