"""What may stand under `remote` in config/policies/*.yaml: where a policy server is, its words.

The section enters as checked data; columns of joints with units leave for the client. A server
that was trained elsewhere calls things by other names and units: this is where they are said.
"""
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Annotated, Literal

from lam_ws.robot import ArmSpec
from lam_ws.rules import Identifier, Length, Pattern, Range

Url = Annotated[str, Pattern(r'wss?://[A-Za-z0-9.-]+:[0-9]{1,5}(/[\w./-]*)?',
                             'ws:// or wss://, host and port')]
Key = Annotated[str, Pattern(r'[A-Za-z0-9_./]{1,100}', 'a name of letters, digits, _, . and /')]
Unit = Literal['rad', 'deg', 'm', 'mm', 'open', 'closed']
ANGLES, OPENINGS = ('rad', 'deg'), ('m', 'mm', 'open', 'closed')


@dataclass(frozen=True)
class Column:
    """One column of state and actions: a joint of the arm and the unit it travels in.

    'open' is the share of the gripper's opening, 0..1; 'closed' is 1 minus that.
    """

    joint: Identifier
    unit: Unit


@dataclass(frozen=True)
class RemoteSettings:
    """A policy server and what it calls things.

    Attributes:
        url: Where it listens, for example ws://127.0.0.1:8765.
        timeout_s: s, longest wait for one chunk, connecting included.
        key_variable: Environment variable that holds the key; None sends none.
        joint_actions: 'absolute' targets, or 'relative' to the measured joints that were sent;
            the gripper is absolute in either case.
        columns: Joints in the server's order with their units; empty means those of the arm,
            rad and m. They hold for the state that is sent and for the actions.
        state_key: What the server calls the joint positions.
        image_keys: What it calls each camera's image; empty sends all cameras as
            observation/images/<camera>, else only those named here are sent.
    """

    url: Url
    timeout_s: Annotated[float, Range(above=0.0, upper=10.0)]
    key_variable: Identifier | None = None
    joint_actions: Literal['absolute', 'relative'] = 'absolute'
    columns: Annotated[tuple[Column, ...], Length(0, 32)] = ()
    state_key: Key = 'observation/state'
    image_keys: Mapping[str, Key] = field(default_factory=lambda: MappingProxyType({}))

    def contradictions(self) -> Iterator[tuple[str, str]]:
        """Yield what stands twice."""
        joints = [column.joint for column in self.columns]
        for i, joint in enumerate(joints):
            if joint in joints[:i]:
                yield f'columns[{i}].joint', f'{joint!r} stands twice'
        keys = [self.state_key, 'prompt', *self.image_keys.values()]
        if len(set(keys)) != len(keys):
            yield 'image_keys', 'a name of the server stands twice'

    def columns_of(self, arm: ArmSpec) -> tuple[Column, ...]:
        """Return the columns, those of `arm` in rad and m when none are given."""
        return self.columns or own_columns(arm)

    def misfits(self, arm: ArmSpec, cameras: tuple[str, ...]) -> Iterator[str]:
        """Yield what does not belong to `arm` or to the site's cameras."""
        named = [column.joint for column in self.columns_of(arm)]
        yield from (f'{arm.name} has no joint {joint!r}' for joint in named
                    if joint not in arm.names)
        yield from (f'the joint {joint!r} of {arm.name} has no column' for joint in arm.names
                    if joint not in named)
        for column in self.columns_of(arm):
            fitting = OPENINGS if column.joint == arm.names[-1] else ANGLES
            if column.joint in arm.names and column.unit not in fitting:
                yield f'{column.joint} cannot be in {column.unit!r}, only in ' \
                      f'{", ".join(fitting)}'
        yield from (f'there is no camera {name!r}' for name in self.image_keys
                    if name not in cameras)


def own_columns(arm: ArmSpec) -> tuple[Column, ...]:
    """Return the arm's joints in their own order: rad, and m for the gripper."""
    return (*(Column(name, 'rad') for name in arm.names[:-1]), Column(arm.names[-1], 'm'))
