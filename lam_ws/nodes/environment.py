"""What a process needs around it to be part of a cell's graph.

A domain number enters, environment variables leave. Everything stays on this host: discovery is
confined to it and the transports are shared memory and the loopback device.
"""
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
import fcntl
import os
from pathlib import Path
import random
import socket
import sys
import tempfile

from lam_ws.errors import LamError
from lam_ws.graph import PROFILES
from lam_ws.resources import share

# Domains whose ports stay below the range from which Linux takes ports for outgoing traffic.
DOMAINS = range(1, 101)
DDS_PROFILES = 'LAM_WS_DDS_PROFILES'   # a file of Fast DDS to use instead of the package's
_THREADS = ('OMP_NUM_THREADS', 'OPENBLAS_NUM_THREADS', 'MKL_NUM_THREADS')


def environment(domain: int, base: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the environment of a process of the cell on `domain`, built on `base`."""
    variables = dict(os.environ if base is None else base)
    variables['ROS_DOMAIN_ID'] = str(domain)
    # LOCALHOST brings shared memory with it, whatever the file of profiles says.
    variables['ROS_AUTOMATIC_DISCOVERY_RANGE'] = (
        'SYSTEM_DEFAULT' if DDS_PROFILES in variables else 'LOCALHOST')
    variables['RMW_IMPLEMENTATION'] = 'rmw_fastrtps_cpp'
    variables['FASTRTPS_DEFAULT_PROFILES_FILE'] = variables.get(DDS_PROFILES,
                                                                str(share() / PROFILES))
    variables['PYTHONUNBUFFERED'] = '1'
    _prepend(variables, 'AMENT_PREFIX_PATH', sys.prefix)
    _prepend(variables, 'PYTHONPATH', str(Path(__file__).resolve().parents[2]))
    # Six processes that each start a thread for every core only get in each other's way.
    variables.update(dict.fromkeys(_THREADS, '1'))
    # Keep freed image buffers instead of handing them back to the system for each message.
    variables.update({'MALLOC_MMAP_THRESHOLD_': '16777216', 'MALLOC_TRIM_THRESHOLD_': '67108864',
                      'MALLOC_TOP_PAD_': '4194304'})
    return variables


def enter(domain: int) -> None:
    """Make this process part of `domain`; call before rclpy starts."""
    os.environ.update(environment(domain))


@contextmanager
def free_domain() -> Iterator[int]:
    """Reserve a domain that no other process on this host uses.

    Raises:
        LamError: All of them are taken.
    """
    for domain in random.sample(DOMAINS, len(DOMAINS)):
        path = Path(tempfile.gettempdir()) / f'lam_ws.{os.getuid()}.domain{domain}'
        with path.open('w') as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                continue
            try:
                if _silent(domain):
                    yield domain
                    return
            finally:
                path.unlink(missing_ok=True)
    raise LamError('no free ROS domain on this host')


def _silent(domain: int) -> bool:
    # The ports on which the first two participants of a domain listen.
    for port in (7410 + 250 * domain, 7412 + 250 * domain):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            try:
                probe.bind(('127.0.0.1', port))
            except OSError:
                return False
    return True


def _prepend(variables: dict[str, str], name: str, folder: str) -> None:
    folders = [part for part in variables.get(name, '').split(os.pathsep) if part]
    if folder not in folders:
        variables[name] = os.pathsep.join([folder, *folders])
