"""A policy that runs on another machine: openpi's WebSocket protocol behind our own contract.

A goal enters at `reset` and observations at `act`, as with any policy; each is one request to
the server, and its chunk leaves. The server is a stranger: its answers are checked as if they
were wrong, and when it is slow, lost or not made for this arm, `act` refuses. The last chunk
then runs out, and the guard stops.
"""
import os
import time
from typing import Any

from lam_ws.errors import CheckpointError, ConfigurationError, ObservationError, WireError
from lam_ws.policy.embodiment import (
    calibration_keys,
    image_key,
    misfits,
    PROMPT,
    RESET,
    STAMP,
    Units,
    VELOCITY,
)
from lam_ws.policy.link import Link
from lam_ws.site import Site
from lam_ws.types import ActionChunk, Array, Goal, Observation
import numpy as np

START_S = 10.0      # within which a server must answer before a cell starts
WORD = 40           # characters of a phase that are shown


class RemotePolicy:
    """Asks a policy server for each chunk.

    Args:
        site: Its policy settings name the server; its arm and cameras must fit.

    Raises:
        ConfigurationError: The variable that holds the key is not set.
        WireError: The server does not answer, or refuses.
        CheckpointError: Its policy is for another arm, other units or other cameras.
    """

    def __init__(self, site: Site):
        settings = site.policy.remote
        assert settings is not None
        key = None
        if settings.key_variable is not None:
            key = os.environ.get(settings.key_variable)
            if not key:
                raise ConfigurationError(f'the environment variable {settings.key_variable} '
                                         'with the key of the policy server is not set')
        self._site, self._settings, self._link = site, settings, Link(settings.url, key)
        self._units = Units(site.arm, settings.columns_of(site.arm))
        self._times = site.policy.point_s * np.arange(1, site.policy.horizon + 1,
                                                      dtype=np.float64)
        self._images = dict(settings.image_keys) or {
            camera.name: image_key(camera.name) for camera in site.cameras}
        self._prompt, self._fresh = '', True
        try:
            self._open(time.monotonic() + START_S)
        except ObservationError as error:
            raise CheckpointError(str(error)) from None

    def reset(self, goal: Goal) -> None:
        """Pursue `goal` from the next `act` on; the server is told then."""
        self._prompt, self._fresh = goal.text, True

    def close(self) -> None:
        """Leave the server."""
        self._link.close()

    def act(self, observation: Observation) -> ActionChunk:
        """Return the server's chunk for `observation`, within the time-out of the settings.

        Raises:
            ObservationError: A joint or camera is missing, or the server is slow, lost, refuses
                or answers with what cannot be followed.
        """
        until_s = time.monotonic() + self._settings.timeout_s
        request = self._request(observation)
        try:
            if not self._link.connected():
                self._open(until_s)
            if RESET in self._optional:
                request[RESET] = self._fresh
            answer = self._link.ask(request, until_s)
            targets = self._targets(answer, request[self._settings.state_key])
        except WireError as error:
            raise ObservationError(error.reason, str(error)) from None
        self._fresh = False
        return ActionChunk(observation.stamp_s, self._site.arm.names, self._times, targets,
                           _done(answer), _phase(answer))

    def _open(self, until_s: float) -> None:
        """Connect, and refuse a policy that is not made for this cell."""
        told = self._link.open(until_s)
        optional = told.get('optional')
        self._optional = set(map(str, optional)) if isinstance(optional, list) else set()
        required = told.get('required')
        if isinstance(required, list):
            self._optional |= set(map(str, required))
        sends = {self._settings.state_key, PROMPT, VELOCITY, STAMP, *self._images.values()}
        sends |= {key for name in self._images for key in calibration_keys(name)}
        wrong = list(misfits(told, self._site, sends))
        if wrong:
            self._link.close()
            raise ObservationError('wrong_embodiment', f'the policy server {self._link.url} '
                                                       f'does not fit: {"; ".join(wrong)}')
        self._fresh = True

    def _request(self, observation: Observation) -> dict[str, Any]:
        """Return the observation as the server names and counts it."""
        joints = observation.joints
        if joints.names != self._site.arm.names:
            raise ObservationError('bad_joints', f'joints are {joints.names}, '
                                                 f'expected {self._site.arm.names}')
        request: dict[str, Any] = {self._settings.state_key: self._units.send(joints.position),
                                   PROMPT: self._prompt}
        extra = {VELOCITY: self._units.rates(joints.velocity), STAMP: observation.stamp_s}
        for name, key in self._images.items():
            frame = observation.frames.get(name)
            if frame is None:
                raise ObservationError('missing_camera', f"no frame from '{name}'")
            request[key] = frame.pixels
            K, X = calibration_keys(name)
            extra[K], extra[X] = frame.camera.K, frame.camera.X_ParentCamera
        return request | {key: value for key, value in extra.items() if key in self._optional}

    def _targets(self, answer: dict[str, Any], state: Array) -> Array:
        """Return the joint targets [H, n] rad (gripper m) of an answer."""
        actions, wanted = answer.get('actions'), (len(self._times), len(state))
        if not isinstance(actions, np.ndarray) or actions.dtype.kind != 'f' \
                or actions.ndim != 2 or actions.shape[1] != wanted[1] \
                or actions.shape[0] < wanted[0]:
            self._link.close()
            shape = getattr(actions, 'shape', None)
            raise WireError('malformed', f'actions must be numbers of shape {wanted}, the '
                                         f'policy server sent {shape}')
        actions = actions[:wanted[0]].astype(np.float64)
        if not np.isfinite(actions).all():
            raise WireError('malformed', 'an action of the policy server is not finite')
        if self._settings.joint_actions == 'relative':
            actions = actions + np.where(self._units.angular, state, 0.0)
        targets = self._units.take(actions)
        limits = self._site.arm.limits
        targets[:, -1] = np.clip(targets[:, -1], limits.lower[-1], limits.upper[-1])
        return targets


def _done(answer: dict[str, Any]) -> float:
    """Return the done-probability; a server that says none never claims to be done."""
    done = answer.get('done', 0.0)
    if type(done) not in (int, float) or not 0.0 <= done <= 1.0:
        raise ObservationError('malformed', 'done of the policy server is not within 0 .. 1')
    return float(done)


def _phase(answer: dict[str, Any]) -> str:
    """Return what the server says it is doing, as one short word for people."""
    phase = answer.get('phase', '')
    return phase[:WORD] if isinstance(phase, str) and phase.isidentifier() else ''
