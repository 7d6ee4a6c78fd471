"""A learned chunking model as a plain function: images, numbers and a sentence, to actions.

No site, no arm, no ROS: whoever has cameras and numbers of the model's embodiment can ask it.
The policies `act`, `flow` and `keypoint` are one such caller, `lam bench metaworld` is another.
"""
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from lam_ws.errors import ObservationError
from lam_ws.models import fitting
from lam_ws.policy.chunking.config import ChunkConfig, load_chunk_card
from lam_ws.policy.chunking.network import ChunkNetwork, Kept, make_network
from lam_ws.policy.chunking.scaling import in_order, Scaling
from lam_ws.policy.tokens import tokens
from lam_ws.types import Array, Pixels
import numpy as np
from safetensors.torch import load_file
import torch
from torch import Tensor


@dataclass(frozen=True)
class Proposal:
    """What a model proposes.

    Attributes:
        actions: [H, A] in the units of the embodiment; action i is the target (i + 1) periods
            after the observation.
        done: Probability that a demonstration would end now, 0..1.
    """

    actions: Array
    done: float


class Chunker:
    """A trained model, opened.

    Args:
        folder: models/<name>, or any other folder with a card and weights.

    Attributes:
        kind: 'act', 'flow' or 'keypoint'.
        embodiment: What it must be shown, and what its actions are.
        horizon: Actions in a chunk.

    Raises:
        ConfigurationError: The card is wrong (file and line).
        CheckpointError: The weights are missing, altered or of another kind of model.
    """

    def __init__(self, folder: Path):
        card, self._config = load_chunk_card(folder)
        self.kind, self.embodiment = card.kind, self._config.embodiment
        self.horizon = self._config.sizes.horizon
        self._network = _shared(folder, card.weights, card.sha256)
        self._scaling = Scaling(self._config)
        self._sentence, self._letters = '', torch.tensor([tokens('')])

    def noise(self, rng: np.random.Generator) -> Array:
        """Return [H, A] numbers from which a chunk of a flow can begin."""
        return rng.standard_normal((self.horizon, len(self.embodiment.action)))

    def propose(self, images: Mapping[str, Pixels], state: Array, sentence: str, noise: Array,
                kept: tuple[Array, Array] | None = None) -> Proposal:
        """Return the next actions; the same for the same arguments, whatever came before.

        Args:
            images: By camera, uint8 RGB [height, width, 3] in the sizes of the embodiment.
            state: [S] in the units of the embodiment.
            sentence: What is asked for.
            noise: [H, A] standard normal numbers; only a flow looks at them.
            kept: [H, A] actions that the new ones are to follow on from, and how firmly [H],
                0..1; only a flow can.

        Raises:
            ObservationError: A camera is missing or of another size, or the state is not one.
        """
        state = np.asarray(state, np.float64)
        self._check(images, state)
        cameras, pixels = self.embodiment.cameras, self._config.sizes.pixels
        if sentence != self._sentence:
            self._sentence, self._letters = sentence, torch.tensor([tokens(sentence)])
        with torch.no_grad():
            seen = self._scaling.images(in_order(images, cameras, pixels))
            known = self._network.know(seen, self._scaling.state(_row(state)), self._letters)
            chunk = self._network.propose(known, _row(noise), self._kept(kept))
            done = float(torch.sigmoid(self._network.done(known))[0])
        return Proposal(self._scaling.unscaled(chunk[0]), done)

    def _kept(self, kept: tuple[Array, Array] | None) -> Kept | None:
        if kept is None:
            return None
        actions, firmly = (torch.from_numpy(np.asarray(part, np.float32)) for part in kept)
        return Kept(self._scaling.action(actions), firmly)

    def _check(self, images: Mapping[str, Pixels], state: Array) -> None:
        """Refuse what is not of this embodiment, by name."""
        count = len(self.embodiment.state)
        if state.shape != (count,) or not np.isfinite(state).all():
            raise ObservationError('bad_state', f'the state must be {count} finite numbers, is '
                                                f'of shape {state.shape}')
        for camera in self.embodiment.cameras:
            pixels = images.get(camera.name)
            if pixels is None:
                raise ObservationError('missing_camera', f"no frame from '{camera.name}'")
            if pixels.shape != (camera.height, camera.width, 3) or pixels.dtype != np.uint8:
                raise ObservationError('wrong_size', f"'{camera.name}' must be uint8 RGB of "
                                       f'{camera.width} x {camera.height} px, is '
                                       f'{pixels.dtype} of shape {pixels.shape}')


@cache
def _shared(folder: Path, weights: str, sha256: str) -> ChunkNetwork:
    """Return the network, one for all callers of a process: it is read and never written."""
    card, config = load_chunk_card(folder)
    return load_network(card.kind, config, folder / weights)


def load_network(kind: str, config: ChunkConfig, path: Path) -> ChunkNetwork:
    """Return the network with the weights of a safetensors file, ready to use.

    Raises:
        CheckpointError: The weights are of other sizes.
    """
    network = make_network(kind, config)
    with fitting(path):
        network.load_state_dict(load_file(path))
    return network.eval().requires_grad_(False)


def _row(numbers: Array) -> Tensor:
    """Return numbers as a batch of one."""
    return torch.from_numpy(np.asarray(numbers, np.float32))[None]
