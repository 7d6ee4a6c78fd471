"""What a cell leaves behind: its processes and its shared memory."""
from pathlib import Path

MEMORY = Path('/dev/shm')


def segments():
    """Return Fast DDS's files in shared memory."""
    return {path.name for path in MEMORY.iterdir() if 'fastrtps_' in path.name}


def orphans(before):
    """Return segments that came since `before` and that no process has mapped."""
    mapped = ''
    for maps in Path('/proc').glob('[0-9]*/maps'):
        try:
            mapped += maps.read_text()
        except OSError:
            continue
    return {name for name in segments() - before
            if name.removeprefix('sem.').removesuffix('_mutex').removesuffix('_el') not in mapped}


def children(supervisor):
    """Return the nodes that the process with id `supervisor` started, by their environment."""
    found = {}
    marker = f'LAM_WS_SUPERVISOR={supervisor}\0'.encode()
    for folder in Path('/proc').glob('[0-9]*'):
        try:
            if marker in (folder / 'environ').read_bytes():
                found[int(folder.name)] = (folder / 'cmdline').read_bytes().decode()
        except OSError:
            continue
    return found
