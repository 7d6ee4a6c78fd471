"""The card beside every set of weights, and the proof that the weights are the ones it means.

models/<name>/model.yaml and the weight file it names enter; a checked `ModelCard` leaves.
Weights are safetensors only and are hashed before anything opens them, because a corrupted
file often still loads.
"""
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
import hashlib
from pathlib import Path
from types import MappingProxyType
from typing import Annotated

from lam_ws.configuration import load
from lam_ws.errors import CheckpointError
from lam_ws.resources import share
from lam_ws.rules import Identifier, Length, Pattern
from lam_ws.source import nearest, shown

WeightFile = Annotated[str, Pattern(r'[A-Za-z0-9_][A-Za-z0-9_.-]*\.safetensors',
                                    'a .safetensors file in the same folder')]
Digest = Annotated[str, Pattern(r'[0-9a-f]{64}', '64 lower-case hexadecimal digits')]


@dataclass(frozen=True)
class ModelCard:
    """models/<name>/model.yaml.

    Attributes:
        name: Name of the model, also of its folder.
        kind: What it is: 'policy', 'scene', ...; the loader that opens it knows its kind.
        weights: Weight file in the same folder, safetensors.
        sha256: Digest of that file, 64 hexadecimal digits.
        licence: SPDX identifier of the weights' licence.
        arms: Names of the arms it was made for; empty when it does not depend on the arm.
        description: One sentence for people.
        figures: What the training run measured, free form.
        config: Sizes and names the model is built from, free form.
    """

    name: Identifier
    kind: Identifier
    weights: WeightFile
    sha256: Digest
    licence: Annotated[str, Length(1)]
    arms: tuple[Identifier, ...] = ()
    description: str = ''
    figures: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))
    config: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))


def model_folder(name: str) -> Path:
    """Return models/<name>.

    Raises:
        CheckpointError: No such model; names the nearest.
    """
    place = share() / 'models'
    names = sorted(card.parent.name for card in place.glob('*/model.yaml'))
    if name not in names:
        near = nearest(name, names)
        there = f"did you mean '{near}'?" if near else f'there is {", ".join(names) or "none"}'
        raise CheckpointError(f'{shown(place / name / "model.yaml")} does not exist ({there})')
    return place / name


def load_card(name: str, arm: str | None = None) -> ModelCard:
    """Return the card of models/<name> once its weights have been verified.

    Args:
        name: Folder in models/.
        arm: Name of the arm the model is to drive; None when it does not matter.

    Raises:
        ConfigurationError: The card itself is wrong (file and line).
        CheckpointError: The model or its weights are missing or altered, or for another arm.
    """
    folder = model_folder(name)
    card = load(folder / 'model.yaml', ModelCard)
    check_weights(folder, card)
    if arm is not None and card.arms and arm not in card.arms:
        raise CheckpointError(f'{shown(folder / "model.yaml")}: made for '
                              f'{", ".join(card.arms)}, not for {arm}')
    return card


def check_weights(folder: Path, card: ModelCard) -> None:
    """Verify the weights in `folder` against its card.

    Raises:
        CheckpointError: They are missing or altered.
    """
    where = shown(folder / card.weights)
    if not (folder / card.weights).is_file():
        raise CheckpointError(f'{where}: the weights are missing')
    found = digest(folder / card.weights)
    if found != card.sha256:
        raise CheckpointError(f'{where}: the weights were altered: sha256 is {found[:12]}..., '
                              f'model.yaml says {card.sha256[:12]}...')


@contextmanager
def fitting(weights: Path) -> Iterator[None]:
    """Say of weights that are no safetensors, or of another network, that they do not fit.

    Raises:
        CheckpointError: Whatever the engines raised within, in one line.
    """
    try:
        yield
    except CheckpointError:
        raise
    except Exception as error:   # each engine has errors of its own for what it cannot use
        reason = ' '.join(str(error).split())[:200]
        raise CheckpointError(f'{shown(weights)} does not fit the network that its card means: '
                              f'{type(error).__name__}: {reason}') from None


def digest(path: Path) -> str:
    """Return the sha256 of a file, hexadecimal."""
    with path.open('rb') as stream:
        return hashlib.file_digest(stream, 'sha256').hexdigest()
