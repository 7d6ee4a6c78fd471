"""The contract of a network: scaled images, state and a sentence enter, a chunk of actions leaves.

A network first makes of what is seen what it knows, a tensor of a form of its own, and answers
questions from that: what to do, whether it is done, what is true around the robot.
"""
from collections.abc import Sequence
from importlib import import_module
from typing import NamedTuple

from lam_ws.policy.chunking.config import ChunkConfig
from torch import nn, Tensor

NETWORKS = {
    'act': 'lam_ws.policy.chunking.transformer:ActNetwork',
    'flow': 'lam_ws.policy.chunking.transformer:FlowNetwork',
    'keypoint': 'lam_ws.policy.chunking.keypoint:KeypointNetwork',
}


class Kept(NamedTuple):
    """What a chunk is to follow on from: scaled actions [H, A], and how firmly [H], 0..1."""

    actions: Tensor
    firmly: Tensor


class ChunkNetwork(nn.Module):
    """What every kind of network can be asked; B moments at once."""

    def know(self, images: Sequence[Tensor], state: Tensor, letters: Tensor) -> Tensor:
        """Return what is known, [B, ...].

        Args:
            images: One [B, 3, h, w] for each camera, in order; sizes may differ.
            state: [B, S]
            letters: [B, LENGTH] token ids of the sentence.
        """
        raise NotImplementedError

    def done(self, known: Tensor) -> Tensor:
        """Return [B] logits that a demonstration would end now."""
        raise NotImplementedError

    def environment(self, known: Tensor) -> Tensor:
        """Return [B, E] scaled numbers of what is true around the robot.

        Only a network whose dataset told them can.
        """
        raise NotImplementedError

    def miss(self, known: Tensor, chunk: Tensor, noise: Tensor, draw: Tensor) -> Tensor:
        """Return [B, H] how far the network is from `chunk` [B, H, A].

        Args:
            known: What `know` returned.
            chunk: What the demonstrator did.
            noise: [B, H, A] standard normal numbers.
            draw: [B] uniform numbers in 0..1.
        """
        raise NotImplementedError

    def propose(self, known: Tensor, noise: Tensor, kept: Kept | None = None) -> Tensor:
        """Return a chunk [B, H, A].

        Args:
            known: What `know` returned.
            noise: [B, H, A] where a flow begins; a regression does not look at it.
            kept: What to follow on from; a regression cannot and does not look at it.
        """
        raise NotImplementedError


def make_network(kind: str, config: ChunkConfig) -> ChunkNetwork:
    """Return a fresh network of a kind, its weights drawn from torch's generator."""
    module, name = NETWORKS[kind].split(':')
    network: ChunkNetwork = getattr(import_module(module), name)(config)
    return network
