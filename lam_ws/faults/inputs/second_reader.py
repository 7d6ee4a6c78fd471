"""A second opinion on files that were accepted: is there a number in one that could hurt?

The text of an accepted file enters; what is unsafe in it leaves, '' for nothing. It is read by
other code than the one that accepted it, and judged by rules that are written here once more on
purpose: two opinions that share their rules would share their mistakes.
"""
from collections.abc import Callable, Iterator
import math
from typing import Any
from xml.etree import ElementTree

import yaml

LOADER: Any = getattr(yaml, 'CSafeLoader', yaml.SafeLoader)
HUGE = 1e8      # no number of a cell is larger, in whatever unit
FREE = ('figures', 'config', 'description', 'licence', 'sha256')   # of a card: for people


def unsafe(kind: str, text: str) -> str:
    """Return what is unsafe in an accepted file of that kind; '' where nothing is."""
    if kind == 'urdf':
        return next(_urdf(text), '')
    tree = plain(yaml.compose(text, Loader=LOADER))
    rules: dict[str, Callable[[Any], Iterator[str]]] = {
        'arm': _arm, 'site': _site, 'task': _task, 'policy': _policy, 'scene': _scene,
        'parts': _parts, 'card': _numbers}
    return next(_numbers(tree), '') or next(rules[kind](tree), '')


def plain(node: Any) -> Any:
    """Return YAML nodes as lists, tables and the texts that stand there."""
    if isinstance(node, yaml.MappingNode):
        return {plain(key): plain(value) for key, value in node.value}
    if isinstance(node, yaml.SequenceNode):
        return [plain(one) for one in node.value]
    return node.value


def _numbers(tree: Any) -> Iterator[str]:
    """Yield every number that is not finite, or larger than anything in a cell."""
    if isinstance(tree, dict):
        for key, value in tree.items():
            if key not in FREE:
                yield from _numbers(value)
    elif isinstance(tree, list):
        for value in tree:
            yield from _numbers(value)
    else:
        try:
            number = float(tree.replace('.nan', 'nan').replace('.inf', 'inf'))
        except ValueError:
            return
        if not abs(number) < HUGE:
            yield f'{tree[:30]} is no number for a cell'


def _floats(value: Any) -> list[float]:
    return [float(one) for one in value] if isinstance(value, list) else [float(value)]


def _positive(tree: dict[str, Any], *keys: str, most: float = HUGE) -> Iterator[str]:
    for key in keys:
        if key in tree and not all(0.0 < one <= most for one in _floats(tree[key])):
            yield f'{key} is {tree[key]}'


def _rising(tree: dict[str, Any], low: str, high: str) -> Iterator[str]:
    if not all(a < b for a, b in zip(_floats(tree[low]), _floats(tree[high]), strict=True)):
        yield f'{low} {tree[low]} is not below {high} {tree[high]}'


def _arm(tree: dict[str, Any]) -> Iterator[str]:
    yield from _positive(tree, 'velocity', 'link_radius', most=100.0)
    yield from _positive(tree, 'acceleration', 'jerk')
    yield from _positive(tree['gripper'], 'opening', 'velocity', 'acceleration', 'jerk', 'force')
    yield from _rising(tree, 'lower', 'upper')
    rows = len(tree['dh'])
    yield from (f'{key} has not {rows} entries' for key in ('joints', 'lower', 'velocity', 'home')
                if len(tree[key]) != rows)
    if any(abs(one) > 20.0 for row in tree['dh'] for one in _floats(row)):
        yield 'a DH row is larger than an arm'
    if len(set(tree['joints'])) != rows:
        yield 'a joint stands twice'


def _site(tree: dict[str, Any]) -> Iterator[str]:
    limits = tree['limits']
    yield from _positive(limits, 'velocity_scale', 'acceleration_scale', 'jerk_scale', most=1.0)
    yield from _positive(limits, 'tool_speed', 'stale_joints_s', 'stale_frames_s',
                         'stale_chunk_s', most=10.0)
    yield from _positive(limits, 'control_hz', most=1000.0)
    yield from _rising(limits, 'workspace_lower', 'workspace_upper')
    if float(limits['table_z']) >= _floats(limits['workspace_upper'])[2]:
        yield 'the table is above the workspace'
    for camera in tree['cameras']:
        yield from _positive(camera, 'width', 'height', 'rate_hz', most=4096.0)
        yield from _positive(camera, 'fov_deg', most=170.0)


def _task(tree: dict[str, Any]) -> Iterator[str]:
    yield from _positive(tree, 'timeout_s', most=3600.0)
    yield from _positive(tree, 'done_threshold', most=1.0)
    if not 0 <= float(tree['retries']) <= 10 or float(tree['settle_s']) < 0.0:
        yield 'retries or settle_s'


def _policy(tree: dict[str, Any]) -> Iterator[str]:
    yield from _positive(tree, 'replan_s', 'point_s', most=60.0)
    yield from _positive(tree, 'horizon', most=1000.0)


def _scene(tree: dict[str, Any]) -> Iterator[str]:
    yield from _positive(tree['parts'], 'mass', 'scale', 'friction', 'spacing', most=100.0)
    yield from _rising_or_same(tree['parts'], 'mass', 'scale', 'friction', 'count')
    yield from _positive(tree.get('bins', {}), 'inner', 'height', 'wall', most=10.0)
    yield from _positive(tree.get('table', {}), 'size', most=10.0)
    if max(_floats(tree['parts']['count'])) > 100.0:
        yield 'more parts than a cell holds'


def _rising_or_same(tree: dict[str, Any], *keys: str) -> Iterator[str]:
    for key in keys:
        if key in tree and sorted(_floats(tree[key])) != _floats(tree[key]):
            yield f'{key} falls'


def _parts(tree: dict[str, Any]) -> Iterator[str]:
    for part in tree['parts'].values():
        for piece in (part, *part.get('more', [])):
            yield from _positive(piece, 'size', most=10.0)


def _urdf(text: str) -> Iterator[str]:
    if '<!' in text.replace('<!--', ''):
        yield 'a declaration'
    robot = ElementTree.fromstring(text)   # noqa: S314 - entities were refused before
    for one in (piece for part in robot if part.tag in ('link', 'joint') for piece in part.iter()):
        for name, value in one.attrib.items():
            if name in ('name', 'link', 'type', 'filename', 'joint'):
                continue
            if not all(math.isfinite(float(word)) and abs(float(word)) < HUGE
                       for word in value.split()):
                yield f'{name}="{value[:30]}"'
            least = {'size': 0.0, 'radius': 0.0, 'length': 0.0, 'velocity': 0.0, 'effort': 0.0,
                     'value': -1e-12, 'ixx': -1e-12, 'iyy': -1e-12, 'izz': -1e-12}.get(name)
            if least is not None and min(map(float, value.split())) <= least:
                yield f'{name}="{value[:30]}"'
    yield from _joints(robot)


def _joints(robot: Any) -> Iterator[str]:
    links = {link.get('name') for link in robot.findall('link')}
    parents = {}
    for joint in robot.findall('joint'):
        child, parent = joint.find('child').get('link'), joint.find('parent').get('link')
        if child in parents or not {child, parent} <= links:
            yield f'the link {child} has two parents or none'
        parents[child] = parent
        if joint.get('type') in ('revolute', 'prismatic'):
            limit = joint.find('limit')
            if limit is None or not float(limit.get('lower')) < float(limit.get('upper')):
                yield f'{joint.get("name")} has no limits'
    for link in links:
        seen = set()
        while link in parents and link not in seen:
            seen.add(link)
            link = parents[link]
        if link in seen:
            yield 'links in a circle'
