"""The learned policy at work: LamNetwork, a memory of what it saw, and the arm's kinematics.

An observation enters, a chunk of joint targets leaves. Between calls it remembers only where
it believes part and bin to be and what it was doing; `reset` forgets both. What the gripper
hides is not looked for: the belief then stays as it was last seen.
"""
from dataclasses import fields
import json
from pathlib import Path

from lam_ws.errors import CheckpointError, ObservationError
from lam_ws.geometry import Chain, lift
from lam_ws.models import load_card, model_folder
from lam_ws.policy.model import best_cells, HEIGHT_SCALE, LamNetwork, Sizes, STRIDE
from lam_ws.policy.policy import PHASES
from lam_ws.policy.text import tokens
from lam_ws.site import Site
from lam_ws.types import ActionChunk, Array, Frame, Goal, JointState, Observation
import numpy as np
from safetensors.torch import load_file
import torch

POINT = 0.1          # s between chunk points
SURE = 0.25          # probability from which a key point is believed
SEEN_ABOVE = 0.20    # m, tool height from which the camera sees past the gripper
LOWEST = 0.014       # m, tool height from which the fingers clear the table
DROP = 0.016         # m above the table's height of the part, where it is let go in a bin
SAME = 0.03          # m, a part seen this close to where it was is still that part
LOOKS = (0, 1)       # phases in which the part lies still and in sight


class NativePolicy:
    """Reads the sentence once, grounds it in each image, and moves by its motion head.

    Args:
        site: Names the model; its arm gives the kinematics.

    Raises:
        CheckpointError: The weights are missing, altered, or made for another arm.
    """

    def __init__(self, site: Site):
        card = load_card(str(site.policy.model), site.arm.name)
        folder = model_folder(card.name)
        torch.set_num_threads(1)
        self._model = load_model(folder, card.weights)
        self._sizes = self._model.sizes
        if self._sizes.horizon != site.policy.horizon:
            raise CheckpointError(f'{card.name} was trained for {self._sizes.horizon} points, '
                                  f'the site asks for {site.policy.horizon}')
        self._spec, self._chain = site.arm, Chain(site.arm)

    def reset(self, goal: Goal) -> None:
        """Read the goal's sentence and forget everything else."""
        with torch.inference_mode():
            self._text = self._model.text(torch.tensor([tokens(goal.text)]))
        self._points: Array | None = None      # [8] as the head reads them
        self._place: Array | None = None       # [3] m
        self._phase, self._elapsed = 0, 0.0
        self._asked_s: float | None = None

    def act(self, observation: Observation) -> ActionChunk:
        """Return the next second of motion; holds still while it cannot find what is meant."""
        joints = observation.joints
        if joints.names != self._spec.names:
            raise ObservationError('bad_joints', f'joints are {joints.names}, '
                                                 f'expected {self._spec.names}')
        frame = observation.frames.get(self._sizes.camera)
        if frame is None:
            raise ObservationError('missing_camera', f"no frame from '{self._sizes.camera}'")
        state, yaw = tool_state(self._chain, joints)
        self._look(frame, state)
        times = POINT * np.arange(1, self._sizes.horizon + 1, dtype=np.float64)
        if self._points is None:
            still = np.tile(joints.position, (len(times), 1))
            return ActionChunk(observation.stamp_s, joints.names, times, still, 0.0, 'search')
        path, done = self._move(state, yaw, observation.stamp_s)
        q = self._chain.follow(joints.position[:-1], path[:, :3], path[:, 3])
        opening = np.clip(path[:, 4], self._spec.limits.lower[-1], self._spec.limits.upper[-1])
        return ActionChunk(observation.stamp_s, joints.names, times,
                           np.column_stack([q, opening]), done, PHASES[self._phase])

    def _look(self, frame: Frame, state: Array) -> None:
        """Update the belief of where part and bin are from the image."""
        image = torch.from_numpy(np.array(frame.pixels)).permute(2, 0, 1)[None].float() / 255.0
        with torch.inference_mode():
            maps = self._model.ground(image.contiguous(memory_format=torch.channels_last),
                                      self._text)
            row, column, sure = (value[0].numpy() for value in best_cells(maps.heat))
            geometry = maps.geometry[0].unflatten(0, (2, 3)).numpy()
            yaw = maps.yaw[0, :, row[0], column[0]].softmax(-1).numpy()
        shape = geometry[[0, 1], :, row, column]
        pixels = np.column_stack([column + 0.5, row + 0.5]) * STRIDE + shape[:, :2]
        xyz = lift(frame.camera.K, frame.camera.X_ParentCamera, pixels, shape[:, 2] * HEIGHT_SCALE)
        if sure[1] > SURE and (self._place is None or self._phase in LOOKS):
            self._place = xyz[1]
        in_sight = self._phase in LOOKS or (self._phase == 7 and state[2] > SEEN_ABOVE)
        if self._phase == 1 and self._points is not None:   # half hidden: no other part counts
            in_sight = float(np.hypot(*(xyz[0, :2] - self._points[:2]))) < SAME
        if sure[0] > SURE and in_sight and self._place is not None:
            heading = grasp_yaw(yaw)
            height = max(float(xyz[0, 2]), LOWEST)
            self._points = np.array([*xyz[0, :2], height, np.cos(2 * heading),
                                     np.sin(2 * heading), *self._place[:2], height + DROP])

    def _move(self, state: Array, yaw: float, now_s: float) -> tuple[Array, float]:
        """Return the tool path [H, 5] (m, rad, m) and the done-probability; remember the phase."""
        one_hot = torch.zeros(1, self._sizes.phases)
        one_hot[0, self._phase] = 1.0
        with torch.inference_mode():
            chunk, phase, done = self._model.head(
                torch.from_numpy(state)[None].float(),
                torch.from_numpy(self._points)[None].float(), one_hot,
                torch.tensor([self._elapsed], dtype=torch.float32))
            chunk, now = chunk[0].double().numpy(), int(phase[0].argmax())
        waited = 0.0 if self._asked_s is None else now_s - self._asked_s
        self._elapsed = self._elapsed + waited if now == self._phase else 0.0
        self._phase, self._asked_s = now, now_s
        doubled = np.unwrap(np.r_[2 * yaw, np.arctan2(chunk[:, 4], chunk[:, 3])])
        path = np.column_stack([chunk[:, :3] + state[:3], yaw + (doubled[1:] - doubled[0]) / 2,
                                chunk[:, 5]])
        return path, float(done[0].sigmoid())


def load_model(folder: Path, weights: str) -> LamNetwork:
    """Return the network of config.json and safetensors in `folder`, ready to use.

    Raises:
        CheckpointError: config.json is missing or lacks a size.
    """
    try:
        config = json.loads((folder / 'config.json').read_text())
        sizes = Sizes(**{field.name: config[field.name] for field in fields(Sizes)})
    except (OSError, ValueError, KeyError) as error:
        raise CheckpointError(f'{folder}/config.json cannot be used: {error!r}') from None
    network = LamNetwork(sizes)
    network.load_state_dict(load_file(folder / weights))
    return network.eval()


def tool_state(chain: Chain, joints: JointState) -> tuple[Array, float]:
    """Return the [10] tool state that the head reads, and the tool's yaw, rad."""
    q, speed = joints.position, joints.velocity
    xyz, yaw, travel = chain.tool(q[:-1], speed[:-1])
    return np.array([*xyz, *travel, np.cos(2 * yaw), np.sin(2 * yaw), q[-1], speed[-1]]), yaw


def grasp_yaw(shares: Array) -> float:
    """Return the heading rad in [-pi/2, pi/2) nearest to 0 among the likely ones.

    Args:
        shares: [yaws] probability of each heading bin over half a turn.
    """
    count = len(shares)
    pair = shares + np.roll(shares, -1)
    likely = np.flatnonzero(pair > 0.6 * pair.max())
    angles = []
    for low in likely:
        high = (low + 1) % count
        part = shares[high] / max(shares[low] + shares[high], 1e-9)
        angle = (low + part) * np.pi / count
        angles.append((angle + np.pi / 2) % np.pi - np.pi / 2)
    return float(min(angles, key=abs))
