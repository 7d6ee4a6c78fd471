"""Question and reply: what an operator says next enters, the answer to the whole leaves.

A reply is never taken for more than it says. A choice is put into the sentence in place of the
words that left it open, a missing part is said with it, and the whole is understood and checked
anew; a yes lets only that stand which was asked about.
"""
from collections.abc import Sequence, Set
from dataclasses import dataclass, replace
from typing import Literal, Protocol

from lam_ws.grounding.factory.checking.particles import Name
from lam_ws.grounding.factory.order import Answer, Step
from lam_ws.grounding.factory.reading.conditions import Fork
from lam_ws.grounding.factory.reading.text import line_of
from lam_ws.knowledge.checking import spelt
from lam_ws.knowledge.knowledge import Knowledge

_YES = ('네', '예', '넵', '네네', '응', '그래', '그래요', '그렇습니다', '맞아', '맞아요',
        '맞습니다', '좋아', '확인', '확인했습니다', '확인했어', '오케이', 'yes', 'y', 'yeah',
        'yep', 'ok', 'okay', 'correct', 'right', 'sure', 'confirmed', 'confirm')
_NO = ('아니', '아니요', '아뇨', '아니오', '아니야', '취소', '취소해', '됐어', '그만', 'no', 'n',
       'nope', 'cancel', 'stop', 'never mind')
_WHY = ('왜', '왜요', '왜 그래', '이유가 뭐야', '이유는', 'why', 'why not', 'how come')
_Meaning = Literal['yes', 'no', 'why', '']
_MEANING: dict[str, _Meaning] = {
    **{line_of(one).letters: 'yes' for one in _YES}, **{line_of(one).letters: 'no' for one in _NO},
    **{line_of(one).letters: 'why' for one in _WHY}}
_DECLINED = ('알겠습니다. 하지 않습니다.', 'All right, nothing is done.')


class Reader(Protocol):
    """What understands sentences: `Understanding`, with or without a language model beside it."""

    knowledge: Knowledge

    def answer(self, text: str, seen: Set[str] | None = None, recent: Step | None = None,
               granted: Set[str] = frozenset()) -> Answer:
        """See `Understanding.answer`."""

    def check(self, steps: Sequence[Step], seen: Set[str] | None = None,
              granted: Set[str] = frozenset()) -> Answer:
        """See `Understanding.check`."""

    def fork(self, text: str) -> Fork | None:
        """See `Understanding.fork`."""


@dataclass(frozen=True)
class Asked:
    """Where a dialogue stands.

    Attributes:
        text: What was said, with what was replied so far.
        answer: What came of it.
        recent: What was done before it.
        granted: Ids of rules whose question was answered with yes.
    """

    text: str
    answer: Answer
    recent: Step | None = None
    granted: frozenset[str] = frozenset()


def say(reader: Reader, text: str, seen: Set[str] | None = None,
        recent: Step | None = None) -> Asked:
    """Return what comes of a sentence; see `Understanding.answer`."""
    return Asked(text, reader.answer(text, seen, recent), recent)


def reply(reader: Reader, asked: Asked, words: str, seen: Set[str] | None = None
          ) -> Asked:
    """Return what comes of a reply to a question.

    Args:
        reader: Of the cell.
        asked: The question.
        words: What the operator replies: a choice by its number or name, what was missing,
            yes or no, or why.
        seen: Ids that the scene shows now.
    """
    question = asked.answer
    if question.verdict != 'clarify':
        return say(reader, words, seen, asked.recent)
    fork = reader.fork(asked.text) if question.reason == 'condition' else None
    if fork is not None and meaning(words) in ('yes', 'no'):
        return replace(say(reader, fork.then if meaning(words) == 'yes' else fork.other,
                           seen, asked.recent), granted=asked.granted)
    if fork is not None:
        return asked
    if meaning(words) == 'no':
        return replace(asked, answer=Answer('refuse', 'declined', text_ko=_DECLINED[0],
                                            text_en=_DECLINED[1], links=question.links))
    if question.asks or question.reason in ('read_back', 'proposed'):
        if meaning(words) != 'yes' or not question.proposed:
            return asked   # it is asked again
        granted = asked.granted | ({question.asks} if question.asks else set())
        checked = reader.check(question.proposed, seen, granted)
        return replace(asked, answer=replace(checked, links=question.links), granted=granted)
    said = _completed(reader, asked, words)
    answer = reader.answer(said, seen, asked.recent, asked.granted) if said else question
    return replace(asked, text=said or asked.text, answer=answer)


def meaning(words: str) -> _Meaning:
    """Return what a short reply means, '' where it is more than that."""
    return _MEANING.get(line_of(words).letters, '')


def _completed(reader: Reader, asked: Asked, words: str) -> str:
    """Return the sentence with a reply in it, '' where the reply is none of the options."""
    question, text = asked.answer, asked.text
    if question.options:
        chosen = _chosen(reader, question, words)
        if chosen is None or question.words not in text:
            return ''
        return text.replace(question.words, chosen, 1)
    name = _named(reader, words)
    korean = any('가' <= letter <= '힣' for letter in text)
    if name is None:
        return f'{text} {words}'
    if question.reason == 'missing_destination':
        return f'{name:ko}에 {text}' if korean else f'{text} into {name:the}'
    if question.reason == 'missing_object':
        return f'{name:을} {text}' if korean else f'{text}: {name:the}'
    return f'{text} {words}'


def _chosen(reader: Reader, question: Answer, words: str) -> str | None:
    """Return the name of the option that a reply chooses, in the language of the question."""
    known = reader.knowledge.things
    found = [one for one in question.options if words.strip() in (
        str(question.options.index(one) + 1), one)]
    found = found or [one for one in question.options
                      if any(spelt(name) == spelt(words) for name, _ in known[one].names())]
    found = found or [one for one in question.options
                      if any(spelt(words) in spelt(name) for name, _ in known[one].names())]
    if len(found) != 1:
        return None
    column = 'name_ko' if any('가' <= letter <= '힣' for letter in question.words) else 'name_en'
    return str(known[found[0]].value(column))


def _named(reader: Reader, words: str) -> Name | None:
    """Return the one thing that a reply consists of, if it is nothing but that."""
    known = reader.knowledge.things
    found = [one for one in known.values()
             if any(spelt(name) == spelt(words) for name, _ in one.names())]
    return Name(str(found[0].value('name_ko')), str(found[0].value('name_en'))) \
        if len(found) == 1 else None


def told_why(answer: Answer) -> tuple[str, str]:
    """Return why an answer is what it is: what words were taken for, and the rows it rests on."""
    links = '; '.join(f'"{link.words}" = {link.id}' for link in answer.links)
    rows = '; '.join(f'{one.text} [{one.where}; {one.source}]' for one in answer.citations)
    return (' '.join(part for part in (answer.text_ko, links and f'알아들은 말: {links}.',
                                       rows and f'근거: {rows}') if part),
            ' '.join(part for part in (answer.text_en, links and f'Understood: {links}.',
                                       rows and f'Sources: {rows}') if part))
