"""What perception lets through, what it refuses, and the reason it gives for each refusal."""
from dataclasses import replace

from lam_ws.errors import ObservationError
from lam_ws.perception.perception import (
    BRIGHT,
    CameraMonitor,
    DARK,
    FROZEN_FRAMES,
    synchronise,
)
from lam_ws.site import load_site
from lam_ws.types import CameraHealth, Frame, JointState
import numpy as np
import pytest

NOW_S = 12.0


@pytest.fixture(scope='module')
def site():
    """Return a site with two cameras."""
    return load_site('sim_bench')


@pytest.fixture
def joints(site):
    """Return a measurement taken now."""
    rest = np.zeros(site.arm.axes)
    return JointState(NOW_S, site.arm.names, site.arm.home, rest)


@pytest.fixture
def frames(site):
    """Return a frame of each camera, taken now, of the size it must have."""
    return {camera.name: picture(camera.model()) for camera in site.cameras}


def picture(model, seed=0, stamp_s=NOW_S, level=(0, 255)):
    """Return a frame of noise between two levels of brightness."""
    rng = np.random.default_rng(seed)
    pixels = rng.integers(*level, (model.height, model.width, 3), dtype=np.uint8, endpoint=True)
    return Frame(stamp_s, model, pixels)


def refused(*arguments):
    """Return the reason why these arguments do not make an observation."""
    with pytest.raises(ObservationError) as caught:
        synchronise(*arguments)
    return caught.value.reason


def test_what_belongs_together_becomes_an_observation(site, joints, frames):
    """Pins that fresh data passes unchanged, stamped with the newest frame."""
    frames['front'] = replace(frames['front'], stamp_s=NOW_S - 0.1)
    seen = synchronise(site, joints, frames, NOW_S)
    assert seen.stamp_s == NOW_S
    assert seen.joints is joints
    assert dict(seen.frames) == frames


@pytest.mark.parametrize(('change', 'reason'), [
    ({'names': ('a', 'b')}, 'bad_joints'),
    ({'stamp_s': NOW_S - 0.05}, 'stale_joints'),
    ({'stamp_s': NOW_S + 0.05}, 'future_stamp'),
])
def test_joints_are_refused_with_their_reason(site, joints, frames, change, reason):
    """Pins that foreign, old and future joint states never reach the policy."""
    assert refused(site, replace(joints, **change), frames, NOW_S) == reason


def test_no_joints_at_all_are_refused(site, frames):
    """Pins that a missing measurement is not read as zeros."""
    assert refused(site, None, frames, NOW_S) == 'missing_joints'


@pytest.mark.parametrize('field', ['position', 'velocity'])
@pytest.mark.parametrize('value', [np.nan, np.inf])
def test_a_joint_value_that_is_not_finite_is_refused(site, joints, frames, field, value):
    """Pins that one NaN among good joints is enough."""
    values = getattr(joints, field).copy()
    values[3] = value
    assert refused(site, replace(joints, **{field: values}), frames, NOW_S) == 'bad_joints'


def test_joints_in_another_order_are_refused(site, joints, frames):
    """Pins that names are compared in order: a swapped pair is another arm."""
    shuffled = replace(joints, names=joints.names[::-1])
    assert refused(site, shuffled, frames, NOW_S) == 'bad_joints'


@pytest.mark.parametrize('camera', ['front', 'wrist'])
def test_each_camera_of_the_site_must_be_there(site, joints, frames, camera):
    """Pins that no camera is optional, whichever the policy looks through."""
    del frames[camera]
    assert refused(site, joints, frames, NOW_S) == 'missing_camera'


@pytest.mark.parametrize(('age_s', 'reason'), [(0.25, 'stale_camera'), (-0.25, 'future_stamp')])
def test_frames_are_refused_by_age(site, joints, frames, age_s, reason):
    """Pins both ends of a frame's age, on the clock of the stamps."""
    frames['wrist'] = replace(frames['wrist'], stamp_s=NOW_S - age_s)
    assert refused(site, joints, frames, NOW_S) == reason


@pytest.mark.parametrize('shape', [(192, 128, 3), (128, 128, 4), (128, 128), (0, 0, 3)])
def test_frames_are_refused_by_shape(site, joints, frames, shape):
    """Pins that neither size nor number of channels may differ from the site's."""
    frames['wrist'] = replace(frames['wrist'], pixels=np.full(shape, 99, np.uint8))
    assert refused(site, joints, frames, NOW_S) == 'wrong_size'


def test_ages_at_their_limit_pass(site, joints, frames):
    """Pins that a bound belongs to what it allows; a sum of cycles lands beside it, not on it."""
    late = NOW_S + 0.999 * site.limits.stale_joints_s
    assert synchronise(site, joints, frames, late).stamp_s == NOW_S


@pytest.mark.parametrize(('level', 'reason'), [
    ((0, DARK - 2), 'black_camera'), ((BRIGHT + 2, 255), 'saturated_camera')])
def test_frames_that_show_nothing_are_refused(site, joints, frames, level, reason):
    """Pins that a covered or blinded camera reaches neither perception nor policy."""
    camera = frames['front'].camera
    frames['front'] = picture(camera, 1, NOW_S, level=level)
    assert refused(site, joints, frames, NOW_S) == reason


def test_frames_of_another_camera_are_refused(site, joints, frames):
    """Pins name, mount and optics: a swapped plug or a wrong calibration is another camera."""
    frame = frames['front']
    for other in (replace(frame.camera, name='rear'), replace(frame.camera, parent='tcp'),
                  replace(frame.camera, K=1.02 * frame.camera.K),
                  replace(frame.camera, K=np.full((3, 3), np.nan)),
                  replace(frame.camera, X_ParentCamera=np.full((4, 4), np.inf))):
        spoilt = {**frames, 'front': replace(frame, camera=other)}
        assert refused(site, joints, spoilt, NOW_S) == 'wrong_camera'
    near = replace(frame.camera, K=1.005 * frame.camera.K)
    synchronise(site, joints, {**frames, 'front': replace(frame, camera=near)}, NOW_S)


def test_pixels_of_another_type_are_refused(site, joints, frames):
    """Pins bytes: 16-bit or floating images would be read as something else."""
    frames['front'] = replace(frames['front'], pixels=frames['front'].pixels.astype(np.uint16))
    assert refused(site, joints, frames, NOW_S) == 'wrong_size'


# CameraMonitor


@pytest.fixture
def model(site):
    """Return the model of the wrist camera."""
    return site.cameras[1].model()


@pytest.fixture
def monitor(model):
    """Return a fresh monitor of that camera."""
    return CameraMonitor(model.width, model.height)


def stream(model, count, seed=None, **given):
    """Return `count` frames a tenth of a second apart, all alike where `seed` is given."""
    return [picture(model, k if seed is None else seed, NOW_S + 0.1 * k, **given)
            for k in range(count)]


def test_a_changing_picture_is_ok(model, monitor):
    """Pins that noise alone, as every sensor has it, keeps a camera alive."""
    assert {monitor.check(frame) for frame in stream(model, 10)} == {CameraHealth.OK}


def test_the_same_bytes_under_new_stamps_are_frozen(model, monitor):
    """Pins the count: the fault is flagged at the third repetition and stays."""
    health = [monitor.check(frame) for frame in stream(model, 6, seed=1)]
    assert health == [CameraHealth.OK] * FROZEN_FRAMES + [CameraHealth.FROZEN] * 3


def test_a_thawed_camera_is_ok_at_once(model, monitor):
    """Pins that one new picture clears the count."""
    for frame in stream(model, 6, seed=1):
        monitor.check(frame)
    assert monitor.check(picture(model, 2, NOW_S + 1.0)) == CameraHealth.OK


def test_one_message_delivered_twice_is_not_frozen(model, monitor):
    """Pins that repetitions count by stamp: lock-step asks again with the same frame."""
    frame = picture(model, 1)
    assert {monitor.check(frame) for _ in range(6)} == {CameraHealth.OK}


@pytest.mark.parametrize(('level', 'health'), [
    ((0, DARK - 2), CameraHealth.BLACK), ((BRIGHT + 2, 255), CameraHealth.SATURATED),
    ((DARK + 2, DARK + 4), CameraHealth.OK), ((BRIGHT - 4, BRIGHT - 2), CameraHealth.OK)])
def test_covered_and_blinded_cameras_are_told_by_brightness(model, monitor, level, health):
    """Pins both thresholds from either side."""
    assert {monitor.check(frame) for frame in stream(model, 4, level=level)} == {health}


def test_another_size_is_told_before_anything_else(model, monitor):
    """Pins that a frame of the wrong size is never measured for brightness or repetition."""
    small = replace(picture(model), pixels=np.zeros((8, 8, 3), np.uint8))
    assert monitor.check(small) == CameraHealth.WRONG_SIZE
