"""A domain of one's own, for counterparts that speak by topic."""
import os

import pytest


@pytest.fixture
def domain():
    """Return a free domain; the environment is as before afterwards."""
    from lam_ws.nodes.environment import enter, free_domain
    before = dict(os.environ)
    with free_domain() as number:
        enter(number)
        yield number
    os.environ.clear()
    os.environ.update(before)
