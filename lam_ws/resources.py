"""Where the data of the stack lies: checkout, pip, colcon and colcon --symlink-install.

The data folders (config/, models/, launch/, sim/) sit at the top of a checkout and under
share/lam_ws once installed; nobody else in the project builds a path to them.
"""
from functools import cache
import os
from pathlib import Path
import sys

from lam_ws.errors import ConfigurationError


@cache
def share() -> Path:
    """Return the folder that holds config/ and models/.

    Raises:
        ConfigurationError: The package was installed without its data.
    """
    candidates = [Path(__file__).resolve().parents[1]]
    candidates += [Path(prefix) / 'share' / 'lam_ws'
                   for prefix in os.environ.get('AMENT_PREFIX_PATH', '').split(os.pathsep)
                   if prefix]
    candidates.append(Path(sys.prefix) / 'share' / 'lam_ws')
    for folder in candidates:
        if (folder / 'config' / 'sites').is_dir():
            return folder
    raise ConfigurationError('the data folders of lam_ws were not installed; looked in '
                             + ', '.join(map(str, candidates)))
