"""A process that moves the arm of a running cell by hand: its node, its hand, its requests.

A site, a domain and the keys of the cell enter; inside `teleoperating` the hand is there, with
stop, reset and arm beside it, and `turn` lets both speak and listen. Whoever reads the operator's
device calls `turn` all the time.
"""
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from lam_ws.nodes import nodes
from lam_ws.nodes.hand import Hand, HandError
from lam_ws.nodes.joining import joined
from lam_ws.nodes.leader import Leader
from lam_ws.nodes.security import TELEOPERATOR
from lam_ws.site import Site
from rclpy.executors import Executor
from rclpy.node import Node
from std_srvs.srv import Trigger

REQUESTS = (nodes.STOP, nodes.RESET, nodes.ARM)


class Teleoperator:
    """A hand, and the three requests to the guard.

    Args:
        site: Whose arm.
        node: Speaks and listens.
        keys: Of `hand.HAND_KEYS`.
        leader: Topic of a leader arm's joint states, '' for none.
        names: Leader's name of an arm joint where it is another one.
    """

    def __init__(self, site: Site, node: Node, keys: Mapping[str, bytes], leader: str = '',
                 names: Mapping[str, str] | None = None):
        self.hand = Hand(node, site, keys)
        self.leader = Leader(node, self.hand, leader, names or {}) if leader else None
        self._clients = {name: node.create_client(Trigger, name) for name in REQUESTS}

    def ask(self, name: str) -> bool:
        """Ask the guard to stop, reset or arm, and do not wait; return whether it is there."""
        client = self._clients[name]
        client.call_async(Trigger.Request())   # a stop is sent even to a guard not seen yet
        return bool(client.service_is_ready())


class Connection:
    """A teleoperator with its executor."""

    def __init__(self, operator: Teleoperator, executor: Executor):
        self.operator, self.hand, self._executor = operator, operator.hand, executor

    def turn(self, timeout_s: float) -> None:
        """Handle the next thing that arrives or is due."""
        self._executor.spin_once(timeout_sec=timeout_s)

    def part(self) -> None:
        """Give the arm back, so that the cell goes on without this hand."""
        self.hand.give()
        while self.hand.giving:
            self.turn(0.01)


@contextmanager
def teleoperating(site: Site, domain: int, keys: Mapping[str, bytes], leader: str = '',
                  names: Mapping[str, str] | None = None) -> Iterator[Connection]:
    """Give a hand in the cell of `site` on `domain`; it gives the arm back on exit.

    The environment of this process must fit the domain: call `environment.enter` first.

    Raises:
        HandError: The arm of this site cannot be moved by hand.
    """
    if nodes.lockstep(site):
        raise HandError(site.name)
    with joined(site, domain, TELEOPERATOR) as (node, executor):
        connection = Connection(Teleoperator(site, node, keys, leader, names), executor)
        try:
            yield connection
        finally:
            connection.part()
