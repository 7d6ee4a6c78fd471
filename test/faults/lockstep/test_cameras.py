"""Broken cameras, and that the cases fail where perception takes what it gets."""
from lam_ws.perception import perception, watch
import pytest

pytestmark = pytest.mark.sim


def test_a_frozen_camera_ends_the_task_and_would_not_if_nobody_watched(run, monkeypatch):
    """Pins fault 1, and that it can fail."""
    assert run('camera_frozen_front').passed
    monkeypatch.setattr(watch.CameraWatch, '_must_differ', lambda *told: False)
    assert not run('camera_frozen_front').passed


def test_a_monitor_that_waits_longer_fails(run, monkeypatch):
    """Pins the three frames."""
    assert run('camera_monitor').passed
    monkeypatch.setattr(perception, 'FROZEN_FRAMES', 5)
    assert not run('camera_monitor').passed


def test_an_episode_that_goes_on_blind_fails(run, monkeypatch):
    """Pins fault 2, and that it can fail."""
    assert run('camera_silent', 'carry').passed
    monkeypatch.setattr('lam_ws.episode.Episode._is_blind', lambda self: False)
    assert not run('camera_silent', 'carry').passed


def test_dark_frames_that_pass_are_counted(run, monkeypatch):
    """Pins fault 3, and that a frame that reaches a model shows."""
    assert run('camera_black_leak').passed and run('camera_sets').passed
    monkeypatch.setattr(perception, 'DARK', -1)
    assert not run('camera_black_leak').passed
    assert not run('camera_sets').passed
