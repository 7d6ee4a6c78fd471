"""Between messages and what keeps recordings: requests and news go in, answers and state leave.

An answer may get lost and a request come twice, as `client` sends it again; so what was done
already is done, and not a fault.
"""
import json
import re
import time
from typing import Any
import unicodedata

from lam_interfaces.msg import RecordState
from lam_interfaces.srv import Record
from lam_ws.errors import RecordingError
from lam_ws.record.card import Ending, Label, LABELS
from lam_ws.record.faults import both, Fault
from lam_ws.record.keeper import Keeper
from lam_ws.site import Site

TWICE_S = 5.0          # within this time the same wish is the same wish
LONGEST_TEXT = 4096    # bytes
LONGEST_NAME = 200
_HANGUL = re.compile('[ᄀ-ᇿㄱ-ㆎ가-힣]')
ACTIONS = ('start', 'stop', 'discard', 'label')


def answer(keeper: Keeper, request: Record.Request, response: Record.Response) -> None:
    """Do what an operator wants and say what came of it."""
    try:
        _examine(request)
        response.episode_id = _DO[request.action](keeper, request)
        response.success = True
    except RecordingError as refusal:
        response.message = str(refusal)


def _examine(request: Record.Request) -> None:
    if request.action not in ACTIONS:
        raise RecordingError(f"'{request.action[:40]}' is none of {', '.join(ACTIONS)}")
    if request.label not in LABELS:
        raise RecordingError(f"a label is 'success', 'failure' or '', not "
                             f"'{request.label[:40]}'")
    for name, longest in (('instruction', LONGEST_TEXT), ('note', LONGEST_TEXT),
                          ('operator_id', LONGEST_NAME)):
        if len(getattr(request, name).encode()) > longest:
            raise RecordingError(f'{name} is longer than {longest} bytes')


def _start(keeper: Keeper, request: Record.Request) -> str:
    card = keeper.card
    again = (card is not None and card.by_operator and keeper.age_s() < TWICE_S
             and (card.instruction, card.operator) == (request.instruction, request.operator_id))
    if again:
        return keeper.last
    return keeper.start(request.instruction, language(request.instruction),
                        request.operator_id)


def _stop(keeper: Keeper, request: Record.Request) -> str:
    if keeper.card is None and keeper.last and not keeper.failure \
            and keeper.age_s() < TWICE_S:
        return keeper.last
    return keeper.stop(_label(request) if request.label or request.note else None)


def _label(request: Record.Request) -> Label:
    return Label(request.label, request.operator_id, time.strftime('%Y-%m-%dT%H:%M:%S%z'),
                 request.note)


_DO = {'start': _start, 'stop': _stop,
       'label': lambda keeper, request: keeper.label(request.episode_id, _label(request)),
       'discard': lambda keeper, request: keeper.discard(request.episode_id)}


def language(text: str) -> str:
    """Return 'ko' or 'en' as the task would, '' where there is no text."""
    composed = unicodedata.normalize('NFC', text)   # a Mac types syllables in pieces
    return '' if not text.strip() else 'ko' if _HANGUL.search(composed) else 'en'


def news(keeper: Keeper, text: str) -> None:
    """Take note of what the task says of an instruction.

    Raises:
        RecordingError: It cannot be read, or what is known of it cannot be kept.
    """
    try:
        told: dict[str, Any] = json.loads(text)
        episode, said = str(told['episode_id']), str(told['text'])
        if 'success' in told:
            keeper.ended(Ending(episode, said, bool(told['success']), str(told['reason']),
                                str(told['result'])))
        else:
            keeper.asked(episode, said, str(told['language']), str(told['operator_id']))
    except (ValueError, TypeError, KeyError) as error:
        raise RecordingError(f'news of an instruction cannot be read: {error}') from error


def record_state(site: Site, keeper: Keeper, found: tuple[Fault, ...]) -> RecordState:
    """Return what the recorder does as a message, without its stamp."""
    card, recorder, now = keeper.card, keeper.recorder, keeper.checking.now
    message = RecordState(
        cameras=[camera.name for camera in site.cameras], rate_hz=list(now.rate_hz),
        dropped=list(now.dropped), skew_s=float(now.skew_s),
        delay_s=float(keeper.checking.delay_s), warning=both(found[0]) if found else '')
    if card is not None and recorder is not None:
        message.episode_id, message.instruction = card.episode, card.instruction
        message.by_operator, message.seconds = card.by_operator, float(keeper.seconds())
        message.messages = recorder.messages
    return message
