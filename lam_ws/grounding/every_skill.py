"""The reader of every skill: a sentence and the scene enter, goals and citations leave.

It is asked where the reader of pick and place refuses, and has the same principle: what nothing
explains refuses the whole instruction, by name.
"""
from dataclasses import replace

from lam_ws.errors import InstructionError
from lam_ws.grounding.answers import refusal_text
from lam_ws.grounding.asking import canonical_request
from lam_ws.grounding.checking import check_hanging, likely
from lam_ws.grounding.frame import Unclear
from lam_ws.grounding.frames import to_frames
from lam_ws.grounding.reading import read_tokens
from lam_ws.grounding.skill_words import SkillLexicon
from lam_ws.grounding.skilled import Found, Skilled
from lam_ws.grounding.tokens import Token
from lam_ws.types import Goal, Scene

_REFUSED = {'unsupported': 'unsupported', 'traits': 'unsupported', 'relation': 'unsupported',
            'foreign_things': 'unknown_object', 'foreign_colours': 'unknown_object',
            'foreign_places': 'unknown_destination'}


class EverySkill:
    """Reads one sentence for any skill of the cell.

    Args:
        words: The lexicon of every skill.
        scene: What is in view, None when nothing is known of it.
        language: 'ko' or 'en', of the operator.
    """

    def __init__(self, words: SkillLexicon, scene: Scene | None, language: str):
        self._words, self._scene, self._language = words, scene, language

    def read(self, text: str) -> list[Token]:
        """Return the words of a sentence."""
        return read_tokens(text, self._words.lexicon)

    def concerned(self, tokens: list[Token]) -> bool:
        """Return whether some word is one that pick and place alone does not know."""
        return any(token.entry is not None and token.entry.solid in self._words.own
                   for token in tokens)

    def ground(self, text: str, tokens: list[Token]) -> tuple[tuple[Goal, ...], tuple[str, ...]]:
        """Return goals and citations.

        Raises:
            InstructionError: The instruction cannot be taken up.
        """
        self._check(tokens)
        try:
            frames = to_frames(tokens, self._words)
        except Unclear as unclear:
            raise self._refusal(unclear.code, unclear.token) from None
        if not frames:
            raise InstructionError('not_understood',
                                   refusal_text('not_understood.nothing', self._language))
        found = Skilled(self._words, self._scene, self._language).goals(frames)
        goals = tuple(replace(one.goal, text=canonical_request(one.goal, self._language))
                      for one in found)
        return goals, _citations(found)

    def _refusal(self, code: str, token: Token, options: str = '') -> InstructionError:
        return InstructionError(code.split('.')[0], refusal_text(
            code, self._language, word=token.surface[:20], part=token.surface, options=options))

    def _check(self, tokens: list[Token]) -> None:
        """Refuse what must not be read over."""
        self._check_mood(tokens)
        for i, token in enumerate(tokens):
            check_hanging(tokens, i, self._refusal)
            if token.sort == 'particle' and token.means == ('either',):
                raise self._refusal('not_understood.question', tokens[i - 1])
            if token.sort == 'located' and i > 1 and 'bin' in (tokens[i - 1].sort,
                                                               tokens[i - 2].sort):
                raise self._refusal('unsupported.source', token)
            if token.sort in _REFUSED:
                raise self._refusal(_REFUSED[token.sort], token, self._known_things())
            if token.sort == 'unknown':
                options = likely(token, self._words.lexicon)
                raise self._refusal('not_understood.slip' if options else 'not_understood', token,
                                    options)

    def _known_things(self) -> str:
        return ', '.join(self._words.name(thing, '', self._language)
                         for thing in self._words.things)

    def _check_mood(self, tokens: list[Token]) -> None:
        """Refuse negations, questions and reports."""
        coming = any(token.sort == 'manner' and 'belt_pick' in token.means for token in tokens)
        for token in tokens:
            excused = coming and token.surface in self._words.as_it_comes
            if token.sort in ('negation', 'question') and not excused:
                raise self._refusal(f'not_understood.{token.sort}', token)
        wants = any(token.sort == 'want' or (token.entry is not None and token.entry.form
                                             in self._words.wanted_by) for token in tokens)
        asks = wants or any(token.sort in ('put', 'take') for token in tokens)
        for i, token in enumerate(tokens):
            first = i == 0 or tokens[i - 1].sort == 'stop'
            report = token.sort == 'done' and not wants
            told = not wants and i + 1 < len(tokens) and tokens[i + 1].sort == 'put'
            if report or (token.sort == 'state' and (first or told or not asks)):
                raise self._refusal('not_understood.question', token)


def _citations(found: list[Found]) -> tuple[str, ...]:
    """Return the file and line of every word the goals rest on, each once."""
    lines = []
    for one in found:
        frame, goal = one.frame, one.goal
        nouns = [noun for noun in (*frame.parts, frame.place, frame.source) if noun is not None]
        for token in (*(word for noun in nouns for word in noun.tokens), *frame.verbs):
            if token.entry is None or not (token.means or token.sort == 'bin'):
                continue
            means = goal.skill if token.sort in ('put', 'take') else (
                ' or '.join(token.means) or 'bin')
            read_as = f' read as "{token.entry.form}"' if token.slip else ''
            lines.append(f'{token.entry.source} "{token.surface}"{read_as} -> {means}')
        if one.inferred:
            lines.append(f'scene -> {goal.colour} {goal.kind}'
                         + (f', {goal.destination} {goal.place}' if goal.place else ''))
    return tuple(dict.fromkeys(lines))
