"""The cell's PLC as a node: its signals leave under seal, what the cell does goes to it.

What guard and task say enters and becomes outputs (`plc/outputs.py`); a link polls the PLC in a
thread of its own, which publishes each poll by itself, before anything is written, so that an
open gate waits for no callback. A cycle start is an instruction like an operator's: sent when
its signal rises while the guard permits motion, and never for one that was on already when the
PLC was found.
"""
import json
import sys
import time

from lam_interfaces.action import ExecuteInstruction
from lam_interfaces.msg import CellSignals, GuardState, Subgoal
from lam_ws.errors import ConfigurationError
from lam_ws.keys import read_keys
from lam_ws.nodes import conversion, nodes, sealing
from lam_ws.nodes.cell_signals import states
from lam_ws.nodes.lifecycle import LamNode, run_node
from lam_ws.plc.link import Link, News
from lam_ws.plc.outputs import resting, wanted
from rclpy.action import ActionClient
from rclpy.task import Future
from std_msgs.msg import Header, String

_WATCH_S = 0.1
_GUARD_S = 0.5   # s, longest silence of the guard, which speaks at 10 Hz
_SHOWN = {True: 'on', False: 'off', None: '?'}
_PERMITS = ('armed', 'running')


class PlcNode(LamNode):
    """Polls the PLC of the site."""

    def __init__(self) -> None:
        super().__init__('plc')

    def open(self) -> None:
        if self.site.plc is None:
            raise ConfigurationError('the node plc needs the section plc', self.site.path)
        self._settings = self.site.plc
        self._keys = read_keys(('plc', 'task'))
        self._link: Link | None = None
        self._forget()
        self._out = self.create_lifecycle_publisher(CellSignals, nodes.CELL_SIGNALS,
                                                    nodes.RELIABLE)
        self.create_subscription(GuardState, nodes.GUARD_STATE, self._guard_state,
                                 nodes.RELIABLE)
        self.create_subscription(String, nodes.ASSIGNMENT, self._assignment, nodes.LATCHED)
        self.create_subscription(Subgoal, nodes.SUBGOAL, self._take_subgoal, nodes.DEEP, raw=True)
        self._execute = ActionClient(self, ExecuteInstruction, nodes.EXECUTE) \
            if self._settings.with_role('start') else None
        self.create_timer(_WATCH_S, self._watch)

    def start(self) -> None:
        self._forget()
        self._link = Link(self._settings, self._news)
        self._link.want(resting(self._settings))
        self._link.start()

    def stop(self) -> None:
        link, self._link = self._link, None
        if link is not None:
            link.close(resting(self._settings))

    def shut(self) -> None:
        if hasattr(self, '_link'):
            self.stop()
        if getattr(self, '_execute', None) is not None:
            self._execute.destroy()
            self._execute = None

    def health(self) -> dict[str, object]:
        news = self._last
        if news is None or not news.connected:
            return {'connected': False, 'reason': '' if news is None else news.text}
        return {'connected': True, **{name: _SHOWN[on] for name, on in news.inputs.items()},
                **{name: _SHOWN[on] for name, on in news.written.items()},
                'starts': self._starts}

    def _forget(self) -> None:
        self._last: News | None = None
        self._before: dict[str, bool | None] = {}   # of cycle starts
        self._guard, self._guard_s = '', 0.0
        self._episode = ''                          # that is in work
        self._subgoal: Subgoal | None = None
        self._subgoal_s = 0.0
        self._starts = 0

    # From the cell to the PLC

    def _guard_state(self, message: GuardState) -> None:
        self._guard, self._guard_s = message.state, time.monotonic()
        self._want()

    def _assignment(self, message: String) -> None:
        told = json.loads(message.data)
        self._episode = '' if 'success' in told else told['episode_id']
        self._want()

    def _take_subgoal(self, data: bytes) -> None:
        message = sealing.subgoal(data, self._keys['task'])
        if message is not None:   # the guard tells of seals that are wrong
            self._subgoal, self._subgoal_s = message, time.monotonic()
            self._want()

    def _want(self) -> None:
        if self._link is None:
            return
        now_s = time.monotonic()
        # In lock-step time stands still while somebody computes, and that is no silence.
        patient = nodes.lockstep(self.site)
        heard = patient or now_s - self._guard_s < _GUARD_S
        step = self._subgoal
        if step is not None and (step.episode_id != self._episode or not step.skill or not (
                patient or now_s - self._subgoal_s < self.site.limits.stale_chunk_s)):
            step = None
        self._link.want(wanted(self._settings, self._guard if heard else '',
                               self._episode != '', step))

    def _watch(self) -> None:
        """Notice who fell silent, and a link that failed."""
        if self._link is not None:
            if self._link.failure is not None:
                raise self._link.failure
            self._want()

    # From the PLC to the cell, in the link's thread

    def _news(self, news: News) -> None:
        message = CellSignals(
            header=Header(stamp=conversion.to_time(news.stamp_s), frame_id=nodes.BASE_FRAME),
            connected=news.connected, text=news.text, inputs=list(news.inputs),
            states=states(dict(news.inputs)), outputs=list(news.written),
            written=list(news.written.values()))
        self._out.publish(sealing.sealed(message, self._keys['plc']))
        before, self._last = self._last, news
        if (before is None or before.connected) and not news.connected:
            self.get_logger().error(f'PLC: {news.text}')
        for one in self._settings.with_role('start'):
            now = news.inputs[one.name]
            if now and self._before.get(one.name) is False and self.executor is not None:
                self.executor.create_task(self._begin, one.name, one.instruction)
            self._before[one.name] = now

    def _begin(self, name: str, instruction: str) -> None:
        """Give the instruction of a cycle start, in the node's thread."""
        if self._execute is None or not self.running:
            return
        if self._guard not in _PERMITS or not self._execute.server_is_ready():
            self.get_logger().warning(f'{name}: not begun, the guard is {self._guard!r}')
            return
        self._starts += 1
        self._execute.send_goal_async(ExecuteInstruction.Goal(
            text=instruction, language='auto', operator_id='plc')).add_done_callback(
                lambda answer: self._answered(name, answer))

    def _answered(self, name: str, answer: Future) -> None:
        if not answer.result().accepted:
            self.get_logger().warning(f'{name}: not begun, an instruction is being carried out')


def main() -> int:
    """Run the node until it is told to end."""
    return run_node(PlcNode)


if __name__ == '__main__':
    sys.exit(main())
