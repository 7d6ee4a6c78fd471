"""What may stand under `language_model` in config/sites/*.yaml: who may propose what was meant.

The section enters as checked data. A key is never written there, only the name of the variable
that holds it, and what operators say leaves this host in the clear only where a site says so.
"""
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Annotated
from urllib.parse import SplitResult, urlsplit

from lam_ws.rules import Identifier, Pattern, Range

Text = Annotated[str, Pattern(r'[^\s\0][^\n\r\0]*', 'one line of text')]


@dataclass(frozen=True)
class LanguageModelSettings:
    """A language model that may be asked; either `url` or `path`.

    Attributes:
        url: Base of an OpenAI-compatible server, for example http://127.0.0.1:11434/v1.
        path: Folder of a local transformers model, weights as safetensors.
        model: What the server calls the model; None leaves it to a server that has only one.
        timeout_s: s, longest wait for a proposal, all attempts and connecting included.
        key_variable: Environment variable that holds the server's key; None sends none.
        plaintext: Whether a server on another host may be asked without encryption.
    """

    url: Text | None = None
    path: Text | None = None
    model: Text | None = None
    timeout_s: Annotated[float, Range(above=0.0, upper=60.0)] = 5.0
    key_variable: Identifier | None = None
    plaintext: bool = False

    def contradictions(self) -> Iterator[tuple[str, str]]:
        """Yield what is no address, what is given twice, and what would travel in the clear."""
        if (self.url is None) == (self.path is None):
            yield '', 'needs either url, a server, or path, a folder with a model'
        elif self.url is not None:
            yield from (('url', message) for message in self._misfits(self.url))
        else:
            for key in ('model', 'key_variable'):
                if getattr(self, key) is not None:
                    yield key, 'belongs to a server; a model in a folder has none'

    def _misfits(self, url: str) -> Iterator[str]:
        try:
            parts = urlsplit(url)
            host, _ = parts.hostname, parts.port
        except ValueError as error:
            yield f'is no address: {error}'
            return
        if parts.scheme not in ('http', 'https') or not host or not url.isascii() \
                or any(letter.isspace() for letter in url):
            yield 'must be http:// or https://, host and path, such as http://127.0.0.1:8080/v1'
        elif parts.username is not None or parts.query or parts.fragment:
            yield 'must carry no user, ?query or #fragment; a key goes by key_variable'
        elif parts.scheme == 'http' and not self.plaintext and not is_local(parts):
            yield f'{host} is another host: use https://, or say plaintext: true where the ' \
                  'network between is yours'


def is_local(url: SplitResult) -> bool:
    """Return whether an address is this host's own."""
    if url.hostname == 'localhost':
        return True
    try:
        return ip_address(url.hostname or '').is_loopback
    except ValueError:
        return False
