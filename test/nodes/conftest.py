"""Fixtures of the ROS tests: a domain of one's own."""
import os

import pytest


@pytest.fixture
def keys(tmp_path, monkeypatch):
    """Return a folder of keys that nodes in this process read."""
    from lam_ws.keys import FOLDER, make_keys
    folder = tmp_path / 'keys'
    make_keys(folder)
    monkeypatch.setenv(FOLDER, str(folder))
    return folder


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
