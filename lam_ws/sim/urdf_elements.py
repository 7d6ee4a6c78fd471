"""A URDF as elements with line numbers, and the tables of what may stand in one.

A path enters; the root element and a fault for each number, attribute or element that must not
be leave. Entities are refused and sizes are bounded, so nothing is read from elsewhere and
nothing grows. What the elements mean together is the business of `urdf_check`.
"""
from collections.abc import Iterator
from dataclasses import dataclass, field
import math
from pathlib import Path
import re
from typing import Any
from xml.parsers import expat

from lam_ws.errors import ConfigurationError
from lam_ws.rules import quoted
from lam_ws.source import nearest, read_small, shown, Source

LARGEST_FILE = 2_000_000   # bytes
DEEPEST, MOST = 12, 10_000  # levels; elements
NUMBER = re.compile(r'[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?')
TINY, METRES, TURN = 1e-9, 100.0, 100.0   # smallest size, m; largest, m; largest angle, rad

CONTACT = ('lateral_friction', 'rolling_friction', 'spinning_friction', 'restitution',
           'stiffness', 'damping', 'contact_cfm', 'contact_erp', 'inertia_scaling',
           'friction_anchor')
# element.attribute: how many numbers, least, most
NUMBERS: dict[str, tuple[int, float, float]] = {
    'origin.xyz': (3, -METRES, METRES), 'origin.rpy': (3, -TURN, TURN), 'axis.xyz': (3, -1e3, 1e3),
    'mass.value': (1, 0.0, 1e4),   # 0 of a mere frame; urdf_check looks at what it comes with
    **{f'inertia.{name}': (1, 0.0, 1e5) for name in ('ixx', 'iyy', 'izz')},
    **{f'inertia.{name}': (1, -1e5, 1e5) for name in ('ixy', 'ixz', 'iyz')},
    'box.size': (3, TINY, METRES), 'sphere.radius': (1, TINY, METRES),
    **{f'{shape}.{name}': (1, TINY, METRES) for shape in ('cylinder', 'capsule')
       for name in ('radius', 'length')},
    'mesh.scale': (3, TINY, 1e4), 'color.rgba': (4, 0.0, 1.0), 'specular.rgb': (3, 0.0, 1.0),
    'limit.lower': (1, -TURN, TURN), 'limit.upper': (1, -TURN, TURN),
    'limit.velocity': (1, TINY, 1e3), 'limit.effort': (1, TINY, 1e6),
    'dynamics.damping': (1, 0.0, 1e6), 'dynamics.friction': (1, 0.0, 1e6),
    **{f'{name}.value': (1, 0.0, 1e9) for name in CONTACT},
    'mimic.multiplier': (1, -1e3, 1e3), 'mimic.offset': (1, -TURN, TURN),
}
# element: attributes it must have
NEEDED = {
    'robot': ('name',), 'link': ('name',), 'joint': ('name', 'type'), 'parent': ('link',),
    'child': ('link',), 'mass': ('value',), 'box': ('size',), 'sphere': ('radius',),
    'inertia': ('ixx', 'iyy', 'izz', 'ixy', 'ixz', 'iyz'), 'mesh': ('filename',),
    'cylinder': ('radius', 'length'), 'capsule': ('radius', 'length'), 'axis': ('xyz',),
    'mimic': ('joint',),
}
# element: what it may have besides: a misspelt `xyz` would put a joint at its parent's origin
_MORE = {
    'robot': ('name', 'version'), 'visual': ('name',), 'collision': ('name', 'group'),
    'material': ('name',), 'texture': ('filename',), 'verbose': ('value',), 'inertial': ('name',),
    'calibration': ('rising', 'falling'), 'contact': (), 'geometry': (), 'friction_anchor': (),
    'safety_controller': ('soft_lower_limit', 'soft_upper_limit', 'k_position', 'k_velocity'),
}
ATTRIBUTES = {tag: {*NEEDED.get(tag, ()), *_MORE.get(tag, ()), *(
    key.partition('.')[2] for key in NUMBERS if key.startswith(f'{tag}.'))}
    for tag in {*NEEDED, *_MORE, *(key.partition('.')[0] for key in NUMBERS)}}
# element: what may stand in it
_SHOWN = ('origin', 'geometry', 'material', 'verbose')
WITHIN = {
    'robot': ('link', 'joint', 'material'),
    'link': ('inertial', 'visual', 'collision', 'contact'), 'contact': CONTACT,
    'inertial': ('origin', 'mass', 'inertia'),
    'visual': _SHOWN, 'collision': _SHOWN, 'material': ('color', 'texture', 'specular'),
    'geometry': ('box', 'sphere', 'cylinder', 'capsule', 'mesh'),
    'joint': ('origin', 'parent', 'child', 'axis', 'limit', 'dynamics', 'mimic', 'calibration',
              'safety_controller'),
}
ONCE = ('origin', 'parent', 'child', 'axis', 'limit', 'mass', 'inertia', 'geometry', 'inertial',
        'dynamics', 'mimic')
# Sections of other programs in a URDF; PyBullet skips them, and so does this.
FOREIGN = ('gazebo', 'transmission', 'ros2_control', 'sensor')


@dataclass
class Element:
    """One XML element with its line and what stands in it."""

    tag: str
    attributes: dict[str, str]
    line: int
    within: list['Element'] = field(default_factory=list)

    def all(self, tag: str) -> list['Element']:
        """Return the elements of that name directly within."""
        return [one for one in self.within if one.tag == tag]

    def number(self, attribute: str, default: float = math.nan) -> float:
        """Return an attribute as a number, `default` where it is absent or none."""
        text = self.attributes.get(attribute, '').strip()
        return float(text) if NUMBER.fullmatch(text) else default


def parse(path: Path) -> Element:
    """Return the root element; refuse large files, entities and deep nesting."""
    data = read_small(path, LARGEST_FILE)
    parser, open_ones, count = expat.ParserCreate(), [Element('', {}, 0)], 0

    def refuse(*_: Any) -> None:
        raise ConfigurationError('a document type or entities are not allowed', shown(path),
                                 parser.CurrentLineNumber)

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal count
        count += 1
        if len(open_ones) > DEEPEST or count > MOST:
            raise ConfigurationError(f'more than {MOST} elements or {DEEPEST} levels',
                                     shown(path), parser.CurrentLineNumber)
        one = Element(tag, attributes, parser.CurrentLineNumber)
        open_ones[-1].within.append(one)
        open_ones.append(one)

    parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = refuse
    parser.StartElementHandler = start
    parser.EndElementHandler = lambda tag: open_ones.pop()
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        raise ConfigurationError(f'not valid XML: {expat.ErrorString(error.code)}', shown(path),
                                 error.lineno) from None
    except (ValueError, LookupError) as error:   # an encoding that nobody knows
        raise ConfigurationError(f'not valid XML: {short(str(error))}', shown(path)) from None
    return open_ones[0].within[0]


def look(source: Source, one: Element) -> None:
    """Report numbers, attributes and elements that must not be, here and within."""
    for name in NEEDED.get(one.tag, ()):
        if not one.attributes.get(name, '').strip():
            source.report_line(one.line, f'<{one.tag}> needs {name}')
    for name, text in one.attributes.items():
        known = ATTRIBUTES.get(one.tag)
        if known is not None and name not in known and not name.startswith('xmlns'):
            source.report_line(one.line, f'<{one.tag}> has no {short(name)}',
                               nearest(name, sorted(known)))
        if f'{one.tag}.{name}' in NUMBERS:
            for message in _misfits(text, *NUMBERS[f'{one.tag}.{name}']):
                source.report_line(one.line, f'{name} of <{one.tag}> {message}')
    allowed, met = WITHIN.get(one.tag), set()
    for inner in one.within:
        if one.tag == 'robot' and inner.tag in FOREIGN:
            continue
        if allowed is not None and inner.tag not in allowed:
            source.report_line(inner.line, f'<{short(inner.tag)}> has no place in <{one.tag}>',
                               nearest(inner.tag, allowed))
        elif inner.tag in ONCE and inner.tag in met:
            source.report_line(inner.line, f'<{inner.tag}> stands twice')
        else:
            met.add(inner.tag)
            look(source, inner)


def _misfits(text: str, count: int, least: float, most: float) -> Iterator[str]:
    """Yield what is wrong with the numbers of an attribute."""
    words = text.split()
    if len(words) != count:
        yield f'must be {count} numbers, found {quoted(text)}'
        return
    for word in words:
        if not NUMBER.fullmatch(word) or not math.isfinite(float(word)):
            yield f'must be a finite number, found {quoted(word)}'
        elif not least <= float(word) <= most:
            yield f'must be within {least:g} .. {most:g}, found {float(word):g}'


def short(text: str) -> str:
    """Return a name from a file, safe to print."""
    return ascii(text)[1:-1][:40]
