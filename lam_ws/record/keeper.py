"""Decides what is recorded, into which file, and what is kept with it.

Messages, news of task and guard, and an operator's wishes go in; files leave: an episode that
an instruction makes by itself, or one that an operator begins and ends while instructions come
and go. Nothing here knows ROS: times are ns on the clock of the run and messages are bytes.
Every failure ends in `failure` and in an answer, never in an exception: motion does not wait
for a recording.
"""
from collections import deque
from collections.abc import Callable
from dataclasses import replace
import math
import os
from pathlib import Path
import time
from typing import NamedTuple

from lam_ws.errors import RecordingError
from lam_ws.record import shelf
from lam_ws.record.annotate import annotate
from lam_ws.record.card import Card, Ending, Label, NOTE, Step, write_card
from lam_ws.record.checking import Checking
from lam_ws.record.hands import Hands
from lam_ws.record.writer import Recorder

BEFORE_NS = 1_000_000_000    # what is kept from before an episode of an instruction
AFTER_NS = 500_000_000       # such an episode goes on this long after its last active subgoal


class Message(NamedTuple):
    """One message as it was on the wire, and when it was heard."""

    now_ns: int
    topic: str
    kind: str
    data: bytes


class Keeper:
    """Keeps the episodes of one cell.

    Args:
        folder: Where recordings go.
        cell: What is true of every episode of this cell: site, software, policy.
        checking: Looks at what arrives.
        say: Takes one line of news for a log; the second argument says that it is a failure.

    Attributes:
        card: Of the episode that is being recorded, None while none is.
        last: Id of the episode that is being recorded or was last, '' before the first.
        failure: Why the last recording ended before its time, '' when it did not.
        lost: Recordings that failed.
    """

    def __init__(self, folder: Path, cell: Card, checking: Checking,
                 say: Callable[[str, bool], None] = lambda text, failed: None):
        self.folder, self._cell, self.checking, self._say = folder, cell, checking, say
        self.card: Card | None = None
        self.last = self.failure = ''
        self.lost = 0
        self.hands = Hands()
        self.recorder: Recorder | None = None
        self._before: deque[Message] = deque()
        self._now_ns = self._ending_ns = 0
        self._first_ns: int | None = None   # of simulated time the first may be 0
        self._followed = ''          # the instruction that was last recorded
        self._changed_s = -math.inf          # when a recording last began or ended
        self._told = Ending('', '', False)   # what was asked for last
        self._operator = self._language = ''
        self._ended: Card | None = None      # what is known of the last episode

    @property
    def _by_operator(self) -> bool:
        return self.card is not None and self.card.by_operator

    # What arrives

    def hear(self, message: Message) -> None:
        """Write a message, or keep it for an episode that may begin soon."""
        self._now_ns = message.now_ns
        if self.card is not None:
            self._write(message)
            if not self._by_operator and self._now_ns > self._ending_ns:
                self.finish()
            return
        self._before.append(message)
        while self._before and not 0 <= self._now_ns - self._before[0].now_ns <= BEFORE_NS:
            self._before.popleft()

    def restart(self, now_ns: int) -> None:
        """The cell was laid out anew: what was before belongs to no one."""
        self.finish()
        self._before.clear()
        self._now_ns = now_ns

    def asked(self, episode: str, instruction: str, language: str, operator: str) -> None:
        """Take note of an instruction that the task accepted."""
        self._told = Ending(episode, instruction, False)
        self._operator, self._language = operator, language

    def follow(self, now_ns: int, step: Step, kb_version: str) -> None:
        """Take note of an active step; it begins an episode unless an operator's is on."""
        self._now_ns, self._ending_ns = now_ns, now_ns + AFTER_NS
        if not self._by_operator and step.episode != self._followed:
            self.finish()
            known = self._told.episode == step.episode
            self._begin(replace(
                self._cell, episode=step.episode,
                instruction=self._told.instruction if known else step.text,
                operator=self._operator if known else '',
                language=self._language if known else ''), self._before)
        self._followed = step.episode
        self._learn_step(step, kb_version)

    def _learn_step(self, step: Step, kb_version: str) -> None:
        if self.card is None:
            return
        at = replace(step, start_s=round(self._seconds(), 3))
        last = self.card.steps[-1] if self.card.steps else None
        if last is None or replace(last, start_s=at.start_s) != at:
            self.card = replace(self.card, steps=(*self.card.steps, at),
                                kb_version=kb_version or self.card.kb_version)

    def ended(self, ending: Ending) -> None:
        """Take note of how an instruction ended, also shortly after its episode did."""
        if self.card is not None:
            self.card = replace(self.card, endings=(*self.card.endings, ending))
        elif self._ended is not None and self._ended.episode == ending.episode:
            self._amend(replace(self._ended, endings=(*self._ended.endings, ending)))

    # What an operator wants; each raises RecordingError with what stands against it

    def start(self, instruction: str, language: str, operator: str) -> str:
        """Begin an operator's episode and return its id."""
        if self._by_operator:
            raise RecordingError(f'{self.last} is being recorded already; stop it first')
        self.finish()
        self._begin(replace(
            self._cell, episode=time.strftime('%Y%m%d_%H%M%S') + f'_{os.urandom(2).hex()}',
            by_operator=True, operator=operator, instruction=instruction, language=language))
        if self.card is None:
            raise RecordingError(self.failure)
        return self.last

    def stop(self, label: Label | None) -> str:
        """End the episode that is being recorded, with a label or without."""
        if self.card is None:
            raise RecordingError(self.failure or 'nothing is being recorded')
        if label is not None:
            self.card = replace(self.card, label=label)
        if not self.finish():
            raise RecordingError(self.failure)
        return self.last

    def label(self, episode: str, label: Label) -> str:
        """Label an episode, the one that is being recorded or was last for ''."""
        episode = self._named(episode)
        if self.card is not None and self.card.episode == episode:
            self.card = replace(self.card, label=label)
            return episode
        path = shelf.recording(self.folder, episode)
        if not path.is_file():
            raise RecordingError(f'there is no recording {path}')
        known = self._ended if self._ended is not None and self._ended.episode == episode \
            else shelf.card(path)
        self._amend(replace(known, label=label))
        return episode

    def discard(self, episode: str) -> str:
        """Move an episode to the trash, the one that is being recorded or was last for ''."""
        episode = self._named(episode)
        if self.card is not None and self.card.episode == episode and not self.finish():
            raise RecordingError(self.failure)
        shelf.throw_away(shelf.recording(self.folder, episode))
        self._ended = None
        return episode

    def _named(self, episode: str) -> str:
        if not (episode or self.last):
            raise RecordingError('nothing has been recorded yet')
        return episode or self.last

    # The file

    def seconds(self) -> float:
        """Return s since the first message of the episode that is being recorded."""
        return self._seconds() if self.card is not None else 0.0

    def age_s(self) -> float:
        """Return wall time since a recording last began or ended, s."""
        return time.monotonic() - self._changed_s

    def _seconds(self) -> float:
        return 0.0 if self._first_ns is None else 1e-9 * (self._now_ns - self._first_ns)

    def _begin(self, card: Card, before: deque[Message] | None = None) -> None:
        self.failure = ''
        card = replace(card, started=time.strftime('%Y-%m-%dT%H:%M:%S%z'))
        recorder = Recorder(shelf.recording(self.folder, card.episode))
        try:
            recorder.open()
            recorder.note(NOTE, card.note())
        except RecordingError as failure:
            self._alarm(failure)
            return
        self.recorder, self.card, self.last = recorder, card, card.episode
        self._first_ns, self._ended, self._changed_s = None, None, time.monotonic()
        self.checking.begin()
        self.hands.begin()
        for message in before or ():
            self._write(message)
        self._before.clear()

    def _write(self, message: Message) -> None:
        if self.recorder is None:
            return
        if self._first_ns is None:
            self._first_ns = message.now_ns
        began_s = time.monotonic()
        try:
            self.recorder.write(message.topic, message.kind, None, message.data, message.now_ns)
        except RecordingError as failure:
            self._alarm(failure)
            return
        self.checking.wrote(time.monotonic() - began_s)

    def flush(self) -> None:
        """Hand on what waits; for when nothing is heard that would do so."""
        if self.recorder is not None:
            try:
                self.recorder.flush()
            except RecordingError as failure:
                self._alarm(failure)

    def finish(self) -> bool:
        """Close the file of the moment, if there is one; return whether it is whole."""
        recorder, card = self.recorder, self.card
        self.recorder = self.card = None
        if recorder is None or card is None:
            return True
        self._changed_s = time.monotonic()
        self.checking.look(self._now_ns, recorder, self._seconds())
        now_s = 1e-9 * self._now_ns
        start_s = now_s if self._first_ns is None else 1e-9 * self._first_ns
        card = replace(card, seconds=round(self._seconds(), 3), finished=True,
                       interventions=self.hands.intervals(start_s, now_s),
                       verdict=self.checking.verdict())
        try:
            recorder.note(NOTE, card.note())
            path = recorder.close()
            self._ended = card
            write_card(path, card)
        except RecordingError as failure:
            self._alarm(failure)
            return False
        self._say(f'recorded {path}', False)
        return True

    def _amend(self, card: Card) -> None:
        """Keep what became known after the file was closed, in it and beside it."""
        path = shelf.recording(self.folder, card.episode)
        annotate(path, NOTE, card.note())
        write_card(path, card)
        if self._ended is not None and self._ended.episode == card.episode:
            self._ended = card

    def _alarm(self, failure: RecordingError) -> None:
        self.recorder = self.card = None
        self.lost += 1
        self.failure = str(failure)
        self.checking.ended(self.failure)
        self._say(f'not recording: {failure}', True)
