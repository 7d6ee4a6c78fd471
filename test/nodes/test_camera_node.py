"""The node of real cameras in its own process: a folder, a film and a foreign driver's topics."""
from contextlib import closing
import time

from lam_ws.resources import share
from lam_ws.site import load_site
from lam_ws.types import JointState
import numpy as np
import pytest
import yaml

pytest.importorskip('rclpy')
pytest.importorskip('pybullet')

pytestmark = [pytest.mark.ros, pytest.mark.sim]
FRONT, WRIST = (192, 256), (128, 128)


def pictures(folder, count=5):
    """Write what the demonstration cell's front camera sees, noisy as a real one; return them."""
    from lam_ws.record.image import png
    from lam_ws.sim.cell import Cell
    with closing(Cell(load_site('sim_demo'))) as cell:
        seen = np.array(cell.render('front').pixels)
    rng = np.random.default_rng(5)
    folder.mkdir()
    found = []
    for i in range(count):
        noisy = np.clip(seen + rng.normal(0.0, 3.0, seen.shape), 0, 255).astype(np.uint8)
        (folder / f'{i:03}.png').write_bytes(png(noisy))
        found.append(noisy)
    return found


@pytest.fixture(scope='module')
def cell(tmp_path_factory):
    """Return camera node and perception of a cell without a simulator, and what is in its folder.

    The arm is the test: it says where its joints are.
    """
    from lam_ws.nodes.session import Session
    folder = tmp_path_factory.mktemp('cameras')
    shown = pictures(folder / 'front')
    content = yaml.safe_load((share() / 'config/sites/sim_demo.yaml').read_text())
    content['name'] = 'seeing'
    content['arm'] = {'model': 'fr3', 'adapter': 'joint_trajectory'}
    del content['record'], content['sim']
    front, wrist = content['cameras']
    front.update(source=str(folder / 'front'), rate_hz=15.0)   # it divides no 100 Hz
    wrist.update(source='topic:/maker/image', rate_hz=15.0)
    path = folder / 'seeing.yaml'
    path.write_text(yaml.safe_dump(content, sort_keys=False), encoding='utf-8')
    with Session(path, logs=folder / 'logs', only=['camera', 'perception']) as session:
        yield Seen(session, shown)


class Seen:
    """What comes out of the node, and the arm and driver that the test is."""

    def __init__(self, session, shown):
        from geometry_msgs.msg import TransformStamped
        from lam_interfaces.msg import Scene
        from lam_ws.nodes import conversion, nodes
        from sensor_msgs.msg import CameraInfo, Image
        from sensor_msgs.msg import JointState as JointStateMessage
        self.session, self.client, self.shown = session, session.client, shown
        self.node, self.site = session.client.node, session.site
        self.got = {}
        for name in ('front', 'wrist'):
            for kind, topic in ((Image, nodes.image_topic), (CameraInfo, nodes.info_topic),
                                (TransformStamped, nodes.mount_topic)):
                self._hear(kind, topic(name))
        self._hear(Scene, nodes.SCENE)
        self.driver = self.node.create_publisher(Image, '/maker/image', 10)
        joints = self.node.create_publisher(JointStateMessage, nodes.JOINT_STATES, nodes.RELIABLE)
        self.node.create_timer(0.01, lambda: joints.publish(conversion.joint_state_message(
            JointState(time.monotonic(), self.site.arm.names, self.site.arm.home,
                       np.zeros(self.site.arm.axes)))))

    def _hear(self, kind, topic):
        self.got[topic] = []
        self.node.create_subscription(
            kind, topic, lambda message: self.got[topic].append((time.monotonic(), message)), 10)

    def until(self, condition, seconds=10.0, each=lambda: None):
        """Spin; return whether `condition` came true."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and not condition():
            each()
            self.client.executor.spin_once(timeout_sec=0.02)
        return bool(condition())

    def send(self, pixels, encoding='rgb8', age_s=0.0, pad=0, stamp=True):
        """Publish an image as a foreign driver does, with the wall clock and padded rows."""
        from lam_ws.nodes import conversion
        from sensor_msgs.msg import Image
        height, width = pixels.shape[:2]
        rows = pixels.reshape(height, -1)
        rows = np.hstack([rows, np.full((height, pad), 77, np.uint8)])
        message = Image(height=height, width=width, encoding=encoding, step=rows.shape[1])
        message.data.frombytes(rows.tobytes())
        if stamp:
            message.header.stamp = conversion.to_time(time.time() - age_s)
        self.driver.publish(message)


def test_a_folder_comes_as_from_a_simulated_camera(cell):
    """Pins topics, encoding, calibration, mount, monotonic stamps and the rate."""
    from lam_ws.nodes import conversion
    images = cell.got['front/image_raw']
    assert cell.until(lambda: len(images) > 30)
    model = cell.site.cameras[0].model()
    info, mount = cell.got['front/camera_info'][-1][1], cell.got['front/mount'][-1][1]
    found = conversion.camera_model(model, info, mount)
    assert np.allclose(found.K, model.K) and np.allclose(found.X_ParentCamera,
                                                         model.X_ParentCamera)
    known = [shown.tobytes() for shown in cell.shown]
    for came_s, message in images[-10:]:
        frame = conversion.frame(message, found)
        assert frame.pixels.tobytes() in known
        assert 0.0 <= came_s - frame.stamp_s < 0.5
    stamps = [conversion.to_seconds(message.header.stamp) for _, message in images[-25:]]
    assert abs(np.median(np.diff(stamps)) - 1 / 15) < 0.02


@pytest.mark.parametrize(('encoding', 'order', 'pad'), [
    ('rgb8', (0, 1, 2), 0), ('bgr8', (2, 1, 0), 4), ('rgba8', (0, 1, 2, 2), 0),
    ('bgra8', (2, 1, 0, 0), 12), ('mono8', (0,), 3)])
def test_a_foreign_driver_is_understood(cell, encoding, order, pad):
    """Pins the encodings: colours that are swapped would be other parts."""
    rng = np.random.default_rng(len(encoding))
    shown = rng.integers(30, 220, (*WRIST, 3), np.uint8)
    images = cell.got['wrist/image_raw']
    wanted = np.repeat(shown[:, :, :1], 3, 2) if encoding == 'mono8' else shown
    assert cell.until(
        lambda: images and bytes(images[-1][1].data) == wanted.tobytes(),
        each=lambda: cell.send(np.ascontiguousarray(shown[:, :, list(order)]), encoding, pad=pad))
    came_s, message = images[-1]
    assert message.encoding == 'rgb8'
    assert 0.0 <= came_s - message.header.stamp.sec - 1e-9 * message.header.stamp.nanosec < 0.5


@pytest.mark.parametrize('wrong', [
    {'age_s': 2.0}, {'age_s': -1.0}, {'stamp': False}, {'encoding': 'yuv422'},
    {'encoding': 'bgra8'}, {'shape': (64, 64, 3)}])
def test_what_a_driver_must_not_send_goes_no_further(cell, wrong):
    """Pins old images, clocks that differ, no stamps, other encodings, lengths and sizes."""
    wrong = dict(wrong)
    pixels = np.full(wrong.pop('shape', (*WRIST, 3)), 90, np.uint8)
    cell.until(lambda: False, 0.3)
    before = len(cell.got['wrist/image_raw'])
    cell.until(lambda: False, 0.6, each=lambda: cell.send(pixels, **wrong))
    assert len(cell.got['wrist/image_raw']) == before


def test_perception_sees_by_it(cell):
    """Pins that the scene of a cell without a simulator comes from the same checks."""
    rng = np.random.default_rng(2)
    scenes = cell.got['scene']
    del scenes[:]
    assert cell.until(
        lambda: len(scenes) > 3 and scenes[-1][1].detections, 20.0,
        each=lambda: cell.send(rng.integers(60, 90, (*WRIST, 3), np.uint8)))
    message = scenes[-1][1]
    assert dict(zip(message.cameras, message.health, strict=True)) == {'front': 'ok',
                                                                      'wrist': 'ok'}
    cell.until(lambda: False, 0.7)   # the driver falls silent
    silent = len(scenes)
    cell.until(lambda: False, 1.0)
    assert len(scenes) == silent
