"""Two networks of tokens: what is known enters as tokens, a chunk of scaled actions leaves.

`ActNetwork` gives the chunk at once, as ACT does (Zhao, Kumar, Levine and Finn, "Learning
Fine-Grained Bimanual Manipulation with Low-Cost Hardware", 2023): one query for each action,
trained by the absolute error. Their variational encoder of styles is left out: demonstrations
of one expert have one style, and at work its code is zero anyway.

`FlowNetwork` carries noise to a chunk along a learned velocity (Lipman et al., "Flow Matching
for Generative Modeling", 2023), as pi0 does for robots (Black et al., 2024): straight lines from
noise at 0 to data at 1, more training near the noise, and Euler steps at work. Where a
demonstrator goes either way it proposes one of them, where a mean would run between.

The layers are torch's own: transformers has no decoder that takes tokens of other modules with
less code, and importing it doubles the start of a node.
"""
from collections.abc import Sequence

from lam_ws.policy.chunking.config import ChunkConfig
from lam_ws.policy.chunking.context import Context, waves
from lam_ws.policy.chunking.network import ChunkNetwork, Kept
import torch
from torch import nn, Tensor

NEAREST = 0.999      # of the data: no training beyond this time of the flow
NOISY = 1.5          # exponent of how much more is trained near the noise (pi0, appendix B)
FIRMEST = 5.0        # largest weight of what a chunk is to follow on from


class TokenNetwork(ChunkNetwork):
    """What both have in common: the context, a decoder, and what is read off the first token.

    Args:
        config: Sizes and embodiment.
    """

    def __init__(self, config: ChunkConfig):
        super().__init__()
        sizes, body = config.sizes, config.embodiment
        self.horizon, self.actions, self.euler = sizes.horizon, len(body.action), sizes.euler
        self.context = Context(sizes, len(body.state), len(body.cameras))
        layer = nn.TransformerDecoderLayer(sizes.width, sizes.heads, 4 * sizes.width, 0.0,
                                           'gelu', batch_first=True, norm_first=True)
        self.decoder = nn.TransformerDecoder(layer, sizes.decoder, nn.LayerNorm(sizes.width))
        self.places = nn.Parameter(0.02 * torch.randn(sizes.horizon, sizes.width))
        self.out = nn.Linear(sizes.width, self.actions)
        self.ended = nn.Linear(sizes.width, 1)
        if config.environment is not None:
            self.around = nn.Linear(sizes.width, len(config.environment.mean))

    def know(self, images: Sequence[Tensor], state: Tensor, letters: Tensor) -> Tensor:
        """Return the tokens [B, N, width] of what is known."""
        known: Tensor = self.context(images, state, letters)
        return known

    def done(self, known: Tensor) -> Tensor:
        """Return [B] logits that a demonstration would end now."""
        return self.ended(known[:, 0])[:, 0]

    def environment(self, known: Tensor) -> Tensor:
        """Return [B, E] what is true around the robot."""
        guess: Tensor = self.around(known[:, 0])
        return guess


class ActNetwork(TokenNetwork):
    """A query for each action, answered at once."""

    def propose(self, known: Tensor, noise: Tensor, kept: Kept | None = None) -> Tensor:
        """Return the chunk."""
        queries = self.places.expand(len(known), -1, -1)
        chunk: Tensor = self.out(self.decoder(queries, known))
        return chunk

    def miss(self, known: Tensor, chunk: Tensor, noise: Tensor, draw: Tensor) -> Tensor:
        """Return the mean absolute error of each action."""
        return (self.propose(known, noise) - chunk).abs().mean(-1)


class FlowNetwork(TokenNetwork):
    """A velocity for each action of a chunk that is on its way from noise to data."""

    def __init__(self, config: ChunkConfig):
        super().__init__(config)
        width = config.sizes.width
        self.into = nn.Linear(self.actions, width)
        self.clock = nn.Sequential(nn.Linear(width, width), nn.SiLU(), nn.Linear(width, width))

    def velocity(self, known: Tensor, chunk: Tensor, time: Tensor) -> Tensor:
        """Return where a chunk [B, H, A] is going at the times [B] of the flow, 0..1."""
        clock = self.clock(waves(time, self.places.shape[-1]))[:, None]
        going: Tensor = self.out(self.decoder(self.into(chunk) + self.places + clock, known))
        return going

    def miss(self, known: Tensor, chunk: Tensor, noise: Tensor, draw: Tensor) -> Tensor:
        """Return the mean squared error of the velocity at a drawn time."""
        time = NEAREST * (1.0 - draw ** (1.0 / NOISY))
        there = torch.lerp(noise, chunk, time[:, None, None])
        error = self.velocity(known, there, time) - (chunk - noise)
        return error.pow(2).mean(-1)

    def propose(self, known: Tensor, noise: Tensor, kept: Kept | None = None) -> Tensor:
        """Return the chunk at the end of the flow."""
        chunk, pace = noise, 1.0 / self.euler
        for step in range(self.euler):
            time = chunk.new_full((len(chunk),), step * pace)
            going = self.velocity(known, chunk, time) if kept is None \
                else self._guided(known, chunk, time, kept)
            chunk = chunk + pace * going
        return chunk

    def _guided(self, known: Tensor, chunk: Tensor, time: Tensor, kept: Kept) -> Tensor:
        """Return the velocity, pulled towards a chunk that ends in what is kept.

        Real-time chunking (Black, Galliker and Levine, "Real-Time Execution of Action Chunking
        Flow Policies", 2025, section 3.2): where the flow would end if it went on like this is
        compared with what is kept, and the difference is led back through the network. Its
        weight is (1 - t) / (t r^2) with r^2 = (1 - t)^2 / (t^2 + (1 - t)^2), at most `FIRMEST`.
        """
        t = float(time[0])
        with torch.enable_grad():
            start = chunk.detach().requires_grad_(True)
            going = self.velocity(known, start, time)
            end = start + (1.0 - t) * going
            wrong = (kept.actions - end.detach()) * kept.firmly[:, None]
            pull, = torch.autograd.grad(end, start, wrong)
        spread = (1.0 - t) ** 2 / (t ** 2 + (1.0 - t) ** 2)
        weight = FIRMEST if t == 0.0 else min(FIRMEST, (1.0 - t) / (t * spread))
        return going.detach() + weight * pull
