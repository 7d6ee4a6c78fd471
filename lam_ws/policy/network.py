"""The network's passes in torch, on one thread.

A folder of models/ enters; `Passes` leave. Only this module and the network itself need torch.
"""
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from lam_ws.models import fitting, ModelCard
from lam_ws.policy.model import LamNetwork
from lam_ws.policy.passes import Reading
from lam_ws.policy.sizes import load_sizes
from lam_ws.types import Array, Pixels
import numpy as np
from safetensors.torch import load_file
import torch


class TorchPasses:
    """The passes of `LamNetwork`.

    Args:
        folder: models/<name>.
        card: Its card, checked against the weights.

    Raises:
        CheckpointError: config.json is missing or wrong, or the weights are of other sizes.
    """

    def __init__(self, folder: Path, card: ModelCard):
        torch.set_num_threads(1)
        self.network = _shared(folder, card.weights, card.sha256)
        self.sizes = self.network.sizes

    @torch.inference_mode()
    def text(self, ids: Sequence[int]) -> Reading:
        """Return what LENGTH token ids say."""
        text, skill, asked = self.network.read(torch.tensor([ids]))
        return Reading(text, skill.numpy()[0], asked)

    @torch.inference_mode()
    def ground(self, pixels: Pixels, reading: Reading) -> Array:
        """Return logits [2, h, w], where in pixels [h, w, 3] the two things are."""
        image = torch.from_numpy(np.divide(pixels, np.float32(255.0)))
        # The view leaves the channels last in memory, as the weights have them.
        heat: Array = self.network.ground(image.permute(2, 0, 1)[None], reading.text).numpy()[0]
        return heat

    @torch.inference_mode()
    def closeup(self, crops: Pixels, reading: Reading) -> tuple[Array, Array, Array]:
        """Return points [2, 2] px, heights [2] and headings [2, yaws] of crops."""
        images = torch.from_numpy(np.divide(crops, np.float32(255.0)))
        point, height, headings = self.network.closeup(images.permute(0, 3, 1, 2), reading.asked)
        return point.numpy(), height.numpy(), headings.numpy()

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
        CheckpointError: config.json is missing or wrong, or the weights are of other sizes.
    """
    network = LamNetwork(load_sizes(folder))
    with fitting(folder / weights):
        network.load_state_dict(load_file(folder / weights))
    return network.eval()
