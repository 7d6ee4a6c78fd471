"""How a process that people use enters the graph of a cell: a node, its executor, and out again.

A site, a domain and a name enter; a node in the cell's namespace leaves, of which nothing is left
behind on exit, not even shared memory.
"""
from collections.abc import Iterator
from contextlib import contextmanager
import os

from lam_ws.nodes.security import operator_enclave, wanted
from lam_ws.site import Site
import rclpy
from rclpy.executors import Executor, SingleThreadedExecutor
from rclpy.node import Node
from rclpy.signals import SignalHandlerOptions


@contextmanager
def joined(site: Site, domain: int, name: str) -> Iterator[tuple[Node, Executor]]:
    """Give a node of a process that people use, and its executor, in the namespace of a site.

    The environment of this process must fit the domain: call `environment.enter` first.

    Args:
        site: Whose cell.
        domain: ROS domain.
        name: Of the node, and of the enclave that has its keys.
    """
    wanted(os.environ)
    context = rclpy.Context()
    rclpy.init(args=['--ros-args', '--enclave', operator_enclave(site.namespace, name)],
               context=context, domain_id=domain, signal_handler_options=SignalHandlerOptions.NO)
    try:
        node = rclpy.create_node(name, namespace=site.namespace, context=context)
        executor = SingleThreadedExecutor(context=context)
        executor.add_node(node)
        try:
            yield node, executor
        finally:
            executor.shutdown()
            node.destroy_node()   # or its shared memory stays behind
    finally:
        context.try_shutdown()
