"""The scene inventory: centres found by SceneNet, lifted into the arm's base frame."""
import numpy as np
from safetensors.torch import load_file
import torch
from torch.nn import functional as F

from lam_ws.geometry import lift
from lam_ws.models import load_card, model_folder
from lam_ws.perception.model import COLOURS, HEIGHT_SCALE, KINDS, SceneNet, STRIDE
from lam_ws.perception.perception import CameraMonitor
from lam_ws.site import Site
from lam_ws.types import Detection, Frame, Observation, Scene

CAMERA = 'front'
THRESHOLD = 0.35     # confidence from which a centre counts
APART_PX = 5.0       # two centres of one kind and colour closer than this are one thing


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
        self._net.eval()
        self._monitors = {camera.name: CameraMonitor(camera.width, camera.height)
                          for camera in site.cameras}

    def estimate(self, observation: Observation) -> Scene:
        """Return the scene of one observation."""
        health = {name: self._monitors[name].check(frame)
                  for name, frame in observation.frames.items() if name in self._monitors}
        return Scene(observation.stamp_s, self.detect(observation.frames[CAMERA]), health)

    def detect(self, frame: Frame) -> tuple[Detection, ...]:
        """Return the things in one frame of the fixed camera, most certain first."""
        image = torch.from_numpy(np.array(frame.pixels)).permute(2, 0, 1)[None].float() / 255.0
        with torch.inference_mode():
            centre, kind, colour, geometry, _ = self._net(
                image.contiguous(memory_format=torch.channels_last))
            score = centre.sigmoid()[0, 0]
            peak = (score == F.max_pool2d(score[None], 3, 1, 1)[0]) & (score > THRESHOLD)
            v, u = (index.numpy() for index in peak.nonzero(as_tuple=True))
            confidence = score[v, u].numpy()
            kinds = kind[0, :, v, u].argmax(0).numpy()
            colours = colour[0, :, v, u].argmax(0).numpy()
            shape = geometry[0, :, v, u].numpy()
        pixels = np.column_stack([(u + 0.5) * STRIDE + shape[0], (v + 0.5) * STRIDE + shape[1]])
        points = lift(frame.camera.K, frame.camera.X_ParentCamera, pixels,
                      shape[2] * HEIGHT_SCALE)
        kept: list[int] = []
        for i in np.argsort(-confidence):
            if all((kinds[i], colours[i]) != (kinds[j], colours[j])
                   or np.hypot(*(pixels[i] - pixels[j])) > APART_PX for j in kept):
                kept.append(int(i))
        return tuple(Detection(KINDS[kinds[i]], COLOURS[colours[i]], points[i],
                               float(confidence[i])) for i in kept)
