"""The frames that policy servers and their clients exchange: openpi's msgpack with arrays.

A table of names enters `encode` and bytes leave; bytes of a stranger enter `decode`, and a
table leaves or a `WireError`. An array travels as `{b'__ndarray__': True, b'data', b'dtype',
b'shape'}`, a numpy scalar as `{b'__npgeneric__': True, b'data', b'dtype'}`, both as in
`openpi_client.msgpack_numpy` (github.com/Physical-Intelligence/openpi). Nothing is unpickled,
and nothing is reserved because a frame says that much will follow.
"""
from collections.abc import Mapping
from typing import Any

from lam_ws.errors import WireError
import msgpack
import numpy as np

MAX_FRAME = 16 * 2 ** 20   # bytes
MAX_DEPTH = 6              # tables within lists within tables
MAX_VALUES = 4096          # in one frame, keys included; an array counts as a few
MAX_AXES = 4
NAMES = {'<f4': np.float32, '<f8': np.float64, '|u1': np.uint8, '<i4': np.int32,
         '<i8': np.int64, '|b1': np.bool_}
# Plain names are accepted too: not every client is written with numpy's short forms.
KINDS = {**NAMES, **{np.dtype(kind).name: kind for kind in NAMES.values()}}
_ARRAY, _SCALAR, _DATA, _KIND, _SHAPE = (b'__ndarray__', b'__npgeneric__', b'data', b'dtype',
                                         b'shape')
_MALFORMED = (ValueError, TypeError, OverflowError, KeyError, RecursionError, MemoryError,
              msgpack.exceptions.UnpackException)


def encode(table: Mapping[str, Any]) -> bytes:
    """Return `table` as one frame; arrays are of the kinds in NAMES, any byte order.

    Raises:
        WireError: A value has no form on the wire, or the frame is larger than MAX_FRAME.
    """
    try:
        frame: bytes = msgpack.packb(dict(table), default=_pack)
    except (ValueError, TypeError, OverflowError) as error:
        raise WireError('malformed', f'cannot be sent: {error}') from None
    return checked(frame)


def decode(frame: bytes) -> dict[str, Any]:
    """Return the table in `frame`; its arrays are read-only.

    Raises:
        WireError: The frame is not exactly one table of the kind that `encode` makes.
    """
    checked(frame)
    unpacker = msgpack.Unpacker(raw=False, strict_map_key=False, max_buffer_size=MAX_FRAME)
    unpacker.feed(frame)
    try:
        table = _Reader(unpacker, frame).value(0)
    except _MALFORMED as error:
        raise WireError('malformed', f'not a frame: {type(error).__name__}') from None
    if not isinstance(table, dict):
        raise WireError('malformed', 'not a frame: it must hold a table of names')
    if unpacker.tell() != len(frame):
        raise WireError('malformed', 'not a frame: something follows its table')
    return table


def checked(frame: bytes) -> bytes:
    """Return `frame` unless it is too large to be one."""
    if len(frame) > MAX_FRAME:
        raise WireError('malformed', f'a frame of {len(frame)} bytes, {MAX_FRAME} are allowed')
    return frame


def _pack(value: Any) -> Any:
    """Return an array or numpy scalar in the form msgpack knows."""
    if isinstance(value, np.generic):
        return value.item()
    if not isinstance(value, np.ndarray):
        raise TypeError(f'{type(value).__name__} has no form on the wire')
    little = value.astype(value.dtype.newbyteorder('<'), copy=False)
    if little.dtype.str not in NAMES or little.ndim > MAX_AXES:
        raise TypeError(f'an array of {value.dtype} with {value.ndim} axes has no form')
    return {_ARRAY: True, _DATA: little.tobytes(), _KIND: little.dtype.str,
            _SHAPE: little.shape}


class _Reader:
    """Takes one frame apart, value by value, and counts as it goes."""

    def __init__(self, unpacker: Any, frame: bytes):
        self._unpacker, self._frame = unpacker, frame
        self._left = MAX_VALUES

    def value(self, depth: int) -> Any:
        """Return the next value; raises ValueError and its kin where there is none."""
        first = self._next(depth)
        if _begins_table(first):
            return self._table(self._unpacker.read_map_header(), depth + 1)
        if _begins_list(first):
            return self._list(self._unpacker.read_array_header(), depth + 1)
        value = self._unpacker.unpack()
        if not (value is None or isinstance(value, bool | int | float | str)):
            raise ValueError('bytes and extensions have no place outside of arrays')
        return value

    def _next(self, depth: int) -> int:
        """Return the first byte of the next value, within the budget."""
        self._left -= 1
        if self._left < 0 or depth > MAX_DEPTH:
            raise ValueError('more values or levels than a frame may have')
        place = self._unpacker.tell()
        if place >= len(self._frame):
            raise ValueError('the frame ends early')
        return self._frame[place]

    def _single(self, depth: int) -> Any:
        """Return the next value, which must not hold others: those would not be counted."""
        first = self._next(depth)
        if _begins_table(first) or _begins_list(first):
            raise ValueError('a table or list in a place that is for one value')
        return self._unpacker.unpack()

    def _list(self, length: int, depth: int) -> list[Any]:
        if length > self._left:
            raise ValueError('a list longer than a frame may have')
        return [self.value(depth) for _ in range(length)]

    def _table(self, length: int, depth: int) -> Any:
        if 2 * length > self._left:
            raise ValueError('a table longer than a frame may have')
        table: dict[Any, Any] = {}
        for _ in range(length):
            key = self._single(depth)
            if not isinstance(key, str | bytes) or key in table:
                raise ValueError('a key that is not a name, or stands twice')
            table[key] = self._single(depth) if key == _DATA else self.value(depth)
        return _plain(table)


def _begins_table(first: int) -> bool:
    """Tell whether a value that starts with this byte is a table (the msgpack specification)."""
    return 0x80 <= first <= 0x8f or first in (0xde, 0xdf)


def _begins_list(first: int) -> bool:
    """Tell whether a value that starts with this byte is a list."""
    return 0x90 <= first <= 0x9f or first in (0xdc, 0xdd)


def _plain(table: dict[Any, Any]) -> Any:
    """Return a table of names as it is, and an array or scalar in its own form."""
    if all(isinstance(key, str) for key in table):
        return table
    if table.keys() == {_ARRAY, _DATA, _KIND, _SHAPE} and table[_ARRAY] is True:
        return _array(table[_DATA], KINDS[table[_KIND]], table[_SHAPE])
    if table.keys() == {_SCALAR, _DATA, _KIND} and table[_SCALAR] is True \
            and isinstance(table[_DATA], bool | int | float):
        return KINDS[table[_KIND]](table[_DATA]).item()
    raise ValueError('neither a table of names nor an array')


def _array(data: Any, kind: Any, shape: Any) -> np.ndarray[Any, Any]:
    """Return the array of these bytes, whose number must be what kind and shape say."""
    if not isinstance(data, bytes) or not isinstance(shape, list) or len(shape) > MAX_AXES \
            or not all(type(length) is int and 0 <= length <= MAX_FRAME for length in shape):
        raise ValueError('an array with a shape that cannot be')
    count = 1
    for length in shape:
        count *= length
    if count * np.dtype(kind).itemsize != len(data):
        raise ValueError('an array whose bytes are not as many as its shape says')
    if kind is np.bool_ and data.strip(b'\x00\x01'):
        raise ValueError('a truth value that is neither')
    return np.frombuffer(data, kind).reshape(shape)
