"""A PLC or robot controller that speaks OPC UA, through asyncua.

Node ids and browse paths of the site enter; each poll is one Read request of all values. It is
polled because that is sooner known than a subscription, whose publishing interval the server
chooses (docs/howto_plc.md has both measured). A value whose status is not Good is not known.
"""
import asyncio
from collections.abc import Coroutine, Mapping
import logging
import re
from typing import Any, TypeVar

from lam_ws.errors import PlcError
from lam_ws.plc.plc import Reading, state
from lam_ws.plc_file import PATH, PlcSettings

_OPEN_S = 10.0   # s, longest time to connect: certificates and sessions take servers seconds
_CLOSE_S = 1.0
T = TypeVar('T')


class OpcUaPlc:
    """Fulfils `lam_ws.plc.plc.Plc`.

    Args:
        settings: Of the site.
        timeout_s: s, longest wait for each answer.
    """

    def __init__(self, settings: PlcSettings, timeout_s: float):
        self._settings, self._timeout_s = settings, timeout_s
        self._loop: asyncio.AbstractEventLoop | None = None
        self._client: Any = None
        self._nodes: dict[str, Any] = {}   # by place
        self._kinds: dict[str, Any] = {}   # variant types of what is written, by place

    def open(self) -> None:
        """See `Plc.open`; every node is looked up, and the type of those that are written."""
        logging.getLogger('asyncua').setLevel(logging.CRITICAL)   # told by what is raised here
        self.close()
        self._loop = asyncio.new_event_loop()
        self._run(self._open(), _OPEN_S)

    def read(self) -> Reading:
        """See `Plc.read`."""
        one = self._settings
        places = [signal.at for signal in one.inputs]
        places += [] if one.heartbeat.theirs is None else [one.heartbeat.theirs]
        found = self._run(self._values(places), self._timeout_s) if places else []
        values = dict(zip(places, found, strict=True))
        return Reading({signal.name: state(values[signal.at], signal.inverted, signal.equals)
                        for signal in one.inputs},
                       None if one.heartbeat.theirs is None else values[one.heartbeat.theirs])

    def write(self, outputs: Mapping[str, bool], beat: int | None = None) -> None:
        """See `Plc.write`."""
        wanted = {one.at: int(outputs[one.name] != one.inverted)
                  for one in self._settings.outputs if one.name in outputs}
        if beat is not None and self._settings.heartbeat.ours is not None:
            wanted[self._settings.heartbeat.ours] = beat % 65536
        if wanted:
            self._run(self._write(wanted), self._timeout_s)

    def close(self) -> None:
        """See `Plc.close`."""
        loop, self._loop = self._loop, None
        client, self._client = self._client, None
        if loop is None:
            return
        try:
            loop.run_until_complete(_end(client))
        finally:
            loop.close()

    async def _open(self) -> None:
        from asyncua import Client

        one = self._settings
        self._client = Client(one.address, timeout=self._timeout_s)
        await self._client.connect()
        written = [signal.at for signal in one.outputs]
        written += [] if one.heartbeat.ours is None else [one.heartbeat.ours]
        read = [signal.at for signal in one.inputs]
        read += [] if one.heartbeat.theirs is None else [one.heartbeat.theirs]
        for place in dict.fromkeys((*read, *written)):
            self._nodes[place] = await self._find(place)
        if written:
            data = await self._client.read_attributes([self._nodes[at] for at in written])
            for place, value in zip(written, data, strict=True):
                if value.Value is None or not value.StatusCode.is_good():
                    raise PlcError(f'the PLC has no value of {place}: its type is not known')
                self._kinds[place] = value.Value.VariantType

    async def _find(self, place: str) -> Any:
        from asyncua import ua

        uris = await self._client.get_namespace_array()

        def index(name: str) -> int:
            uri = self._settings.namespaces.get(name, name)
            if uri not in uris:
                raise PlcError(f'the PLC has no namespace {uri}')
            return int(uris.index(uri))
        try:
            if not PATH.fullmatch(place):
                uri = re.match(r'nsu=([^;]+);', place)
                text = place if uri is None else f'ns={index(uri[1])};{place[uri.end():]}'
                node = self._client.get_node(ua.NodeId.from_string(text))
                await node.read_browse_name()
                return node
            parts = [re.fullmatch(r'(?:([A-Za-z0-9]+):)?(.+)', part)
                     for part in place[1:].split('/')]
            names = [f'{0 if not (mark := part[1]) else mark if mark.isdigit() else index(mark)}'
                     f':{part[2]}' for part in parts if part is not None]
            return await self._client.get_root_node().get_child(names)
        except ua.UaError as error:
            raise PlcError(f'the PLC has no {place}: {type(error).__name__}') from error

    async def _values(self, places: list[str]) -> list[object]:
        data = await self._client.read_attributes([self._nodes[place] for place in places])
        if len(data) != len(places):
            raise PlcError(f'the PLC answers with {len(data)} values, not {len(places)}')
        return [value.Value.Value if value.Value is not None and value.StatusCode.is_good()
                else None for value in data]

    async def _write(self, wanted: Mapping[str, int]) -> None:
        from asyncua import ua

        nodes, values = [], []
        for place, number in wanted.items():
            kind = self._kinds[place]
            value = bool(number) if kind == ua.VariantType.Boolean else \
                float(number) if kind in (ua.VariantType.Float, ua.VariantType.Double) else number
            nodes.append(self._nodes[place])
            values.append(ua.DataValue(ua.Variant(value, kind)))
        await self._client.write_values(nodes, values)

    def _run(self, work: Coroutine[Any, Any, T], longest_s: float) -> T:
        """Return what `work` returns; whatever goes wrong closes the connection."""
        if self._loop is None:
            work.close()
            raise PlcError('the connection to the PLC is closed')
        try:
            return self._loop.run_until_complete(asyncio.wait_for(work, longest_s))
        except Exception as error:   # asyncua lets what a peer breaks out as it is
            self.close()
            if isinstance(error, PlcError):
                raise
            said = re.sub(r'\s+', ' ', str(error))[:160] or type(error).__name__
            raise PlcError(f'no sound answer of the PLC at {self._settings.address}: {said}'
                           ) from error


async def _end(client: Any) -> None:
    """Disconnect and let go of whatever the client still has running."""
    if client is not None:
        try:
            await asyncio.wait_for(client.disconnect(), _CLOSE_S)
        except Exception:   # the peer is gone, or was never there
            client.disconnect_socket()
    rest = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in rest:
        task.cancel()
    await asyncio.gather(*rest, return_exceptions=True)
