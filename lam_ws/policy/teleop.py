"""An operator as a policy: what a hand asks for in this moment becomes a chunk of joint targets.

A jog (keys, pointer, gamepad) or the pose of a leader arm enters with the command that the arm
follows now; a chunk of a third of a second leaves, with what takes the operator's speed away: a
singular pose or the end of a joint. Nothing is remembered and nothing runs ahead: each chunk
begins at the last command and the next replaces it long before it ends. What is in the way of
the arm is the guard's business.

Tool jogs are solved by damped least squares, damped only near singular poses (Nakamura and
Hanafusa, "Inverse kinematic solutions with singularity robustness for robot manipulator
control", J. Dyn. Sys. Meas. Control 108, 1986) and little: there the tool slows down and stops
rather than leave its line.
"""
from collections.abc import Callable
import math
from typing import NamedTuple

from lam_ws.errors import JogError
from lam_ws.geometry import Chain
from lam_ws.site import Site
from lam_ws.types import ActionChunk, Array, Command, JointState
import numpy as np

JOINT, BASE, TOOL = 'joint', 'base', 'tool'   # modes: each joint; the tool along base or tool axes
TOOL_SPEED = 0.25     # m/s, full; the reduced speed of ISO 10218-1
TURN_SPEED = 0.6      # rad/s of the tool, full
JOINT_SPEED = 0.6     # rad/s of each joint, full
ACCELERATION = 0.5    # of what the site allows, so that a start or turn is soft
HORIZON_S, KNOT_S, STEP_S = 0.30, 0.06, 0.03   # s: of a chunk, of its waypoints, of integration
HEADROOM = 0.9        # of the joint speeds that the site allows
FOR_THE_TOOL = 1.2    # rad/s, the most of a joint while the tool is jogged
WELL = 0.06           # m/rad and rad/rad, smallest singular value that needs no damping
DAMPING = 0.015       # the most of it, in the singular pose itself
FLOOR = 0.02          # the same, to which a jog of the tool leads at most, or it would slide there
NUDGE, OUT = 0.05, 0.002   # rad ahead by which the value must grow for a way out
LEAST = 0.25          # of the joint speeds that is left there
MARGIN = 0.01         # rad that a jog keeps from the end of a joint
CLOSE = 0.10          # rad from its end at which a joint is named
POSTURE = 0.4         # 1/s, pull to the rest pose, where an arm can without moving its tool
SLOWED = 0.95         # of the asked speed; less is told
GAIN = 8.0            # 1/s, how a follower closes in on its leader
NEAR = 0.15           # rad, how far a leader may be from the arm to be followed
FAR = 0.6             # rad at which it has run away
Asked = Callable[[Array], Array]   # joint speeds [n] that are wanted in a pose [n]


class Jog(NamedTuple):
    """What an operator asks for while a key is held.

    Attributes:
        mode: JOINT, BASE or TOOL.
        vector: -1 to 1 each: of every arm joint, or along x, y, z and about x, y, z.
        gripper: -1 closes, 1 opens, 0 leaves it.
        speed: Share of the full speed, above 0, at most 1.
    """

    mode: str
    vector: tuple[float, ...]
    gripper: float = 0.0
    speed: float = 0.5


class Felt(NamedTuple):
    """What the operator is to feel of the arm's limits.

    Attributes:
        share: Of the asked speed that is left, 0 to 1.
        code: What takes it: 'singularity', 'position', or '' where nothing does.
        where: The joint concerned, 'tcp' for a singular pose.
        smallest: Smallest singular value where the arm is, m/rad and rad/rad together.
        ends: Joints that are near an end.
    """

    share: float = 1.0
    code: str = ''
    where: str = ''
    smallest: float = math.inf
    ends: tuple[str, ...] = ()


def check_jog(jog: Jog, joints: int) -> None:
    """Refuse a jog that makes no sense.

    Args:
        jog: As some device sent it.
        joints: Number of arm joints.

    Raises:
        JogError: Unknown mode, wrong length, not finite or out of range.
    """
    if jog.mode not in (JOINT, BASE, TOOL):
        raise JogError(f"a jog is '{JOINT}', '{BASE}' or '{TOOL}', not {str(jog.mode)[:20]!r}")
    length = joints if jog.mode == JOINT else 6
    if len(jog.vector) != length:
        raise JogError(f'a {jog.mode} jog has {length} numbers, not {len(jog.vector)}')
    if not all(abs(value) <= 1.0 for value in (*jog.vector, jog.gripper)):
        raise JogError('the numbers of a jog are from -1 to 1')
    if not 0.0 < jog.speed <= 1.0:
        raise JogError('the speed of a jog is above 0 and at most 1')


class Teleop:
    """Makes chunks for the arm of one site; holds no state."""

    def __init__(self, site: Site):
        spec, limits = site.arm, site.limits
        self.spec, self.chain, self.joints = spec, Chain(spec), spec.axes - 1
        self.cycle_s = 1.0 / limits.control_hz
        self._top = HEADROOM * limits.velocity_scale * spec.limits.velocity
        self._most = ACCELERATION * limits.acceleration_scale * spec.limits.acceleration
        self._tool_speed = min(TOOL_SPEED, limits.tool_speed)
        self._lower, self._upper = spec.limits.lower.copy(), spec.limits.upper.copy()
        self._lower[:-1] += MARGIN
        self._upper[:-1] -= MARGIN

    def standing(self, joints: JointState) -> Command:
        """Return what stands for a command where none is known yet: the measured pose."""
        return Command(joints.stamp_s - self.cycle_s, joints.names, joints.position,
                       np.zeros(self.spec.axes))

    def chunk(self, jog: Jog, last: Command, now_s: float) -> tuple[ActionChunk, Felt]:
        """Return where a jog leads from the last command, and what slows it down.

        Raises:
            JogError: It makes no sense.
        """
        check_jog(jog, self.joints)
        told: list[Felt] = []

        def asked(q: Array) -> Array:
            wanted = np.zeros(self.spec.axes)
            wanted[:-1], felt = self._arm(jog, q[:-1])
            wanted[-1] = jog.gripper * self._top[-1]
            told.append(felt)
            return wanted
        chunk = self._play(asked, last, now_s, 'by hand')
        worst = min(told, key=lambda felt: felt.share)
        return chunk, worst._replace(smallest=told[0].smallest, ends=self._ends(last.position))

    def follow(self, leader: Array, last: Command, now_s: float) -> ActionChunk:
        """Return how the arm closes in on the pose [n] rad (gripper m) of its leader."""
        wanted = np.clip(leader, self._lower, self._upper)

        def asked(q: Array) -> Array:
            left = wanted - q
            away = np.abs(left)
            # No faster than it can brake before it is there.
            speed = np.minimum(np.minimum(GAIN * away, np.sqrt(self._most * away)), self._top)
            return np.asarray(np.sign(left) * speed)
        return self._play(asked, last, now_s, 'leader')

    def apart(self, leader: Array, position: Array) -> tuple[str, float]:
        """Return the arm joint in which a leader is farthest from the arm, and rad."""
        away = np.abs(leader - position)[:-1]
        worst = int(away.argmax())
        return self.spec.names[worst], float(away[worst])

    def _play(self, asked: Asked, last: Command, now_s: float, phase: str) -> ActionChunk:
        """Return the chunk of a motion that speeds up from the last command to what is asked."""
        age_s = min(max(now_s - last.stamp_s - self.cycle_s, -self.cycle_s), HORIZON_S)
        v = np.array(last.velocity)
        q = last.position + age_s * v
        knots = []
        for i in range(1, round(HORIZON_S / STEP_S) + 1):
            wanted = asked(q + STEP_S * v)   # where the step will end
            # All arm joints together, or a straight line of the tool would begin with a bend.
            change = wanted - v
            ratio = np.abs(change) / (self._most * STEP_S)
            part = np.maximum(1.0, ratio)
            part[:-1] = part[:-1].max()
            before, v = v, v + change / part
            q = q + 0.5 * STEP_S * (before + v)
            q[-1] = min(max(q[-1], self._lower[-1]), self._upper[-1])
            if i % round(KNOT_S / STEP_S) == 0:
                knots.append(q)
        times = np.linspace(KNOT_S, HORIZON_S, len(knots))
        return ActionChunk(now_s, self.spec.names, times, np.array(knots), phase=phase)

    def _arm(self, jog: Jog, q: Array) -> tuple[Array, Felt]:
        """Return [n - 1] rad/s that a jog asks of the arm joints in the pose `q`, and the felt."""
        J = self.chain.jacobian(q[None])[0]
        u, s, vt = np.linalg.svd(J, full_matrices=False)
        smallest, top = float(s[-1]), self._top[:-1]
        if jog.mode == JOINT:
            v = jog.speed * JOINT_SPEED * np.array(jog.vector, float)
            felt = Felt(smallest=smallest)
        else:
            top = np.minimum(top, FOR_THE_TOOL)
            twist = self._twist(jog, q)
            damped = DAMPING ** 2 * max(0.0, 1.0 - (smallest / WELL) ** 2)
            v = vt.T @ (s / (s * s + damped) * (u.T @ twist))
            felt = self._reached(float(twist @ (J @ v)), float(twist @ twist), smallest)
            v, felt = self._before_singular(v, q, felt)
            if self.joints > 6:   # the elbow may turn as long as the tool does not feel it
                pull = POSTURE * felt.share * float(np.abs(jog.vector).max())
                away = pull * (self.chain.rest - q)
                v = v + away - vt.T @ (vt @ away)
        v, felt = self._within(v, top, felt, J)
        return self._before_ends(v, q, felt)

    def _twist(self, jog: Jog, q: Array) -> Array:
        """Return [6] m/s and rad/s of the tool in the base frame."""
        asked = np.array(jog.vector, float).reshape(2, 3)
        asked /= np.maximum(1.0, np.linalg.norm(asked, axis=1))[:, None]
        asked *= jog.speed * np.array([[self._tool_speed], [TURN_SPEED]])
        if jog.mode == TOOL:
            asked = asked @ self.chain.forward(q)[:3, :3].T
        return asked.ravel()

    def _reached(self, along: float, size: float, smallest: float) -> Felt:
        """Return what damping leaves of the asked speed."""
        share = min(max(along / size, 0.0), 1.0) if size else 1.0
        return Felt(share, 'singularity', 'tcp', smallest) if share < SLOWED else \
            Felt(share, smallest=smallest)

    def _before_singular(self, v: Array, q: Array, felt: Felt) -> tuple[Array, Felt]:
        """Return joint speeds that end before a singular pose, unless they lead out of it.

        In it a tool that is jogged on would slide along the edge of its reach, and one that is
        jogged back would not come.
        """
        most = float(np.abs(v).max())
        if felt.smallest >= WELL or most == 0.0:
            return v, felt
        ahead = self.chain.jacobian((q + NUDGE / most * v)[None])[0]
        if float(np.linalg.svd(ahead, compute_uv=False)[-1]) > felt.smallest + OUT:
            return v, felt
        factor = max(felt.smallest - FLOOR, 0.0) / (WELL - FLOOR)
        return factor * v, felt._replace(share=factor * felt.share, code='singularity',
                                         where='tcp')

    def _within(self, v: Array, top: Array, felt: Felt, J: Array) -> tuple[Array, Felt]:
        """Return joint speeds drawn into those allowed, and what is felt of it."""
        left = min(max(felt.smallest / WELL, LEAST), 1.0)
        joints = float((np.abs(v) / top).max()) / left
        tool = float(np.linalg.norm(J[:3] @ v)) / self._tool_speed
        factor = 1.0 / max(1.0, joints, tool)
        if joints > max(1.0, tool) and factor < SLOWED:
            felt = felt._replace(code='singularity', where='tcp')
        return factor * v, felt._replace(share=factor * felt.share)

    def _before_ends(self, v: Array, q: Array, felt: Felt) -> tuple[Array, Felt]:
        """Return joint speeds from which every joint still stops before its end."""
        room = np.where(v > 0.0, self._upper[:-1] - q, q - self._lower[:-1])
        allowed = np.sqrt(self._most[:-1] * np.maximum(room, 0.0))
        excess = np.abs(v) / np.maximum(allowed, 1e-9)
        worst = int(excess.argmax())
        if excess[worst] <= 1.0:
            return v, felt
        factor = 1.0 / float(excess[worst]) if allowed[worst] > 1e-3 else 0.0
        return factor * v, felt._replace(share=factor * felt.share, code='position',
                                         where=self.spec.names[worst])

    def _ends(self, position: Array) -> tuple[str, ...]:
        """Return the arm joints that are near an end."""
        limits = self.spec.limits
        room = np.minimum(limits.upper - position, position - limits.lower)[:-1]
        return tuple(self.spec.names[i] for i in np.flatnonzero(room < CLOSE))
