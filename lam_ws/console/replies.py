"""Answers as HTTP: an `Answer` or plain data enters, a JSON response leaves."""
import math
from typing import Any

from lam_ws.console.console import Answer
from lam_ws.console.reading import Refused, written
from starlette.responses import Response


class Json(Response):
    """A JSON response."""

    media_type = 'application/json'

    def render(self, content: Any) -> bytes:
        """Return the body."""
        return written(content).encode()

    @classmethod
    def of(cls, answer: Answer, status: int = 409) -> 'Json':
        """Return the response to a wish: 200, or `status` where it was not taken."""
        return cls(told(answer), 200 if answer.ok else status)

    @classmethod
    def of_refusal(cls, refused: Refused) -> 'Json':
        """Return the response that refuses."""
        body, headers = told(refused.answer), {}
        if refused.retry_s is not None:
            body['retry_s'] = math.ceil(refused.retry_s)
            headers['retry-after'] = str(body['retry_s'])
        if refused.status in (408, 413):   # what is left of the body is not read
            headers['connection'] = 'close'
        return cls(body, refused.status, headers)


def told(answer: Answer) -> dict[str, Any]:
    """Return an answer as the page reads it: text in both languages, `error` where it is one."""
    told: dict[str, Any] = {'ok': answer.ok, **answer.data,
                            'text': {'ko': answer.ko, 'en': answer.en}}
    return told if answer.ok else {**told, 'error': answer.code}
