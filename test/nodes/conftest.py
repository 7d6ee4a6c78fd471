"""Fixtures of the ROS tests: a domain of one's own."""
import os

import pytest


@pytest.fixture
def domain():
    """Return a free domain, with the environment of this process made fit for it."""
    pytest.importorskip('rclpy')
    from lam_ws.nodes.environment import enter, free_domain
    before = dict(os.environ)
    with free_domain() as number:
        enter(number)
        yield number
    os.environ.clear()
    os.environ.update(before)
