"""What the learner knows at one moment, as tokens: images, state and sentence.

Everything is scaled already. The image tower is small and its own, trained from nothing with
the rest; one tower serves all cameras, and the sentence tells it what to look for (FiLM; Perez
et al. 2018). A transformer then lets all tokens look at each other.
"""
from collections.abc import Sequence
import math

from lam_ws.policy.chunking.config import Sizes
from lam_ws.policy.text import TextEncoder
import torch
from torch import nn, Tensor
from torch.nn import functional as F

LETTERS = 48         # channels of the text encoder
CHANNELS = (3, 24, 48, 96)   # of the image tower, halving the image each time; then the width
GROUPS = 8           # of channels that are normalised together


def waves(places: Tensor, width: int) -> Tensor:
    """Return [..., width] sines and cosines of places [...], from coarse to fine.

    The encoding of positions of Vaswani et al. 2017, for places in 0 .. 1.
    """
    count = width // 2
    rates = torch.exp(torch.linspace(0.0, math.log(100.0), count, device=places.device))
    angles = places[..., None] * rates * (math.pi / 2)
    return torch.cat([angles.sin(), angles.cos()], -1)


class Tower(nn.Module):
    """Image [B, 3, h, w] and sentence [B, width] to features [B, width, h / 16, w / 16]."""

    def __init__(self, width: int):
        super().__init__()
        channels = (*CHANNELS, width)
        self.down = nn.ModuleList(
            nn.Conv2d(before, after, 5 if before == 3 else 3, 2, 2 if before == 3 else 1)
            for before, after in zip(channels, channels[1:], strict=False))
        self.norm = nn.ModuleList(nn.GroupNorm(GROUPS, after) for after in channels[1:])
        self.near = nn.Conv2d(width, width, 3, padding=1)
        self.film = nn.Linear(width, 2 * (channels[-2] + width))
        nn.init.zeros_(self.film.weight)
        nn.init.zeros_(self.film.bias)
        self._split = [channels[-2], channels[-2], width, width]

    def forward(self, images: Tensor, text: Tensor) -> Tensor:
        """Return the features."""
        scale3, shift3, scale4, shift4 = self.film(text)[..., None, None].split(self._split, 1)
        x = images
        for level, (down, norm) in enumerate(zip(self.down, self.norm, strict=True)):
            x = norm(down(x))
            if level >= 2:
                scale, shift = ((scale3, shift3), (scale4, shift4))[level - 2]
                x = x * (1 + scale) + shift
            x = F.relu(x)
        return x + F.relu(self.near(x))


class Context(nn.Module):
    """Everything that is known, as tokens that have looked at each other.

    Args:
        sizes: Sizes of the network.
        numbers: Numbers of the state.
        cameras: Number of cameras.
    """

    def __init__(self, sizes: Sizes, numbers: int, cameras: int):
        super().__init__()
        width = sizes.width
        self.text = TextEncoder(LETTERS, width)
        self.tower = Tower(width)
        self.state = nn.Sequential(nn.Linear(numbers, width), nn.GELU(), nn.Linear(width, width))
        self.camera = nn.Embedding(cameras, width)
        layer = nn.TransformerEncoderLayer(width, sizes.heads, 4 * width, 0.0, 'gelu',
                                           batch_first=True, norm_first=True)
        self.encoder = nn.TransformerEncoder(layer, sizes.encoder, nn.LayerNorm(width),
                                             enable_nested_tensor=False)

    def forward(self, images: Sequence[Tensor], state: Tensor, letters: Tensor) -> Tensor:
        """Return tokens [B, N, width]; the first is that of the state.

        Args:
            images: One [B, 3, h, w] for each camera, in order; sizes may differ.
            state: [B, S]
            letters: [B, LENGTH] token ids of the sentence.
        """
        text = self.text(letters)
        tokens = [self.state(state)[:, None], text[:, None]]
        for number, image in enumerate(images):
            features = self.tower(image, text)
            marks = _places(features) + self.camera.weight[number]
            tokens.append(features.flatten(2).transpose(1, 2) + marks)
        known: Tensor = self.encoder(torch.cat(tokens, 1))
        return known


def _places(features: Tensor) -> Tensor:
    """Return [h * w, width] encodings of where each cell of the features lies."""
    width, rows, columns = features.shape[1:]
    down = waves((torch.arange(rows, device=features.device) + 0.5) / rows, width // 2)
    across = waves((torch.arange(columns, device=features.device) + 0.5) / columns, width // 2)
    both = torch.cat([down[:, None].expand(-1, columns, -1),
                      across[None].expand(rows, -1, -1)], -1)
    return both.flatten(0, 1)
