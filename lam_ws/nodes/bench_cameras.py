"""Two cameras as a process of its own, for `lam bench recording`: images of real size and rate.

Namespace, rate and camera names enter as arguments; numbered images with the noise of a sensor
leave on the cameras' topics until the process is told to end. Rendering pairs of this size at
this rate takes more than two cores; what a recorder does with an image does not depend on who
made it.
"""
import json
import sys
import time

from geometry_msgs.msg import TransformStamped
from lam_ws.nodes import conversion, nodes
from lam_ws.nodes.lifecycle import follow_signals
from lam_ws.types import CameraModel, Frame, Pixels
import numpy as np
import rclpy
from rclpy.experimental import EventsExecutor
from rclpy.signals import SignalHandlerOptions
from sensor_msgs.msg import CameraInfo, Image

WIDTH, HEIGHT = 640, 480
PICTURES = 16            # different images that are sent in turn
NOISE = 3.0              # standard deviation of the sensor, of 255
K = np.array([[500.0, 0.0, WIDTH / 2], [0.0, 500.0, HEIGHT / 2], [0.0, 0.0, 1.0]])


def pictures(seed: int) -> list[Pixels]:
    """Return images as a camera gives them: soft shapes, edges, and noise in every pixel."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    ground = 110 + 60 * np.sin(x / 97.0 + seed) * np.cos(y / 71.0)
    scene = np.stack([ground, 0.9 * ground, 0.8 * ground + 20], 2)
    for _ in range(12):
        left, top = rng.integers(0, (WIDTH - 80, HEIGHT - 80))
        scene[top:top + 60, left:left + 70] = rng.integers(30, 230, 3)
    return [np.clip(scene + rng.normal(0.0, NOISE, scene.shape), 0, 255).astype(np.uint8)
            for _ in range(PICTURES)]


def number_of(pixels: Pixels) -> int:
    """Return the number of an image, which its first four bytes are."""
    return int.from_bytes(pixels.reshape(-1)[:4].tobytes(), 'big')


def main() -> int:
    """Send until told to end: `NAMESPACE RATE CAMERA...`; then print what was sent."""
    namespace, rate, *names = sys.argv[1:]
    ending = follow_signals()
    rclpy.init(signal_handler_options=SignalHandlerOptions.NO)
    node = rclpy.create_node('bench_cameras', namespace=namespace)
    executor = EventsExecutor()
    executor.add_node(node)
    models = [CameraModel(name, WIDTH, HEIGHT, K, 'base', np.eye(4)) for name in names]
    outs = [(node.create_publisher(CameraInfo, nodes.info_topic(name), nodes.RELIABLE),
             node.create_publisher(TransformStamped, nodes.mount_topic(name), nodes.RELIABLE),
             node.create_publisher(Image, nodes.image_topic(name), nodes.RELIABLE))
            for name in names]
    shots = [pictures(seed) for seed in range(len(names))]
    number, due, late_s = 0, time.monotonic(), 0.0
    while not ending.is_set():
        time.sleep(max(due - time.monotonic(), 0.0))
        now_s = time.monotonic()
        late_s, due = max(late_s, now_s - due), max(due + 1.0 / float(rate), now_s)
        number += 1
        for model, (info, mount, image), taken in zip(models, outs, shots, strict=True):
            pixels = taken[number % PICTURES]
            pixels.reshape(-1)[:4] = np.frombuffer(number.to_bytes(4, 'big'), np.uint8)
            frame = Frame(now_s, model, pixels)
            info.publish(conversion.info_message(frame))
            mount.publish(conversion.mount_message(frame))
            image.publish(conversion.image_message(frame))
        executor.spin_once(timeout_sec=0.0)
    print(json.dumps({'sent': number, 'late_ms': round(1e3 * late_s, 1)}), flush=True)
    node.destroy_node()
    rclpy.try_shutdown()
    return 0


if __name__ == '__main__':
    sys.exit(main())
