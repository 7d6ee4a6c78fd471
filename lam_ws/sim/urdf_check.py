"""A URDF somebody hands in, examined before PyBullet loads it: PyBullet takes nearly anything.

A path enters; a list of faults with file and line leaves, empty for a file that is sound. Looked
at is what physics and limits rest on: finite numbers within bounds, masses and sizes that exist,
one tree of links, a limit on every joint that moves, meshes that are there.
"""
from collections.abc import Iterator
import math
from pathlib import Path
import re

from lam_ws.errors import ConfigurationError
from lam_ws.rules import quoted
from lam_ws.sim.urdf_elements import Element, look, NUMBER, parse, short
from lam_ws.source import nearest, Source

LARGEST_MESH = 50_000_000   # bytes
MESHES = ('.stl', '.obj', '.dae')
MOVING = ('revolute', 'continuous', 'prismatic')
PACKAGE = 'package://'
HINTS = 200                 # names that a misspelt one is compared with
NEAR = 3                    # folders above the URDF's in which a package is looked for


def check_urdf(path: Path | str) -> None:
    """Require a sound URDF.

    Raises:
        ConfigurationError: The first fault, with file and line.
    """
    faults = examine_urdf(path)
    if faults:
        raise faults[0]


def examine_urdf(path: Path | str) -> list[ConfigurationError]:
    """Return every fault of the URDF at `path`, in order of lines."""
    source = Source(Path(path))
    try:
        robot = parse(source.path)
    except ConfigurationError as error:
        return [error]
    if robot.tag != 'robot':
        source.report_line(robot.line, f'expected <robot>, found <{short(robot.tag)}>')
        return source.faults
    look(source, robot)
    _tree(source, robot)
    for joint in robot.all('joint'):
        _joint(source, joint)
    carried = {child.attributes.get('link') for joint in robot.all('joint')
               for child in joint.all('child')}
    for link in robot.all('link'):
        _link(source, link, link.attributes.get('name') in carried)
    source.faults.sort(key=lambda fault: fault.line or 0)
    return source.faults


def _tree(source: Source, robot: Element) -> None:
    """Report names that stand twice, links that nobody has, and links that form no tree."""
    links = _names(source, robot.all('link'), 'link')
    _names(source, robot.all('joint'), 'joint')
    children: dict[str, list[str]] = {}
    carried: set[str] = set()
    for joint in robot.all('joint'):
        ends = [one.attributes.get('link', '') for tag in ('parent', 'child')
                for one in joint.all(tag)[:1]]
        if len(ends) < 2:
            source.report_line(joint.line, '<joint> needs a <parent> and a <child>')
            continue
        for name in ends:
            if name and name not in links:
                near = nearest(name, list(links)[:HINTS])
                source.report_line(joint.line, f'there is no link {quoted(name)}', near)
        if ends[1] in carried:
            source.report_line(joint.line, f'the link {quoted(ends[1])} has two parents')
        carried.add(ends[1])
        children.setdefault(ends[0], []).append(ends[1])
    roots = [name for name in links if name not in carried]
    hanging = _reached(children, roots[0]) if roots else set()
    if len(roots) != 1:
        found = ', '.join(map(short, roots[:4])) if roots else 'none: they form a circle'
        source.report_line(robot.line, f'needs one link that no joint carries, found {found}')
    elif loose := [name for name in links if name not in hanging]:
        source.report_line(robot.line, f'the link {quoted(loose[0])} is part of a circle')


def _names(source: Source, elements: list[Element], what: str) -> dict[str, None]:
    """Return the names of elements, in order; report one that stands twice."""
    names: dict[str, None] = {}
    for one in elements:
        name = one.attributes.get('name', '')
        if name in names:
            source.report_line(one.line, f'a {what} named {quoted(name)} stands twice')
        elif name:
            names[name] = None
    return names


def _reached(children: dict[str, list[str]], root: str) -> set[str]:
    """Return the links that hang on `root`, itself included."""
    found, waiting = {root}, [root]
    while waiting:
        new = [name for name in children.get(waiting.pop(), ()) if name not in found]
        found.update(new)
        waiting += new
    return found


def _joint(source: Source, joint: Element) -> None:
    """Report a joint of an unknown kind, without an axis, or without limits."""
    kind = joint.attributes.get('type', '')
    if kind not in (*MOVING, 'fixed'):
        source.report_line(joint.line, f'a joint of an arm is one of {", ".join(MOVING)}, fixed; '
                           f'found {quoted(kind)}', nearest(kind, (*MOVING, 'fixed')))
    if kind not in MOVING:
        return
    for axis in joint.all('axis'):
        words = axis.attributes.get('xyz', '').split()
        if all(NUMBER.fullmatch(word) for word in words) \
                and math.hypot(*map(float, words)) < 1e-3:
            source.report_line(axis.line, 'the axis has no direction')
    limits = joint.all('limit')
    if not limits:
        source.report_line(joint.line, f'the {kind} joint has no <limit>')
        return
    needed = ('velocity', 'effort') if kind == 'continuous' \
        else ('lower', 'upper', 'velocity', 'effort')
    for name in needed:
        if name not in limits[0].attributes:
            source.report_line(limits[0].line, f'<limit> of a {kind} joint needs {name}')
    low, high = limits[0].number('lower'), limits[0].number('upper')
    if low >= high:
        source.report_line(limits[0].line, f'lower must be less than upper = {high:g}, '
                                           f'found {low:g}')


def _link(source: Source, link: Element, moves: bool) -> None:
    """Report an inertia that no body has, a shape that is none, and a mesh from elsewhere."""
    for inertial in link.all('inertial'):
        for tag in ('mass', 'inertia'):
            if not inertial.all(tag):
                source.report_line(inertial.line, f'<inertial> needs <{tag}>')
        for mass, inertia in zip(inertial.all('mass'), inertial.all('inertia'), strict=False):
            moments = sorted(inertia.number(name) for name in ('ixx', 'iyy', 'izz'))
            if mass.number('value') == 0.0 and moves and link.all('collision'):
                source.report_line(mass.line, 'a moving link that can touch something needs a '
                                              'mass greater than 0')
            if moments[0] + moments[1] < moments[2] * (1 - 1e-6):
                source.report_line(inertia.line, 'no body has these moments of inertia: the '
                                                 'largest is more than the other two together')
    for piece in (*link.all('visual'), *link.all('collision')):
        shapes = [shape for one in piece.all('geometry') for shape in one.within]
        if len(shapes) != 1:
            source.report_line(piece.line, f'<{piece.tag}> needs one shape, found {len(shapes)}')
        for mesh in (shape for shape in shapes if shape.tag == 'mesh'):
            for message in _mesh(source.path.parent, mesh.attributes.get('filename', '')):
                source.report_line(mesh.line, message)


def _mesh(folder: Path, name: str) -> Iterator[str]:
    """Yield why a mesh is not read: it lies elsewhere, is missing, large or of another kind."""
    rest = name.removeprefix(PACKAGE)
    if not re.fullmatch(r'\w[\w./ -]*', rest) or '..' in rest.split('/'):
        yield f'a mesh is a file near the URDF, found {quoted(name)}'
    elif not rest.lower().endswith(MESHES):
        yield f'a mesh ends in {", ".join(MESHES)}, found {quoted(name)}'
    else:
        places = [folder / rest]
        if rest != name:   # package://NAME/FILE: in a folder NAME, or in one that is called so
            near = [folder, *folder.resolve().parents[:NEAR]]
            places = [top / part for top in near for part in (rest, rest.partition('/')[2])]
        found = next((place for place in places if place.is_file()), None)
        if found is None:
            yield f'there is no mesh {quoted(name)}'
        elif found.resolve().suffix.lower() not in MESHES \
                or found.stat().st_size > LARGEST_MESH:
            yield f'the mesh {quoted(name)} is larger than {LARGEST_MESH} bytes, or a link to ' \
                  'something else'
