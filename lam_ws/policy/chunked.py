"""The policies `act`, `flow` and `keypoint`: chunking models behind the contract of a policy.

A goal's sentence and observations enter, chunks of joint targets leave. The model says in its
card whose joints, units, cameras and rate it was trained on; where one of them is not so at the
site, it is refused by name before anything moves.
"""
from collections.abc import Iterator

from lam_ws.embodiment import Embodiment, Signal
from lam_ws.errors import CheckpointError, ObservationError
from lam_ws.models import load_card, model_folder
from lam_ws.policy.chunking.config import load_chunk_card
from lam_ws.policy.delay import targets
from lam_ws.policy.embodiment import Units
from lam_ws.remote_file import ANGLES, Column, OPENINGS
from lam_ws.site import Site
from lam_ws.types import ActionChunk, Array, freeze, Goal, Observation
import numpy as np

SAME_S = 1e-6     # s, periods closer than this are the same


class ChunkPolicy:
    """Asks a chunking model; between calls it remembers the sentence and nothing else.

    The noise a flow begins with is drawn once, and again at each reset from the same seed: a
    chunk is a function of what is seen, so two calls in a row do not change their mind.

    Args:
        site: Names the model; its joints, cameras and rate must be those of the model.

    Raises:
        CheckpointError: The weights are missing, altered, of another kind, or made for another
            embodiment.
    """

    kind: str

    def __init__(self, site: Site):
        from lam_ws.policy.chunking.chunker import Chunker
        import torch
        torch.set_num_threads(1)
        model = str(site.policy.model)
        check_fit(model, self.kind, site)
        self.chunker = Chunker(model_folder(model))
        body, self._arm = self.chunker.embodiment, site.arm
        self._measured, self._wanted = (Units(site.arm, columns(signals))
                                        for signals in (body.state, body.action))
        self._times = freeze(site.policy.point_s * np.arange(1, site.policy.horizon + 1))

    def reset(self, goal: Goal) -> None:
        """Pursue the sentence of `goal` from now on."""
        self._sentence = goal.text
        self._noise = self.chunker.noise(np.random.default_rng(0))

    def act(self, observation: Observation) -> ActionChunk:
        """Return the next joint targets.

        Raises:
            ObservationError: A camera or joint is missing or not the one of the site.
        """
        joints = observation.joints
        if joints.names != self._arm.names:
            raise ObservationError('bad_joints', f'joints are {joints.names}, '
                                                 f'expected {self._arm.names}')
        images = {name: frame.pixels for name, frame in observation.frames.items()}
        found = self.chunker.propose(images, self._measured.send(joints.position),
                                     self._sentence, self._noise, self._keep(observation))
        limits, wanted = self._arm.limits, self._wanted.take(found.actions[:len(self._times)])
        return ActionChunk(observation.stamp_s, joints.names, self._times,
                           np.clip(wanted, limits.lower, limits.upper), found.done)

    def _keep(self, observation: Observation) -> tuple[Array, Array] | None:
        """Return what this chunk is to follow on from; nothing, where the model cannot."""
        return None


class ActPolicy(ChunkPolicy):
    """A regression of chunks."""

    kind = 'act'


class KeypointPolicy(ChunkPolicy):
    """A regression of chunks from key points."""

    kind = 'keypoint'


class FlowPolicy(ChunkPolicy):
    """A flow from noise to chunks, which can be guided by the chunk that is being played."""

    kind = 'flow'

    def reset(self, goal: Goal) -> None:
        """Pursue the sentence of `goal` from now on, and follow on from nothing."""
        super().reset(goal)
        self._played: tuple[ActionChunk, float] | None = None

    def follow_on(self, played: ActionChunk, frozen_s: float) -> None:
        """Let the next chunk follow on from one that is being played.

        Args:
            played: That chunk.
            frozen_s: s after the next observation that are played come what may.
        """
        self._played = played, frozen_s

    def _keep(self, observation: Observation) -> tuple[Array, Array] | None:
        """Return the played actions, firm while frozen and then less and less to their end.

        The weights c (e^c - 1) / (e - 1), c falling from 1 to 0 over the overlap, are those of
        real-time chunking (Black, Galliker and Levine 2025, equation 5).
        """
        if self._played is None:
            return None
        (played, frozen_s), self._played = self._played, None
        period, start_s = 1.0 / self.chunker.embodiment.rate_hz, observation.stamp_s
        stamps = start_s + period * np.arange(1, self.chunker.horizon + 1, dtype=np.float64)
        end_s, frozen = played.stamp_s + float(played.times[-1]), start_s + frozen_s
        if end_s <= frozen:
            return None
        c = np.clip((end_s + period - stamps) / (end_s + period - frozen), 0.0, 1.0)
        wanted = np.stack([self._wanted.send(row) for row in targets(played, stamps)])
        return wanted, np.where(stamps <= end_s + SAME_S, c * np.expm1(c) / np.expm1(1.0), 0.0)


def check_fit(model: str, kind: str, site: Site) -> None:
    """Require that a model is of `kind` and was made for what `site` has.

    Raises:
        ConfigurationError: Its card is wrong (file and line).
        CheckpointError: Its weights are missing or altered, or it does not fit.
    """
    card = load_card(model, site.arm.name)
    if card.kind != kind:
        raise CheckpointError(f'{model} is a model of kind {card.kind!r}, the backend {kind!r} '
                              'needs one of its own')
    _, config = load_chunk_card(model_folder(model))
    wrong = list(misfits(config.embodiment, config.sizes.horizon, site))
    if wrong:
        raise CheckpointError(f'{model} was made for another embodiment: ' + '; '.join(wrong))


def columns(signals: tuple[Signal, ...]) -> tuple[Column, ...]:
    """Return signals as columns of an arm's joints; their units must be known."""
    return tuple(Column(signal.name, signal.unit) for signal in signals)  # type: ignore[arg-type]


def misfits(body: Embodiment, horizon: int, site: Site) -> Iterator[str]:
    """Yield one sentence for everything a model of `body` needs that `site` does not have.

    Args:
        body: What the model was made for.
        horizon: Actions in its chunks.
        site: Where it is to run.
    """
    yield from _joint_misfits('state', body.state, site)
    yield from _joint_misfits('action', body.action, site)
    cameras = {camera.name: camera for camera in site.cameras}
    for camera in body.cameras:
        here = cameras.get(camera.name)
        if here is None:
            yield f'it needs the camera {camera.name!r}, the site has {", ".join(cameras)}'
        elif (here.width, here.height) != (camera.width, camera.height):
            yield f'its camera {camera.name!r} has {camera.width} x {camera.height} px, the ' \
                  f"site's {here.width} x {here.height}"
    settings = site.policy
    if abs(1.0 / body.rate_hz - settings.point_s) > SAME_S:
        yield f'its actions are {1.0 / body.rate_hz:g} s apart, point_s of the settings is ' \
              f'{settings.point_s:g}'
    if horizon < settings.horizon:
        yield f'its chunks have {horizon} actions, horizon of the settings is {settings.horizon}'


def _joint_misfits(what: str, signals: tuple[Signal, ...], site: Site) -> Iterator[str]:
    """Yield the joints of the state or the action that the arm does not have, or lacks."""
    arm = site.arm
    there = [signal.name for signal in signals]
    for signal in signals:
        fitting = OPENINGS if signal.name == arm.names[-1] else ANGLES
        if signal.name not in arm.names:
            yield f'its {what} has {signal.name!r}, which is no joint of {arm.name}'
        elif signal.unit not in fitting:
            yield f'its {what} has {signal.name} in {signal.unit or "no known unit"!r}, it can ' \
                  f'be in {", ".join(fitting)}'
    missing = [name for name in arm.names if name not in there]
    if missing:
        yield f'its {what} lacks {", ".join(missing)} of {arm.name}'
