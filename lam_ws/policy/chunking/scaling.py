"""From what cameras and arms give to what the network sees, the same in training and at work."""
from collections.abc import Mapping, Sequence

from lam_ws.embodiment import Picture
from lam_ws.policy.chunking.config import ChunkConfig, Scale, seen_size
from lam_ws.types import Array, Pixels
import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F


def shrink(frames: Pixels, camera: Picture, pixels: int) -> Tensor:
    """Return frames [B, height, width, 3] as the network sees them, uint8 [B, 3, h, w].

    Each pixel is the mean of those it stands for, rounded.
    """
    images = torch.from_numpy(np.ascontiguousarray(frames)).permute(0, 3, 1, 2)
    size = seen_size(camera, pixels)
    if tuple(images.shape[2:]) == size:
        return images.contiguous()
    return F.interpolate(images.float(), size=size, mode='area').round().to(torch.uint8)


class Scaling:
    """The scales of a model.

    Args:
        config: Its card's section config.
    """

    def __init__(self, config: ChunkConfig):
        self._cameras = [_Colours(config.cameras[camera.name])
                         for camera in config.embodiment.cameras]
        self._state, self._action = (_tensors(scale) for scale in (config.state, config.action))
        self._environment = None if config.environment is None else _tensors(config.environment)

    def images(self, seen: Sequence[Tensor]) -> list[Tensor]:
        """Return uint8 images [B, 3, h, w] of all cameras, scaled."""
        return [camera(image) for camera, image in zip(self._cameras, seen, strict=True)]

    def state(self, numbers: Tensor) -> Tensor:
        """Return states [..., S], scaled."""
        return (numbers - self._state[0]) / self._state[1]

    def action(self, numbers: Tensor) -> Tensor:
        """Return actions [..., A], scaled."""
        return (numbers - self._action[0]) / self._action[1]

    def environment(self, numbers: Tensor) -> Tensor:
        """Return what was true around the robot [..., E], scaled; nothing is asked if E is 0."""
        if self._environment is None:
            return numbers
        return (numbers - self._environment[0]) / self._environment[1]

    def unscaled(self, chunk: Tensor) -> Array:
        """Return scaled actions [..., A] in the units of the embodiment."""
        found: Array = (chunk * self._action[1] + self._action[0]).double().numpy()
        return found


class _Colours:
    """The scale of one camera."""

    def __init__(self, scale: Scale):
        mean, spread = _tensors(scale)
        self._mean, self._spread = mean[:, None, None], spread[:, None, None]

    def __call__(self, image: Tensor) -> Tensor:
        return (image.float() / 255.0 - self._mean) / self._spread


def _tensors(scale: Scale) -> tuple[Tensor, Tensor]:
    return torch.tensor(scale.mean), torch.tensor(scale.spread)


def in_order(images: Mapping[str, Pixels], cameras: Sequence[Picture],
             pixels: int) -> list[Tensor]:
    """Return one moment's images [1, 3, h, w] as the network sees them, in its order."""
    return [shrink(images[camera.name][None], camera, pixels) for camera in cameras]
