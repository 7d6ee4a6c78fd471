"""Whether a cell that is to be secured will be: looked at before its first process starts.

Environment variables and the rows of the node table enter; nothing leaves, or one line that says
why the cell would run unsecured, or not at all. ROS itself is silent in several of these cases:
any value of ROS_SECURITY_ENABLE but 'true' means no security, and unless the strategy is
'Enforce' a node without keys joins the graph in the clear. What nodes may do is the business of
`access`; keys are made by `ros2 security`, see docs/howto_security.md.
"""
from collections.abc import Iterable, Mapping
import os
from pathlib import Path
import subprocess
import sys
import tempfile

from lam_ws.errors import LamError
from lam_ws.graph import NodeSpec

ENABLE, STRATEGY, KEYSTORE = ('ROS_SECURITY_ENABLE', 'ROS_SECURITY_STRATEGY',
                              'ROS_SECURITY_KEYSTORE')
FILES = ('identity_ca.cert.pem', 'cert.pem', 'key.pem', 'permissions_ca.cert.pem',
         'governance.p7s', 'permissions.p7s')   # of one enclave
# Of the terminals: `lam do`, `lam teleop`, `lam shadow`.
OPERATOR, TELEOPERATOR, SHADOW = 'operator', 'teleop', 'shadow'
PROBE_S = 30.0
# Keys that are none: a Fast DDS with security refuses them, one without says that it has none.
PROBE = """
import rclpy, sys
rclpy.init(args=['--ros-args', '--enclave', '/probe'])
rclpy.create_node('probe')
"""
ABSENT = 'security libraries'


class SecurityError(LamError):
    """Security is asked for and would not be there."""


def wanted(variables: Mapping[str, str]) -> bool:
    """Return whether a process with these environment variables is to be secured.

    Raises:
        SecurityError: Half of it is said: ROS would go on without security.
    """
    value = variables.get(ENABLE, '')
    if value in ('', 'false'):
        return False
    if value != 'true':
        raise SecurityError(f"{ENABLE} is {value!r}; ROS 2 takes 'true' and no other word, and "
                            'would run unsecured')
    if variables.get(STRATEGY) != 'Enforce':
        raise SecurityError(f'{ENABLE} is true and {STRATEGY} is not Enforce: a node without '
                            'keys would join the graph unsecured')
    return True


def complaint(variables: Mapping[str, str]) -> str:
    """Return why a process must not start, '' where it may."""
    try:
        wanted(variables)
    except SecurityError as error:
        return str(error)
    return ''


def require(rows: Iterable[NodeSpec], variables: Mapping[str, str]) -> bool:
    """Return whether the cell is to be secured, once it is sure that it would be.

    Args:
        rows: Of the node table; the operator's own enclave is looked for beside them.
        variables: Environment of the processes.

    Raises:
        SecurityError: It is to be secured, and keys or DDS-Security are missing.
    """
    rows = tuple(rows)
    if variables.get(ENABLE, '') in ('', 'false'):
        return False
    if not has_plugin(variables):
        raise SecurityError(f'{ENABLE} is set, and this build of Fast DDS has no DDS-Security: '
                            'install a ROS 2 that has (the packages of apt have), or unset it')
    wanted(variables)
    store = variables.get(KEYSTORE, '')
    if not store or not (Path(store) / 'enclaves').is_dir():
        raise SecurityError(f'{KEYSTORE} names no keystore: there is no folder '
                            f'{Path(store) / "enclaves"}')
    for enclave in (*(row.enclave for row in rows), operator_enclave(rows[0].namespace)):
        folder = Path(store) / 'enclaves' / enclave.strip('/')
        for name in FILES:
            if not (folder / name).is_file():
                raise SecurityError(f'the enclave {enclave} has no {name} in {folder}; make it '
                                    'with ros2 security and what `lam security` writes')
    return True


def operator_enclave(namespace: str, name: str = OPERATOR) -> str:
    """Return the enclave of whoever supervises or instructs a cell, moves or watches it."""
    return '/'.join(['', *filter(None, (namespace.strip('/'), name))])


def has_plugin(variables: Mapping[str, str]) -> bool:
    """Return whether the middleware was built with DDS-Security, by asking it for a node."""
    with tempfile.TemporaryDirectory() as store:
        folder = Path(store) / 'enclaves' / 'probe'
        folder.mkdir(parents=True)
        for name in FILES:
            (folder / name).write_text('none')
        run = subprocess.run(
            [sys.executable, '-c', PROBE], capture_output=True, text=True, timeout=PROBE_S,
            env={**os.environ, **variables, ENABLE: 'true', STRATEGY: 'Enforce',
                 KEYSTORE: store}, check=False)
    return run.returncode != 0 and ABSENT not in run.stderr
