"""A frozen camera is told from a cell in which nothing moves."""
from lam_ws.errors import ObservationError
from lam_ws.geometry import Chain
from lam_ws.perception.perception import FROZEN_FRAMES
from lam_ws.perception.watch import CameraWatch
from lam_ws.site import load_site
from lam_ws.types import CameraHealth, Frame, JointState, Observation
import numpy as np
import pytest

SITE = load_site('sim_bench')
HOME = SITE.arm.home
IN_SIGHT = np.array([0.45, 0.0, 0.15])   # m, in the picture of the fixed camera


def reach(xyz):
    """Return joints [n] with the tool at `xyz`."""
    chain = Chain(SITE.arm)
    q = chain.follow(HOME[:-1], np.array([xyz]), [0.0])[0]
    return np.array([*q, HOME[-1]])


def look(watch, k, joints, **same):
    """Show the watch the images of one tick: noise, or for a camera in `same` always one."""
    frames = {}
    for camera in SITE.cameras:
        seed = same.get(camera.name, 1000 + k)
        pixels = np.random.default_rng(seed).integers(
            40, 200, (camera.height, camera.width, 3), np.uint8)
        frames[camera.name] = Frame(0.1 * k, camera.model(), pixels)
    state = JointState(0.1 * k, SITE.arm.names, joints, 0.0 * joints)
    return watch.check(Observation(0.1 * k, state, frames))


def refused_at(way, **same):
    """Return at which tick a frozen camera is refused while the arm goes along `way`."""
    watch = CameraWatch(SITE)
    for k, joints in enumerate(way):
        try:
            look(watch, k, joints, **same)
        except ObservationError as refusal:
            assert refusal.reason == 'frozen_camera'
            return k
    return None


def along(start, end, ticks=10):
    """Return joints on the way between two places of the tool."""
    return [reach(start + (end - start) * k / ticks) for k in range(ticks + 1)]


def test_a_frozen_camera_is_refused_as_soon_as_it_must_show_the_arm():
    """Pins the third repetition for an arm that moves in the picture, on either camera."""
    way = along(IN_SIGHT, IN_SIGHT + [0.0, 0.3, 0.0])
    assert refused_at(way, front=7) == FROZEN_FRAMES
    assert refused_at(way, wrist=7) in range(FROZEN_FRAMES, len(way))


def test_a_cell_in_which_nothing_moves_is_not_frozen():
    """Pins that the same picture of an arm that stands is no fault."""
    assert refused_at([HOME] * 12, front=7, wrist=7) is None


def test_an_arm_outside_the_picture_proves_nothing():
    """Pins that the fixed camera need not change while the arm moves behind it."""
    away = np.array([0.3, 0.0, 0.70])
    assert refused_at(along(away, away + [0.0, 0.1, 0.0]), front=7) is None


def test_health_names_what_is_the_same():
    """Pins that what is not refused is still told."""
    watch = CameraWatch(SITE)
    health = [look(watch, k, HOME, front=7)['front'] for k in range(5)]
    assert health == [CameraHealth.OK] * FROZEN_FRAMES + [CameraHealth.FROZEN] * 2


def test_a_thawed_camera_is_believed_again():
    """Pins that one new image is enough."""
    watch, way = CameraWatch(SITE), along(IN_SIGHT, IN_SIGHT + [0.0, 0.3, 0.0])
    for k in range(FROZEN_FRAMES):
        look(watch, k, way[k], front=7)
    with pytest.raises(ObservationError):
        look(watch, FROZEN_FRAMES, way[FROZEN_FRAMES], front=7)
    assert look(watch, 8, way[8])['front'] is CameraHealth.OK


def test_a_repeated_message_does_not_count():
    """Pins that lock-step may ask about one time twice."""
    watch = CameraWatch(SITE)
    for _ in range(8):
        health = look(watch, 0, HOME, front=7)
    assert health['front'] is CameraHealth.OK

