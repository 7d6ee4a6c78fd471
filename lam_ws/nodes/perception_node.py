"""Perception as a node: views enter, the scene leaves."""
import sys

from lam_interfaces.msg import Scene as SceneMessage
from lam_ws.errors import ObservationError
from lam_ws.nodes import conversion, nodes
from lam_ws.nodes.lifecycle import LamNode, run_node
from lam_ws.nodes.observing import Observing, View
from lam_ws.perception.perception import synchronise


class PerceptionNode(LamNode):
    """Checks the cameras and reads the scene from their images."""

    def __init__(self) -> None:
        super().__init__('perception')

    def open(self) -> None:
        from lam_ws.perception.perception import load_scene_estimator

        self._estimator = load_scene_estimator(self.site)
        self._out = self.create_lifecycle_publisher(SceneMessage, nodes.SCENE, nodes.RELIABLE)
        self._sent: SceneMessage | None = None
        self._observing = Observing(self, self._view, self._again)
        self._refused = 0
        self._seen_ns: int | None = None

    def health(self) -> dict[str, object]:
        if self._sent is None:
            return {}
        cameras = dict(zip(self._sent.cameras, self._sent.health, strict=True))
        return {'refused': self._refused + self._observing.refused, **cameras}

    def _view(self, view: View) -> None:
        if not self.running:
            return
        try:
            observation = synchronise(self.site, view.joints, view.frames, view.stamp_ns / 1e9)
            if self._seen_ns is not None and view.stamp_ns <= self._seen_ns:
                self._estimator.forget()   # a cell that was reset: its time begins again
            self._seen_ns = view.stamp_ns
            scene = self._estimator.estimate(observation)
        except ObservationError as refusal:
            self._refused += 1
            self.get_logger().error(f'no scene: {refusal}', throttle_duration_sec=1.0)
            return
        self._sent = conversion.scene_message(scene)
        self._out.publish(self._sent)

    def _again(self, view: View) -> None:
        if self._sent is not None:
            self._out.publish(self._sent)


def main() -> int:
    """Run the node until it is told to end."""
    return run_node(PerceptionNode)


if __name__ == '__main__':
    sys.exit(main())


if __name__ == '__main__':
    sys.exit(main())
