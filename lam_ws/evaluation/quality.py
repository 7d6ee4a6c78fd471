"""How well an arm moved, beside whether it succeeded: path, time, jerk, smoothness, force.

The commands of an episode and the largest contact force enter; a `Quality` leaves. Commands and
not measured joints: a third difference would mostly show the simulator's last digits.
"""
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from lam_ws.geometry import Chain
from lam_ws.types import Command
import numpy as np

FEWEST = 4   # commands that a third difference needs


@dataclass(frozen=True)
class Quality:
    """The motion of one episode, from its first to its last command.

    Attributes:
        path_m: m, length of the tool's path.
        seconds: Simulated s.
        jerk_m_s3: m/s^3, root mean square of the jerk of the tool's position.
        smoothness: Log dimensionless jerk of the tool's position, without unit; nearer to 0 is
            smoother, a single straight minimum-jerk reach has -5.3. None where nothing moved.
        force_n: N, largest contact force of the tool, or of the part it grips, with anything
            else (`Cell.contact_force`), looked at once a control cycle.
    """

    path_m: float
    seconds: float
    jerk_m_s3: float
    smoothness: float | None
    force_n: float


def measure(commands: Sequence[Command], chain: Chain, force_n: float) -> Quality | None:
    """Return the quality of a motion; None where the arm was hardly told anything.

    The smoothness is Balasubramanian, Melendez-Calderon, Roby-Brami and Burdet, On the analysis
    of movement smoothness, Journal of NeuroEngineering and Rehabilitation 12:112 (2015), after
    Hogan and Sternad, Journal of Motor Behavior 41(6) (2009): minus the logarithm of
    T^3 / v^2 times the integral of the squared jerk over the time T, v the peak speed. Jerk and
    speed are lengths of vectors here. It grows with the number of strokes and of rests, so it
    compares runs of one task and not tasks with one another.

    Args:
        commands: One a control cycle, without a gap.
        chain: Kinematics of the arm they are for.
        force_n: N, largest contact force.
    """
    if len(commands) < FEWEST:
        return None
    tool = chain.forward(np.stack([one.position[:-1] for one in commands]))[:, :3, 3]
    seconds = commands[-1].stamp_s - commands[0].stamp_s
    cycle_s = seconds / (len(commands) - 1)
    steps = np.linalg.norm(np.diff(tool, axis=0), axis=1)
    squares = (np.diff(tool, 3, axis=0) ** 2).sum(axis=1) / cycle_s ** 6
    peak = float(steps.max()) / cycle_s
    smoothness = None
    if peak > 0.0 and squares.any():
        smoothness = round(-float(np.log(seconds ** 3 / peak ** 2 * squares.sum() * cycle_s)), 3)
    return Quality(round(float(steps.sum()), 4), round(seconds, 3),
                   round(float(np.sqrt(squares.mean())), 3), smoothness, round(force_n, 2))


def medians(qualities: Sequence[Quality | None]) -> dict[str, float] | None:
    """Return the median of each value over the episodes that have it; None without any."""
    rows = [asdict(one) for one in qualities if one is not None]
    found = {name: [row[name] for row in rows if row[name] is not None]
             for name in (rows[0] if rows else {})}
    return {name: round(float(np.median(values)), 4)
            for name, values in found.items() if values} or None
