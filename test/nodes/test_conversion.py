"""Messages and data, both ways."""
from dataclasses import replace

from lam_ws.errors import ObservationError
from lam_ws.geometry import look_at
from lam_ws.site import load_site
from lam_ws.types import (
    ActionChunk,
    CameraHealth,
    Command,
    Detection,
    Frame,
    Goal,
    JointState,
    Scene,
)
import numpy as np
import pytest

pytest.importorskip('rclpy')
from lam_ws.nodes import conversion

pytestmark = pytest.mark.ros
NAMES = ('one', 'two', 'gripper')


def joints(**changes):
    """Return a joint state to change."""
    return replace(JointState(12.34, NAMES, [0.1, -0.2, 0.04], [0.0, 0.5, -0.01]), **changes)


def frame():
    """Return a frame of a real site's camera with every byte different."""
    model = load_site('sim_bench').cameras[0].model()
    pixels = np.random.default_rng(3).integers(0, 256, (model.height, model.width, 3), np.uint8)
    return Frame(3.21, model, pixels)


def test_joint_states_survive_and_are_put_in_order():
    """Pins: a driver that sends joints in another order moves the wrong joint."""
    state = joints()
    message = conversion.joint_state_message(state)
    assert np.array_equal(conversion.joint_state(message, NAMES).position, state.position)
    turned = conversion.joint_state(message, ('gripper', 'one', 'two'))
    assert turned.position.tolist() == [0.04, 0.1, -0.2]
    assert turned.velocity.tolist() == [-0.01, 0.0, 0.5]
    assert turned.stamp_s == 12.34


def test_efforts_survive_in_order_and_may_be_missing():
    """Pins: torques of another joint, and drivers that tell none, or NaN for what they cannot."""
    nan = float('nan')
    message = conversion.joint_state_message(joints(effort=[1.0, nan, 40.0]))
    turned = conversion.joint_state(message, ('gripper', 'one', 'two')).effort
    assert turned.tolist()[:2] == [40.0, 1.0] and np.isnan(turned[2])
    for silent in (joints(), joints(effort=[nan] * 3)):
        message = conversion.joint_state_message(silent)
        assert conversion.joint_state(message, NAMES).effort is None


@pytest.mark.parametrize('spoil, reason', [
    (lambda m: m.position.pop(), 'joint_shape'),
    (lambda m: m.velocity.append(0.0), 'joint_shape'),
    (lambda m: m.effort.append(0.0), 'joint_shape'),
    (lambda m: m.name.__setitem__(0, 'two'), 'duplicate_joint'),
    (lambda m: m.name.__setitem__(0, 'other'), 'missing_joint'),
    (lambda m: m.position.__setitem__(1, float('nan')), 'joint_not_finite'),
    (lambda m: m.velocity.__setitem__(1, float('inf')), 'joint_not_finite'),
])
def test_broken_joint_states_are_refused(spoil, reason):
    """Pins: a missing joint read as 0.0."""
    message = conversion.joint_state_message(joints())
    spoil(message)
    with pytest.raises(ObservationError) as refusal:
        conversion.joint_state(message, NAMES)
    assert refusal.value.reason == reason


def test_images_survive_byte_by_byte():
    """Pins: a transposed, copied-by-element or writable image."""
    source = frame()
    message = conversion.image_message(source)
    again = conversion.frame(message, source.camera)
    assert np.array_equal(again.pixels, source.pixels)
    assert again.stamp_s == source.stamp_s
    assert not again.pixels.flags.writeable


@pytest.mark.parametrize('spoil, reason', [
    (lambda m: setattr(m, 'encoding', 'bgr8'), 'image_encoding'),
    (lambda m: setattr(m, 'height', m.height + 1), 'image_size'),
    (lambda m: setattr(m, 'width', m.width - 1), 'image_size'),
    (lambda m: setattr(m, 'step', m.step + 1), 'image_length'),
    (lambda m: m.data.pop(), 'image_length'),
])
def test_broken_images_are_refused(spoil, reason):
    """Pins: an image whose length does not fit reaches the model."""
    source = frame()
    message = conversion.image_message(source)
    spoil(message)
    with pytest.raises(ObservationError) as refusal:
        conversion.frame(message, source.camera)
    assert refusal.value.reason == reason


def test_a_camera_keeps_its_calibration():
    """Pins: perception that looks from where the site's file says the camera was."""
    source = frame()
    moved = replace(source.camera,
                    X_ParentCamera=look_at([1.1, 0.02, 0.9], [0.5, 0.0, 0.0], 0.03))
    source = replace(source, camera=moved)
    again = conversion.camera_model(frame().camera, conversion.info_message(source),
                                    conversion.mount_message(source))
    np.testing.assert_allclose(again.X_ParentCamera, moved.X_ParentCamera, atol=1e-12)
    np.testing.assert_array_equal(again.K, moved.K)


@pytest.mark.parametrize('spoil, reason', [
    (lambda info, mount: setattr(info, 'width', 1), 'image_size'),
    (lambda info, mount: info.k.__setitem__(0, info.k[0] * 1.1), 'calibration'),
    (lambda info, mount: info.k.__setitem__(0, float('nan')), 'calibration'),
    (lambda info, mount: setattr(mount.header, 'frame_id', 'tcp'), 'calibration'),
])
def test_another_camera_is_refused(spoil, reason):
    """Pins: two cameras plugged in the other way round go unnoticed."""
    source = frame()
    info, mount = conversion.info_message(source), conversion.mount_message(source)
    spoil(info, mount)
    with pytest.raises(ObservationError) as refusal:
        conversion.camera_model(source.camera, info, mount)
    assert refusal.value.reason == reason


def test_scenes_survive():
    """Pins: a detection that loses its place or a camera that loses its health."""
    scene = Scene(1.5, (Detection('cube', 'red', [0.5, -0.1, 0.02], 0.5),
                        Detection('bin', 'black', [0.4, 0.2, 0.0], 1.0)),
                  {'front': CameraHealth.OK, 'wrist': CameraHealth.FROZEN})
    again = conversion.scene(conversion.scene_message(scene))
    assert again.stamp_s == scene.stamp_s and dict(again.cameras) == dict(scene.cameras)
    assert [(d.kind, d.colour, d.position.tolist(), d.confidence) for d in again.detections] \
        == [(d.kind, d.colour, d.position.tolist(), d.confidence) for d in scene.detections]


def test_goals_survive_and_nothing_to_do_is_none():
    """Pins: an inactive subgoal taken for a goal."""
    goal = Goal('pick_place', 'cube', 'red', 'black', '빨간 큐브를 검은 상자에',
                part='bj20r', tool='jaw')
    message = conversion.subgoal_message(2.0, 'e1', goal, 1, 2, 'c0ffee')
    assert conversion.goal(message) == goal and message.kb_version == 'c0ffee'
    assert (message.step, message.attempt, message.episode_id) == (1, 2, 'e1')
    seen = replace(goal, seen_at=(0.4, -0.1, 0.02))
    assert conversion.goal(conversion.subgoal_message(2.0, 'e1', seen)) == seen
    message = conversion.subgoal_message(2.0, 'e1', replace(seen, seen_at=(0.4, np.nan, 0.0)))
    with pytest.raises(ObservationError, match='finite'):
        conversion.goal(message)
    assert conversion.goal(conversion.subgoal_message(2.0, '', None)) is None


def test_chunks_survive_to_the_last_bit():
    """Pins: times or positions rounded on the way, so that a run is not repeatable."""
    from lam_interfaces.msg import Proposal
    chunk = ActionChunk(0.35, NAMES, [0.1, 0.2, 0.3],
                        np.random.default_rng(1).normal(size=(3, 3)), 0.25, 'lift')
    trajectory = conversion.chunk_trajectory(chunk)
    message = Proposal(header=trajectory.header, trajectory=trajectory, done=0.25, phase='lift')
    again = conversion.chunk(message)
    assert np.array_equal(again.position, chunk.position)
    assert np.array_equal(again.times, chunk.times)
    assert (again.stamp_s, again.names, again.done, again.phase) \
        == (chunk.stamp_s, chunk.names, chunk.done, chunk.phase)
    message.trajectory.points.clear()
    assert conversion.chunk(message) is None
    trajectory.points.clear()


def test_a_chunk_with_a_short_point_is_refused():
    """Pins: a point with a joint too few is padded."""
    from lam_interfaces.msg import Proposal
    chunk = ActionChunk(0.0, NAMES, [0.1], [[0.0, 0.0, 0.0]])
    message = Proposal(trajectory=conversion.chunk_trajectory(chunk))
    message.trajectory.points[0].positions.pop()
    with pytest.raises(ObservationError):
        conversion.chunk(message)


def test_commands_survive_and_foreign_ones_are_refused():
    """Pins: a command for other joints, or with a NaN, reaches the arm."""
    command = Command(7.0, NAMES, [0.1, 0.2, 0.03], [0.0, 0.1, 0.0])
    message = conversion.command_message(command, 0.01)
    again = conversion.command(message, NAMES)
    assert np.array_equal(again.position, command.position)
    assert np.array_equal(again.velocity, command.velocity)
    assert message.points[0].time_from_start.nanosec == 10_000_000
    with pytest.raises(ObservationError):
        conversion.command(message, ('one', 'two', 'other'))
    message.points[0].positions[0] = float('nan')
    with pytest.raises(ObservationError):
        conversion.command(message, NAMES)


@pytest.mark.parametrize('stamp_s', [0.0, 0.01, 12.34, 999_999.123456789])
def test_stamps_survive(stamp_s):
    """Pins: a stamp that comes back as another, so that lock-step never finds its answer."""
    assert conversion.to_seconds(conversion.to_time(stamp_s)) == stamp_s
