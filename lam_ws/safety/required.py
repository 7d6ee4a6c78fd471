"""What must be there, and be a number, before the guard starts.

Values from a configuration enter; what is checked leaves, or a `LimitError` that names what is
missing, not finite or contradictory. `safety.GuardConfig` asks here for each of its fields.
"""
import math

from lam_ws.errors import LimitError
from lam_ws.keep_out import KeepOut
from lam_ws.robot import ArmSpec
from lam_ws.types import Array, freeze
import numpy as np


def number(name: str, value: object) -> float:
    """Return `value` if it is a finite number; 0.0 is one."""
    if isinstance(value, bool) or not isinstance(value, (int, float, np.number)):
        raise LimitError(f'{name} is missing: expected a number, found {value!r}')
    if not math.isfinite(value):
        raise LimitError(f'{name} must be finite, found {value}')
    return float(value)


def vector(name: str, value: object, length: int) -> Array:
    """Return `value` as a frozen [length] array of finite numbers."""
    if value is None:
        raise LimitError(f'{name} is missing')
    try:
        array = freeze(value)  # type: ignore[arg-type]
    except (TypeError, ValueError) as error:
        raise LimitError(f'{name} must hold {length} numbers, found {value!r}') from error
    if array.shape != (length,):
        raise LimitError(f'{name} must hold {length} numbers, found shape {array.shape}')
    if not np.isfinite(array).all():
        raise LimitError(f'{name} must be finite, found {array.tolist()}')
    return array


def check_arm(spec: ArmSpec) -> None:
    """Raise where the arm's own limits cannot be enforced."""
    if len(set(spec.names)) != spec.axes or spec.axes != len(spec.dh) + 1:
        raise LimitError(f'{spec.name}: needs one distinct joint name for each DH row and one '
                         f'for the gripper, found {spec.names}')
    radii = vector(f'{spec.name}: link_radius', spec.link_radius, spec.axes - 1)
    shape = [number(f'{spec.name}: tool.{name}', value) for name, value in vars(spec.tool).items()]
    if min(*radii, *shape) < 0.0:
        raise LimitError(f'{spec.name}: link_radius and the shape of the tool must not be '
                         f'negative')
    if spec.effort and not (vector(f'{spec.name}: effort', spec.effort,
                                   spec.axes - 1) > 0.0).all():
        raise LimitError(f'{spec.name}: effort must be above 0 for every joint')
    for name in ('lower', 'upper', 'velocity', 'acceleration', 'jerk'):
        vector(f'{spec.name}: {name}', getattr(spec.limits, name), spec.axes)
    if not (spec.limits.lower < spec.limits.upper).all():
        raise LimitError(f'{spec.name}: lower must be below upper for every joint')
    for name in ('velocity', 'acceleration', 'jerk'):
        if not (getattr(spec.limits, name) > 0.0).all():
            raise LimitError(f'{spec.name}: {name} must be above 0 for every joint')
    if not (np.isfinite([[r.a, r.alpha, r.d, r.offset] for r in spec.dh]).all()
            and np.isfinite(spec.X_FlangeTcp).all()):
        raise LimitError(f'{spec.name}: the kinematics must be finite')


def check_keep_out(zones: object) -> None:
    """Raise where a box that the arm stays out of cannot be enforced."""
    if not isinstance(zones, tuple) or not all(isinstance(zone, KeepOut) for zone in zones):
        raise LimitError(f'keep_out is missing: expected boxes, found {zones!r}')
    for zone in zones:
        lower, upper = (vector(f'keep_out {zone.name}: {name}', getattr(zone, name), 3)
                        for name in ('lower', 'upper'))
        if not (lower < upper).all():
            raise LimitError(f'keep_out {zone.name}: lower must be below upper on every axis')
