"""Two ends of an image topic, each a process of its own, for `lam bench image_transport`.

`publish` sends numbered camera frames at a rate as a camera node does; `subscribe` receives
them as perception does. Each prints one JSON object: what it sent, or how old each frame was
when its pixels could be read. Both share the monotonic clock of this host.
"""
from collections.abc import Iterator
from contextlib import contextmanager, suppress
import json
import os
import sys
import time

from lam_ws.nodes import conversion, nodes
from lam_ws.types import CameraModel, Frame
import numpy as np
import rclpy
from rclpy.experimental import EventsExecutor
from rclpy.node import Node
from rclpy.qos import HistoryPolicy, QoSProfile, ReliabilityPolicy
from rclpy.signals import SignalHandlerOptions
from sensor_msgs.msg import Image

WIDTH, HEIGHT = 640, 480
CAMERA = CameraModel('bench', WIDTH, HEIGHT, np.array(
    [[500.0, 0.0, WIDTH / 2], [0.0, 500.0, HEIGHT / 2], [0.0, 0.0, 1.0]]), 'base', np.eye(4))
# As in real time, but without throwing away what arrived: what is missing was lost on the way.
BEST_EFFORT = QoSProfile(depth=10, history=HistoryPolicy.KEEP_LAST,
                         reliability=ReliabilityPolicy.BEST_EFFORT)
WARM_UP = 30         # frames numbered 0, which do not count
PICTURES = 8         # different images that are sent in turn
PATIENCE_S = 20.0    # until the other end is there
URGENT = -10         # nice value, where it is permitted: the transport counts, not the neighbours
SILENCE_S = 3.0      # without a frame the stream is over


def publish(frames: int, rate_hz: float) -> dict[str, object]:
    """Send `frames` frames after a warm-up; return how many, and the worst delay in ms."""
    rng = np.random.default_rng(0)
    pictures = rng.integers(0, 256, (PICTURES, HEIGHT, WIDTH, 3), dtype=np.uint8)
    with _node('bench_camera') as (node, executor):
        out = node.create_publisher(Image, nodes.image_topic('bench'), nodes.RELIABLE)
        deadline = time.monotonic() + PATIENCE_S
        while out.get_subscription_count() == 0:
            if time.monotonic() > deadline:
                raise TimeoutError('nobody subscribes')
            executor.spin_once(timeout_sec=0.02)
        due, late_s = time.monotonic(), 0.0
        for turn in range(WARM_UP + frames):
            time.sleep(max(due - time.monotonic(), 0.0))
            now_s = time.monotonic()
            late_s = max(late_s, now_s - due)
            due = max(due + 1.0 / rate_hz, now_s)   # a camera that was late sends no burst
            pixels = pictures[turn % PICTURES]
            number = max(turn - WARM_UP + 1, 0)
            pixels.reshape(-1)[:4] = np.frombuffer(number.to_bytes(4, 'big'), np.uint8)
            # Age counts from here: the pixels are there, the message is not yet made.
            out.publish(conversion.image_message(Frame(time.monotonic(), CAMERA, pixels)))
        executor.spin_once(timeout_sec=0.5)   # what is on its way may arrive
    return {'sent': frames, 'late_ms': 1e3 * late_s}


def subscribe(frames: int, rate_hz: float) -> dict[str, object]:
    """Receive until the last frame or silence; return the age of each frame in ms."""
    ages_ms: dict[int, float] = {}
    heard_s = time.monotonic() + PATIENCE_S

    def take(message: Image) -> None:
        nonlocal heard_s
        frame = conversion.frame(message, CAMERA)
        number = int.from_bytes(frame.pixels.reshape(-1)[:4].tobytes(), 'big')
        heard_s = time.monotonic()
        if number:
            ages_ms[number] = 1e3 * (heard_s - frame.stamp_s)

    with _node('bench_viewer') as (node, executor):
        node.create_subscription(Image, nodes.image_topic('bench'), take, BEST_EFFORT)
        while frames not in ages_ms and time.monotonic() < heard_s + SILENCE_S:
            executor.spin_once(timeout_sec=0.1)
    return {'ages_ms': ages_ms}


@contextmanager
def _node(name: str) -> Iterator[tuple[Node, EventsExecutor]]:
    rclpy.init(signal_handler_options=SignalHandlerOptions.NO)
    node = rclpy.create_node(name)
    with suppress(OSError):
        os.nice(URGENT)
    try:
        executor = EventsExecutor()
        executor.add_node(node)
        yield node, executor
        executor.remove_node(node)
    finally:
        node.destroy_node()   # or its shared memory stays behind
        rclpy.try_shutdown()


def main() -> int:
    """Run one end: `publish|subscribe FRAMES RATE`."""
    role, frames, rate_hz = sys.argv[1:]
    ends = {'publish': publish, 'subscribe': subscribe}
    print(json.dumps(ends[role](int(frames), float(rate_hz))), flush=True)
    return 0


if __name__ == '__main__':
    sys.exit(main())
