"""Arms that do not obey, and that the cases fail where nobody notices."""
from lam_ws.done import Grip
from lam_ws.safety import sight
import pytest

pytestmark = pytest.mark.sim


def test_a_guard_that_does_not_compare_fails(run, monkeypatch):
    """Pins that fault 20 can fail."""
    assert run('arm_blocked').passed
    monkeypatch.setattr(sight, 'resisted', lambda *told: None)
    assert not run('arm_blocked').passed


def test_a_task_that_does_not_look_at_the_fingers_fails(run, monkeypatch):
    """Pins that fault 21 can fail."""
    assert run('gripper_stays_open').passed
    monkeypatch.setattr(Grip, 'lost', lambda self, joints, phase: '')
    assert not run('gripper_stays_open').passed
