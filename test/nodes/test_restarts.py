"""Nodes that are started again: which, when, and how often."""
import time

from lam_ws import graph
from lam_ws.site import load_site
import pytest

pytest.importorskip('rclpy')
from lam_ws.nodes import restarts
from lam_ws.nodes.manager import BringUpError
from lam_ws.nodes.restarts import Restarts
from lam_ws.nodes.supervisor import Death

pytestmark = pytest.mark.ros
SPECS = {spec.name: spec for spec in graph.nodes(load_site('sim_demo'))}


class Starter:
    """Stands where supervisor and manager stand; the node dies while it comes up, if told to."""

    def __init__(self):
        self.started, self.restarts, self.dies = [], None, 0

    def start_one(self, spec):
        self.started.append((time.monotonic(), spec.name))

    def bring_up_again(self, name):
        if self.dies > 0:
            self.dies -= 1
            if not self.restarts.take(Death(SPECS[name], -9)):
                raise BringUpError(name, 'given up')

    def watch(self):
        pass

    def log_tail(self, name, lines):
        return ''


@pytest.fixture
def starter(monkeypatch):
    """Return what stands where supervisor and manager do, with its restarts."""
    monkeypatch.setattr(restarts, 'PAUSE_S', 0.02)
    made = Starter()
    made.restarts = Restarts(made, made)
    return made


def turn_for(again, seconds):
    """Turn, and return how often a node came up."""
    deadline, count = time.monotonic() + seconds, 0
    while time.monotonic() < deadline:
        count += again.turn()
        time.sleep(0.001)
    return count


def test_guard_and_arm_are_never_started_again(starter):
    """Pins a guard that begins anew under a moving arm."""
    for name in ('guard', 'sim'):
        assert not starter.restarts.take(Death(SPECS[name], -9))
    for name in ('perception', 'task', 'policy', 'record'):
        assert starter.restarts.take(Death(SPECS[name], -9))


def test_each_pause_is_twice_the_one_before(starter):
    """Pins a node that is started in a loop as fast as it dies."""
    starter.dies = 3
    began_s = time.monotonic()
    assert starter.restarts.take(Death(SPECS['policy'], -9))
    assert turn_for(starter.restarts, 0.6) == 1
    waits = [at_s - began_s for at_s, _ in starter.started]
    assert len(waits) == 4
    for wait_s, least_s in zip(waits, (0.02, 0.06, 0.14, 0.30), strict=True):
        assert wait_s >= least_s


def test_a_node_that_keeps_dying_is_given_up(starter):
    """Pins a cell that never says that it cannot work."""
    taken = [starter.restarts.take(Death(SPECS['policy'], -9)) for _ in range(restarts.MOST)]
    assert taken == [True] * (restarts.MOST - 1) + [False]
