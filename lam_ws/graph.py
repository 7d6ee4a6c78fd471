"""The node table: which processes make up a cell.

A Site enters, the nodes to start for it leave, as plain data. Launch files translate the
table into launch_ros actions and `lam run` starts the same rows as processes, so that what
runs under ROS's launch and what runs without it cannot drift apart.
"""
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from lam_ws.errors import ConfigurationError
from lam_ws.site import Site

PACKAGE = 'lam_ws'
PROFILES = 'config/fastdds.xml'  # of the share folder; FASTRTPS_DEFAULT_PROFILES_FILE names it


@dataclass(frozen=True)
class NodeSpec:
    """One process of the cell.

    Attributes:
        name: Node name, unique within the namespace.
        executable: File in lib/<package>, as `ros2 run` looks for it.
        package: Package that installs the executable.
        namespace: '' or the cell's namespace; every topic name in the node is relative.
        parameters: ROS parameters, all set at start and read-only.
        motion_critical: The arm must not move without it: its death brakes and ends the run.
            The rest may die and be started again without the motion taking notice.
        lifecycle: It is a managed node, to be configured and activated.
        rejoins: It may be started again in a running cell: it keeps nothing that the others
            need, and nothing moves by its return alone.
    """

    name: str
    executable: str
    package: str
    namespace: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    motion_critical: bool = True
    lifecycle: bool = True
    rejoins: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, 'parameters', MappingProxyType(dict(self.parameters)))

    @property
    def enclave(self) -> str:
        """Return the full name of the node, under which a keystore has its keys."""
        return '/'.join(['', *filter(None, (self.namespace.strip('/'), self.name))])


def nodes(site: Site, console: bool = False) -> tuple[NodeSpec, ...]:
    """Return the nodes of a cell in the order of the data path.

    A real arm is there where the site names how it is reached; a simulated cell beside it is its
    mirror. Cameras have a node where the site says what their source is. The cell, the PLC, the
    recorder and the console are there when the site has their section.

    Args:
        site: Of the cell.
        console: Serve the console whether or not the site has its section.
    """
    real = site.adapter is not None
    names = ['arm'] if real else []
    names += ['mirror' if real else 'sim'] if site.sim is not None else []
    names += ['camera'] if any(camera.source for camera in site.cameras) else []
    names += ['plc'] if site.plc is not None else []
    names += ['perception', 'task', 'policy', 'guard']
    names += ['record'] if site.record is not None else []
    names += ['console'] if console or site.console is not None else []
    return tuple(
        NodeSpec(name, executable=name, package=PACKAGE, namespace=site.namespace,
                 parameters={'site': str(site.path)},
                 motion_critical=name not in ('record', 'console'),
                 rejoins=name not in ('arm', 'mirror', 'sim', 'guard'))
        for name in names)


def manager(rows: Iterable[NodeSpec]) -> NodeSpec:
    """Return the node that brings `rows` of one cell up, for where no supervisor does."""
    rows = tuple(rows)
    return NodeSpec('manager', executable='manager', package=PACKAGE,
                    namespace=rows[0].namespace, lifecycle=False,
                    parameters={**rows[0].parameters,
                                'nodes': ','.join(row.name for row in rows)})


def select(specs: Iterable[NodeSpec], only: Iterable[str] = (),
           without: Iterable[str] = ()) -> tuple[NodeSpec, ...]:
    """Return the rows to start when an operator asks for a part of the cell.

    Args:
        specs: Rows of the table.
        only: Names to keep; all of them when empty.
        without: Names to leave out.

    Raises:
        ConfigurationError: A name is not in the table, or nothing is left.
    """
    specs, only, without = tuple(specs), set(only), set(without)
    known = {spec.name for spec in specs}
    unknown = sorted((only | without) - known)
    if unknown:
        raise ConfigurationError(f"no node '{unknown[0]}' in this cell, which has "
                                 + ', '.join(spec.name for spec in specs))
    kept = tuple(spec for spec in specs
                 if spec.name not in without and (not only or spec.name in only))
    if not kept:
        raise ConfigurationError('no node is left to start')
    return kept
