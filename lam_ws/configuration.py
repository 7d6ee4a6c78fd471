"""Checked YAML: a file and a frozen dataclass enter, an instance or its faults leave.

The dataclass is the schema. An unknown, missing or repeated key, a wrong type, a value out of
range or not finite is a fault that names file, line and the nearest known key; all faults of
a file are collected. A dataclass may define `contradictions()` that yields (key, message)
for rules between its fields.
"""
from dataclasses import fields, is_dataclass, MISSING
import math
from pathlib import Path
import re
from types import MappingProxyType, UnionType
from typing import (
    Annotated,
    Any,
    cast,
    get_args,
    get_origin,
    get_type_hints,
    Literal,
    TypeVar,
    Union,
)

from lam_ws.errors import ConfigurationError
from lam_ws.resources import share
from lam_ws.rules import quoted
from lam_ws.source import compose, nearest, shown, Source
from lam_ws.types import freeze
import numpy as np
import yaml

T = TypeVar('T')
_FLOAT = re.compile(r'[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?')
_INT = re.compile(r'[-+]?\d{1,18}')
_BAD: Any = object()  # stands for a value whose fault is already on the list


def load(path: Path | str, kind: type[T]) -> T:
    """Return the file at `path` as an instance of the frozen dataclass `kind`.

    Raises:
        ConfigurationError: The first fault of the file.
    """
    value, source = read(path, kind)
    if source.faults:
        raise source.faults[0]
    return cast(T, value)


def read(path: Path | str, kind: type[T]) -> tuple[T | None, Source]:
    """Return the instance, or None, and the source with every fault, in order of lines."""
    source = Source(Path(path))
    try:
        node = compose(source.path)
    except ConfigurationError as error:
        source.faults.append(error)
        return None, source
    value = _build(source, node, kind, '')
    source.faults.sort(key=lambda fault: fault.line or 0)
    return (None if source.faults else value), source


def locate(folder: str, name: str) -> Path:
    """Return <share>/<folder>/<name>.yaml, for example of ('config/sites', 'sim_demo').

    Raises:
        ConfigurationError: No such file; carries the nearest name that exists.
    """
    place = share() / folder
    names = sorted(path.stem for path in place.glob('*.yaml'))
    if name not in names:
        there = ', '.join(names) or 'nothing'
        raise ConfigurationError(f'no {quoted(name)} there; it has {there}', shown(place),
                                 nearest=nearest(name, names))
    return place / f'{name}.yaml'


def _build(source: Source, node: yaml.Node, kind: Any, key: str) -> Any:
    """Return `node` as a value of type `kind`, or _BAD with the fault reported."""
    source.lines.setdefault(key, node.start_mark.line + 1)
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Annotated:
        value = _build(source, node, arguments[0], key)
        for rule in () if value is _BAD else arguments[1:]:
            if (message := rule.breach(value)) is not None:
                source.report(key, message)
                return _BAD
        return value
    if origin in (UnionType, Union):  # only `X | None` is used
        if isinstance(node, yaml.ScalarNode) and node.tag.endswith(':null'):
            return None
        return _build(source, node, arguments[0], key)
    if kind is object:
        return _free(source, node, key)
    if is_dataclass(kind):
        return _record(source, node, kind, key)
    if origin is tuple:
        return _row(source, node, arguments, key)
    if origin is np.ndarray:
        row = _row(source, node, (float, ...), key)
        return _BAD if row is _BAD else freeze(row)
    if origin is not None and origin is not Literal:
        return _table(source, node, arguments[1], key)
    return _scalar(source, node, kind, key)


def _pairs(source: Source, node: yaml.Node, key: str) -> dict[str, yaml.Node] | None:
    """Return the entries of a mapping node; report what is not one and repeated keys."""
    if not isinstance(node, yaml.MappingNode):
        source.report(key, f'expected `key: value` lines, found {_what(node)}')
        return None
    pairs: dict[str, yaml.Node] = {}
    for name, value in node.value:
        line = name.start_mark.line + 1
        if not isinstance(name, yaml.ScalarNode):
            source.report_line(line, 'a key must be a word')
        elif name.value in pairs:
            first = source.lines[_join(key, name.value)]
            source.report_line(line, f'{_join(key, name.value)} stands twice, '
                                     f'first in line {first}')
        else:
            source.lines[_join(key, name.value)] = line
            pairs[name.value] = value
    return pairs


def _record(source: Source, node: yaml.Node, kind: Any, key: str) -> Any:
    """Return a mapping node as an instance of the dataclass `kind`."""
    pairs = _pairs(source, node, key)
    if pairs is None:
        return _BAD
    before = len(source.faults)
    hints = get_type_hints(kind, include_extras=True)
    misspelt = set()
    for name in pairs:
        if name not in hints:
            absent = [known for known in hints if known not in pairs]
            near = nearest(name, absent) or nearest(name, list(hints))
            misspelt.add(near)
            where = f' in {key}' if key else ''
            source.report_line(source.lines[_join(key, name)],
                               f'unknown key {quoted(name)}{where}', near)
    values = {}
    for item in fields(kind):
        if item.name in pairs:
            values[item.name] = _build(source, pairs[item.name], hints[item.name],
                                       _join(key, item.name))
        elif item.default is MISSING and item.default_factory is MISSING \
                and item.name not in misspelt:
            source.report(key, f'the key {item.name!r} is missing')
    if len(source.faults) > before:
        return _BAD
    value = kind(**values)
    for name, message in getattr(value, 'contradictions', tuple)():
        source.report(_join(key, name), message)
    return value if len(source.faults) == before else _BAD


def _row(source: Source, node: yaml.Node, kinds: tuple[Any, ...], key: str) -> Any:
    """Return a sequence node as a tuple; `kinds` is (X, ...) or one type for each entry."""
    if not isinstance(node, yaml.SequenceNode):
        source.report(key, f'expected a list, found {_what(node)}')
        return _BAD
    if kinds[-1] is Ellipsis:
        kinds = (kinds[0],) * len(node.value)
    elif len(node.value) != len(kinds):
        source.report(key, f'must have {len(kinds)} entries, found {len(node.value)}')
        return _BAD
    row = tuple(_build(source, entry, kind, f'{key}[{i}]')
                for i, (entry, kind) in enumerate(zip(node.value, kinds, strict=True)))
    return _BAD if any(value is _BAD for value in row) else row


def _table(source: Source, node: yaml.Node, kind: Any, key: str) -> Any:
    """Return a mapping node with free keys as a read-only mapping to `kind`."""
    pairs = _pairs(source, node, key)
    if pairs is None:
        return _BAD
    table = {name: _build(source, entry, kind, _join(key, name))
             for name, entry in pairs.items()}
    return _BAD if any(value is _BAD for value in table.values()) else MappingProxyType(table)


def _free(source: Source, node: yaml.Node, key: str) -> Any:
    """Return a node of any shape as read-only plain data."""
    if isinstance(node, yaml.MappingNode):
        return _table(source, node, object, key)
    if isinstance(node, yaml.SequenceNode):
        return _row(source, node, (object, ...), key)
    text = str(node.value)
    for kind, form in ((bool, r'true|false'), (int, _INT), (float, _FLOAT)):
        if _plain(node) and re.fullmatch(form, text):
            return _scalar(source, node, kind, key)
    return text


def _scalar(source: Source, node: yaml.Node, kind: Any, key: str) -> Any:
    """Return a scalar node as bool, int, float, str or one of a Literal's choices.

    The text is read as it stands: YAML 1.1 would make 1:30 a 90 and `no` a truth value.
    """
    choices = get_args(kind)
    wanted = {bool: 'true or false', int: 'a whole number', float: 'a number',
              str: 'text'}.get(kind, f'one of {", ".join(map(str, choices))}')
    if not isinstance(node, yaml.ScalarNode):
        source.report(key, f'expected {wanted}, found {_what(node)}')
        return _BAD
    text = str(node.value)
    plain = _plain(node)
    if choices:
        if text in choices:
            return text
        source.report(key, f'expected {wanted}, found {quoted(text)}', nearest(text, choices))
        return _BAD
    if kind is bool and plain and text in ('true', 'false'):
        return text == 'true'
    if kind is int and plain and _INT.fullmatch(text):
        return int(text)
    if kind is float and plain and _FLOAT.fullmatch(text) and math.isfinite(float(text)):
        return float(text)
    if kind is str and (not plain or node.tag.endswith(':str')):
        return text
    if kind is float and plain and (_FLOAT.fullmatch(text) or text.lower().lstrip('+-.')
                                    in ('nan', 'inf')):
        wanted = 'a finite number'
    hint = '; put it in quotes' if kind is str and text else ''
    source.report(key, f'expected {wanted}, found {quoted(text) if text else "nothing"}{hint}')
    return _BAD


def _plain(node: yaml.Node) -> bool:
    """Tell whether a scalar stands without quotes."""
    return isinstance(node, yaml.ScalarNode) and node.style in (None, '')


def _what(node: yaml.Node) -> str:
    """Name the sort of `node` in a message."""
    if isinstance(node, yaml.SequenceNode):
        return 'a list'
    if isinstance(node, yaml.MappingNode):
        return '`key: value` lines'
    return quoted(node.value) if node.value else 'nothing'


def _join(key: str, name: str) -> str:
    """Return the dotted key of `name` below `key`."""
    return f'{key}.{name}' if key else name
