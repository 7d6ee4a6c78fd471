"""The learned policy at work: its network, a memory of what it saw, and the arm's kinematics.

An observation enters, a chunk of joint targets leaves. Between calls it remembers only where
it believes the things of the sentence to be and what it was doing; `reset` forgets both. What
computes the network stands behind `Passes` and is imported when a policy is made.
"""
from collections.abc import Sequence
import math

from lam_ws.errors import CheckpointError, ObservationError
from lam_ws.geometry import Chain
from lam_ws.models import load_card, model_folder, ModelCard
from lam_ws.policy.belief import Belief, SEEN_ABOVE
from lam_ws.policy.passes import Passes
from lam_ws.policy.sight import probability, see, Sight
from lam_ws.policy.skills import SKILLS
from lam_ws.policy.tokens import tokens
from lam_ws.site import Site
from lam_ws.types import ActionChunk, Array, Frame, freeze, Goal, JointState, Observation
import numpy as np

POINT = 0.1          # s between chunk points
SEARCHING = 0.15     # m/s, of a tool that gets out of its own sight


class NativePolicy:
    """Reads the sentence once, grounds it in each image, and moves by its motion head.

    Args:
        site: Names the model; its arm gives the kinematics.

    Raises:
        CheckpointError: The weights are missing, altered, or made for another arm.
    """

    def __init__(self, site: Site):
        card = load_card(str(site.policy.model), site.arm.name)
        self.passes = self.open_passes(site, card)
        self._sizes = self.passes.sizes
        if self._sizes.horizon != site.policy.horizon:
            raise CheckpointError(f'{card.name} was trained for {self._sizes.horizon} points, '
                                  f'the site asks for {site.policy.horizon}')
        self._spec, self._chain = site.arm, Chain(site.arm)
        self._home = self._chain.forward(site.arm.home[:-1])[:3, 3]   # [3] m, of the tool
        self._times = freeze(POINT * np.arange(1, self._sizes.horizon + 1))  # [H] s
        self._phases, self._skills = np.eye(self._sizes.phases), np.eye(self._sizes.skills)

    def open_passes(self, site: Site, card: ModelCard) -> Passes:
        """Return what computes the network of the checked model `card`."""
        from lam_ws.policy.network import TorchPasses
        return TorchPasses(model_folder(card.name), card)

    @property
    def camera(self) -> str:
        """Name of the camera it looks through."""
        return self._sizes.camera

    def reset(self, goal: Goal) -> None:
        """Read the goal's sentence and forget everything else."""
        self._reading = self.passes.text(tokens(goal.text))
        self._number = int(self._reading.skill.argmax())
        self.skill = tuple(SKILLS.values())[self._number]
        self.belief = Belief(self.skill, goal.seen_at, goal.place_at)
        self._phase, self._elapsed = 0, 0.0
        self._asked_s: float | None = None

    def act(self, observation: Observation) -> ActionChunk:
        """Return the next second of motion.

        While it cannot find what is meant it goes home, where the arm hides the least.
        """
        joints = observation.joints
        if joints.names != self._spec.names:
            raise ObservationError('bad_joints', f'joints are {joints.names}, '
                                                 f'expected {self._spec.names}')
        frame = observation.frames.get(self.camera)
        if frame is None:
            raise ObservationError('missing_camera', f"no frame from '{self.camera}'")
        state, yaw = tool_state(self._chain, joints)
        self.belief.update(self._look(frame), observation.stamp_s, self._phase,
                           float(state[2]))
        points = self.belief.points()
        if points is None:
            phase, done = 'search', 0.0
            xyz, headings = withdraw(state[:3], self._home, len(self._times)), [yaw] * len(
                self._times)
            opening = np.full(len(xyz), joints.position[-1])
        else:
            xyz, headings, opening, done = self._move(state, points, yaw, observation.stamp_s)
            phase = self.skill.phases[self._phase]
        limits, targets = self._spec.limits, np.empty((len(xyz), self._spec.axes))
        targets[:, :-1] = self._chain.follow(joints.position[:-1], xyz, headings)
        targets[:, -1] = np.minimum(np.maximum(opening, limits.lower[-1]), limits.upper[-1])
        return ActionChunk(observation.stamp_s, joints.names, self._times, targets, done, phase)

    def _look(self, frame: Frame) -> Sight:
        """Return where the sentence points to in the image."""
        return see(self.passes, frame, self._reading, self.belief.hints(self._phase))

    def _move(self, state: Array, points: Array, yaw: float,
              now_s: float) -> tuple[Array, list[float], Array, float]:
        """Return xyz [H, 3] m, yaw [H] rad, opening [H] m and done 0..1; remember the phase."""
        answer, phase, done = self.passes.head(state, points, self._skills[self._number],
                                               self._phases[self._phase], self._elapsed)
        chunk = answer.astype(np.float64)
        now = int(phase[:len(self.skill.phases)].argmax())
        waited = 0.0 if self._asked_s is None else now_s - self._asked_s
        self._elapsed = self._elapsed + waited if now == self._phase else 0.0
        self._phase, self._asked_s = now, now_s
        return (chunk[:, :3] + state[:3], along(yaw, chunk[:, 3:5].tolist()), chunk[:, 5],
                probability(done))


def tool_state(chain: Chain, joints: JointState) -> tuple[Array, float]:
    """Return the [10] tool state that the head reads, and the tool's yaw, rad."""
    q, speed = joints.position, joints.velocity
    xyz, yaw, travel = chain.tool(q[:-1], speed[:-1])
    return np.array([*xyz, *travel, math.cos(2 * yaw), math.sin(2 * yaw), q[-1], speed[-1]]), yaw


def withdraw(tool: Array, home: Array, points: int) -> Array:
    """Return the way [points, 3] m of a tool at `tool` [3] m towards `home` [3] m: first up."""
    way, step = [tool], SEARCHING * POINT
    for _ in range(points):
        left = home - way[-1]
        left[:2] *= float(way[-1][2] > SEEN_ABOVE)
        way.append(way[-1] + left * (step / max(float(np.linalg.norm(left)), step)))
    return np.array(way[1:])


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
