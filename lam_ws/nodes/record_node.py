"""Records every episode: all topics of the cell as they were on the wire, one file each.

Serialised messages enter, an MCAP file for each episode id leaves in the site's folder. What
happened shortly before is in the file too, so that its first frame shows the scene as the
instruction found it. Recording never takes part in motion: a full disk ends the recording with
an alarm and nothing else.
"""
from collections import deque
from pathlib import Path
import sys
import time

from lam_interfaces.msg import Subgoal
from lam_ws.errors import RecordingError
from lam_ws.nodes import conversion, nodes
from lam_ws.nodes.lifecycle import LamNode, run_node
from lam_ws.nodes.topics import recorded_topics, TopicType
from rclpy.qos import QoSProfile
from rclpy.serialization import deserialize_message

BEFORE_NS = 1_000_000_000    # what is kept from before an episode
SILENCE_S = 1.0              # wall time without any message after which an episode is over
AFTER_NS = 500_000_000       # an episode goes on this long after its last active subgoal


class RecordNode(LamNode):
    """Writes what it hears while an episode is on."""

    critical = False

    def __init__(self) -> None:
        super().__init__('record')

    def open(self) -> None:
        from lam_ws.record.writer import Recorder

        assert self.site.record is not None   # the node table has no row for it otherwise
        self._make = Recorder
        self._recorder: Recorder | None = None
        self._folder = Path(self.site.record.folder)
        self._before: deque[tuple[int, str, str, bytes]] = deque()
        self._lockstep = nodes.lockstep(self.site)
        self._now_ns, self._episode, self._ending_ns = 0, '', 0
        self._lost = 0
        self._last: dict[str, bytes] = {}
        self._heard_s = time.monotonic()
        self.create_timer(0.25, self._end_silence)
        for topic in recorded_topics(self.site):
            self._listen(topic)

    def _listen(self, topic: TopicType) -> None:
        name = self.resolve_topic_name(topic.name)
        type_name = '/'.join([topic.kind.__module__.split('.')[0], 'msg', topic.kind.__name__])
        quality: QoSProfile = nodes.DEEP

        def hear(data: bytes) -> None:
            if self.running:
                self._hear(topic, name, type_name, data)
        self.create_subscription(topic.kind, topic.name, hear, quality, raw=True)

    def stop(self) -> None:
        self._finish()

    def shut(self) -> None:
        if hasattr(self, '_recorder'):
            self._finish()

    def health(self) -> dict[str, object]:
        return {'episode': self._episode, 'lost': self._lost}

    def _hear(self, topic: TopicType, name: str, type_name: str, data: bytes) -> None:
        if not self._lockstep:
            self._now_ns = time.monotonic_ns()
        elif self._last.get(name) == data:
            return   # in lock-step nodes repeat themselves while they wait
        elif topic.name == nodes.CLOCK:
            now_ns = conversion.to_ns(deserialize_message(data, topic.kind).clock)
            if now_ns < self._now_ns:   # the cell was reset: what was before belongs to no one
                self._finish()
                self._before.clear()
            self._now_ns = now_ns
        self._last[name], self._heard_s = data, time.monotonic()
        if topic.name == nodes.SUBGOAL:
            self._follow(deserialize_message(data, topic.kind))
        if self._recorder is not None:
            self._write(name, type_name, data, self._now_ns)
            if self._now_ns > self._ending_ns:
                self._finish()
            return
        self._before.append((self._now_ns, name, type_name, data))
        while self._before and not (0 <= self._now_ns - self._before[0][0] <= BEFORE_NS):
            self._before.popleft()

    def _end_silence(self) -> None:
        """Finish a file when nothing happens any more, as simulated time stops between runs."""
        if self._recorder is not None and time.monotonic() - self._heard_s > SILENCE_S:
            self._finish()

    def _follow(self, subgoal: Subgoal) -> None:
        """Begin a file with a new episode, end it some time after its last subgoal."""
        if not subgoal.active:
            return
        self._ending_ns = self._now_ns + AFTER_NS
        if subgoal.episode_id == self._episode:
            return
        self._finish()
        self._episode = subgoal.episode_id
        self._begin()

    def _begin(self) -> None:
        recorder = self._make(self._folder / f'{self._episode}.mcap')
        try:
            recorder.open()
        except RecordingError as failure:
            self._alarm(failure)
            return
        self._recorder = recorder
        for stamp_ns, name, type_name, data in self._before:
            self._write(name, type_name, data, stamp_ns)
        self._before.clear()

    def _write(self, name: str, type_name: str, data: bytes, stamp_ns: int) -> None:
        if self._recorder is None:
            return
        try:
            self._recorder.write(name, type_name, None, data, stamp_ns)
        except RecordingError as failure:
            self._recorder = None
            self._alarm(failure)

    def _finish(self) -> None:
        recorder, self._recorder = self._recorder, None
        if recorder is None:
            return
        try:
            self.get_logger().info(f'recorded {recorder.close()}')
        except RecordingError as failure:
            self._alarm(failure)

    def _alarm(self, failure: RecordingError) -> None:
        self._lost += 1
        self.get_logger().error(f'not recording: {failure}')


def main() -> int:
    """Run the node until it is told to end."""
    return run_node(RecordNode)


if __name__ == '__main__':
    sys.exit(main())
