"""A PLC that speaks Modbus TCP (Modbus Application Protocol V1.1b3), through pymodbus.

Places `coil:3`, `discrete:0`, `input:7`, `holding:7.2` of the site enter; neighbours are read in
one request, and nothing is asked for that no signal names: PLCs answer gaps with an exception.
After a time-out the connection is closed, so that no late answer is taken for the next one.
"""
from collections.abc import Callable, Mapping, Sequence
import re
from typing import Any

from lam_ws.errors import PlcError
from lam_ws.plc.plc import Reading, state
from lam_ws.plc_file import MODBUS, PlcSettings

_MOST = {'coil': 1968, 'discrete': 1968, 'input': 123, 'holding': 123}   # in one request
Place = tuple[str, int, int | None]   # table, address, bit


class ModbusPlc:
    """Fulfils `lam_ws.plc.plc.Plc`.

    Args:
        settings: Of the site.
        timeout_s: s, longest wait for each answer.
    """

    def __init__(self, settings: PlcSettings, timeout_s: float):
        self._settings, self._timeout_s = settings, timeout_s
        self._client: Any = None
        beat = settings.heartbeat
        self._inputs = {one.name: (one, _place(one.at)) for one in settings.inputs}
        self._outputs = {one.name: (one, _place(one.at)) for one in settings.outputs}
        self._theirs = None if beat.theirs is None else _place(beat.theirs)
        self._ours = None if beat.ours is None else _place(beat.ours)
        places = [place for _, place in self._inputs.values()]
        self._blocks = blocks(places + ([] if self._theirs is None else [self._theirs]))

    def open(self) -> None:
        """See `Plc.open`; every block is read once."""
        from pymodbus.client import ModbusTcpClient

        host, _, port = self._settings.address.rpartition(':')
        self.close()
        self._client = ModbusTcpClient(host.strip('[]'), port=int(port), retries=0,
                                       timeout=self._timeout_s)
        if not self._client.connect():
            raise PlcError(f'no connection to the PLC at {self._settings.address}')
        self.read()

    def read(self) -> Reading:
        """See `Plc.read`."""
        values: dict[tuple[str, int], int] = {}
        for table, first, count in self._blocks:
            found = self._ask(f'{table}:{first}', table, first, count)
            values |= {(table, first + i): value for i, value in enumerate(found)}

        def at(place: Place) -> int:
            table, number, bit = place
            value = values[table, number]
            return value if bit is None else value >> bit & 1
        return Reading({name: state(at(place), one.inverted, one.equals)
                        for name, (one, place) in self._inputs.items()},
                       None if self._theirs is None else at(self._theirs))

    def write(self, outputs: Mapping[str, bool], beat: int | None = None) -> None:
        """See `Plc.write`."""
        wanted: dict[Place, int] = {}
        for name, on in outputs.items():
            one, place = self._outputs[name]
            wanted[place] = int(on != one.inverted)
        if beat is not None and self._ours is not None:
            wanted[self._ours] = beat % 65536
        for table, first, count in blocks(list(wanted)):
            values = [wanted[table, first + i, None] for i in range(count)]
            self._tell(f'{table}:{first}', table, first, values)

    def close(self) -> None:
        """See `Plc.close`."""
        if self._client is not None:
            self._client.close()

    def _ask(self, what: str, table: str, first: int, count: int) -> Sequence[int]:
        read = {'coil': 'read_coils', 'discrete': 'read_discrete_inputs',
                'input': 'read_input_registers', 'holding': 'read_holding_registers'}[table]
        answer = self._do(what, lambda client, unit: getattr(client, read)(
            first, count=count, device_id=unit))
        registers = table in ('input', 'holding')
        found = list(answer.registers if registers else answer.bits)
        # Bits come in whole bytes, so there may be more of them than were asked for.
        if len(found) < count or (registers and len(found) != count):
            self.close()
            raise PlcError(f'the PLC answers {what} with {len(found)} values, not {count}')
        return [int(value) for value in found[:count]]

    def _tell(self, what: str, table: str, first: int, values: Sequence[int]) -> None:
        if table == 'coil':
            self._do(what, lambda client, unit: client.write_coils(
                first, [value == 1 for value in values], device_id=unit))
        else:
            self._do(what, lambda client, unit: client.write_registers(
                first, list(values), device_id=unit))

    def _do(self, what: str, act: Callable[[Any, int], Any]) -> Any:
        """Return the answer to one request; whatever goes wrong closes the connection."""
        if self._client is None or not self._client.connected:
            raise PlcError('the connection to the PLC is closed')
        try:
            answer = act(self._client, self._settings.unit)
        except Exception as error:   # pymodbus lets what a peer breaks out as it is
            self.close()
            raise PlcError(f'no answer of the PLC for {what}: '
                           f'{_line(error) or type(error).__name__}') from error
        if answer is None or answer.isError():
            self.close()
            raise PlcError(f'the PLC refuses {what}: {_line(answer)}')
        return answer


def blocks(places: Sequence[Place]) -> list[tuple[str, int, int]]:
    """Return (table, first address, count) of the fewest requests that ask for nothing else."""
    found: list[tuple[str, int, int]] = []
    for table, number in sorted({(table, number) for table, number, _ in places}):
        if found:
            last, first, count = found[-1]
            if last == table and number == first + count and count < _MOST[table]:
                found[-1] = table, first, count + 1
                continue
        found.append((table, number, 1))
    return found


def _place(at: str) -> Place:
    found = MODBUS.fullmatch(at)
    assert found is not None   # the section was checked
    return found[1], int(found[2]), None if found[3] is None else int(found[3])


def _line(value: object) -> str:
    return re.sub(r'\s+', ' ', str(value)).strip()[:160]
