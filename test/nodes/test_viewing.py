"""`lam calibrate views` as a process in a cell: which pictures are taken, and which not."""
import subprocess
import sys
import threading
import time

from board_pictures import HEIGHT, poses, take, WIDTH
from lam_ws.cameras.board import Board
from lam_ws.cameras.views import read_views
from lam_ws.resources import share
from lam_ws.site import load_site
from lam_ws.types import Frame, JointState
import numpy as np
import pytest
import yaml

pytest.importorskip('rclpy')
from lam_ws.nodes import conversion, nodes
import rclpy
from sensor_msgs.msg import Image
from sensor_msgs.msg import JointState as JointStateMessage

pytestmark = pytest.mark.ros


class Arm:
    """An arm with a camera that looks at a board, as topics."""

    def __init__(self, domain, site):
        rclpy.init(domain_id=domain)
        self.node = rclpy.create_node('arm', namespace=site.namespace)
        self.site, self.speed, self.board = site, 0.0, True
        board, rng = Board(), np.random.default_rng(1)
        self.shown = take(board, poses(board, rng, 1, near=0.3, far=0.3)[0], rng)
        images = self.node.create_publisher(Image, nodes.image_topic('front'), nodes.RELIABLE)
        joints = self.node.create_publisher(JointStateMessage, nodes.JOINT_STATES, nodes.RELIABLE)
        home, names = np.array(site.arm.home), site.arm.names

        def publish():
            pixels = self.shown if self.board else np.full_like(self.shown, 90)
            now_s = time.monotonic()
            images.publish(conversion.image_message(
                Frame(now_s, site.cameras[0].model(), pixels)))
            joints.publish(conversion.joint_state_message(JointState(
                now_s, names, home, np.full(len(names), self.speed))))
        self.node.create_timer(0.05, publish)

    def turn(self, seconds):
        """Publish for so long."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            rclpy.spin_once(self.node, timeout_sec=0.02)


def test_views_are_taken_of_an_arm_that_stands(domain, tmp_path):
    """Pins what is kept: picture and joints that belong together, and why others are not."""
    content = yaml.safe_load((share() / 'config/sites/sim_demo.yaml').read_text())
    content['name'] = 'viewed'
    content['cameras'][0].update(width=WIDTH, height=HEIGHT)
    path = tmp_path / 'viewed.yaml'
    path.write_text(yaml.safe_dump(content, sort_keys=False))
    site, out = load_site(path), tmp_path / 'views'
    arm = Arm(domain, site)
    process = subprocess.Popen(
        [sys.executable, '-m', 'lam_ws', 'calibrate', 'views', '--site', str(path), '--camera',
         'front', '--out', str(out), '--domain', str(domain)],
        stdin=subprocess.PIPE, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
    said = []
    reader = threading.Thread(target=lambda: said.extend(process.stderr), daemon=True)
    reader.start()
    try:
        def press(words):
            before = len(said)
            process.stdin.write('\n')
            process.stdin.flush()
            deadline = time.monotonic() + 10.0
            while time.monotonic() < deadline and not any(words in line for line in said[before:]):
                arm.turn(0.1)
            assert any(words in line for line in said[before:]), said
        deadline = time.monotonic() + 30.0
        while not said and time.monotonic() < deadline:
            arm.turn(0.1)
        arm.turn(2.0)   # until the two know each other
        press('000.png: 1 views')
        arm.speed = 0.1
        arm.turn(0.5)
        press('the arm moves')
        arm.speed, arm.board = 0.0, False
        arm.turn(0.5)
        press('the board is not seen')
        arm.board = True
        arm.turn(0.5)
        press('001.png: 2 views')
        process.stdin.write('q\n')
        process.stdin.flush()
        assert process.wait(10.0) == 0
    finally:
        process.kill()
        process.wait()
        reader.join(5.0)
        process.stdin.close()
        process.stderr.close()
        arm.node.destroy_node()
        rclpy.try_shutdown()
    views = read_views(out, site.arm.names[:-1])
    assert views.straight and list(views.positions) == ['000.png', '001.png']
    assert np.allclose(views.positions['000.png'], site.arm.home[:-1])
    assert Board().find(np.asarray(arm.shown)) is not None and (out / '001.png').is_file()
