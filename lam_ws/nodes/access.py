"""Who may say and hear what in a cell, as a policy that `ros2 security` makes permissions from.

A site enters; for each process of its node table, and for the operator, the topics, services
and actions that it really opens leave: the nodes are made and configured here, and asked. So
nothing is typed twice, and a topic that a node gains is in the next policy by itself.
"""
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, ExitStack
from dataclasses import dataclass, fields
from importlib import import_module
import os
from pathlib import Path
from tempfile import TemporaryDirectory
import time
from types import MappingProxyType
from typing import cast
from xml.etree import ElementTree

from lam_interfaces.srv import Reply
from lam_ws import graph
from lam_ws.errors import LamError
from lam_ws.graph import NodeSpec
from lam_ws.keys import FOLDER, make_keys, ROLES
from lam_ws.nodes import nodes
from lam_ws.nodes.client import Client
from lam_ws.nodes.environment import enter, free_domain
from lam_ws.nodes.lifecycle import LamNode
from lam_ws.nodes.manager import Manager
from lam_ws.nodes.security import ENABLE, OPERATOR, operator_enclave, SHADOW, TELEOPERATOR
from lam_ws.nodes.shadowing import listen
from lam_ws.nodes.teleoperator import Teleoperator
from lam_ws.shadow.shadow import Shadow
from lam_ws.site import Site
import rclpy
from rclpy.action import (
    get_action_client_names_and_types_by_node,
    get_action_server_names_and_types_by_node,
)
from rclpy.executors import SingleThreadedExecutor
from rclpy.lifecycle import TransitionCallbackReturn
from rclpy.node import Node

VERSION = '0.2.0'          # of the policy format of SROS2
HIDDEN = '/_action/'       # topics and services that an action is made of
# field: element of its list, element of a name in it, attribute that permits
RULES: Mapping[str, tuple[str, str, str]] = MappingProxyType({
    'publish': ('topics', 'topic', 'publish'), 'subscribe': ('topics', 'topic', 'subscribe'),
    'reply': ('services', 'service', 'reply'), 'request': ('services', 'service', 'request'),
    'execute': ('actions', 'action', 'execute'), 'call': ('actions', 'action', 'call')})


@dataclass(frozen=True)
class Access:
    """What one process opens: full names, sorted.

    Attributes:
        publish: Topics it writes.
        subscribe: Topics it reads.
        reply: Services it offers.
        request: Services it asks.
        execute: Actions it carries out.
        call: Actions it asks for.
    """

    publish: tuple[str, ...] = ()
    subscribe: tuple[str, ...] = ()
    reply: tuple[str, ...] = ()
    request: tuple[str, ...] = ()
    execute: tuple[str, ...] = ()
    call: tuple[str, ...] = ()


def seen(witness: Node, name: str, namespace: str) -> Access:
    """Return what the node `name` has open, as `witness` sees it in the graph."""
    namespace = f'/{namespace.strip("/")}'
    return Access(*(
        tuple(sorted({found for found, _ in ask(name, namespace) if HIDDEN not in found}))
        for ask in (witness.get_publisher_names_and_types_by_node,
                    witness.get_subscriber_names_and_types_by_node,
                    witness.get_service_names_and_types_by_node,
                    witness.get_client_names_and_types_by_node,
                    lambda *node: get_action_server_names_and_types_by_node(witness, *node),
                    lambda *node: get_action_client_names_and_types_by_node(witness, *node))))


def access(site: Site) -> Mapping[str, Access]:
    """Return what each process of a cell opens, by enclave; the operators' come last.

    Raises:
        LamError: A node cannot be configured; its log says why.
    """
    rows = graph.nodes(site)
    found: dict[str, Access] = {}
    with _alone(site) as stack:
        for row in rows:
            found[row.enclave] = _configured(row, stack)
        for enclave, node in ((graph.manager(rows).enclave, _manager(rows)),
                              (operator_enclave(site.namespace), _operator(site, rows, stack)),
                              (operator_enclave(site.namespace, TELEOPERATOR),
                               _teleoperator(site)),
                              (operator_enclave(site.namespace, SHADOW), _shadow(site))):
            stack.callback(node.destroy_node)
            found[enclave] = seen(node, node.get_name(), node.get_namespace())
    return found


@contextmanager
def _alone(site: Site) -> Iterator[ExitStack]:
    """Give a ROS context on a domain of its own, and something to leave it with."""
    with free_domain() as domain, ExitStack() as stack:
        enter(domain)
        os.environ[ENABLE] = 'false'   # this is how the keys come to be: there are none yet
        os.environ[FOLDER] = stack.enter_context(TemporaryDirectory())
        make_keys(Path(os.environ[FOLDER]))   # of seals; nothing is sealed here
        where = ['-r', f'__ns:=/{site.namespace.strip("/")}'] if site.namespace else []
        rclpy.init(args=['--ros-args', *where, '-p', f'site:={site.path}'], domain_id=domain)
        try:
            yield stack
        finally:
            stack.close()
            rclpy.try_shutdown()


def _configured(row: NodeSpec, stack: ExitStack) -> Access:
    """Make and configure one node of the table and return what it opened."""
    module = import_module(f'{row.package}.nodes.{row.executable}_node')
    make: Callable[[], LamNode] = next(
        one for one in vars(module).values() if isinstance(one, type)
        and issubclass(one, LamNode) and one.__module__ == module.__name__)
    node = make()
    stack.callback(node.destroy_node)
    if node.trigger_configure() != TransitionCallbackReturn.SUCCESS:
        raise LamError(f'the node {row.name} could not be configured: {node.failure}')
    stack.callback(node.trigger_shutdown)
    return seen(node, node.get_name(), node.get_namespace())


def _manager(rows: tuple[NodeSpec, ...]) -> Node:
    node = rclpy.create_node('manager')
    Manager(node, SingleThreadedExecutor(), rows)
    return node


def _operator(site: Site, rows: tuple[NodeSpec, ...], stack: ExitStack) -> Node:
    """Return a node that has all that `lam run` and `lam do` open between them."""
    node = rclpy.create_node(OPERATOR)
    executor = SingleThreadedExecutor()
    client = Client(site, node, executor)
    stack.callback(client.close)
    client._service(Reply, nodes.REPLY)   # made when the cell asks
    Manager(node, executor, rows)
    return node


def _teleoperator(site: Site) -> Node:
    """Return a node that has all that `lam teleop` opens; its leader arm is not of the cell."""
    node = rclpy.create_node(TELEOPERATOR)
    Teleoperator(site, node, dict.fromkeys(ROLES, b''))
    return node


def _shadow(site: Site) -> Node:
    """Return a node that hears all that `lam shadow` does; nobody speaks here."""
    node = rclpy.create_node(SHADOW)
    listen(node, site, cast(Shadow, None), time.monotonic)
    return node


def policy(found: Mapping[str, Access]) -> str:
    """Return the policy file of SROS2 that permits what was found, and nothing else."""
    root = ElementTree.Element('policy', version=VERSION)
    enclaves = ElementTree.SubElement(root, 'enclaves')
    for enclave, may in found.items():
        namespace, _, name = enclave.rpartition('/')
        inner = ElementTree.SubElement(enclaves, 'enclave', path=enclave)
        profile = ElementTree.SubElement(ElementTree.SubElement(inner, 'profiles'), 'profile',
                                         ns=namespace or '/', node=name)
        for field in fields(Access):
            many, one, attribute = RULES[field.name]
            names = getattr(may, field.name)
            if names:
                rows = ElementTree.SubElement(profile, many, {attribute: 'ALLOW'})
                for full in names:
                    ElementTree.SubElement(rows, one).text = full
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' \
           + ElementTree.tostring(root, encoding='unicode') + '\n'
