"""How long a message is on the wire.

A message enters; bytes of exactly its length leave, filled up to four as DDS does on the way.
rclpy reserves more than it uses and hands all of it out; what is behind the end is whatever was
in memory, readers of recordings refuse it, and a seal must not cover it. The rules are those of
OMG CDR (formal/02-06-51, 15.3): a number stands at a multiple of its size, a text and a
sequence begin with their length.
"""
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from rclpy.serialization import serialize_message
from rosidl_parser import definition

HEAD = 4   # bytes that name the encoding; places are counted from behind them
_SIZES = {'boolean': 1, 'octet': 1, 'char': 1, 'int8': 1, 'uint8': 1, 'int16': 2, 'uint16': 2,
          'int32': 4, 'uint32': 4, 'float': 4, 'int64': 8, 'uint64': 8, 'double': 8}


def serialised(message: Any) -> bytes:
    """Return a message as it travels: its bytes, filled up with zeros to a multiple of four."""
    data = bytes(serialize_message(message))[:HEAD + end(message)]
    return data + bytes(-len(data) % 4)


def end(message: Any, at: int = 0) -> int:
    """Return the place behind a message that begins at `at`, both counted from behind the head."""
    kind: Any = type(message)
    for name, field in _fields(kind):
        at = _behind(getattr(message, name), field, at)
    return at


@lru_cache(maxsize=64)
def _fields(kind: Any) -> tuple[tuple[str, Any], ...]:
    return tuple(zip(kind.get_fields_and_field_types(), kind.SLOT_TYPES, strict=True))


def _behind(value: Any, kind: Any, at: int) -> int:
    if isinstance(kind, definition.BasicType):
        size = _SIZES[kind.typename]
        return at + -at % size + size
    if isinstance(kind, definition.UnboundedString):
        return at + -at % 4 + 4 + len(value.encode()) + 1
    if isinstance(kind, definition.NamespacedType):
        return end(value, at)
    if isinstance(kind, definition.AbstractSequence):
        at += -at % 4 + 4
    return _behind_all(value, kind.value_type, at)


def _behind_all(values: Sequence[Any], kind: Any, at: int) -> int:
    if isinstance(kind, definition.BasicType):
        size = _SIZES[kind.typename]
        return at + (-at % size + size * len(values) if len(values) else 0)
    for value in values:
        at = _behind(value, kind, at)
    return at
