"""Talks to the recorder of a running cell: wishes go in, its answer and what it says leave."""
from lam_interfaces.msg import RecordState
from lam_interfaces.srv import Record
from lam_ws.errors import RecordingError
from lam_ws.nodes import nodes
from lam_ws.nodes.client import Client
from lam_ws.record.takes import Wish

_LONGEST_S = 30.0   # closing a long recording waits for the disk


class RecordClient:
    """One operator of one recorder.

    Args:
        client: Of the cell.
        operator: Who asks.

    Attributes:
        state: What the recorder said last, None before it said anything.
    """

    def __init__(self, client: Client, operator: str):
        self._client, self._operator = client, operator
        self.state: RecordState | None = None
        client.node.create_subscription(RecordState, nodes.RECORD_STATE, self._hear,
                                        nodes.RELIABLE)

    def _hear(self, message: RecordState) -> None:
        self.state = message

    def ask(self, wish: Wish) -> str:
        """Ask for something and return the id of the episode that it concerns.

        Raises:
            RecordingError: The recorder refuses; the text says why.
            CellError: There is no recorder.
        """
        answer = self._client.call(Record, nodes.RECORD, Record.Request(
            action=wish.action, episode_id=wish.episode, instruction=wish.instruction,
            label=wish.label, operator_id=self._operator), _LONGEST_S)
        if not answer.success:
            raise RecordingError(answer.message)
        return str(answer.episode_id)

    def turn(self, seconds: float) -> None:
        """Handle what arrives within `seconds`."""
        self._client.turn_for(seconds)

    def line(self) -> str:
        """Return in one line what is recorded and how well it goes."""
        told = self.state
        if told is None:
            return '...'
        cameras = '  '.join(
            f'{name} {rate:4.1f} Hz' + (f' -{dropped}' if dropped else '')
            for name, rate, dropped in zip(told.cameras, told.rate_hz, told.dropped, strict=True))
        what = f'● {told.seconds:6.1f} s  {told.messages}' if told.episode_id else '○'
        return f'{what}  {cameras}  skew {1e3 * told.skew_s:.0f} ms'

    @property
    def warning(self) -> str:
        """What is wrong now, in Korean and English."""
        return '' if self.state is None else str(self.state.warning)
