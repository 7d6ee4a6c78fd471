"""What may stand under `plc` in config/sites/*.yaml: the signals between a cell and its PLC.

The section enters as checked data. Each signal has a name, a place in the PLC and a role; a gate
is closed while its signal is on, and anything else than a known 'on' is open.
"""
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
import re
from types import MappingProxyType
from typing import Annotated, Literal, Protocol

from lam_ws.rules import Identifier, Length, Pattern, Range

At = Annotated[str, Pattern(r'[^\s\0][^\n\r\0]{0,255}', 'a place in the PLC, such as coil:3')]
Text = Annotated[str, Pattern(r'[^\n\r\0]{0,400}', 'one line')]
Uri = Annotated[str, Pattern(r'[^\s\0]{1,255}', 'the URI of a namespace')]
MODBUS = re.compile(r'(coil|discrete|input|holding):([0-9]{1,5})(?:\.([0-9]{1,2}))?')
NODE_ID = re.compile(r'(ns=[0-9]{1,5};|nsu=[^;\s]+;)?([isgb])=(.+)')
PATH = re.compile(r'(/([A-Za-z0-9]+:)?[^/:]+)+')
_HOST = re.compile(r'([A-Za-z0-9][A-Za-z0-9.-]*|\[[0-9a-fA-F:]+\]):([0-9]{1,5})')
_URL = re.compile(r'opc\.tcp://[^\s/]+(/\S*)?')
_WRITABLE = ('coil', 'holding')
_SCOPE = ('skill', 'place', 'destination', 'part')


class Step(Protocol):
    """What a step of a plan says of itself: a goal, or the subgoal that carries it."""

    @property
    def skill(self) -> str:
        """A name of `policy.skills.SKILLS`."""

    @property
    def place(self) -> str:
        """Kind of the second thing."""

    @property
    def destination(self) -> str:
        """Colour of the second thing."""

    @property
    def part(self) -> str:
        """Id in the cell's knowledge."""


@dataclass(frozen=True)
class _Signal:
    """A signal: its name, its place in the PLC, and the steps that it concerns.

    Attributes:
        name: Unique among the signals of the site.
        at: `coil:3`, `discrete:0`, `input:7`, `holding:7.2` (bit 2) with Modbus, counted from
            0; a node id or a browse path from Root, `/Objects/2:Cell/2:Gate`, with OPC UA.
        inverted: It is on while the PLC says off.
        skill, place, destination, part: Of the steps it concerns, as in `types.Goal`; what is
            left out does not matter.
    """

    name: Identifier
    at: At
    inverted: bool = False
    skill: Identifier | None = None
    place: Identifier | None = None
    destination: Identifier | None = None
    part: Identifier | None = None

    @property
    def scope(self) -> dict[str, str]:
        """What a step must have to be concerned."""
        found = {name: getattr(self, name) for name in _SCOPE}
        return {name: value for name, value in found.items() if value is not None}

    def concerns(self, step: Step) -> bool:
        """Return whether the signal is about this step."""
        return all(getattr(step, name) == value for name, value in self.scope.items())


@dataclass(frozen=True)
class InputSettings(_Signal):
    """A signal from the PLC.

    Attributes:
        role: 'gate': off stops the arm. 'ready': a step that it concerns waits for it. 'start':
            its rise gives the instruction. 'shown': nothing but shown.
        equals: It is on while the PLC's number is this one; None for any but 0.
        instruction: Of a start.
    """

    role: Literal['gate', 'ready', 'start', 'shown'] = 'shown'
    equals: Annotated[int, Range(0, 65535)] | None = None
    instruction: Text = ''

    def contradictions(self) -> Iterator[tuple[str, str]]:
        """Yield what does not go with the role."""
        if (self.role == 'start') != bool(self.instruction.strip()):
            yield 'instruction', 'and the role start go together'
        if self.scope and self.role != 'ready':
            yield next(iter(self.scope)), 'goes with the role ready alone'


@dataclass(frozen=True)
class OutputSettings(_Signal):
    """A signal to the PLC.

    Attributes:
        role: 'busy': an instruction is being carried out. 'fault': the guard has stopped, or is
            not heard. 'step': a step that it concerns is in work, or waits to begin. 'armed':
            the guard permits motion.
    """

    role: Literal['busy', 'fault', 'step', 'armed'] = 'step'

    def contradictions(self) -> Iterator[tuple[str, str]]:
        """Yield what does not go with the role."""
        if self.role == 'step' and not self.scope:
            yield 'role', 'step needs one of ' + ', '.join(_SCOPE)
        if self.role != 'step' and self.scope:
            yield next(iter(self.scope)), 'goes with the role step alone'


@dataclass(frozen=True)
class HeartbeatSettings:
    """Counters by which both sides see that the other one is alive.

    Attributes:
        theirs: Number that the PLC's program changes; `i=2258`, the server's time, with OPC UA.
        ours: Register, 16 bits, that rises by one with each poll; the PLC watches it.
    """

    theirs: At | None = None
    ours: At | None = None


@dataclass(frozen=True)
class PlcSettings:
    """The PLC of a cell.

    Attributes:
        protocol: 'modbus' (TCP) or 'opcua'.
        address: Host and port of Modbus TCP, or opc.tcp:// and what follows.
        inputs, outputs: Signals from the PLC and to it.
        heartbeat: Counters both ways.
        unit: Of a Modbus gateway.
        poll_hz: Polls a second.
        silent_s: s, longest silence after which the cell stops.
        ready_s: s, longest wait of a step for its fixture.
        namespaces: Short names of OPC UA namespaces in browse paths.
    """

    protocol: Literal['modbus', 'opcua']
    address: str
    inputs: Annotated[tuple[InputSettings, ...], Length(0, 64)] = ()
    outputs: Annotated[tuple[OutputSettings, ...], Length(0, 64)] = ()
    heartbeat: HeartbeatSettings = HeartbeatSettings()
    unit: Annotated[int, Range(0, 255)] = 1
    poll_hz: Annotated[float, Range(1.0, 200.0)] = 50.0
    silent_s: Annotated[float, Range(above=0.0, upper=2.0)] = 0.2
    ready_s: Annotated[float, Range(above=0.0, upper=3600.0)] = 60.0
    namespaces: Mapping[str, Uri] = field(default_factory=lambda: MappingProxyType({}))

    def with_role(self, role: str) -> tuple[InputSettings, ...]:
        """Return the inputs of one role."""
        return tuple(one for one in self.inputs if one.role == role)

    def contradictions(self) -> Iterator[tuple[str, str]]:
        """Yield addresses that are none, signals that stand twice, and counters that lack."""
        form, example = (_HOST, 'plc.cell:502') if self.protocol == 'modbus' else (
            _URL, 'opc.tcp://plc.cell:4840')
        if not form.fullmatch(self.address):
            yield 'address', f'must be like {example} for {self.protocol}, ' \
                             f'found {self.address!r}'
        for key, at, written in self._places():
            if wrong := self._misplaced(at, written):
                yield key, wrong
        names = Counter(one.name for one in (*self.inputs, *self.outputs))
        for key, count in names.items():
            if count > 1:
                yield '', f'the signal {key!r} stands twice'
        outputs = Counter(at for _, at, written in self._places() if written)
        for at, count in outputs.items():
            if count > 1:
                yield 'outputs', f'{at} is written by {count} signals'
        if self.with_role('gate') and self.heartbeat.theirs is None:
            yield 'heartbeat', 'theirs is needed with a gate: a PLC whose program stands still ' \
                               'goes on saying what it said last'
        if self.silent_s < 2.0 / self.poll_hz:
            yield 'silent_s', f'is less than two polls of {1.0 / self.poll_hz:g} s'

    def _places(self) -> Iterator[tuple[str, str, bool]]:
        """Yield key, place and whether it is written, of all signals and counters."""
        for kind, signals in (('inputs', self.inputs), ('outputs', self.outputs)):
            for i, one in enumerate(signals):
                yield f'{kind}[{i}].at', one.at, kind == 'outputs'
        if self.heartbeat.theirs is not None:
            yield 'heartbeat.theirs', self.heartbeat.theirs, False
        if self.heartbeat.ours is not None:
            yield 'heartbeat.ours', self.heartbeat.ours, True

    def _misplaced(self, at: str, written: bool) -> str:
        """Return what is wrong with a place, '' when nothing is."""
        if self.protocol == 'opcua':
            if NODE_ID.fullmatch(at):
                return ''
            if not PATH.fullmatch(at):
                return f'must be a node id (ns=2;s=Gate) or a path (/Objects/...), found {at!r}'
            lacking = [name for name in re.findall(r'/([A-Za-z0-9]+):', at)
                       if not name.isdigit() and name not in self.namespaces]
            return f'{lacking[0]!r} is not among namespaces' if lacking else ''
        found = MODBUS.fullmatch(at)
        if found is None:
            return 'must be coil:N, discrete:N, input:N or holding:N, a bit of a register as ' \
                   f'holding:N.B, found {at!r}'
        table, number, bit = found[1], int(found[2]), found[3]
        if number > 65535 or int(bit or 0) > 15:
            return f'there is no {at!r}: addresses end at 65535, bits at 15'
        if bit is not None and (table in ('coil', 'discrete') or written):
            return f'a bit is read out of a register alone, found {at!r}'
        if written and table not in _WRITABLE:
            return f'{table} cannot be written; use coil or holding'
        return ''
