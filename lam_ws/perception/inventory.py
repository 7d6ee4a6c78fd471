"""The scene inventory: found by SceneNet, named by NameNet, recognised by what was there before.

A frame of the fixed camera enters; what is where in the arm's base frame leaves.
"""
from collections.abc import Sequence

from lam_ws.crop import cut
from lam_ws.geometry import lift
from lam_ws.models import fitting, load_card, model_folder
from lam_ws.perception.hills import Candidates, candidates
from lam_ws.perception.memory import Look, Memory
from lam_ws.perception.model import COLOURS, HEIGHT_SCALE
from lam_ws.perception.naming import CROP, GROUPS, POINT_SCALE, SceneModel, split
from lam_ws.perception.watch import CameraWatch
from lam_ws.site import Site
from lam_ws.types import Array, Detection, Frame, Observation, Scene
import numpy as np
from safetensors.torch import load_file
import torch

CAMERA = 'front'
APART = 0.03         # m, two of one kind and colour closer than this are one thing


class Inventory:
    """Reads what is where from the fixed camera, and watches the health of all cameras.

    Args:
        site: Its cameras and the name of the model.

    Raises:
        CheckpointError: The weights are missing, do not match their digest, or are of another
            network.
    """

    def __init__(self, site: Site):
        card = load_card(site.perception)
        torch.set_num_threads(1)
        self._net = SceneModel()
        weights = model_folder(site.perception) / card.weights
        with fitting(weights):
            self._net.load_state_dict(load_file(weights))
        # Image and weights in one memory layout: no pass has to turn either round.
        self._net = self._net.eval().to(memory_format=torch.channels_last)
        self._memory = Memory()
        self._last: Scene | None = None
        self._site, self._watch = site, CameraWatch(site)

    def estimate(self, observation: Observation) -> Scene:
        """Return the scene of one observation, the next of the same cell.

        Whoever asks again about the same time gets the same scene: it is one look, not two.

        Raises:
            ObservationError: 'frozen_camera'.
        """
        if self._last is not None and observation.stamp_s == self._last.stamp_s:
            return self._last
        health = self._watch.check(observation)
        looks = self.look(observation.frames[CAMERA])
        names = self._memory.recognise(looks)
        self._last = Scene(observation.stamp_s, _things(looks, names), health)
        return self._last

    def forget(self) -> None:
        """Take the next observation for that of another scene."""
        self._memory.forget()
        self._watch = CameraWatch(self._site)
        self._last = None

    def look(self, frame: Frame) -> list[Look]:
        """Return what one frame of the fixed camera shows, whatever was seen before."""
        image = torch.from_numpy(np.divide(frame.pixels, np.float32(255.0)))
        with torch.inference_mode():
            maps = self._net.scene(image.permute(2, 0, 1)[None])
            found = [candidates(maps, group) for group in GROUPS]
            corners = np.rint(np.concatenate([one.pixels for one in found]) - CROP / 2)
            if not len(corners):
                return []
            crops = np.stack([cut(frame.pixels, u, v, CROP)
                              for u, v in corners.astype(int).tolist()])
            crops = np.divide(crops, np.float32(255.0))
            said = self._net.names(torch.from_numpy(crops).permute(0, 3, 1, 2))
        looks: list[Look] = []
        for group, one in zip(GROUPS, found, strict=True):
            count = len(one.sure)
            looks += _looks(said[:count], group, one, corners[:count] + CROP / 2, frame)
            said, corners = said[count:], corners[count:]
        return looks


def _looks(said: torch.Tensor, group: str, found: Candidates, middles: Array,
           frame: Frame) -> list[Look]:
    """Return what the crops around `middles` [N, 2] px show where there are things."""
    kind, colour, shape = split(said, group)
    pixels = middles + POINT_SCALE * shape[:, :2].numpy()
    points = lift(frame.camera.K, frame.camera.X_ParentCamera, pixels,
                  shape[:, 2].numpy() * HEIGHT_SCALE)
    rows = zip(kind.log_softmax(1).numpy(), colour.log_softmax(1).numpy(), points, found.sure,
               found.things(pixels), strict=True)
    return [Look(group, k, c, point, float(sure)) for k, c, point, sure, there in rows if there]


def _things(looks: Sequence[Look],
            names: Sequence[tuple[int, int, int] | None]) -> tuple[Detection, ...]:
    """Return the looks as detections, the surest first; what was found twice counts once."""
    things = [Detection(GROUPS[look.group][name[0]], COLOURS[name[1]], look.position, look.sure,
                        GROUPS[look.group][name[2]] if name[2] >= 0 else '')
              for look, name in zip(looks, names, strict=True) if name is not None]
    kept: list[Detection] = []
    for thing in sorted(things, key=lambda one: -one.confidence):
        if not any((thing.kind, thing.colour) == (other.kind, other.colour)
                   and np.hypot(*(thing.position - other.position)[:2]) < APART
                   for other in kept):
            kept.append(thing)
    return tuple(kept)
