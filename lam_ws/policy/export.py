"""From a model of models/ to ONNX graphs that run without torch.

A model's folder, its card and a camera enter; four .onnx files and their manifest leave. The
shapes are fixed: a chunk is always about one image of one camera. The
same weights give the same bytes.
"""
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
import hashlib
import logging
from pathlib import Path
from typing import Any
import warnings

from lam_ws.errors import CheckpointError
from lam_ws.models import load_card, model_folder
from lam_ws.policy.exported import Digests, GRAPHS, MANIFEST, Manifest
from lam_ws.policy.model import ASKED, LamNetwork
from lam_ws.policy.network import load_model
from lam_ws.policy.sizes import CROP, POINTS, STATE
from lam_ws.policy.tokens import LENGTH
from lam_ws.site import CameraSpec, Site
from lam_ws.source import shown
import torch
from torch import nn, Tensor
import yaml

OPSET = 20


class _Text(nn.Module):
    """Token ids to embedding, skill logits and what is asked for."""

    def __init__(self, network: LamNetwork):
        super().__init__()
        self.network = network

    def forward(self, ids: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Map ids [1, LENGTH]."""
        return self.network.read(ids)


class _Grounder(nn.Module):
    """Image tower and grounder, from pixels as a camera gives them."""

    def __init__(self, network: LamNetwork):
        super().__init__()
        self.vision, self.grounder = network.vision, network.grounder

    def forward(self, pixels: Tensor, text: Tensor) -> Tensor:
        """Map pixels [1, h, w, 3] 0..255 and text [1, text_size]."""
        heat: Tensor = self.grounder(self.vision(pixels.permute(0, 3, 1, 2) / 255.0), text)
        return heat


class _Closeup(nn.Module):
    """The closer look, from pixels as they are cut out of an image."""

    def __init__(self, network: LamNetwork):
        super().__init__()
        self.closeup = network.closeup

    def forward(self, crops: Tensor, asked: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Map crops [2, CROP, CROP, 3] 0..255 and asked [2, ASKED]."""
        found: tuple[Tensor, Tensor, Tensor] = self.closeup(crops.permute(0, 3, 1, 2) / 255.0,
                                                            asked)
        return found


@dataclass(frozen=True)
class _Graph:
    """A part of the network, an input for each of its names, and its outputs' names."""

    part: nn.Module
    inputs: Mapping[str, Tensor]
    outputs: Sequence[str]


def export(name: str, site: Site, folder: Path) -> tuple[Manifest, dict[str, int]]:
    """Write models/<name> as ONNX graphs for the images of `site` into `folder`.

    Returns:
        The manifest, and the size of each file in bytes.

    Raises:
        CheckpointError: The model is missing, altered, for another arm or another camera.
    """
    card = load_card(name, site.arm.name)
    network = load_model(model_folder(name), card.weights)
    camera = _camera(site, network.sizes.camera)
    graphs = {key: _onnx(graph) for key, graph in _graphs(network, camera).items()}
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MANIFEST).unlink(missing_ok=True)   # what was cut short is no export
    for key, graph in graphs.items():
        (folder / f'{key}.onnx').write_bytes(graph)
    digests = Digests(*(hashlib.sha256(graphs[key]).hexdigest() for key in GRAPHS))
    manifest = Manifest(card.name, card.sha256, card.arms, camera.name, camera.width,
                        camera.height, OPSET, digests)
    text = yaml.safe_dump({**asdict(manifest), 'arms': list(card.arms)}, sort_keys=False)
    (folder / MANIFEST).write_text(text)
    return manifest, {f'{key}.onnx': len(graph) for key, graph in graphs.items()}


def _camera(site: Site, name: str) -> CameraSpec:
    """Return the camera of `site` that the model looks through."""
    for camera in site.cameras:
        if camera.name == name:
            return camera
    raise CheckpointError(f"the model looks through camera '{name}', which {shown(site.path)} "
                          'does not have')


def _graphs(network: LamNetwork, camera: CameraSpec) -> dict[str, _Graph]:
    """Return the parts with inputs of the shapes they will always have."""
    sizes = network.sizes
    pixels = torch.zeros(1, camera.height, camera.width, 3, dtype=torch.uint8)
    return {
        'text': _Graph(_Text(network), {'ids': torch.ones(1, LENGTH, dtype=torch.int64)},
                       ('text', 'skill', 'asked')),
        'grounder': _Graph(_Grounder(network),
                           {'pixels': pixels, 'text': torch.zeros(1, sizes.text_size)},
                           ('heat',)),
        'closeup': _Graph(_Closeup(network), {
            'crops': torch.zeros(2, CROP, CROP, 3, dtype=torch.uint8),
            'asked': torch.zeros(2, ASKED)}, ('point', 'height', 'yaw')),
        'head': _Graph(network.head, {
            'state': torch.zeros(1, STATE), 'points': torch.zeros(1, POINTS),
            'skill': torch.zeros(1, sizes.skills), 'phase': torch.zeros(1, sizes.phases),
            'elapsed': torch.zeros(1)}, ('chunk', 'next_phase', 'done')),
    }


def _onnx(graph: _Graph) -> bytes:
    """Return one part as the bytes of an ONNX file."""
    import onnx
    with _quiet():
        made = torch.onnx.export(
            graph.part.eval(), tuple(graph.inputs.values()), input_names=list(graph.inputs),
            output_names=list(graph.outputs), opset_version=OPSET, dynamo=True, verbose=False)
        model = made.model_proto
    onnx.checker.check_model(model, full_check=True)
    _forget(model)
    return model.SerializeToString(deterministic=True)


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep torch's exporter from warning of torch itself, and of packages nobody needs."""
    log = logging.getLogger('torch.onnx._internal.exporter._registration')
    level = log.level
    log.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter('ignore')
            yield
    finally:
        log.setLevel(level)


def _forget(model: Any) -> None:
    """Remove notes of the exporter: they name source files of the machine it ran on."""
    for part in (model, model.graph, *model.graph.node, *model.graph.value_info,
                 *model.graph.input, *model.graph.output, *model.graph.initializer,
                 *model.functions):
        if hasattr(part, 'metadata_props'):
            part.ClearField('metadata_props')
        part.ClearField('doc_string')
