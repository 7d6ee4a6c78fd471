"""A cell in which the arm is in everybody's way, its own included."""
from guard_stream import config_of
from lam_ws.keep_out import KeepOut
from lam_ws.safety.safety import GuardConfig
import numpy as np

ZONES = (KeepOut('post', [0.50, 0.15, -0.2], [0.60, 0.30, 0.7]),
         KeepOut('shelf', [0.2, -0.6, 0.55], [0.7, -0.2, 0.6]),
         KeepOut('ceiling', [-1.0, -1.0, 1.0], [1.0, 1.0, 1.1]))


def crowded(site: str, **changes: object) -> GuardConfig:
    """Return a shipped site with boxes all around, and with neither walls nor table.

    So the arm has room to fold up, and only boxes and its own links to hold it.
    """
    corner = np.array([2.0, 2.0, 2.0])
    return config_of(site, workspace_lower=-corner, workspace_upper=corner, table_z=-1.0,
                     keep_out=ZONES, **changes)
