"""Records what happens: all topics of the cell as they were on the wire, one file an episode.

Serialised messages enter, MCAP files leave in the site's folder, `record_state` says twice a
second what is recorded and whether it is good, and the service `record` takes an operator's
wishes. What happened shortly before an instruction is in its file too, so that its first frame
shows the scene as the instruction found it. Recording never takes part in motion: a full disk
ends the recording with an alarm and nothing else.
"""
from collections.abc import Callable
from functools import partial
import hashlib
from pathlib import Path
import struct
import sys
import threading
import time
from typing import Any

from lam_interfaces.msg import GuardState, RecordState
from lam_interfaces.srv import Record
from lam_ws import __version__
from lam_ws.errors import LamError
from lam_ws.keys import read_keys
from lam_ws.nodes import conversion, nodes, sealing
from lam_ws.nodes.lifecycle import LamNode, run_node
from lam_ws.nodes.listening import Listening
from lam_ws.nodes.recording import answer, news, record_state
from lam_ws.nodes.topics import recorded_topics, TopicType
from lam_ws.record.card import Card, Step
from lam_ws.record.checking import Checking
from lam_ws.record.keeper import Keeper, Message
from lam_ws.record.live import LiveChecks
from lam_ws.record.shelf import mend
from lam_ws.safety.lease import TELEOP
from rclpy.serialization import deserialize_message
from std_msgs.msg import String

SILENCE_S = 1.0              # wall time without any message after which an episode is over
LOOK_S = 0.5                 # between two looks at what arrives
_STAMP = struct.Struct('<iI')
_STAMP_AT = 4                # of a message that begins with a header


class RecordNode(LamNode):
    """Writes what it hears while an episode is on."""

    critical = False

    def __init__(self) -> None:
        super().__init__('record')

    def open(self) -> None:
        assert self.site.record is not None   # the node table has no row for it otherwise
        folder, limits = Path(self.site.record.folder), self.site.limits
        self._keys = read_keys(('task', TELEOP))
        self._lockstep = nodes.lockstep(self.site)
        self._checking = Checking(LiveChecks(
            {camera.name: camera.rate_hz for camera in self.site.cameras}, limits.control_hz,
            limits.stale_joints_s), folder)
        self._keeper = Keeper(folder, self._cell(), self._checking, self._say)
        self._reads = self._readers()
        self._now_ns, self._shown = 0, ''
        self._last: dict[str, bytes] = {}
        self._heard_s = time.monotonic()
        self._out = self.create_lifecycle_publisher(RecordState, nodes.RECORD_STATE,
                                                    nodes.RELIABLE)
        self.create_service(Record, nodes.RECORD, self._serve)
        self.create_timer(0.25, self._end_silence)
        self.create_timer(LOOK_S, self._look)
        self._listening = Listening(self, recorded_topics(self.site), self._hear)

    def start(self) -> None:
        self._mend()   # what an earlier recorder left when it died

    def stop(self) -> None:
        self._keeper.finish()

    def shut(self) -> None:
        if hasattr(self, '_keeper'):
            self._keeper.finish()

    def health(self) -> dict[str, object]:
        card = self._keeper.card
        return {'episode': '' if card is None else card.episode, 'lost': self._keeper.lost}

    def _mend(self) -> None:
        """Make readable what was cut short; it may be large, and nothing waits for it."""
        threading.Thread(target=mend, args=(self._keeper.folder,), daemon=True).start()

    def _cell(self) -> Card:
        site, policy = self.site, self.site.policy
        return Card('', site=site.name, software=__version__,
                    site_sha256=hashlib.sha256(site.path.read_bytes()).hexdigest(),
                    policy=' '.join(filter(None, (policy.name, policy.model))))

    def _say(self, text: str, failed: bool) -> None:
        log = self.get_logger()
        (log.error if failed else log.info)(text)
        if failed:
            self._mend()

    # What arrives

    def _hear(self, topic: TopicType, name: str, kind: str, data: bytes) -> None:
        if not self.running:
            return
        if not self._lockstep:
            self._now_ns = time.monotonic_ns()
        elif self._last.get(name) == data:
            return   # in lock-step nodes repeat themselves while they wait
        else:
            self._last[name] = data
            if topic.name == nodes.CLOCK:
                self._take_time(conversion.to_ns(deserialize_message(data, topic.kind).clock))
        self._heard_s = time.monotonic()
        read = self._reads.get(topic.name)
        if read is not None:
            read(data)
        self._keeper.hear(Message(self._now_ns, name, kind, data))
        card = self._keeper.card
        if self._shown != ('' if card is None else card.episode):
            self._look()

    def _take_time(self, now_ns: int) -> None:
        if now_ns < self._now_ns:   # the cell was reset
            self._keeper.restart(now_ns)
        self._now_ns = now_ns

    def _readers(self) -> dict[str, Callable[[bytes], None]]:
        """Return by topic what reads of a message what is kept, and what the checks look at."""
        live, with_frames = self._checking.live, self.site.record.frames
        found: dict[str, Callable[[bytes], None]] = {
            nodes.JOINT_STATES: lambda data: live.joints(_stamp_ns(data), self._now_ns),
            nodes.SUBGOAL: self._follow, nodes.PROPOSED: self._claim,
            nodes.GUARD_STATE: self._lease, nodes.ASSIGNMENT: self._news}
        for camera in self.site.cameras:
            topic = (nodes.image_topic if with_frames else nodes.info_topic)(camera.name)
            found[topic] = partial(self._image, camera.name)
        return found

    def _image(self, camera: str, data: bytes) -> None:
        self._checking.live.image(camera, _stamp_ns(data), self._now_ns)

    def _claim(self, data: bytes) -> None:
        claimed = sealing.hand(data, self._keys[TELEOP])
        if claimed is not None:
            self._keeper.hands.claim(claimed.role, claimed.commander)

    def _lease(self, data: bytes) -> None:
        told = deserialize_message(data, GuardState)
        self._keeper.hands.lease(told.commander, 1e-9 * self._now_ns)

    def _news(self, data: bytes) -> None:
        try:
            news(self._keeper, deserialize_message(data, String).data)
        except LamError as failure:
            self._say(str(failure), True)

    def _follow(self, data: bytes) -> None:
        told = sealing.subgoal(data, self._keys['task'])
        if told is not None and told.active:
            self._keeper.follow(self._now_ns, Step(
                0.0, told.episode_id, told.step, told.attempt, told.skill, told.text),
                told.kb_version)

    # What is said

    def _serve(self, request: Record.Request, response: Record.Response) -> Record.Response:
        if self.running:
            answer(self._keeper, request, response)
            self._look()
        else:
            response.message = 'the recorder is not active'
        return response

    def _look(self) -> None:
        """Judge what arrives, and say what is recorded."""
        if not self.running:
            return
        now_ns = self._now_ns if self._lockstep else time.monotonic_ns()
        found = self._checking.look(now_ns, self._keeper.recorder, self._keeper.seconds())
        message: Any = record_state(self.site, self._keeper, found)
        message.header.stamp = conversion.to_time(1e-9 * now_ns)
        self._shown = message.episode_id
        self._out.publish(message)

    def _end_silence(self) -> None:
        """See to the file when nothing happens any more, as simulated time stops between runs."""
        if self._keeper.card is None or time.monotonic() - self._heard_s <= SILENCE_S:
            return
        if self._keeper.card.by_operator:
            self._keeper.flush()
        else:
            self._keeper.finish()


def _stamp_ns(data: bytes) -> int:
    """Return the stamp of a serialised message that begins with a header."""
    seconds, nanoseconds = _STAMP.unpack_from(data, _STAMP_AT)
    return int(seconds) * 1_000_000_000 + int(nanoseconds)


def main() -> int:
    """Run the node until it is told to end."""
    return run_node(RecordNode)


if __name__ == '__main__':
    sys.exit(main())
