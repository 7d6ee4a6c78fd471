"""How well the joints command the tool, and how much of their speed is left where they do not.

Configurations enter; for each the smallest singular value of the Jacobian leaves, and a share of
the joint speeds. Near a singular configuration some direction of the tool takes very much joint
motion: whoever steers the tool asks for fast joints there, elbow and wrist swing round in a
moment, and the tool's own speed does not show it.
"""
from lam_ws.geometry import Chain
from lam_ws.robot import ArmSpec
from lam_ws.types import Array
import numpy as np

WELL = 0.06    # m/rad and rad/rad: smallest singular value from which on all speeds are allowed
LEAST = 0.25   # of the joint speeds that is left in the singularity itself, to get out of it


class Conditioning:
    """The measure of one arm."""

    def __init__(self, spec: ArmSpec):
        self.chain = Chain(spec)

    def smallest(self, q: Array) -> Array:
        """Return [B] the smallest singular value at arm joints `q` [B, n - 1] rad.

        What a joint speed of 1 rad/s in all (root of the sum of squares) moves the tool by, in
        m/s and rad/s together, in the direction in which that is least.
        """
        J = self.chain.jacobian(q)
        # The eigenvalues of J J^T are the squares; for so few rows faster than the values of J.
        squares = np.asarray(np.linalg.eigvalsh(J @ J.swapaxes(1, 2)), np.float64)
        smallest: Array = np.sqrt(np.maximum(squares[:, 0], 0.0))
        return smallest

    def near(self, q: Array) -> list[float]:
        """Return [B] the smallest singular values, all `WELL` where none is below that.

        Squares that all are above WELL^2 leave a positive definite matrix when that is taken
        off, and to try whether it has a root costs a tenth of their values.
        """
        J = self.chain.jacobian(q)
        try:
            np.linalg.cholesky(J @ J.swapaxes(1, 2) - WELL ** 2 * np.eye(6))
        except np.linalg.LinAlgError:
            found: list[float] = self.smallest(q).tolist()
            return found
        return [WELL] * len(q)


def share(smallest: float) -> float:
    """Return the share of the joint speeds that is allowed at a smallest singular value."""
    return min(max(smallest / WELL, LEAST), 1.0)
