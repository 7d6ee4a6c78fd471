"""JSON from a browser becomes frozen data, or a refusal: bytes and a dataclass enter.

The dataclass is the schema, with the rules of `lam_ws.rules` beside its types; an unknown or
missing key, a wrong type, a number that is not finite and text that is no text are refused.
"""
from collections.abc import Mapping
from dataclasses import fields, MISSING
import json
import math
from types import UnionType
from typing import Annotated, Any, get_args, get_origin, get_type_hints, Literal, TypeVar, Union

from lam_ws.console.console import Answer
from lam_ws.console.words import refusal

T = TypeVar('T')


class Refused(Exception):
    """A request that is not taken; carries the `answer` and the HTTP `status`."""

    def __init__(self, status: int, code: str, detail: str = '', retry_s: float | None = None):
        self.status, self.retry_s = status, retry_s
        self.answer: Answer = refusal(code, detail)
        super().__init__(code)


def parse(body: bytes | str) -> dict[str, Any]:
    """Return the JSON object in `body`, an empty one for an empty body.

    Raises:
        Refused: It is none.
    """
    if not body.strip():
        return {}
    try:
        value = json.loads(body, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise Refused(400, 'not_json') from None
    if not isinstance(value, dict):
        raise Refused(400, 'not_json')
    return value


def read(values: Mapping[str, Any], kind: type[T]) -> T:
    """Return `values` as an instance of the frozen dataclass `kind`.

    Raises:
        Refused: They are not one.
    """
    hints = get_type_hints(kind, include_extras=True)
    if unknown := sorted(set(values) - set(hints)):
        raise Refused(400, 'bad_value', f'{unknown[0][:40]!a}?')
    made = {}
    for item in fields(kind):  # type: ignore[arg-type]
        if item.name in values:
            made[item.name] = _value(values[item.name], hints[item.name], item.name)
        elif item.default is MISSING:
            raise Refused(400, 'bad_value', item.name)
    return kind(**made)


def _value(value: Any, kind: Any, name: str) -> Any:
    """Return one value as `kind`, checked."""
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Annotated:
        made = _value(value, arguments[0], name)
        for rule in arguments[1:]:
            if rule.breach(made) is not None:
                raise Refused(400, 'bad_value', name)
        return made
    if origin in (UnionType, Union):   # only `X | None` is used
        return None if value is None else _value(value, arguments[0], name)
    if origin is Literal and isinstance(value, str) and value in arguments:
        return value
    if origin is tuple and isinstance(value, list) and len(value) <= 64:
        return tuple(_value(entry, arguments[0], name) for entry in value)
    if kind is str and isinstance(value, str) and _is_text(value):
        return value
    if kind is int and type(value) is int:
        return value
    if kind is float and type(value) in (int, float) and abs(value) < 1e300 \
            and math.isfinite(value):
        return float(value)
    if kind is bool and isinstance(value, bool):
        return value
    raise Refused(400, 'bad_value', name)


def _is_text(value: str) -> bool:
    """Return whether a text can be written down: no half of a surrogate pair, no NUL."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return '\0' not in value


def _no_constant(name: str) -> float:
    raise ValueError(name)   # NaN and Infinity are no JSON


def written(value: Any) -> str:
    """Return JSON; a number that is not finite is null there."""
    try:
        return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(',', ':'))
    except ValueError:
        return json.dumps(_finite(value), ensure_ascii=False, allow_nan=False,
                          separators=(',', ':'))


def _finite(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {key: _finite(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(one) for one in value]
    return value
