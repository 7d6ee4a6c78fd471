"""Demonstrations one after the other, as an operator at a keyboard makes them.

Keys go in, wishes to the recorder leave, and sentences for the operator. One episode at a time:
it is kept with a label, done again, or thrown away, and nothing else ever ends it.
"""
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import NamedTuple

from lam_ws.errors import RecordingError
from lam_ws.record.card import FAILURE, SUCCESS, UNDECIDED

START, GOOD, BAD, AGAIN, SKIP, QUIT = 's', 'y', 'n', 'r', 'x', 'q'
#: key: (Korean, English) of what it does.
KEYS: Mapping[str, tuple[str, str]] = MappingProxyType({
    START: ('시작', 'start'), GOOD: ('성공', 'success'), BAD: ('실패', 'failure'),
    AGAIN: ('다시', 're-record'), SKIP: ('버림', 'skip'), QUIT: ('끝', 'quit')})
# What people press as well: the keyboard may be set to Korean, and space is the largest key.
_SAME = {' ': START, '\r': START, '\n': START, 'ㄴ': START, 'ㅛ': GOOD, 'ㅜ': BAD, 'ㄱ': AGAIN,
         'ㅌ': SKIP, 'ㅂ': QUIT}


class Wish(NamedTuple):
    """What is wanted of the recorder; the fields of lam_interfaces/srv/Record."""

    action: str
    episode: str = ''
    instruction: str = ''
    label: str = UNDECIDED


@dataclass(frozen=True)
class Take:
    """An episode that is over: `label` of a person, or `kept` False where it is in the trash."""

    episode: str
    label: str
    kept: bool


class Takes:
    """One session of an operator.

    Args:
        ask: Asks the recorder and returns the id of the episode; raises RecordingError with
            what it answers when it refuses.
        instruction: What the demonstrations are of.

    Attributes:
        recording: Id of the episode that is being recorded, '' while none is.
        done: What was recorded, in order.
        over: Whether the operator has had enough.
    """

    def __init__(self, ask: Callable[[Wish], str], instruction: str = ''):
        self._ask, self._instruction = ask, instruction
        self.recording = ''
        self.done: list[Take] = []
        self.over = False

    @property
    def kept(self) -> int:
        """How many were kept."""
        return sum(take.kept for take in self.done)

    def press(self, key: str) -> str:
        """Do what a key means and return what to tell the operator, '' for nothing."""
        key = _SAME.get(key, key.lower())
        if key not in KEYS:
            return ''
        try:
            return self._act(key)
        except RecordingError as refusal:
            self.recording = ''   # whatever it was, it is not known to go on
            return str(refusal)

    def _act(self, key: str) -> str:
        if key == QUIT:
            self.over = True
            return self.end()
        if key == START:
            return self.start()
        if not self.recording:
            return '녹화 중이 아닙니다. / Nothing is being recorded.'
        if key in (GOOD, BAD):
            return self.stop(SUCCESS if key == GOOD else FAILURE)
        text = self._discard()
        return f'{text} {self.start()}' if key == AGAIN else text

    def start(self) -> str:
        """Begin an episode; while one is being recorded this does nothing."""
        if self.recording:
            return ''
        self.recording = self._ask(Wish('start', instruction=self._instruction))
        return f'● {self.recording}'

    def stop(self, label: str) -> str:
        """End the episode with a label and keep it."""
        episode = self.recording
        self._ask(Wish('stop', label=label))
        self.recording = ''   # only now: who is interrupted while it asks has to ask again
        self.done.append(Take(episode, label, True))
        return f'■ {episode} {label or "-"} ({self.kept})'

    def _discard(self) -> str:
        episode = self.recording
        self._ask(Wish('discard', episode))
        self.recording = ''
        self.done.append(Take(episode, UNDECIDED, False))
        return f'× {episode} → trash'

    def end(self) -> str:
        """Keep what is being recorded, undecided: leaving is no reason to lose it."""
        return self.stop(UNDECIDED) if self.recording else ''


def help_line() -> str:
    """Return the keys and what they do."""
    return '  '.join(f'[{key}] {korean} {english}' for key, (korean, english) in KEYS.items())
