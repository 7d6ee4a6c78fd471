"""The learned policy at work: LamNetwork, a memory of what it saw, and the arm's kinematics.

An observation enters, a chunk of joint targets leaves. Between calls it remembers only where
it believes the things of the sentence to be and what it was doing; `reset` forgets both.
"""
from dataclasses import fields
from functools import cache
import json
from pathlib import Path

from lam_ws.errors import CheckpointError, ObservationError
from lam_ws.geometry import Chain
from lam_ws.models import load_card, model_folder
from lam_ws.policy.belief import Belief, see, Sight
from lam_ws.policy.model import LamNetwork, Sizes
from lam_ws.policy.skills import SKILLS
from lam_ws.policy.text import tokens
from lam_ws.site import Site
from lam_ws.types import ActionChunk, Array, Frame, Goal, JointState, Observation
import numpy as np
from safetensors.torch import load_file
import torch

POINT = 0.1          # s between chunk points


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
        self._model = _shared(folder, card.weights, card.sha256)
        self._sizes = self._model.sizes
        if self._sizes.horizon != site.policy.horizon:
            raise CheckpointError(f'{card.name} was trained for {self._sizes.horizon} points, '
                                  f'the site asks for {site.policy.horizon}')
        self._spec, self._chain = site.arm, Chain(site.arm)
        self._times = POINT * np.arange(1, self._sizes.horizon + 1, dtype=np.float64)

    def reset(self, goal: Goal) -> None:
        """Read the goal's sentence and forget everything else."""
        with torch.inference_mode():
            self._text = self._model.text(torch.tensor([tokens(goal.text)]))
            number = int(self._model.attributes['skill'](self._text).argmax())
        self.skill = tuple(SKILLS.values())[number]
        self._one_hot = torch.zeros(1, self._sizes.skills)
        self._one_hot[0, number] = 1.0
        self.belief = Belief(self.skill)
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
        self.belief.update(self._ground(frame), observation.stamp_s, self._phase,
                           float(state[2]))
        points = self.belief.points()
        if points is None:
            still = np.tile(joints.position, (len(self._times), 1))
            return ActionChunk(observation.stamp_s, joints.names, self._times, still, 0.0,
                               'search')
        path, done = self._move(state, points, yaw, observation.stamp_s)
        q = self._chain.follow(joints.position[:-1], path[:, :3], path[:, 3])
        opening = np.clip(path[:, 4], self._spec.limits.lower[-1], self._spec.limits.upper[-1])
        return ActionChunk(observation.stamp_s, joints.names, self._times,
                           np.column_stack([q, opening]), done, self.skill.phases[self._phase])

    def _ground(self, frame: Frame) -> Sight:
        """Return where the sentence points to in the image."""
        image = torch.from_numpy(np.array(frame.pixels)).permute(2, 0, 1)[None].float() / 255.0
        with torch.inference_mode():
            maps = self._model.ground(image.contiguous(memory_format=torch.channels_last),
                                      self._text)
            return see(maps, frame.camera)

    def _move(self, state: Array, points: Array, yaw: float,
              now_s: float) -> tuple[Array, float]:
        """Return the tool path [H, 5] (m, rad, m) and the done-probability; remember the phase."""
        one_hot = torch.zeros(1, self._sizes.phases)
        one_hot[0, self._phase] = 1.0
        with torch.inference_mode():
            chunk, phase, done = self._model.head(
                torch.from_numpy(state)[None].float(), torch.from_numpy(points)[None].float(),
                self._one_hot, one_hot, torch.tensor([self._elapsed], dtype=torch.float32))
            chunk = chunk[0].double().numpy()
            now = int(phase[0, :len(self.skill.phases)].argmax())
        waited = 0.0 if self._asked_s is None else now_s - self._asked_s
        self._elapsed = self._elapsed + waited if now == self._phase else 0.0
        self._phase, self._asked_s = now, now_s
        doubled = np.unwrap(np.r_[2 * yaw, np.arctan2(chunk[:, 4], chunk[:, 3])])
        path = np.column_stack([chunk[:, :3] + state[:3], yaw + (doubled[1:] - doubled[0]) / 2,
                                chunk[:, 5]])
        return path, float(done[0].sigmoid())


@cache
def _shared(folder: Path, weights: str, sha256: str) -> LamNetwork:
    """Return the network, one for all policies of a process: it is read and never written."""
    return load_model(folder, weights)


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
