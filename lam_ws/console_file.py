"""What may stand under `console` in config/sites/*.yaml: where the operator's page is served.

The section enters as checked data. A page that other hosts can reach needs a file of users and
the names under which browsers ask for it; what is left out is the closed choice.
"""
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Annotated

from lam_ws.rules import Length, Pattern, Range

Address = Annotated[str, Pattern(r'[0-9]{1,3}(\.[0-9]{1,3}){3}|[0-9a-fA-F:.]*:[0-9a-fA-F:.]*',
                                 'an IPv4 or IPv6 address, such as 127.0.0.1')]
Host = Annotated[str, Pattern(r'([a-z0-9]([a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\])(:[0-9]{1,5})?',
                              'a lower-case host as a browser names it, such as panel.plant:8600')]
File = Annotated[str, Pattern(r'[^\s\0][^\n\r\0]*', 'a file')]


@dataclass(frozen=True)
class ConsoleSettings:
    """Where the console listens and whom it lets in.

    Attributes:
        host: Address it listens on.
        port: TCP port.
        hosts: Names, with port, under which browsers reach it; on the loopback device its own
            are known.
        https: Whether a proxy in front of it speaks TLS with the browsers.
        users: File of users that `lam users` writes; None for the one below ROS_HOME.
        audit: File that says who commanded what; None for the one below ROS_HOME.
        session_minutes: After which a person has to log in anew.
        idle_minutes: The same without a request and without an open page.
        picture_hz: Most images a second of each camera that a page is sent.
    """

    host: Address = '127.0.0.1'
    port: Annotated[int, Range(1, 65535)] = 8600
    hosts: Annotated[tuple[Host, ...], Length(0, 16)] = ()
    https: bool = False
    users: File | None = None
    audit: File | None = None
    session_minutes: Annotated[float, Range(1.0, 1440.0)] = 480.0
    idle_minutes: Annotated[float, Range(1.0, 1440.0)] = 30.0
    picture_hz: Annotated[float, Range(1.0, 30.0)] = 10.0

    @property
    def local(self) -> bool:
        """Whether only this host can reach it."""
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return False

    def contradictions(self) -> Iterator[tuple[str, str]]:
        """Yield what is no address, and what an open door lacks."""
        try:
            ip_address(self.host)
        except ValueError:
            yield 'host', f'is no address, found {self.host!r}'
            return
        if not self.local and self.users is None:
            yield 'users', f'is needed where other hosts reach the console ({self.host}): a ' \
                           'file that `lam users add NAME --file FILE` writes'
        if not self.local and not self.hosts:
            yield 'hosts', f'is needed where other hosts reach the console ({self.host}): the ' \
                           'names under which browsers ask for it, such as panel.plant:8600'
        if self.https and not self.hosts:
            yield 'hosts', 'is needed with https: the name that the proxy serves'
