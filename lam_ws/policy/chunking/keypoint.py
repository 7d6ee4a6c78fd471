"""A small network of key points: where the sentence makes it look, and what to do about it.

For each camera a few convolutions, told by the sentence what to look for (FiLM; Perez et al.
2018), give maps whose weighted middles are places in the image: the spatial soft-argmax of
Levine, Finn, Darrell and Abbeel, "End-to-End Training of Deep Visuomotor Policies" (2016).
Places, what is seen there, the state and the sentence go through a few layers, which give the
chunk at once and are trained by its absolute error. An image costs a tenth of what it costs as
tokens, so a processor sees ten times as many in the same time.

Where the dataset says what was true around the robot, that is read off the key points, taught,
and given to the layers that act.
"""
from collections.abc import Sequence

from lam_ws.policy.chunking.config import ChunkConfig
from lam_ws.policy.chunking.network import ChunkNetwork, Kept
from lam_ws.policy.text import TextEncoder
import torch
from torch import nn, Tensor
from torch.nn import functional as F

LETTERS = 48         # channels of the text encoder
WORDS = 64           # numbers of a sentence
EARLY, LATE = 16, 32   # channels of the first two convolutions, halving the image each time
GROUPS = 8           # of channels that are normalised together
LAYERS = 3           # of convolutions at a quarter of the size, and of those that act
POINTS = 32          # key points of a camera
WIDER = 4            # layers that act are wider than the convolutions by this
SHARP = 8.0          # of the first maps; flat ones have every point in the middle and learn late


class Film(nn.Module):
    """Channels scaled and shifted as the sentence has it; at first not at all."""

    def __init__(self, channels: int):
        super().__init__()
        self.by = nn.Linear(WORDS, 2 * channels)
        nn.init.zeros_(self.by.weight)
        nn.init.zeros_(self.by.bias)

    def forward(self, x: Tensor, words: Tensor) -> Tensor:
        """Return x [B, C, ...], changed by words [B, WORDS]."""
        scale, shift = self.by(words).view(len(words), -1, *[1] * (x.ndim - 2)).chunk(2, 1)
        return x * (1 + scale) + shift


class Eye(nn.Module):
    """Image [B, 3, h, w] and sentence [B, WORDS] to key points [B, 4 * POINTS] of one camera.

    Args:
        channels: Of the maps.
    """

    def __init__(self, channels: int):
        super().__init__()
        self.first = nn.Conv2d(3, EARLY, 5, 2, 2)
        self.second = nn.Conv2d(EARLY, LATE, 3, 2, 1)
        self.norm = nn.GroupNorm(GROUPS, LATE)
        counts = [LATE] + [channels] * LAYERS
        self.near = nn.ModuleList(nn.Conv2d(before, after, 3, padding=1)
                                  for before, after in zip(counts, counts[1:], strict=False))
        self.film = nn.ModuleList(Film(count) for count in counts[:-1])
        self.where = nn.Conv2d(channels, POINTS, 1)
        with torch.no_grad():
            self.where.weight.mul_(SHARP)
        self.what = nn.Conv2d(channels, 2 * POINTS, 1)

    def forward(self, image: Tensor, words: Tensor) -> Tensor:
        """Return across and down, -1..1, of each key point, and two numbers of what is there."""
        x = self.norm(self.second(F.relu(self.first(image))))
        for number, (near, film) in enumerate(zip(self.near, self.film, strict=True)):
            seen = near(F.relu(film(x, words)))
            x = seen if number == 0 else x + seen
        x = F.relu(x)
        weight = self.where(x).flatten(2).softmax(-1)
        rows, columns = x.shape[2:]
        down, across = (torch.linspace(-1.0, 1.0, count, device=x.device)
                        for count in (rows, columns))
        places = torch.stack([across.repeat(rows), down.repeat_interleave(columns)], 1)
        what = self.what(x).flatten(2).unflatten(1, (2, POINTS))
        there = (weight[:, None] * what).sum(-1)
        return torch.cat([(weight @ places).flatten(1), there.flatten(1)], 1)


class Layer(nn.Module):
    """One layer that acts, beside what it was given; told by the sentence."""

    def __init__(self, width: int):
        super().__init__()
        self.norm, self.film = nn.LayerNorm(width), Film(width)
        self.out = nn.Linear(width, width)

    def forward(self, x: Tensor, words: Tensor) -> Tensor:
        """Return [B, width]."""
        changed: Tensor = x + self.out(F.relu(self.film(self.norm(x), words)))
        return changed


class KeypointNetwork(ChunkNetwork):
    """Key points of all cameras, and layers that act on them.

    Args:
        config: Sizes and embodiment; `width` is that of the maps, what is said of heads,
            encoder, decoder and euler is not used.
    """

    def __init__(self, config: ChunkConfig):
        super().__init__()
        sizes, body = config.sizes, config.embodiment
        self.horizon, self.actions = sizes.horizon, len(body.action)
        self.around = 0 if config.environment is None else len(config.environment.mean)
        width = WIDER * sizes.width
        self.text = TextEncoder(LETTERS, WORDS)
        self.eyes = nn.ModuleList(Eye(sizes.width) for _ in body.cameras)
        seen = 4 * POINTS * len(body.cameras)
        if self.around:
            self.tell, self.telling = nn.Linear(seen, width), Layer(width)
            self.told = nn.Linear(width, self.around)
        self.take = nn.Linear(seen + len(body.state) + self.around, width)
        self.acting = nn.ModuleList(Layer(width) for _ in range(LAYERS))
        self.out = nn.Linear(width, self.horizon * self.actions)
        self.ended = nn.Linear(width, 1)

    def know(self, images: Sequence[Tensor], state: Tensor, letters: Tensor) -> Tensor:
        """Return [B, E + width]: what is true around the robot, then what acts."""
        different, which = torch.unique(letters, dim=0, return_inverse=True)
        words = self.text(different)[which]
        seen = torch.cat([eye(image, words)
                          for eye, image in zip(self.eyes, images, strict=True)], 1)
        around = self.told(F.relu(self.telling(self.tell(seen), words))) if self.around \
            else seen[:, :0]
        x = self.take(torch.cat([seen, state, around], 1))
        for layer in self.acting:
            x = layer(x, words)
        return torch.cat([around, F.relu(x)], 1)

    def done(self, known: Tensor) -> Tensor:
        """Return [B] logits that a demonstration would end now."""
        return self.ended(known[:, self.around:])[:, 0]

    def environment(self, known: Tensor) -> Tensor:
        """Return [B, E] what is true around the robot."""
        return known[:, :self.around]

    def propose(self, known: Tensor, noise: Tensor, kept: Kept | None = None) -> Tensor:
        """Return the chunk."""
        return self.out(known[:, self.around:]).unflatten(1, (self.horizon, self.actions))

    def miss(self, known: Tensor, chunk: Tensor, noise: Tensor, draw: Tensor) -> Tensor:
        """Return the mean absolute error of each action."""
        return (self.propose(known, noise) - chunk).abs().mean(-1)
