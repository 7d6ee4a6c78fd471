"""The network's passes in torch, on one thread.

A folder of models/ enters; `Passes` leave. Only this module and the network itself need torch.
"""
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from lam_ws.models import ModelCard
from lam_ws.policy.model import LamNetwork
from lam_ws.policy.passes import Maps
from lam_ws.policy.sizes import load_sizes
from lam_ws.types import Array, Pixels
import numpy as np
from safetensors.torch import load_file
import torch
from torch import Tensor


class TorchPasses:
    """The three passes of `LamNetwork`.

    Args:
        folder: models/<name>.
        card: Its card, checked against the weights.

    Raises:
        CheckpointError: config.json is missing or lacks a size.
    """

    def __init__(self, folder: Path, card: ModelCard):
        torch.set_num_threads(1)
        self.network = _shared(folder, card.weights, card.sha256)
        self.sizes = self.network.sizes

    @torch.inference_mode()
    def text(self, ids: Sequence[int]) -> tuple[Tensor, Array]:
        """Return the embedding [1, text_size] of token ids, and [skills] logits."""
        text = self.network.text(torch.tensor([ids]))
        return text, self.network.attributes['skill'](text).numpy()[0]

    @torch.inference_mode()
    def ground(self, pixels: Pixels, text: Tensor) -> Maps:
        """Return where the sentence points to in pixels [h, w, 3]."""
        image = torch.from_numpy(np.divide(pixels, np.float32(255.0)))
        # The view leaves the channels last in memory, as the weights have them.
        maps = self.network.ground(image.permute(2, 0, 1)[None], text)
        return Maps(maps.heat.numpy()[0], maps.geometry.numpy()[0], maps.yaw.numpy()[0])

    @torch.inference_mode()
    def head(self, state: Array, points: Array, skill: Array, phase: Array,
             elapsed: float) -> tuple[Array, Array, float]:
        """Return chunk [H, 6], next-phase logits [phases] and the logit of being done."""
        known = (state, points, skill, phase, np.array([elapsed]))
        given = torch.from_numpy(np.concatenate(known, dtype=np.float32))[None]
        *parts, waited = given.split([len(part) for part in known], 1)
        chunk, logits, done = self.network.head(*parts, waited[:, 0])
        return chunk.numpy()[0], logits.numpy()[0], float(done)


@cache
def _shared(folder: Path, weights: str, sha256: str) -> LamNetwork:
    """Return the network, one for all policies of a process: it is read and never written."""
    # Image and weights in one memory layout: no pass has to turn either round.
    return load_model(folder, weights).to(memory_format=torch.channels_last)


def load_model(folder: Path, weights: str) -> LamNetwork:
    """Return the network of config.json and safetensors in `folder`, ready to use.

    Raises:
        CheckpointError: config.json is missing or lacks a size.
    """
    network = LamNetwork(load_sizes(folder))
    network.load_state_dict(load_file(folder / weights))
    return network.eval()
