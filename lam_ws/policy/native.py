"""The learned policy at work: LamNetwork, a memory of what it saw, and the arm's kinematics.

An observation enters, a chunk of joint targets leaves. Between calls it remembers only where
it believes part and bin to be and what it was doing; `reset` forgets both. What the gripper
hides is not looked for: the belief then stays as it was last seen.
"""
from collections.abc import Sequence
from dataclasses import fields
import json
import math
from pathlib import Path
from typing import SupportsFloat

from lam_ws.errors import CheckpointError, ObservationError
from lam_ws.geometry import Chain, lift
from lam_ws.models import load_card, model_folder
from lam_ws.policy.model import HEIGHT_SCALE, LamNetwork, Sizes, STRIDE
from lam_ws.policy.policy import PHASES
from lam_ws.policy.text import tokens
from lam_ws.site import Site
from lam_ws.types import ActionChunk, Array, Frame, freeze, Goal, JointState, Observation
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
        # Image and weights in one memory layout: no pass has to turn either round.
        self._model = self._model.to(memory_format=torch.channels_last)
        self._spec, self._chain = site.arm, Chain(site.arm)
        self._times = freeze(POINT * np.arange(1, self._sizes.horizon + 1))  # [H] s
        self._phases = np.eye(self._sizes.phases)

    def reset(self, goal: Goal) -> None:
        """Read the goal's sentence and forget everything else."""
        with torch.inference_mode():
            self._text = self._model.text(torch.tensor([tokens(goal.text)]))
        self._points: Array | None = None      # [8] as the head reads them
        self._place: Array | None = None       # [3] m
        self._phase, self._elapsed = 0, 0.0
        self._asked_s: float | None = None

    @torch.inference_mode()
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
        if self._points is None:
            still = np.tile(joints.position, (len(self._times), 1))
            return ActionChunk(observation.stamp_s, joints.names, self._times, still, 0.0,
                               'search')
        xyz, headings, opening, done = self._move(state, yaw, self._points, observation.stamp_s)
        limits, targets = self._spec.limits, np.empty((len(xyz), self._spec.axes))
        targets[:, :-1] = self._chain.follow(joints.position[:-1], xyz, headings)
        targets[:, -1] = np.minimum(np.maximum(opening, limits.lower[-1]), limits.upper[-1])
        return ActionChunk(observation.stamp_s, joints.names, self._times, targets, done,
                           PHASES[self._phase])

    def _look(self, frame: Frame, state: Array) -> None:
        """Update the belief of where part and bin are from the image."""
        image = torch.from_numpy(np.divide(frame.pixels, np.float32(255.0)))
        # The view leaves the channels last in memory, as the weights have them.
        maps = self._model.ground(image.permute(2, 0, 1)[None], self._text)
        # From here on it is a handful of numbers, for which torch takes longer than it is worth.
        heat, geometry = maps.heat.numpy()[0], maps.geometry.numpy()[0]
        cells = [divmod(cell, heat.shape[2]) for cell in heat.reshape(2, -1).argmax(1).tolist()]
        sure = [probability(heat[i][cell]) for i, cell in enumerate(cells)]
        pixels, heights = [], []
        for i, (row, column) in enumerate(cells):
            u, v, height = geometry[3 * i:3 * i + 3, row, column].tolist()
            pixels.append([STRIDE * (column + 0.5) + u, STRIDE * (row + 0.5) + v])
            heights.append(HEIGHT_SCALE * height)
        xyz = lift(frame.camera.K, frame.camera.X_ParentCamera, np.array(pixels),
                   np.array(heights))
        if sure[1] > SURE and (self._place is None or self._phase in LOOKS):
            self._place = xyz[1]
        in_sight = self._phase in LOOKS or (self._phase == 7 and state[2] > SEEN_ABOVE)
        if self._phase == 1 and self._points is not None:   # half hidden: no other part counts
            in_sight = float(np.hypot(*(xyz[0, :2] - self._points[:2]))) < SAME
        if sure[0] > SURE and in_sight and self._place is not None:
            row, column = cells[0]
            heading = grasp_yaw(maps.yaw.numpy()[0, :, row, column].tolist())
            height = max(float(xyz[0, 2]), LOWEST)
            self._points = np.array([*xyz[0, :2], height, math.cos(2 * heading),
                                     math.sin(2 * heading), *self._place[:2], height + DROP])

    def _move(self, state: Array, yaw: float, points: Array,
              now_s: float) -> tuple[Array, list[float], Array, float]:
        """Return xyz [H, 3] m, yaw [H] rad, opening [H] m and done 0..1; remember the phase."""
        known = state, points, self._phases[self._phase], np.array([self._elapsed])
        given = torch.from_numpy(np.concatenate(known, dtype=np.float32))[None]
        *parts, elapsed = given.split([len(part) for part in known], 1)
        answer, phase, done = self._model.head(*parts, elapsed[:, 0])
        chunk, now = answer.numpy()[0].astype(np.float64), int(phase.numpy().argmax())
        waited = 0.0 if self._asked_s is None else now_s - self._asked_s
        self._elapsed = self._elapsed + waited if now == self._phase else 0.0
        self._phase, self._asked_s = now, now_s
        return (chunk[:, :3] + state[:3], along(yaw, chunk[:, 3:5].tolist()), chunk[:, 5],
                probability(done))


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
    return np.array([*xyz, *travel, math.cos(2 * yaw), math.sin(2 * yaw), q[-1], speed[-1]]), yaw


def probability(logit: SupportsFloat) -> float:
    """Return the probability 0..1 of a logit; tanh does not overflow as exp does."""
    return 0.5 + 0.5 * math.tanh(0.5 * float(logit))


def along(yaw: float, doubled: Sequence[Sequence[float]]) -> list[float]:
    """Return [H] rad, the headings that go on from `yaw` rad, each the short way to the next.

    Args:
        yaw: Where the tool points now, rad.
        doubled: [H, 2] cosine and sine of twice each heading, which is known up to half turns.
    """
    headings = []
    for cosine, sine in doubled:
        turn = math.atan2(sine, cosine) / 2 - yaw
        yaw += turn - math.pi * round(turn / math.pi)
        headings.append(yaw)
    return headings


def grasp_yaw(logits: Sequence[float]) -> float:
    """Return the heading rad in [-pi/2, pi/2) nearest to 0 among the likely ones.

    Args:
        logits: [yaws] of the heading bins over half a turn.
    """
    top = max(logits)
    shares = [math.exp(logit - top) for logit in logits]
    pairs = list(zip(shares, shares[1:] + shares[:1], strict=True))
    likely = 0.6 * max(map(sum, pairs))
    angles = []
    for low, (share, after) in enumerate(pairs):
        if share + after > likely:
            angle = (low + after / (share + after)) * math.pi / len(pairs)
            angles.append((angle + math.pi / 2) % math.pi - math.pi / 2)
    return min(angles, key=abs)
