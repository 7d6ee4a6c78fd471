"""A model behind an OpenAI-compatible server: a sentence enters, an HTTP request leaves.

Servers differ in how they can be held to a schema: one takes `json_schema`, one `json_object` with
a schema beside it, one refuses either and one takes both and heeds neither. They are tried in this
order, and what worked is tried first the next time. Nothing that a server sends is believed.
"""
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from http.client import HTTPConnection, HTTPException, HTTPSConnection
import json
import os
import socket
import time
from typing import Any
from urllib.parse import urlsplit

from lam_ws.errors import ConfigurationError
from lam_ws.grounding.factory.order import Step
from lam_ws.grounding.proposing.prompt import messages
from lam_ws.grounding.proposing.proposing import Candidate
from lam_ws.grounding.proposing.replies import read_reply, schema
from lam_ws.grounding.proposing.within import within
from lam_ws.language_model_file import LanguageModelSettings

MOST_BYTES = 256 * 1024   # of an answer
MOST_TOKENS = 1024        # of a reply
# Statuses by which servers refuse a format that they do not know.
REFUSED = (400, 415, 422, 500, 501)
# How a server is asked to keep to a schema.
FORMATS: tuple[Callable[[dict[str, Any]], dict[str, Any]], ...] = (
    lambda schema: {'response_format': {'type': 'json_schema', 'json_schema': {
        'name': 'order', 'strict': True, 'schema': schema}}},
    lambda schema: {'response_format': {'type': 'json_object', 'schema': schema}},
    lambda schema: {})


class Server:
    """Asks a server; see `proposing.Proposer` for its contract.

    Args:
        settings: With the server's `url`.

    Raises:
        ConfigurationError: The variable with its key is not set, or holds no key.
    """

    def __init__(self, settings: LanguageModelSettings):
        assert settings.url is not None
        self._url, self._model = urlsplit(settings.url), settings.model
        self._headers = {'Content-Type': 'application/json', 'Accept-Encoding': 'identity',
                         'Connection': 'close'}
        if settings.key_variable is not None:
            self._headers['Authorization'] = f'Bearer {_key(settings.key_variable)}'
        self._works = 0   # which of FORMATS did last

    def propose(self, text: str, candidates: Sequence[Candidate],
                deadline_s: float) -> tuple[Step, ...] | None:
        """Return the steps of the first reply that is an order; see `Proposer.propose`."""
        until = time.monotonic() + deadline_s
        asked = {'messages': messages(text, candidates), 'temperature': 0.0,
                 'max_tokens': MOST_TOKENS, 'stream': False,
                 **({'model': self._model} if self._model is not None else {})}
        keep = schema(candidates)
        for number in range(self._works, len(FORMATS)):
            answer = self._post({**asked, **FORMATS[number](keep)}, until - time.monotonic())
            if answer is None or answer[0] not in (200, *REFUSED):
                break
            steps = read_reply(_content(answer[1]), candidates) if answer[0] == 200 else None
            if steps is not None:
                self._works = number
                return steps or None
        else:
            self._works = 0   # the server may be another by now
        return None

    def _post(self, asked: Mapping[str, Any], seconds: float) -> tuple[int, bytes] | None:
        """Return status and body of an answer; None where there is none in time, or too much."""
        kind = HTTPSConnection if self._url.scheme == 'https' else HTTPConnection
        link = kind(self._url.hostname or '', self._url.port, timeout=max(seconds, 0.001))
        opened: list[socket.socket] = []   # http.client lets go of it before the body is read

        def exchange() -> tuple[int, bytes] | None:
            try:
                link.connect()
                opened.append(link.sock)
                link.request('POST', f'{self._url.path.rstrip("/")}/chat/completions',
                             json.dumps(asked).encode(), self._headers)
                with link.getresponse() as answer:
                    body = answer.read(MOST_BYTES + 1)
                    return (answer.status, body) if len(body) <= MOST_BYTES else None
            except (OSError, HTTPException, ValueError):
                return None
            finally:
                link.close()

        return within(seconds, exchange, lambda: _hang_up(opened))


def _hang_up(opened: Sequence[socket.socket]) -> None:
    """End an exchange from outside; whoever reads wakes up."""
    for link in opened:
        with suppress(OSError):   # it has ended meanwhile
            link.shutdown(socket.SHUT_RDWR)


def _key(variable: str) -> str:
    key = os.environ.get(variable, '').strip()
    if not key:
        raise ConfigurationError(f'the environment variable {variable} with the key of the '
                                 'language model is not set')
    if not (key.isascii() and key.isprintable()):
        raise ConfigurationError(f'the environment variable {variable} holds no key: '
                                 'there are letters in it that no key has')
    return key


def _content(body: bytes) -> str:
    """Return what the model said, '' where the answer is none of a chat."""
    try:
        found = json.loads(body)
        said = found['choices'][0]['message']['content']
    except (ValueError, RecursionError, LookupError, TypeError):
        return ''
    return said if isinstance(said, str) else ''
