"""Pictures of the board in a running cell, with the joints at each: one for each press of Enter.

A cell enters; pictures as its policy sees them and views.json leave. A picture is taken while the
arm stands, so that it makes no difference which of the two was measured first.
"""
from pathlib import Path
import select
import sys

from lam_ws.cameras.board import Board
from lam_ws.cameras.views import Views
from lam_ws.errors import ObservationError
from lam_ws.nodes import conversion, nodes
from lam_ws.nodes.joining import joined
from lam_ws.nodes.supervisor import Interruption
from lam_ws.site import CameraSpec, Site
from lam_ws.types import Frame, JointState
import numpy as np
from sensor_msgs.msg import Image
from sensor_msgs.msg import JointState as JointStateMessage

_STILL = 0.005   # rad/s, largest joint speed of an arm that stands
_FRESH_S = 0.5   # s, oldest picture and joints that belong together


class _Newest:
    """The newest picture of one camera and the newest joints."""

    def __init__(self, site: Site, camera: CameraSpec):
        self._names, self._model = site.arm.names, camera.model()
        self.frame: Frame | None = None
        self.joints: JointState | None = None

    def take_image(self, message: Image) -> None:
        self.frame = conversion.frame(message, self._model)

    def take_joints(self, message: JointStateMessage) -> None:
        self.joints = conversion.joint_state(message, self._names)

    def still(self) -> tuple[Frame, JointState]:
        """Return picture and joints of an arm that stands; raises ObservationError."""
        frame, joints = self.frame, self.joints
        if frame is None or joints is None:
            raise ObservationError('missing_camera', 'no picture or no joints have arrived')
        if abs(frame.stamp_s - joints.stamp_s) > _FRESH_S:
            raise ObservationError('stale_camera', 'picture and joints are of different times')
        if np.abs(joints.velocity[:-1]).max() > _STILL:
            raise ObservationError('moving', 'the arm moves')
        return frame, joints


def take_views(site: Site, camera: CameraSpec, board: Board, folder: Path, domain: int) -> int:
    """Take views until 'q' or the end of the input; return how many there are."""
    from lam_ws.record.image import png

    folder.mkdir(parents=True, exist_ok=True)
    views = Views(site.arm.names[:-1], True)
    newest = _Newest(site, camera)
    print(f'Enter takes a picture of {camera.name}, q ends.', file=sys.stderr)
    with Interruption() as signals, joined(site, domain, 'calibration') as (node, executor):
        node.create_subscription(Image, nodes.image_topic(camera.name), newest.take_image,
                                 nodes.NEWEST)
        node.create_subscription(JointStateMessage, nodes.JOINT_STATES, newest.take_joints,
                                 nodes.NEWEST)
        while True:
            signals.check()
            try:
                executor.spin_once(timeout_sec=0.05)
            except ObservationError as refusal:
                print(f'refused: {refusal}', file=sys.stderr)
            if not select.select([sys.stdin], [], [], 0.0)[0]:
                continue
            line = sys.stdin.readline()
            if not line or line.strip() == 'q':
                return len(views.positions)
            try:
                frame, joints = newest.still()
                if board.find(frame.pixels) is None:
                    raise ObservationError('no_board', 'the board is not seen')
            except ObservationError as refusal:
                print(f'not taken: {refusal}', file=sys.stderr)
                continue
            name = f'{len(views.positions):03}.png'
            (folder / name).write_bytes(png(frame.pixels))
            views.positions[name] = tuple(joints.position[:-1].tolist())
            views.write(folder)
            print(f'{name}: {len(views.positions)} views', file=sys.stderr)
