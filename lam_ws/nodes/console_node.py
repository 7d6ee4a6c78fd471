"""The console as a node: what the cell says enters, a page that people work with leaves.

ROS turns in the main thread, the web server in a thread of its own; between them are calls that
do not wait. The node takes no part in motion but as one more commander: when it dies, a hand that
it had on the arm falls silent and the guard brakes.
"""
import sys

from lam_ws.nodes.console_cell import ConsoleCell
from lam_ws.nodes.lifecycle import LamNode, run_node

_TURN_S = 0.02       # between two looks at what is being waited for
_LOOK_S = 0.5        # between two looks whether the task is there; it takes longer to start


class ConsoleNode(LamNode):
    """Serves the operator's page."""

    critical = False

    def __init__(self) -> None:
        super().__init__('console')

    def open(self) -> None:
        from lam_ws.console.server import Console

        self._serve = Console
        self._console: Console | None = None
        self._cell = ConsoleCell(self, self.site)
        self.create_timer(_TURN_S, self._cell.asking.turn)
        self.create_timer(_LOOK_S, self._cell.instructing.look)

    def start(self) -> None:
        self._console = self._serve(self.site, self._cell)
        self.get_logger().info(f'the console is at {self._console.url}')

    def stop(self) -> None:
        console, self._console = self._console, None
        if console is not None:
            console.close()
        self._cell.hand.release()

    def shut(self) -> None:
        if hasattr(self, '_cell'):
            self.stop()
            self._cell.close()

    def health(self) -> dict[str, object]:
        assert self._console is not None
        if not self._console.alive:
            raise RuntimeError('the web server of the console has ended')
        return {'url': self._console.url}


def main() -> int:
    """Run the node until it is told to end."""
    return run_node(ConsoleNode)


if __name__ == '__main__':
    sys.exit(main())
