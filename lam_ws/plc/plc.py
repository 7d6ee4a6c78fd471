"""The contract of a connection to the cell's PLC: signals in, signals out, one thread.

Settings of the site enter; a connection leaves that is opened, read, written and closed, and that
raises `PlcError` rather than guess. Units and places of the protocol stay inside; what comes out
is on, off, or not known. `link.py` polls one; nothing here waits longer than its time-out.
"""
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from types import MappingProxyType
from typing import Protocol

from lam_ws.plc_file import PlcSettings

PROTOCOLS = {'modbus': 'lam_ws.plc.modbus:ModbusPlc', 'opcua': 'lam_ws.plc.opcua:OpcUaPlc'}


@dataclass(frozen=True)
class Reading:
    """What a PLC said in one poll.

    Attributes:
        inputs: By name in the order of the site: on, off, or None where the PLC itself says
            that the value is not to be trusted.
        beat: Its counter, None where the site has none.
    """

    inputs: Mapping[str, bool | None]
    beat: object = None

    def __post_init__(self) -> None:
        object.__setattr__(self, 'inputs', MappingProxyType(dict(self.inputs)))


class Plc(Protocol):
    """A connection; used from one thread."""

    def open(self) -> None:
        """Connect and look whether everything the site names is there; raises PlcError."""

    def read(self) -> Reading:
        """Return all inputs and the counter of the PLC; raises PlcError."""

    def write(self, outputs: Mapping[str, bool], beat: int | None = None) -> None:
        """Set outputs by name, and the counter of this side; raises PlcError."""

    def close(self) -> None:
        """Disconnect; bears being called twice and after a failed `open`, and never raises."""


def connection(settings: PlcSettings, timeout_s: float | None = None) -> Plc:
    """Return the connection of a site's section, not opened yet.

    Args:
        settings: The section.
        timeout_s: s, longest wait for an answer; None for half of the longest silence.
    """
    module, name = PROTOCOLS[settings.protocol].split(':')
    wait_s = settings.silent_s / 2.0 if timeout_s is None else timeout_s
    made: Plc = getattr(import_module(module), name)(settings, wait_s)
    return made


def state(value: object, inverted: bool, equals: int | None) -> bool | None:
    """Return a value of the PLC as on, off or, where it is no truth and no number, None.

    Args:
        value: Of a bit, a register or a node.
        inverted: Off at the PLC is on here.
        equals: Number that is on; None for any but 0.
    """
    if not isinstance(value, bool | int | float) or value != value:
        return None
    return (bool(value) if equals is None else value == equals) != inverted
