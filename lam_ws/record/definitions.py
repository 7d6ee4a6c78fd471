"""Message definitions as text: what a recording needs to be readable without this project.

A type name such as 'sensor_msgs/msg/JointState' goes in, the concatenated definition of
rosbag2's `ros2msg` encoding comes out: the type's own .msg text, then each type it nests
behind a line of 80 '=' and a 'MSG: package/Name' line. The texts are the installed .msg
files, so that a recording always carries the definitions it was written with.
"""
from functools import cache
import os
from pathlib import Path
import re
import sys

from lam_ws.errors import RecordingError
from rosbags.typesys import get_typestore, Stores

SEPARATOR = '=' * 80
PRIMITIVES = frozenset((
    'bool', 'byte', 'char', 'float32', 'float64', 'int8', 'uint8', 'int16', 'uint16', 'int32',
    'uint32', 'int64', 'uint64', 'string', 'wstring'))


@cache
def definition(type_name: str) -> str:
    """Return the concatenated `ros2msg` definition of `type_name` ('package/msg/Name').

    Raises:
        RecordingError: The type, or one that it nests, is not installed.
    """
    package, _, name = _split(type_name)
    main = _text(package, name)
    found: dict[str, str] = {}
    waiting = _nested(package, main)
    while waiting:
        key = waiting.pop(0)
        if key not in found:
            inner_package, inner_name = key.split('/')
            found[key] = _text(inner_package, inner_name)
            waiting += _nested(inner_package, found[key])
    return ''.join([main, *(f'\n{SEPARATOR}\nMSG: {key}\n{text}' for key, text in found.items())])


def _split(type_name: str) -> tuple[str, str, str]:
    parts = type_name.split('/')
    if len(parts) != 3 or parts[1] != 'msg' or not all(re.fullmatch(r'\w+', p) for p in parts):
        raise RecordingError(f"'{type_name}' is not a message type of the form package/msg/Name")
    return parts[0], parts[1], parts[2]


def _folders() -> list[Path]:
    """Return where packages put share/: an overlay first, the wheels' own place last."""
    prefixes = [p for p in os.environ.get('AMENT_PREFIX_PATH', '').split(os.pathsep) if p]
    return [Path(prefix) / 'share' for prefix in [*prefixes, sys.prefix]]


def _text(package: str, name: str) -> str:
    candidates = [folder / package / 'msg' / f'{name}.msg' for folder in _folders()]
    # A checkout whose interfaces are not built yet still has their sources next to lam_ws/.
    candidates.append(Path(__file__).resolve().parents[2] / package / 'msg' / f'{name}.msg')
    for path in candidates:
        if path.is_file():
            return path.read_text(encoding='utf-8').strip() + '\n'
    known = _standard(f'{package}/msg/{name}')
    if known:
        return known
    looked = ', '.join(str(path.parent) for path in candidates)
    raise RecordingError(f'no definition of {package}/msg/{name}; looked in {looked}')


def _standard(type_name: str) -> str:
    """Return a type of ROS 2 Jazzy as rosbags knows it: recordings are read without any ROS."""
    store = get_typestore(Stores.ROS2_JAZZY)
    if type_name not in store.fielddefs:
        return ''
    return store.generate_msgdef(type_name, ros_version=2)[0].split(SEPARATOR)[0].strip() + '\n'


def _nested(package: str, text: str) -> list[str]:
    """Return 'package/Name' of each message type that the fields of `text` use."""
    keys = []
    for line in text.splitlines():
        field = re.match(r'\s*([A-Za-z]\w*(?:/[A-Za-z]\w*)?)(<=\d+)?(\[[^\]]*\])?\s+[a-z]', line)
        if field is None or field[1] in PRIMITIVES:
            continue
        keys.append(field[1] if '/' in field[1] else f'{package}/{field[1]}')
    return keys
