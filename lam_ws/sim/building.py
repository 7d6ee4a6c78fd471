"""PyBullet bodies of what is built into a cell: table, bins and fixtures.

What stands still collides in the physics client and is seen in the `still` client only (see
camera.py), so it comes as a pair of bodies. What moves on a hinge lives in the physics client
alone, like parts and arm.
"""
from collections.abc import Sequence
from typing import Any

from lam_ws.geometry import inverse, pose, quaternion, rotation_z, translation
from lam_ws.sim.bodies import prism
from lam_ws.sim.drawing import PAINTS
from lam_ws.sim.fixtures import fixture_kind, Hinge, Point, Solid, STRIPE
from lam_ws.sim.scene import Bin, BinsSpec, Fixture, TableSpec
from lam_ws.types import Array
import numpy as np
import pybullet

PEDESTAL = 0.02       # m, thickness of the table top
COMPOUND = 16         # boxes that PyBullet takes in one body; one more and it crashes
SLIDING = 0.25        # friction of fixtures, which are smooth
SAMPLES = 16          # of a stripe
NEAR = 0.020          # m beside the tool that a wiper of 40 mm reaches
WIPING = 0.025        # m, tool height below which it wipes
Pair = tuple[int, int]   # physics client and the client of what stands still
Rgb = tuple[float, ...]


def add_table(pair: Pair, table: TableSpec, rgb: Rgb) -> int:
    """Add the table top, its surface at z = 0, to both clients; return its body in the still one.

    That body's frame is the base frame.
    """
    top = Solid((*table.size, PEDESTAL), translation([*table.centre, -PEDESTAL / 2]))
    return _static(pair, [top], np.eye(4), rgb, 0.8)


def add_bin(pair: Pair, spec: BinsSpec, bin_: Bin) -> int:
    """Add an open bin of five boxes to both clients; return its body in the still client."""
    (x, y), wall, height = spec.inner, spec.wall, spec.height
    solids = [Solid((x + 2 * wall, y + 2 * wall, wall), translation([0, 0, wall / 2]))]
    for side in (-1, 1):
        solids.append(Solid((wall, y + 2 * wall, height),
                            translation([side * (x + wall) / 2, 0, height / 2])))
        solids.append(Solid((x, wall, height),
                            translation([0, side * (y + wall) / 2, height / 2])))
    X = rotation_z(bin_.yaw)
    X[:2, 3] = bin_.xy
    return _static(pair, solids, X, bin_.rgb, 0.6)


class BuiltFixture:
    """A fixture in a cell: its drawing, its pose, its hinge, and what was done to it.

    Args:
        pair: Clients.
        drawn: Kind, colour, place and state.

    Attributes:
        most: The furthest its hinge was moved (m, rad), or the share of a stripe that was wiped.
    """

    def __init__(self, pair: Pair, drawn: Fixture):
        self.drawn, self.kind, self.most = drawn, fixture_kind(drawn.kind), 0.0
        self._client = pair[0]
        self._X = pose([*drawn.xy, 0.0], [0, 0, drawn.yaw])
        self._moving = self._surface = -1
        solids = self.kind.solids
        if self.kind.carries:
            self._surface = _solid_body(pair[0], solids[:1], self._X)
            pybullet.changeDynamics(self._surface, -1, lateralFriction=0.9,
                                    physicsClientId=pair[0])
            _seen_body(pair[1], solids[:1], self._X, drawn.rgb)
            solids = solids[1:]
        _static(pair, solids, self._X, drawn.rgb, SLIDING)
        if self.kind.hinge is not None:
            self._moving = _hinge(pair[0], self.kind.hinge, self._X, drawn.rgb)
            self.set(drawn.value)
        self._passed = np.zeros(SAMPLES, bool)

    def value(self) -> float:
        """Return where the hinge stands, rad or m; 0 without one."""
        if self._moving < 0:
            return 0.0
        return float(pybullet.getJointState(self._moving, 0, physicsClientId=self._client)[0])

    def set(self, value: float) -> None:
        """Put the hinge at `value` rad or m at once."""
        if self._moving >= 0:
            pybullet.resetJointState(self._moving, 0, value, 0.0, physicsClientId=self._client)

    @property
    def active(self) -> bool:
        """Whether it has to be told of every step or of where the tool is."""
        return self.kind.carries or self.drawn.kind in ('button', 'stripe')

    def before_step(self) -> None:
        """Carry along what lies on it; call before every physics step."""
        if self.kind.carries:
            along = self._X[:3, 1] * self.drawn.value
            pybullet.resetBasePositionAndOrientation(
                self._surface, self._X[:3, 3].tolist(), quaternion(self._X).tolist(),
                physicsClientId=self._client)
            pybullet.resetBaseVelocity(self._surface, along.tolist(), [0, 0, 0],
                                       physicsClientId=self._client)

    def notice(self, tool: Array) -> None:
        """Take note of what was done by now; `tool` [3] m is the tool centre point."""
        if self.drawn.kind == 'button':
            self.most = max(self.most, self.value())
        elif self.drawn.kind == 'stripe' and tool[2] < WIPING:
            along, aside = (inverse(self._X) @ [*tool, 1.0])[:2]
            where = np.linspace(-STRIPE / 2, STRIPE / 2, SAMPLES)
            self._passed |= (abs(where - along) < NEAR) & (abs(aside) < NEAR)
            self.most = float(self._passed.mean())

    def state(self) -> dict[str, Any]:
        """Return kind, colour, position [3] m, yaw rad, hinge value, and its points."""
        value = self.value()
        return {'kind': self.drawn.kind, 'colour': self.drawn.colour,
                'position': self._X[:3, 3].tolist(), 'yaw': self.drawn.yaw, 'value': value,
                'most': self.most, 'speed': self.drawn.value if self.kind.carries else 0.0,
                'moving': self._moving,
                'points': [self._point(point, value) for point in self.kind.points]}

    def _point(self, point: Point, value: float) -> dict[str, Any]:
        X, hinge = self._X, self.kind.hinge
        if point.moves and hinge is not None:
            joint = translation([0, 0, -value]) if hinge.kind == 'slide' else rotation_z(value)
            X = X @ hinge.X @ joint @ translation(-hinge.X[:3, 3])
        at = X @ [*point.at, 1.0]
        return {'kind': point.kind, 'colour': self.drawn.colour, 'position': at[:3].tolist(),
                'yaw': float(np.arctan2(X[1, 0], X[0, 0])), 'turns': point.turns}


def _hinge(client: int, hinge: Hinge, X: Array, rgb: Rgb) -> int:
    """Return a body whose one joint carries the hinge's primitives; its base is nothing."""
    turn = hinge.kind == 'turn'
    solids = hinge.solids
    first, rest = solids[0], solids[1:]
    shapes = [_shape(client, one, one.X, rgb) for one in (first, *rest)]
    frame = X @ hinge.X
    count = len(shapes)
    body = pybullet.createMultiBody(
        0, -1, _speck(client), frame[:3, 3].tolist(), quaternion(frame).tolist(),
        linkMasses=[hinge.mass] + [0.01] * (count - 1),
        linkCollisionShapeIndices=[solid for solid, _ in shapes],
        linkVisualShapeIndices=[seen for _, seen in shapes],
        linkPositions=[[0, 0, 0]] * count, linkOrientations=[[0, 0, 0, 1]] * count,
        linkInertialFramePositions=[first.X[:3, 3].tolist()] + [
            one.X[:3, 3].tolist() for one in rest],
        linkInertialFrameOrientations=[[0, 0, 0, 1]] * count,
        linkParentIndices=[0] + [1] * (count - 1),
        linkJointTypes=[pybullet.JOINT_REVOLUTE if turn else pybullet.JOINT_PRISMATIC]
        + [pybullet.JOINT_FIXED] * (count - 1),
        linkJointAxis=[[0, 0, 1] if turn else [0, 0, -1]] * count, physicsClientId=client)
    pybullet.changeDynamics(body, 0, jointLowerLimit=0.0, jointUpperLimit=hinge.travel,
                            lateralFriction=0.4, physicsClientId=client)
    pybullet.setJointMotorControl2(
        body, 0, pybullet.VELOCITY_CONTROL if turn else pybullet.POSITION_CONTROL,
        **({'targetVelocity': 0.0} if turn else {'targetPosition': 0.0}), force=hinge.force,
        physicsClientId=client)
    return int(body)


def _shape(client: int, one: Solid, X: Array, rgb: Rgb) -> tuple[int, int]:
    """Return collision and visual shape of a primitive at X [4, 4] in its link's frame."""
    at, turn = X[:3, 3].tolist(), quaternion(X).tolist()
    colour = [*(rgb if one.paint == 'own' else PAINTS[one.paint]), 1.0]
    if one.shape == 'cylinder':
        radius, height = one.size[0] / 2, one.size[2]
        solid = pybullet.createCollisionShape(
            pybullet.GEOM_CYLINDER, radius=radius, height=height, collisionFramePosition=at,
            collisionFrameOrientation=turn, physicsClientId=client)
        vertices, indices, normals = prism(radius, height)
        seen = pybullet.createVisualShape(
            pybullet.GEOM_MESH, vertices=vertices, indices=indices, normals=normals,
            rgbaColor=colour, visualFramePosition=at, visualFrameOrientation=turn,
            physicsClientId=client)
        return int(solid), int(seen)
    half = [s / 2 for s in one.size]
    solid = pybullet.createCollisionShape(
        pybullet.GEOM_BOX, halfExtents=half, collisionFramePosition=at,
        collisionFrameOrientation=turn, physicsClientId=client)
    seen = pybullet.createVisualShape(
        pybullet.GEOM_BOX, halfExtents=half, rgbaColor=colour, visualFramePosition=at,
        visualFrameOrientation=turn, physicsClientId=client)
    return int(solid), int(seen)


def _speck(client: int) -> int:
    # A body without a visual would show its collision shape: give it a speck out of sight.
    return int(pybullet.createVisualShape(pybullet.GEOM_BOX, halfExtents=[1e-5] * 3,
                                          visualFramePosition=[0, 0, -50],
                                          physicsClientId=client))


def _static(pair: Pair, solids: Sequence[Solid], X: Array, rgb: Rgb, friction: float) -> int:
    """Add boxes at rest: what is hard to the physics client, everything to the still one.

    Returns the body in the still client, the last one where there are too many boxes for one.
    """
    client, still = pair
    if client >= 0:
        hard = [one for one in solids if one.hard]
        for start in range(0, len(hard), COMPOUND):
            body = _solid_body(client, hard[start:start + COMPOUND], X)
            pybullet.changeDynamics(body, -1, lateralFriction=friction, physicsClientId=client)
    seen = [_seen_body(still, solids[start:start + COMPOUND], X, rgb)
            for start in range(0, len(solids), COMPOUND)]
    return seen[-1]


def _solid_body(client: int, solids: Sequence[Solid], X: Array) -> int:
    """Return a body at rest that collides and is not seen."""
    shape = pybullet.createCollisionShapeArray(
        [pybullet.GEOM_BOX] * len(solids), halfExtents=[_half(one) for one in solids],
        collisionFramePositions=[one.X[:3, 3].tolist() for one in solids],
        collisionFrameOrientations=[quaternion(one.X).tolist() for one in solids],
        physicsClientId=client)
    return int(pybullet.createMultiBody(0, shape, _speck(client), X[:3, 3].tolist(),
                                        quaternion(X).tolist(), physicsClientId=client))


def _seen_body(client: int, solids: Sequence[Solid], X: Array, rgb: Rgb) -> int:
    """Return a body at rest that is seen and does not collide."""
    shape = pybullet.createVisualShapeArray(
        [pybullet.GEOM_BOX] * len(solids), halfExtents=[_half(one) for one in solids],
        visualFramePositions=[one.X[:3, 3].tolist() for one in solids],
        visualFrameOrientations=[quaternion(one.X).tolist() for one in solids],
        rgbaColors=[[*(rgb if one.paint == 'own' else PAINTS[one.paint]), 1.0]
                    for one in solids], physicsClientId=client)
    return int(pybullet.createMultiBody(0, -1, shape, X[:3, 3].tolist(),
                                        quaternion(X).tolist(), physicsClientId=client))


def _half(one: Solid) -> list[float]:
    return [s / 2 for s in one.size]
