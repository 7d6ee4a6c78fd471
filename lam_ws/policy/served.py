"""One client's side of a served policy, without a network: frames enter, frames leave.

It remembers the policy of this client and the sentence it pursues. What a frame says is checked
against the site before the policy sees it, and what the policy answers before the client does.
"""
from collections.abc import Callable
from typing import Any

from lam_ws.errors import WireError
from lam_ws.policy.embodiment import (
    calibration_keys,
    describe,
    image_key,
    PROMPT,
    RESET,
    STAMP,
    STATE,
    VELOCITY,
)
from lam_ws.policy.policy import Policy
from lam_ws.policy.wire import decode, encode
from lam_ws.rules import quoted
from lam_ws.site import CameraSpec, Site
from lam_ws.source import nearest
from lam_ws.types import Array, CameraModel, Frame, Goal, JointState, Observation
import numpy as np

LONGEST = 1000   # characters of a prompt


class Served:
    """A policy as one connection sees it.

    Args:
        site: Whose arm and cameras the client must have.
        policy: Of this connection alone.
        clock: Monotonic, s.
    """

    def __init__(self, site: Site, policy: Policy, clock: Callable[[], float]):
        self._site, self._policy, self._clock = site, policy, clock
        told = describe(site, '')
        self._keys = {*told['required'], *told['optional']}
        self._prompt: str | None = None

    def answer(self, frame: bytes) -> bytes:
        """Return the answer to one request.

        Raises:
            WireError: The request is not one for this policy.
            ObservationError: The policy cannot work with what it was shown.
            ValueError: The policy broke its own contract.
        """
        table = decode(frame)
        for key in table:
            if key not in self._keys:
                near = nearest(key, list(self._keys))
                hint = f" (did you mean '{near}'?)" if near else ''
                raise WireError('malformed', f'unknown key {quoted(key)}{hint}')
        reset = table.get(RESET, False)
        if not isinstance(reset, bool):
            raise WireError('malformed', f'{RESET} must be true or false')
        if reset:
            self._prompt = None
            if table.keys() <= {RESET, PROMPT}:
                return encode({RESET: True})
        observation = self._observation(table)
        self._pursue(table.get(PROMPT))
        start_s = self._clock()
        chunk = self._policy.act(observation)
        took_ms = 1000.0 * (self._clock() - start_s)
        self._check(chunk.names, chunk.times, chunk.position)
        return encode({'actions': np.asarray(chunk.position), 'done': float(chunk.done),
                       'phase': chunk.phase, 'server_timing': {'infer_ms': took_ms}})

    def _pursue(self, prompt: Any) -> None:
        """Let the policy forget the past if the sentence is another."""
        if not isinstance(prompt, str) or not 0 < len(prompt) <= LONGEST:
            raise WireError('malformed', f'{PROMPT} must be a text of 1 .. {LONGEST} characters')
        if prompt != self._prompt:
            self._prompt = None
            self._policy.reset(Goal('', '', '', '', prompt, ''))
            self._prompt = prompt

    def _observation(self, table: dict[str, Any]) -> Observation:
        """Return what the client's cell shows."""
        arm = self._site.arm
        stamp = table.get(STAMP, self._clock())
        if type(stamp) not in (int, float) or not np.isfinite(stamp):
            raise WireError('malformed', f'{STAMP} must be a finite number')
        position, velocity = (_numbers(table, key, (arm.axes,)) for key in (STATE, VELOCITY))
        frames = {camera.name: _frame(table, camera, float(stamp))
                  for camera in self._site.cameras}
        return Observation(float(stamp), JointState(float(stamp), arm.names, position, velocity),
                           frames)

    def _check(self, names: tuple[str, ...], times: Array, targets: Array) -> None:
        """Require a chunk that is what the metadata promise."""
        settings = self._site.policy
        due = settings.point_s * np.arange(1, settings.horizon + 1)
        if names != self._site.arm.names or targets.shape != (len(due), len(names)) \
                or times.shape != due.shape or not np.allclose(times, due, atol=1e-6) \
                or not np.isfinite(targets).all():
            raise ValueError('the chunk is not what the policy settings say')


def _numbers(table: dict[str, Any], key: str, shape: tuple[int, ...]) -> Array:
    """Return the finite numbers of one key."""
    value = table.get(key)
    if not isinstance(value, np.ndarray) or value.dtype.kind != 'f' or value.shape != shape \
            or not np.isfinite(value).all():
        raise WireError('malformed', f'{key} must be finite floating-point numbers of shape '
                                     f'{shape}')
    return value.astype(np.float64)


def _frame(table: dict[str, Any], camera: CameraSpec, stamp_s: float) -> Frame:
    """Return one camera's image, with its calibration if it was sent, else the site's."""
    key, shape = image_key(camera.name), (camera.height, camera.width, 3)
    pixels = table.get(key)
    if not isinstance(pixels, np.ndarray) or pixels.dtype != np.uint8 or pixels.shape != shape:
        raise WireError('malformed', f'{key} must be uint8 RGB of shape {shape}')
    model = camera.model()
    given = [name in table for name in calibration_keys(camera.name)]
    if any(given):
        K, X = (_numbers(table, name, (size, size))
                for name, size in zip(calibration_keys(camera.name), (3, 4), strict=True))
        if K[0, 0] <= 0.0 or K[1, 1] <= 0.0 or list(K[2]) != [0.0, 0.0, 1.0] \
                or list(X[3]) != [0.0, 0.0, 0.0, 1.0]:
            raise WireError('malformed', f'the calibration of {camera.name} is none')
        model = CameraModel(camera.name, camera.width, camera.height, K, camera.parent, X)
    return Frame(stamp_s, model, pixels)
