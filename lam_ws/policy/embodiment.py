"""What a policy server says about itself first, and whether that fits the arm at hand.

A site enters, the metadata that `lam serve` sends leave; the metadata of any server and a site
enter, one sentence for each thing that does not fit leaves. Servers of other projects may say
nothing: then what the site's settings say is all there is.
"""
from collections.abc import Iterator, Mapping
from typing import Any

from lam_ws import __version__
from lam_ws.remote_file import Column, own_columns
from lam_ws.robot import ArmSpec
from lam_ws.rules import quoted
from lam_ws.site import Site
from lam_ws.types import Array
import numpy as np

STATE, VELOCITY, STAMP, PROMPT, RESET = ('observation/state', 'observation/velocity',
                                         'observation/stamp_s', 'prompt', 'reset')


def image_key(camera: str) -> str:
    """Return the name of a camera's pixels, uint8 RGB [height, width, 3]."""
    return f'observation/images/{camera}'


def calibration_keys(camera: str) -> tuple[str, str]:
    """Return the names of K [3, 3] px and X_ParentCamera [4, 4] m as calibrated."""
    return f'observation/calibration/{camera}/K', f'observation/calibration/{camera}/X'


def describe(site: Site, sha256: str) -> dict[str, Any]:
    """Return the metadata of a server of `site`'s policy; `sha256` is that of its weights."""
    names = [camera.name for camera in site.cameras]
    return {
        'name': site.policy.name, 'arm': site.arm.name,
        'joints': [{'name': column.joint, 'unit': column.unit}
                   for column in own_columns(site.arm)],
        'joint_actions': 'absolute',
        'cameras': [{'name': camera.name, 'width': camera.width, 'height': camera.height}
                    for camera in site.cameras],
        'horizon': site.policy.horizon, 'point_s': site.policy.point_s,
        'required': [STATE, VELOCITY, PROMPT, *map(image_key, names)],
        'optional': [STAMP, RESET, *(key for name in names for key in calibration_keys(name))],
        'lam_ws': __version__, 'sha256': sha256,
    }


def misfits(told: Mapping[str, Any], site: Site, sends: set[str]) -> Iterator[str]:
    """Yield what the metadata `told` say that is not so at `site`; `sends` are its keys."""
    remote = site.policy.remote
    assert remote is not None
    told = _plain(told)
    columns = remote.columns_of(site.arm)
    if 'arm' in told and told['arm'] != site.arm.name:
        yield f'its policy is for the arm {quoted(told["arm"])}, this is {site.arm.name!r}'
    if 'joints' in told:
        yield from _joint_misfits(told['joints'], columns)
    settings = site.policy
    horizon = told.get('horizon', settings.horizon)
    if type(horizon) is not int or horizon < settings.horizon:
        yield f'its horizon is {quoted(horizon)}, the settings need {settings.horizon}'
    for name, ours in (('point_s', settings.point_s), ('joint_actions', remote.joint_actions)):
        if told.get(name, ours) != ours:
            yield f'its {name} is {quoted(told[name])}, the settings say {ours!r}'
    cameras = {camera.name: camera for camera in site.cameras}
    for camera in rows(told.get('cameras')):
        here = cameras.get(str(camera.get('name')))
        size = [camera.get('width'), camera.get('height')]
        if here is None:
            yield f'it needs the camera {quoted(camera.get("name"))}, the site has ' \
                  f'{", ".join(cameras)}'
        elif size != [here.width, here.height]:
            yield f'its camera {here.name!r} has {quoted(size)} px, ' \
                  f"the site's {here.width} x {here.height}"
    needs = told.get('required', [])
    for key in needs if isinstance(needs, list) else [needs]:
        if not isinstance(key, str) or key not in sends:
            yield f'it needs {quoted(key)}, which is not sent'


def _joint_misfits(joints: Any, columns: tuple[Column, ...]) -> Iterator[str]:
    """Yield the first joint that is another or in another unit."""
    theirs = [(row.get('name'), row.get('unit')) for row in rows(joints)]
    ours = [(column.joint, column.unit) for column in columns]
    if len(theirs) != len(ours):
        yield f'it has {len(theirs)} joints, the settings name {len(ours)}'
        return
    for i, (their, our) in enumerate(zip(theirs, ours, strict=True)):
        if their != our:
            yield f'its joint {i} is {quoted(their[0])} in {quoted(their[1])}, the settings ' \
                  f'say {our[0]!r} in {our[1]!r}'
            return


def _plain(value: Any) -> Any:
    """Return a peer's value with its arrays as lists, so that it can be compared."""
    if isinstance(value, Mapping):
        return {name: _plain(entry) for name, entry in value.items()}
    if isinstance(value, list):
        return [_plain(entry) for entry in value]
    return value.tolist() if isinstance(value, np.ndarray) else value


def rows(value: Any) -> list[Mapping[str, Any]]:
    """Return the tables in a list of a peer's, nothing where it is none."""
    return [row if isinstance(row, Mapping) else {} for row in value] \
        if isinstance(value, list) else []


class Units:
    """The arm's joints as a server counts them: its order, its units.

    Args:
        arm: Joint order and gripper opening.
        columns: The server's order and units; every joint of the arm once.
    """

    def __init__(self, arm: ArmSpec, columns: tuple[Column, ...]):
        opening = float(arm.limits.upper[-1])
        scale = {'rad': 1.0, 'deg': 180.0 / np.pi, 'm': 1.0, 'mm': 1000.0, 'open': 1.0 / opening,
                 'closed': -1.0 / opening}
        self._theirs = [arm.names.index(column.joint) for column in columns]
        self._ours = [self._theirs.index(i) for i in range(arm.axes)]
        self._scale = np.array([scale[column.unit] for column in columns])
        self._offset = np.array([float(column.unit == 'closed') for column in columns])
        self.angular = np.array([column.joint != arm.names[-1] for column in columns])

    def rates(self, velocity: Array) -> Array:
        """Return joint speeds [n] rad/s (gripper m/s) in the server's order and units."""
        return velocity[self._theirs] * self._scale

    def send(self, position: Array) -> Array:
        """Return joint positions [n] rad (gripper m) in the server's order and units."""
        return position[self._theirs] * self._scale + self._offset

    def take(self, targets: Array) -> Array:
        """Return the server's targets [H, n] as rad (gripper m) in the arm's order."""
        return ((targets - self._offset) / self._scale)[:, self._ours]
