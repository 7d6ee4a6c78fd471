"""A graph on a server, by the SPARQL 1.1 Graph Store HTTP Protocol: bytes of RDF go and come.

One request, one answer: no redirection is followed and no proxy asked, so that what is known goes
to the named server and to no other. A request that takes longer than its budget is cut off,
however slowly its answer drips.
"""
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.client import (
    HTTPConnection,
    HTTPException,
    HTTPResponse,
    HTTPSConnection,
    IncompleteRead,
)
import os
import re
import socket
from threading import Event, Timer
from urllib.parse import quote, SplitResult, urlsplit

from lam_ws.errors import ConfigurationError, WireError
from lam_ws.knowledge.reading import LARGEST
from lam_ws.rules import quoted

BUDGET_S = 60.0
LOGIN = 'LAM_ENDPOINT_LOGIN'   # of the environment: user:password
TYPE = 'application/n-triples'
_IRI = re.compile(r'[a-zA-Z][a-zA-Z0-9+.-]*:[^\s<>"{}|^`\\\x00-\x1f]+')
_PIECE = 65_536   # bytes
_LOCAL = ('localhost', '127.0.0.1', '::1')


def fetch(url: str, graph: str, budget_s: float = BUDGET_S) -> bytes:
    """Return a graph as N-Triples.

    Args:
        url: Of the server's Graph Store, http or https.
        graph: IRI of the graph.
        budget_s: For all of it, s.

    Raises:
        ConfigurationError: URL, IRI or login are none.
        WireError: 'unreachable', 'slow', 'lost', 'unauthorised', 'refused' or 'malformed'.
    """
    with _request('GET', url, graph, None, budget_s) as answer:
        kind = answer.headers.get('Content-Type', 'nothing').partition(';')[0].strip().lower()
        if kind not in (TYPE, 'text/plain'):
            raise WireError('malformed', f'{url} answered with {quoted(kind)}, not with {TYPE}; '
                                         'is it the address of a Graph Store?')
        data = bytearray()
        while piece := answer.read(_PIECE):
            data += piece
            if len(data) > LARGEST:
                raise WireError('malformed', f'{url} has more than {LARGEST} bytes of that graph')
        if answer.length:   # http.client takes a short answer for a whole one
            raise IncompleteRead(b'', answer.length)
        return bytes(data)


def publish(url: str, graph: str, data: bytes, budget_s: float = BUDGET_S) -> None:
    """Put N-Triples in the place of a graph.

    Args:
        url: Of the server's Graph Store, http or https.
        graph: IRI of the graph; what it held is gone.
        data: N-Triples.
        budget_s: For all of it, s.

    Raises:
        ConfigurationError: URL, IRI or login are none.
        WireError: See `fetch`.
    """
    with _request('PUT', url, graph, data, budget_s) as answer:
        answer.read(_PIECE)


@contextmanager
def _request(method: str, url: str, graph: str, data: bytes | None,
             budget_s: float) -> Iterator[HTTPResponse]:
    """Yield the answer to one request; whatever fails, while it is read too, is a WireError."""
    parts = _address(url, graph)
    path = f'{parts.path or "/"}?{parts.query}{"&" if parts.query else ""}graph=' \
        + quote(graph, safe='')
    kind = HTTPSConnection if parts.scheme == 'https' else HTTPConnection
    headers, late, connected = _headers(parts, data), Event(), False
    line = kind(str(parts.hostname), parts.port, timeout=budget_s)
    try:
        line.connect()
        connected = True
        with _cut_off(line.sock, budget_s, late):
            line.request(method, path, data, headers)
            with line.getresponse() as answer:
                _judge(url, graph, answer.status)
                yield answer
            if late.is_set():   # what was read until then looks like the end
                raise TimeoutError
    except (OSError, HTTPException) as error:
        raise _told(error, url, connected, late.is_set(), budget_s) from None
    finally:
        line.close()


def _told(error: Exception, url: str, connected: bool, late: bool, budget_s: float) -> WireError:
    """Return what went wrong with a request."""
    if late or isinstance(error, TimeoutError):
        return WireError('slow', f'{url} took longer than {budget_s:g} s')
    if isinstance(error, IncompleteRead | ConnectionError) and connected:
        return WireError('lost', f'{url} closed the connection')
    if isinstance(error, HTTPException):
        return WireError('malformed', f'{url} does not speak HTTP: {type(error).__name__}')
    why = getattr(error, 'strerror', None) or type(error).__name__
    return WireError('unreachable', f'{url} cannot be reached: {why}')


@contextmanager
def _cut_off(line: socket.socket, budget_s: float, late: Event) -> Iterator[None]:
    """Close a connection from under whoever waits on it once the budget is spent."""
    def cut() -> None:
        late.set()
        with suppress(OSError):   # closed meanwhile
            line.shutdown(socket.SHUT_RDWR)

    timer = Timer(budget_s, cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _address(url: str, graph: str) -> SplitResult:
    """Return the parts of a URL that can be asked."""
    if not _IRI.fullmatch(graph):
        raise ConfigurationError(f'--graph must be an IRI, found {quoted(graph)}')
    try:
        parts = urlsplit(url)
        if parts.scheme not in ('http', 'https') or not parts.hostname or parts.username \
                or parts.fragment or not _IRI.fullmatch(url) or not url.isascii():
            raise ValueError
        parts.port   # noqa: B018  # raises where it is no number
    except ValueError:
        raise ConfigurationError('--endpoint must be an address such as '
                                 'http://localhost:8890/sparql-graph-crud, without a login: that '
                                 f'belongs into {LOGIN}') from None
    return parts


def _headers(parts: SplitResult, data: bytes | None) -> dict[str, str]:
    headers = {'Accept': TYPE} if data is None else {'Content-Type': TYPE}
    login = os.environ.get(LOGIN, '')
    if login:
        if parts.scheme != 'https' and parts.hostname not in _LOCAL:
            raise ConfigurationError(f'{LOGIN} is sent by https or to this machine only')
        headers['Authorization'] = f'Basic {b64encode(login.encode()).decode()}'
    return headers


def _judge(url: str, graph: str, status: int) -> None:
    """Raise what a status means, unless it means that all is well."""
    if status in (401, 403):
        raise WireError('unauthorised', f'{url} wants a login, status {status}; {LOGIN} holds it')
    if status == 404:
        raise WireError('refused', f'{url} has no graph {quoted(graph)}, or no Graph Store')
    if not 200 <= status < 300:
        raise WireError('refused', f'{url} refused with status {status}')
