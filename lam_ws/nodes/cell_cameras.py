"""The cameras of a simulated cell as topics: images leave, calibration and mount with them."""
from dataclasses import replace

from geometry_msgs.msg import TransformStamped
from lam_ws.nodes import conversion, nodes
from lam_ws.sim.cell import Cell
from rclpy.lifecycle import LifecycleNode, LifecyclePublisher
from sensor_msgs.msg import CameraInfo, Image


class CellCameras:
    """The publishers of all cameras of one cell."""

    def __init__(self, node: LifecycleNode, cell: Cell):
        self._cell, self._period_s = cell, nodes.tick_ns(cell.site) / 1e9
        self._out: dict[str, tuple[LifecyclePublisher, ...]] = {
            camera.name: (
                node.create_lifecycle_publisher(CameraInfo, nodes.info_topic(camera.name),
                                                nodes.RELIABLE),
                node.create_lifecycle_publisher(TransformStamped, nodes.mount_topic(camera.name),
                                                nodes.RELIABLE),
                node.create_lifecycle_publisher(Image, nodes.image_topic(camera.name),
                                                nodes.RELIABLE))
            for camera in cell.site.cameras}
        self.begin(0.0)

    def begin(self, now_s: float) -> None:
        """Let the first images be due at `now_s`."""
        self._next_s = now_s
        self._due: list[str] = []

    def publish_all(self, stamp_s: float) -> None:
        """Publish what every camera sees, as of `stamp_s`."""
        for name in self._out:
            self._publish(name, stamp_s)

    def publish_due(self, now_s: float) -> None:
        """Publish at most one image that is due: two at once would delay the joint states."""
        if now_s >= self._next_s:
            self._next_s = max(self._next_s + self._period_s, now_s)
            self._due = list(self._out)
        if self._due:
            self._publish(self._due.pop(0), now_s)

    def _publish(self, name: str, stamp_s: float) -> None:
        info, mount, image = self._out[name]
        frame = replace(self._cell.render(name), stamp_s=stamp_s)
        info.publish(conversion.info_message(frame))
        mount.publish(conversion.mount_message(frame))
        image.publish(conversion.image_message(frame))
