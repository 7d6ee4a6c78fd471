"""A recorded episode that the tests of this folder share."""
import pytest
from recordings import write_sample


@pytest.fixture(scope='session')
def sample(tmp_path_factory):
    """Path of a finished recording of six seconds."""
    return write_sample(tmp_path_factory.mktemp('recording') / 'sample.mcap')
