"""PyBullet bodies of what moves in a cell: the driven arm and loose parts.

PyBullet accepts nonsense in a URDF without a word; everything here is built from checked
specifications.
"""
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from lam_ws.geometry import quaternion, rotation_z
from lam_ws.robot import ArmSpec
from lam_ws.sim.scene import Part, ShapeSpec
from lam_ws.sim.urdf import arm_urdf
from lam_ws.sim.urdf_check import check_urdf
from lam_ws.types import Array
import numpy as np
import pybullet

PAD_FRICTION = 1.1    # rubber finger pads
MOTOR_FORCE = 240.0   # N m, enough to follow every command within the limits


@dataclass(frozen=True)
class DrivenArm:
    """An arm in a client: joint indices of the arm joints and of the two fingers."""

    client: int
    body: int
    joints: tuple[int, ...]
    fingers: tuple[int, int]
    force: float

    def measure(self) -> tuple[Array, Array, Array]:
        """Return position, velocity and effort [n] rad, rad/s, N m (gripper m, m/s, N).

        The effort is what the motors applied in the last physics step. Of the gripper it is
        that of both fingers together.
        """
        states = pybullet.getJointStates(self.body, self.motors, physicsClientId=self.client)
        *joints, left, right = [(state[0], state[1], state[3]) for state in states]
        full = np.array([*joints, [x + y for x, y in zip(left, right, strict=True)]])
        return full[:, 0], full[:, 1], full[:, 2]

    @cached_property
    def motors(self) -> list[int]:
        """Joint indices of the arm joints, then of the fingers."""
        return [*self.joints, *self.fingers]

    @cached_property
    def _gains(self) -> dict[str, list[float]]:
        n = len(self.joints)
        return {'positionGains': [0.5] * n + [0.3] * 2, 'velocityGains': [1.0] * (n + 2),
                'forces': [MOTOR_FORCE] * n + [self.force] * 2}

    def drive(self, target: Sequence[float], speed: Sequence[float]) -> None:
        """Set position and velocity targets [n] of all motors for the next steps."""
        *joints, opening = target
        *speeds, opens = speed
        pybullet.setJointMotorControlArray(
            self.body, self.motors, pybullet.POSITION_CONTROL,
            targetPositions=[*joints, opening / 2, opening / 2],
            targetVelocities=[*speeds, opens / 2, opens / 2], physicsClientId=self.client,
            **self._gains)

    def place(self, position: Array) -> None:
        """Set the joints [n] at once, at rest."""
        for joint, value in zip(self.joints, position[:-1], strict=True):
            pybullet.resetJointState(self.body, joint, float(value), 0.0,
                                     physicsClientId=self.client)
        for finger in self.fingers:
            pybullet.resetJointState(self.body, finger, float(position[-1]) / 2, 0.0,
                                     physicsClientId=self.client)


@dataclass(frozen=True)
class LooseBody:
    """A part that can be moved."""

    client: int
    body: int

    def state(self) -> dict[str, Any]:
        """Return position [3] m, quaternion [4] x y z w, linear velocity [3] m/s as lists."""
        position, turn = pybullet.getBasePositionAndOrientation(
            self.body, physicsClientId=self.client)
        velocity, _ = pybullet.getBaseVelocity(self.body, physicsClientId=self.client)
        return {'position': list(position), 'quaternion': list(turn), 'velocity': list(velocity)}

    def place(self, X_BasePart: Array) -> None:
        """Set the pose [4, 4] m at once, at rest."""
        pybullet.resetBasePositionAndOrientation(
            self.body, X_BasePart[:3, 3].tolist(), quaternion(X_BasePart).tolist(),
            physicsClientId=self.client)
        pybullet.resetBaseVelocity(self.body, [0, 0, 0], [0, 0, 0], physicsClientId=self.client)


def mount_arm(client: int, spec: ArmSpec, folder: Path, position: Array) -> DrivenArm:
    """Write the arm's URDF into `folder`, load it and put it at `position` [n].

    Raises:
        ConfigurationError: A URDF that stood there already is not sound (file and line).
    """
    path = folder / f'{spec.name}.urdf'
    if not path.exists():
        path.write_text(arm_urdf(spec))
    check_urdf(path)
    body = pybullet.loadURDF(str(path), useFixedBase=True, physicsClientId=client)
    index = {pybullet.getJointInfo(body, i, physicsClientId=client)[1].decode(): i
             for i in range(pybullet.getNumJoints(body, physicsClientId=client))}
    arm = DrivenArm(client, body, tuple(index[name] for name in spec.names[:-1]),
                    (index['left_finger'], index['right_finger']), spec.gripper_force)
    for link in (-1, index[spec.names[0]]):   # they stand in the table top by design
        pybullet.setCollisionFilterGroupMask(body, link, 0, 0, physicsClientId=client)
    for finger in arm.fingers:
        pybullet.changeDynamics(body, finger, lateralFriction=PAD_FRICTION,
                                spinningFriction=0.02, rollingFriction=0.001,
                                physicsClientId=client)
    gear = pybullet.createConstraint(
        body, arm.fingers[0], body, arm.fingers[1], pybullet.JOINT_GEAR, [0, 1, 0],
        [0, 0, 0], [0, 0, 0], physicsClientId=client)
    pybullet.changeConstraint(gear, gearRatio=-1, erp=0.1, maxForce=50,
                              physicsClientId=client)
    arm.place(position)
    return arm


def add_part(client: int, part: Part) -> LooseBody:
    """Add a loose part, resting at its drawn place; what is fixed to its body are links."""
    body_spec = ShapeSpec(part.shape, part.size)
    fittings = [(_shape(client, one, rgb), one.at) for one, rgb in part.more]
    solid, seen = _shape(client, body_spec, part.rgb)
    X = rotation_z(part.yaw)
    X[:3, 3] = [*part.xy, part.z + part.size[2] / 2 + 0.0005]
    count = len(fittings)
    share = part.mass / (1 + 0.25 * count)
    body = pybullet.createMultiBody(
        share, solid, seen, X[:3, 3].tolist(), quaternion(X).tolist(),
        linkMasses=[0.25 * share] * count,
        linkCollisionShapeIndices=[one[0] for one, _ in fittings],
        linkVisualShapeIndices=[one[1] for one, _ in fittings],
        linkPositions=[list(at) for _, at in fittings],
        linkOrientations=[[0, 0, 0, 1]] * count,
        linkInertialFramePositions=[[0, 0, 0]] * count,
        linkInertialFrameOrientations=[[0, 0, 0, 1]] * count, linkParentIndices=[0] * count,
        linkJointTypes=[pybullet.JOINT_FIXED] * count, linkJointAxis=[[0, 0, 1]] * count,
        physicsClientId=client)
    for link in range(-1, count):
        pybullet.changeDynamics(body, link, lateralFriction=part.friction,
                                spinningFriction=0.005, rollingFriction=0.0005,
                                linearDamping=0.04, angularDamping=0.04, physicsClientId=client)
    return LooseBody(client, body)


def _shape(client: int, one: ShapeSpec, rgb: tuple[float, ...]) -> tuple[int, int]:
    """Return collision and visual shape of one primitive of a part."""
    colour = [*rgb, 1.0]
    if one.shape == 'cylinder':
        radius, height = one.size[0] / 2, one.size[2]
        solid = pybullet.createCollisionShape(pybullet.GEOM_CYLINDER, radius=radius,
                                              height=height, physicsClientId=client)
        vertices, indices, normals = prism(radius, height)
        seen = pybullet.createVisualShape(
            pybullet.GEOM_MESH, vertices=vertices, indices=indices, normals=normals,
            rgbaColor=colour, physicsClientId=client)
    elif one.shape == 'sphere':
        radius = one.size[0] / 2
        solid = pybullet.createCollisionShape(pybullet.GEOM_SPHERE, radius=radius,
                                              physicsClientId=client)
        seen = pybullet.createVisualShape(pybullet.GEOM_SPHERE, radius=radius, rgbaColor=colour,
                                          physicsClientId=client)
    else:
        half = [s / 2 for s in one.size]
        solid = pybullet.createCollisionShape(pybullet.GEOM_BOX, halfExtents=half,
                                              physicsClientId=client)
        seen = pybullet.createVisualShape(pybullet.GEOM_BOX, halfExtents=half,
                                          rgbaColor=colour, physicsClientId=client)
    return int(solid), int(seen)


def prism(radius: float, height: float, sides: int = 20) -> tuple[list[list[float]], list[int],
                                                                    list[list[float]]]:
    """Return vertices m, triangle indices and normals of a cylinder with flat caps.

    PyBullet's own cylinder shares normals between side and cap and is drawn like an egg.
    """
    vertices: list[list[float]] = []
    normals: list[list[float]] = []
    indices: list[int] = []
    angles = np.linspace(0, 2 * np.pi, sides + 1)
    for end in (1.0, -1.0):
        centre = len(vertices)
        vertices.append([0.0, 0.0, end * height / 2])
        vertices += [[radius * np.cos(a), radius * np.sin(a), end * height / 2] for a in angles]
        normals += [[0.0, 0.0, end]] * (sides + 2)
        for k in range(1, sides + 1):
            pair = [centre + k, centre + k + 1]
            indices += [centre, *(pair if end > 0 else reversed(pair))]
    for a in angles:
        normal = [float(np.cos(a)), float(np.sin(a)), 0.0]
        first = len(vertices)
        vertices += [[radius * normal[0], radius * normal[1], z * height / 2] for z in (1, -1)]
        normals += [normal, normal]
        if a < 2 * np.pi - 1e-6:
            indices += [first, first + 1, first + 2, first + 2, first + 1, first + 3]
    return vertices, indices, normals
