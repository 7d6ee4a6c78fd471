"""The learned policy without torch: its network as ONNX graphs in ONNX Runtime.

The graphs that `lam export --onnx` wrote enter; the chunks of the native policy leave. Only
the passes differ: belief, phases and kinematics are those of `NativePolicy`.
"""
from collections.abc import Mapping, Sequence
from typing import Any

from lam_ws.errors import CheckpointError
from lam_ws.models import model_folder, ModelCard
from lam_ws.policy.exported import find, Manifest, read_graphs
from lam_ws.policy.native import NativePolicy
from lam_ws.policy.passes import Reading
from lam_ws.policy.sizes import load_sizes, Sizes
from lam_ws.site import Site
from lam_ws.source import shown
from lam_ws.types import Array, Pixels
import numpy as np

ERRORS = 3   # ONNX Runtime's severity from which it writes to stderr


class OnnxPasses:
    """The passes of the network in ONNX Runtime, on one thread.

    Args:
        graphs: Bytes of each graph, whose digests were checked.
        sizes: Of the model.

    Raises:
        CheckpointError: A graph is not one that ONNX Runtime can run.
    """

    def __init__(self, graphs: Mapping[str, bytes], sizes: Sizes):
        self.sizes = sizes
        self._run = {name: _session(name, graph).run for name, graph in graphs.items()}

    def text(self, ids: Sequence[int]) -> Reading:
        """Return what LENGTH token ids say."""
        text, skill, asked = self._run['text'](('text', 'skill', 'asked'),
                                               {'ids': np.array([ids], dtype=np.int64)})
        return Reading(text, skill[0], asked)

    def ground(self, pixels: Pixels, reading: Reading) -> Array:
        """Return logits [2, h, w], where in pixels [h, w, 3] the two things are."""
        heat, = self._run['grounder'](('heat',), {'pixels': pixels[None], 'text': reading.text})
        found: Array = heat[0]
        return found

    def closeup(self, crops: Pixels, reading: Reading) -> tuple[Array, Array, Array]:
        """Return points [2, 2] px, heights [2] and headings [2, yaws] of crops."""
        point, height, headings = self._run['closeup'](
            ('point', 'height', 'yaw'), {'crops': crops, 'asked': reading.asked})
        return point, height, headings

    def head(self, state: Array, points: Array, skill: Array, phase: Array,
             elapsed: float) -> tuple[Array, Array, float]:
        """Return chunk [H, 6], next-phase logits [phases] and the logit of being done."""
        known = {'state': state, 'points': points, 'skill': skill, 'phase': phase}
        given = {name: part.astype(np.float32)[None] for name, part in known.items()}
        given['elapsed'] = np.array([elapsed], dtype=np.float32)
        chunk, logits, done = self._run['head'](('chunk', 'next_phase', 'done'), given)
        return chunk[0], logits[0], float(done[0])


class OnnxPolicy(NativePolicy):
    """The learned policy on a machine that has no torch.

    Args:
        site: Names the model; its arm gives the kinematics.

    Raises:
        CheckpointError: Weights or graphs are missing, altered, made for another arm or for
            images of another size.
    """

    def open_passes(self, site: Site, card: ModelCard) -> OnnxPasses:
        """Return the network of the checked model `card` in ONNX Runtime."""
        folder, manifest = find(card, site.arm.name)
        check_camera(site, manifest)
        return OnnxPasses(read_graphs(folder, manifest), load_sizes(model_folder(card.name)))


def check_camera(site: Site, manifest: Manifest) -> None:
    """Require that the site's camera gives the images that the graphs take.

    Raises:
        CheckpointError: It gives others.
    """
    for camera in site.cameras:
        size = camera.width, camera.height
        if camera.name == manifest.camera and size != (manifest.width, manifest.height):
            raise CheckpointError(
                f'{manifest.name} was exported for images of {manifest.width} x '
                f"{manifest.height} px, camera '{camera.name}' of {shown(site.path)} gives "
                f'{size[0]} x {size[1]}; make it anew with: lam export --onnx --model '
                f'{manifest.name} --site {site.name}')


def _session(name: str, graph: bytes) -> Any:
    """Return a graph ready to run on one thread."""
    import onnxruntime
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = ERRORS
    try:
        return onnxruntime.InferenceSession(graph, options, providers=['CPUExecutionProvider'])
    except Exception as error:   # its exceptions have no common base but this one
        raise CheckpointError(f'{name}.onnx cannot be used: {error}') from None
