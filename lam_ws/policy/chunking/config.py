"""What the card of a chunking model says: who it was made for, how large it is, its scales.

The section config of models/<name>/model.yaml enters; checked data leave. Everything that is
needed to run the weights stands there, so no dataset is needed any more.
"""
from collections.abc import Mapping
from dataclasses import dataclass
import math
from pathlib import Path
from typing import Annotated, Any

from lam_ws.configuration import load
from lam_ws.embodiment import Embodiment, Picture
from lam_ws.errors import CheckpointError
from lam_ws.models import check_weights, ModelCard
from lam_ws.rules import Range
from lam_ws.source import shown

KINDS = ('act', 'flow', 'keypoint')
Numbers = tuple[float, ...]


@dataclass(frozen=True)
class Sizes:
    """Sizes of the network.

    Attributes:
        horizon: Actions in a chunk.
        pixels: Longest side of an image as the network sees it, px.
        width: Channels of every token.
        heads: Heads of attention; they divide the width.
        encoder: Layers that read images, state and sentence.
        decoder: Layers that write the chunk.
        euler: Steps from noise to a chunk; of a flow only.
    """

    horizon: Annotated[int, Range(1, 1000)] = 16
    pixels: Annotated[int, Range(16, 1024)] = 128
    width: Annotated[int, Range(16, 1024)] = 128
    heads: Annotated[int, Range(1, 32)] = 4
    encoder: Annotated[int, Range(1, 24)] = 3
    decoder: Annotated[int, Range(1, 24)] = 3
    euler: Annotated[int, Range(1, 1000)] = 10


@dataclass(frozen=True)
class Scale:
    """Mean and spread of a row of numbers: the network sees (x - mean) / spread."""

    mean: Numbers
    spread: Annotated[Numbers, Range(above=0.0)]


@dataclass(frozen=True)
class ChunkConfig:
    """The section config of a card.

    Attributes:
        embodiment: Whom the model was made for.
        sizes: How large it is.
        state: Scale of the state.
        action: Scale of the actions.
        cameras: Scale of the three colours of each camera, in 0..1.
        environment: Scale of what was true around the robot; None where the dataset did not say.
    """

    embodiment: Embodiment
    sizes: Sizes
    state: Scale
    action: Scale
    cameras: Mapping[str, Scale]
    environment: Scale | None = None

    def contradictions(self) -> Any:
        """Yield scales that do not belong to the embodiment."""
        body = self.embodiment
        for key, scale, count in (('state', self.state, len(body.state)),
                                  ('action', self.action, len(body.action))):
            if not len(scale.mean) == len(scale.spread) == count:
                yield key, f'must have {count} numbers, as the embodiment has'
        around = self.environment
        if around is not None and len(around.mean) != len(around.spread):
            yield 'environment', 'must have as many spreads as means'
        if set(self.cameras) != {camera.name for camera in body.cameras}:
            yield 'cameras', 'must have one scale for each camera of the embodiment'
        if self.sizes.width % (2 * self.sizes.heads) or self.sizes.width % 8:
            yield 'sizes.width', 'must be a multiple of 8 and of twice the heads'


@dataclass(frozen=True)
class ChunkCard(ModelCard):
    """models/<name>/model.yaml of a chunking model; `config` is what `ChunkConfig` says."""

    config: ChunkConfig | None = None   # type: ignore[assignment]


def load_chunk_card(folder: Path) -> tuple[ChunkCard, ChunkConfig]:
    """Return the card in `folder`, its weights verified, and its section config.

    Raises:
        ConfigurationError: The card itself is wrong (file and line).
        CheckpointError: The weights are missing or altered, or are not of a chunking model.
    """
    where = shown(folder / 'model.yaml')
    plain = load(folder / 'model.yaml', ModelCard)
    if plain.kind not in KINDS:
        raise CheckpointError(f'{where}: a model of kind {plain.kind!r} has no chunks of its own '
                              f'to give, only {", ".join(KINDS)} have')
    card = load(folder / 'model.yaml', ChunkCard)
    check_weights(folder, card)
    if card.config is None:
        raise CheckpointError(f'{where}: has no section config; train the model anew')
    return card, card.config


def seen_size(camera: Picture, pixels: int) -> tuple[int, int]:
    """Return height and width of a camera's image as the network sees it, px.

    Args:
        camera: The camera.
        pixels: Longest side, px; smaller images stay as they are.
    """
    factor = min(1.0, pixels / max(camera.width, camera.height))
    return max(16, round(camera.height * factor)), max(16, round(camera.width * factor))


def scale_of(mean: Any, std: Any) -> Scale:
    """Return the scale of numbers with this mean and standard deviation.

    What never moved has spread 1: dividing by almost nothing would make noise of it.
    """
    spread = [value if math.isfinite(value) and value > 1e-4 else 1.0
              for value in map(float, std)]
    return Scale(tuple(map(float, mean)), tuple(spread))
