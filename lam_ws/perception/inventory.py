"""The scene inventory: centres found by SceneNet, lifted into the arm's base frame."""
from lam_ws.geometry import lift
from lam_ws.models import load_card, model_folder
from lam_ws.perception.model import COLOURS, HEIGHT_SCALE, PARTS, PLACES, SceneNet, STRIDE
from lam_ws.perception.perception import CameraMonitor
from lam_ws.site import Site
from lam_ws.types import Detection, Frame, Observation, Scene
import numpy as np
from safetensors.torch import load_file
import torch
from torch.nn import functional as F

CAMERA = 'front'
THRESHOLD = 0.35     # confidence from which a centre counts
APART = 0.03         # m, two of one kind and colour closer than this are one thing


class Inventory:
    """Reads what is where from the fixed camera, and watches the health of all cameras.

    Args:
        site: Its cameras and the name of the model.

    Raises:
        CheckpointError: The weights are missing or do not match their digest.
    """

    def __init__(self, site: Site):
        card = load_card(site.perception)
        torch.set_num_threads(1)
        self._net = SceneNet()
        self._net.load_state_dict(load_file(model_folder(site.perception) / card.weights))
        # Image and weights in one memory layout: no pass has to turn either round.
        self._net = self._net.eval().to(memory_format=torch.channels_last)
        self._monitors = {camera.name: CameraMonitor(camera.width, camera.height)
                          for camera in site.cameras}

    def estimate(self, observation: Observation) -> Scene:
        """Return the scene of one observation."""
        health = {name: self._monitors[name].check(frame)
                  for name, frame in observation.frames.items() if name in self._monitors}
        return Scene(observation.stamp_s, self.detect(observation.frames[CAMERA]), health)

    def detect(self, frame: Frame) -> tuple[Detection, ...]:
        """Return the things in one frame of the fixed camera, most certain first."""
        image = torch.from_numpy(np.divide(frame.pixels, np.float32(255.0)))
        with torch.inference_mode():
            maps = self._net(image.permute(2, 0, 1)[None])
        found = [*_centres(maps, 'part', PARTS, frame), *_centres(maps, 'place', PLACES, frame)]
        kept: list[Detection] = []
        for thing in sorted(found, key=lambda one: -one.confidence):
            if not any((thing.kind, thing.colour) == (other.kind, other.colour)
                       and np.hypot(*(thing.position - other.position)[:2]) < APART
                       for other in kept):
                kept.append(thing)
        return tuple(kept)


def _centres(maps: dict[str, torch.Tensor], group: str, names: tuple[str, ...],
             frame: Frame) -> list[Detection]:
    """Return the peaks of one group's map as detections."""
    score = maps[group].sigmoid()[0]
    peak = (score == F.max_pool2d(score[None], 3, 1, 1)[0]) & (score > THRESHOLD)
    v, u = peak[0].nonzero(as_tuple=True)
    shape = maps[f'{group}_geometry'][0][:, v, u].numpy()
    kinds = maps[f'{group}_kind'][0][:, v, u].argmax(0).tolist()
    colours = maps[f'{group}_colour'][0][:, v, u].argmax(0).tolist()
    pixels = np.column_stack([(u.numpy() + 0.5) * STRIDE + shape[0],
                              (v.numpy() + 0.5) * STRIDE + shape[1]])
    points = lift(frame.camera.K, frame.camera.X_ParentCamera, pixels, shape[2] * HEIGHT_SCALE)
    return [Detection(names[kind], COLOURS[colour], point, float(sure))
            for kind, colour, point, sure in zip(kinds, colours, points, score[0][v, u],
                                                 strict=True)]
