"""Write the URDF of an arm from its DH table: boxes and cylinders, no vendor meshes.

An `ArmSpec` enters, URDF text leaves. The joint frames are those of the DH table, so that
forward kinematics in lam_ws.geometry and in any URDF reader agree. A parallel gripper is
drawn around the tool centre point: its pads reach FINGER_BEYOND past it.
"""

from lam_ws.geometry import Chain, roll_pitch_yaw, rotation_z, translation
from lam_ws.robot import ArmSpec
from lam_ws.types import Array
import numpy as np

FINGER_BEYOND = 0.008   # m from the tool centre point to the finger tips
FINGER_SIZE = (0.022, 0.010, 0.056)   # m along tool x, y, z
PALM_SIZE = (0.05, 0.19, 0.05)        # m
WHITE, GREY, DARK = '0.92 0.93 0.95 1', '0.55 0.58 0.62 1', '0.16 0.17 0.19 1'


def arm_urdf(spec: ArmSpec) -> str:
    """Return the URDF of `spec` with links named after their joints, tool link 'tcp'."""
    chain = Chain(spec)
    parts = [_link('base_link', [_segment([0, 0, 0], _next_origin(chain, -1), 0.07, GREY)], 4.0)]
    parent, X_ParentAxis = 'base_link', np.eye(4)
    for i in range(chain.joints):
        X_ParentAxis = X_ParentAxis @ chain.before[i] @ rotation_z(chain.offset[i])
        name, radius = spec.names[i], spec.link_radius[i]
        parts.append(_joint(name, 'revolute', parent, f'{name}_link', X_ParentAxis, '0 0 1',
                            chain.lower[i], chain.upper[i], spec.limits.velocity[i]))
        shapes = [_cylinder(rotation_z(0), radius, 2.1 * radius, GREY)]
        end = _next_origin(chain, i)
        if np.linalg.norm(end) > 0.02:
            shapes.append(_segment([0, 0, 0], end, 0.85 * radius, WHITE))
        parts.append(_link(f'{name}_link', shapes, max(0.3, 2.5 - 0.3 * i)))
        parent, X_ParentAxis = f'{name}_link', chain.after[i].copy()
    parts += _gripper(spec, parent, X_ParentAxis @ spec.X_FlangeTcp)
    body = '\n'.join(parts)
    return f'<?xml version="1.0"?>\n<robot name="{spec.name}">\n{body}\n</robot>\n'


def _next_origin(chain: Chain, i: int) -> Array:
    """Return where joint i + 1 (or the palm) begins, [3] m in the frame of joint i."""
    if i < 0:   # the pedestal reaches up to the shoulder, whichever side of joint 1 it lies
        return (chain.before[0] @ chain.after[0])[:3, 3]
    X = chain.after[i]
    if i + 1 < chain.joints:
        return (X @ chain.before[i + 1])[:3, 3]
    palm = X @ chain.X_FlangeTcp @ translation([0, 0, FINGER_BEYOND - FINGER_SIZE[2]])
    return palm[:3, 3]


def _gripper(spec: ArmSpec, parent: str, X_ParentTcp: Array) -> list[str]:
    """Return the palm, two prismatic fingers along tool y, and the tcp frame."""
    palm_z = FINGER_BEYOND - FINGER_SIZE[2] - PALM_SIZE[2] / 2
    shapes = [_box(X_ParentTcp @ translation([0, 0, palm_z]), PALM_SIZE, DARK)]
    parts = [_joint('palm_mount', 'fixed', parent, 'palm_link', np.eye(4)),
             _link('palm_link', shapes, 0.5)]
    half = float(spec.limits.upper[-1]) / 2
    speed = float(spec.limits.velocity[-1])
    for name, sign in (('left_finger', 1), ('right_finger', -1)):
        pad = translation([0, sign * FINGER_SIZE[1] / 2, FINGER_BEYOND - FINGER_SIZE[2] / 2])
        parts.append(_joint(name, 'prismatic', parent, f'{name}_link', X_ParentTcp,
                            f'0 {sign} 0', 0.0, half, speed))
        parts.append(_link(f'{name}_link', [_box(pad, FINGER_SIZE, GREY)], 0.1))
    parts.append(_joint('tcp_mount', 'fixed', parent, 'tcp', X_ParentTcp))
    parts.append(_link('tcp', [], 0.001))
    return parts


def _numbers(values: Array) -> str:
    return ' '.join(f'{value:.9g}' for value in np.asarray(values) + 0.0)


def _origin(X: Array) -> str:
    return f'<origin xyz="{_numbers(X[:3, 3])}" rpy="{_numbers(roll_pitch_yaw(X))}"/>'


def _cylinder(X: Array, radius: float, length: float, colour: str) -> tuple[str, str, str]:
    return _origin(X), f'<cylinder radius="{radius:.4g}" length="{length:.4g}"/>', colour


def _box(X: Array, size: tuple[float, float, float], colour: str) -> tuple[str, str, str]:
    return _origin(X), f'<box size="{_numbers(np.array(size))}"/>', colour


def _segment(start: list[float], end: Array, radius: float, colour: str) -> tuple[str, str, str]:
    """Return a cylinder from `start` to `end` (both [3] m in the link frame)."""
    axis = np.asarray(end, float) - start
    length = float(np.linalg.norm(axis))
    X = np.eye(4)
    X[:3, 2] = axis / length
    side = np.cross([0.0, 1.0, 0.0] if abs(X[1, 2]) < 0.9 else [1.0, 0.0, 0.0], X[:3, 2])
    X[:3, 0] = side / np.linalg.norm(side)
    X[:3, 1] = np.cross(X[:3, 2], X[:3, 0])
    X[:3, 3] = np.asarray(start) + axis / 2
    return _cylinder(X, radius, length, colour)


def _link(name: str, shapes: list[tuple[str, str, str]], mass: float) -> str:
    moment = 0.4 * mass * 0.07 ** 2   # a 70 mm sphere: the motors hide the true inertia
    rows = [f'  <link name="{name}">',
            f'    <inertial><mass value="{mass:.4g}"/><inertia ixx="{moment:.4g}" '
            f'iyy="{moment:.4g}" izz="{moment:.4g}" ixy="0" ixz="0" iyz="0"/></inertial>']
    for k, (origin, shape, colour) in enumerate(shapes):
        rows.append(f'    <visual>{origin}<geometry>{shape}</geometry><material '
                    f'name="{name}_{k}"><color rgba="{colour}"/></material></visual>')
        rows.append(f'    <collision>{origin}<geometry>{shape}</geometry></collision>')
    return '\n'.join([*rows, '  </link>'])


def _joint(name: str, kind: str, parent: str, child: str, X: Array, axis: str = '',
           lower: float = 0.0, upper: float = 0.0, velocity: float = 0.0) -> str:
    limit = '' if kind == 'fixed' else (
        f'<axis xyz="{axis}"/><limit lower="{lower:.6g}" upper="{upper:.6g}" '
        f'velocity="{velocity:.6g}" effort="100"/>')
    return (f'  <joint name="{name}" type="{kind}"><parent link="{parent}"/>'
            f'<child link="{child}"/>{_origin(X)}{limit}</joint>')


