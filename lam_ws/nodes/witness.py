"""Watches a running cell from outside: what is commanded, measured and said, and when.

Messages of the cell enter, stamped on arrival with this host's monotonic clock; times and
speeds leave. It takes no part: with it or without it the cell does the same. Tests and the
provoked faults of `lam_ws.faults` judge by it.
"""
from collections import deque
from dataclasses import dataclass
import time

from lam_interfaces.msg import GuardState, Proposal
from lam_ws.nodes import conversion, nodes, sealing
import numpy as np
from numpy.typing import NDArray
from rclpy.node import Node
from sensor_msgs.msg import JointState
from trajectory_msgs.msg import JointTrajectory

STILL = 0.02       # rad/s, largest joint speed of an arm at rest
REST_S = 0.1       # for so long it is below that when the arm has come to rest
KEPT = 100_000     # messages of a kind, the newest: a quarter of an hour


@dataclass(frozen=True)
class Said:
    """What the guard said: `stamp_s` on its own clock, which is this host's monotonic one."""

    stamp_s: float
    state: str
    reason: str


class Witness:
    """Hears one cell.

    Args:
        node: Node in the cell's namespace; whoever made it keeps its executor turning.

    Attributes:
        phase: What the policy last said that it is doing.
        speed: Largest measured speed of an arm joint, rad/s; the gripper does not count.
        heard_s: When the last joint state came, on the monotonic clock.
        said: Every change of what the guard says.
        commands: [stamp_s, largest commanded speed of an arm joint in rad/s] of each command.
        measured: [heard_s, speed, position of the arm joints in rad] of each joint state.
    """

    def __init__(self, node: Node):
        self.phase, self.speed, self.heard_s = '', 0.0, 0.0
        self.said: list[Said] = []
        self.commands: deque[tuple[float, float]] = deque(maxlen=KEPT)
        self.measured: deque[tuple[float, float, NDArray[np.float64]]] = deque(maxlen=KEPT)
        for kind, name, take in ((JointState, nodes.JOINT_STATES, self._joint_state),
                                 (JointTrajectory, nodes.COMMAND, self._command),
                                 (GuardState, nodes.GUARD_STATE, self._guard_state),
                                 (Proposal, nodes.PROPOSED, self._proposal)):
            node.create_subscription(kind, name, take, nodes.DEEP)

    @property
    def state(self) -> str:
        """What the guard's state is, '' before it said anything."""
        return self.said[-1].state if self.said else ''

    @property
    def reason(self) -> str:
        """Why the guard's state is what it is."""
        return self.said[-1].reason if self.said else ''

    def stopped_s(self, since_s: float) -> float:
        """Return the stamp of the first stop after `since_s`, infinite where there is none."""
        return min((said.stamp_s for said in self.said if said.stamp_s >= since_s
                    and said.state in ('stopping', 'stopped')), default=np.inf)

    def rested_s(self, since_s: float) -> float:
        """Return when the arm came to rest after `since_s`; infinite where it did not.

        A part that settles between the fingers shakes an arm at rest for an instant: that is
        no motion, and does not count.
        """
        rest_s = None
        for heard_s, speed, _ in self.measured:
            if heard_s < since_s:
                continue
            if speed > STILL:
                rest_s = None
            elif rest_s is None:
                rest_s = heard_s
            elif heard_s - rest_s >= REST_S:
                return rest_s
        return np.inf

    def strayed(self, since_s: float) -> float:
        """Return how far a joint of the arm ever was from where it was at `since_s`, in rad."""
        positions = np.array([position for heard_s, _, position in self.measured
                              if heard_s >= since_s])
        return float(np.abs(positions - positions[0]).max()) if len(positions) else 0.0

    def gaps(self, since_s: float, until_s: float = np.inf) -> NDArray[np.float64]:
        """Return the time between neighbouring commands in s, by the guard's own stamps."""
        stamps = [stamp for stamp, _ in self.commands if since_s <= stamp <= until_s]
        return np.diff(np.array(stamps, float))

    def longest_gap(self, since_s: float) -> float:
        """Return the longest time without a command in s, the silence up to now included."""
        last_s = max(since_s, self.commands[-1][0]) if self.commands else since_s
        return float(np.max(self.gaps(since_s), initial=time.monotonic() - last_s))

    def _joint_state(self, message: JointState) -> None:
        self.heard_s = time.monotonic()
        self.speed = max(map(abs, list(message.velocity)[:-1]))
        self.measured.append((self.heard_s, self.speed, np.array(message.position[:-1])))

    def _command(self, message: JointTrajectory) -> None:
        speeds = [abs(speed) for point in message.points for speed in point.velocities[:-1]]
        if not speeds:   # a foreign node's
            return
        self.commands.append((conversion.to_seconds(message.header.stamp), max(speeds)))

    def _guard_state(self, message: GuardState) -> None:
        said = Said(conversion.to_seconds(message.header.stamp), message.state, message.reason)
        if not self.said or (said.state, said.reason) != (self.state, self.reason):
            self.said.append(said)

    def _proposal(self, message: Proposal) -> None:
        self.phase = message.phase


class SealedCommands:
    """Hears the guard's own commands, whoever else publishes what looks like one.

    Args:
        node: As of `Witness`.
        key: The guard's.

    Attributes:
        stamps: When each was decided, s on the guard's clock.
    """

    def __init__(self, node: Node, key: bytes):
        self.stamps: list[float] = []
        self._key = key
        node.create_subscription(JointTrajectory, nodes.COMMAND, self._hear, nodes.DEEP, raw=True)

    def late_s(self, cycle_s: float, start: int = 0) -> NDArray[np.float64]:
        """Return by how much each cycle since the command of number `start` was late, in s."""
        gaps = np.diff(np.unique(self.stamps[start:]))
        return np.maximum(gaps - cycle_s, 0.0)

    def _hear(self, data: bytes) -> None:
        message = sealing.command(data, self._key)
        if message is not None:
            self.stamps.append(conversion.to_seconds(message.header.stamp))
