"""What `lam export --onnx` leaves: four graphs, and a manifest that says what they are.

A model's card and a camera enter; the checked bytes of the graphs leave. Each file is hashed
before anything opens it, and graphs of other weights than the card's are refused: they are
derived, so they go stale when a model is trained again.
"""
from collections.abc import Mapping
from dataclasses import dataclass
import hashlib
from pathlib import Path

from lam_ws.configuration import load
from lam_ws.errors import CheckpointError
from lam_ws.models import Digest, model_folder, ModelCard
from lam_ws.rules import Identifier
from lam_ws.source import shown

GRAPHS = ('text', 'grounder', 'closeup', 'head')   # each in a file NAME.onnx
MANIFEST = 'manifest.yaml'


@dataclass(frozen=True)
class Digests:
    """The sha256 of each graph's file, 64 hexadecimal digits."""

    text: Digest
    grounder: Digest
    closeup: Digest
    head: Digest


@dataclass(frozen=True)
class Manifest:
    """manifest.yaml beside the graphs.

    Attributes:
        name: The model they were made from.
        weights: sha256 of its weights.
        arms: Names of the arms it was made for; empty when it does not depend on the arm.
        camera: Name of the camera it looks through.
        width: px of the images that the grounder takes.
        height: px.
        opset: Version of ONNX's operators.
        onnx: Digests of the graphs.
    """

    name: Identifier
    weights: Digest
    arms: tuple[Identifier, ...]
    camera: Identifier
    width: int
    height: int
    opset: int
    onnx: Digests


def places(name: str) -> tuple[Path, Path]:
    """Return where the graphs of a model may lie: with the model, or where they are made."""
    return model_folder(name) / 'onnx', Path('out/onnx') / name


def find(card: ModelCard, arm: str) -> tuple[Path, Manifest]:
    """Return folder and manifest of the graphs that were exported from the model of `card`.

    Raises:
        CheckpointError: There are none, or they are of another model, other weights or for
            another arm.
        ConfigurationError: The manifest itself is wrong (file and line).
    """
    folders = places(card.name)
    folder = next((place for place in folders if (place / MANIFEST).is_file()), None)
    again = f'lam export --onnx --model {card.name}'
    if folder is None:
        here = ' or '.join(str(shown(place)) for place in folders)
        raise CheckpointError(f'{card.name} has not been exported: no {MANIFEST} in {here}; '
                              f'make it with: {again}')
    again += f' --out {shown(folder)}'
    manifest, where = load(folder / MANIFEST, Manifest), shown(folder / MANIFEST)
    if manifest.name != card.name:
        raise CheckpointError(f'{where}: exported from {manifest.name}, not from {card.name}')
    if manifest.arms and arm not in manifest.arms:
        raise CheckpointError(f'{where}: made for {", ".join(manifest.arms)}, not for {arm}')
    if manifest.weights != card.sha256:
        raise CheckpointError(f'{where}: exported from other weights: sha256 was '
                              f'{manifest.weights[:12]}..., model.yaml says '
                              f'{card.sha256[:12]}...; make it anew with: {again}')
    return folder, manifest


def read_graphs(folder: Path, manifest: Manifest) -> Mapping[str, bytes]:
    """Return the verified bytes of each graph.

    Raises:
        CheckpointError: A file is missing or altered.
    """
    graphs = {}
    for name in GRAPHS:
        path = folder / f'{name}.onnx'
        if not path.is_file():
            raise CheckpointError(f'{shown(path)}: the graph is missing')
        graphs[name] = path.read_bytes()   # what is hashed is what is run
        found, wanted = hashlib.sha256(graphs[name]).hexdigest(), getattr(manifest.onnx, name)
        if found != wanted:
            raise CheckpointError(f'{shown(path)}: the graph was altered: sha256 is '
                                  f'{found[:12]}..., {MANIFEST} says {wanted[:12]}...')
    return graphs
