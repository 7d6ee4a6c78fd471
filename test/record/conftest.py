"""A recorded episode that the tests of this folder share."""
from pathlib import Path
import sys

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from recordings import write_sample  # noqa: E402


@pytest.fixture(scope='session')
def sample(tmp_path_factory):
    """Path of a finished recording of six seconds."""
    return write_sample(tmp_path_factory.mktemp('recording') / 'sample.mcap')
