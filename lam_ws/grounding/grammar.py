"""Grounding by grammar: no model, no network, and never a word dropped.

An instruction and the scene enter; a plan of pick-and-place goals leaves, with the file and
line of every word it rests on, or a refusal in the operator's language. The rule that keeps
it honest: what the lexicon does not explain refuses the whole instruction.
"""
from pathlib import Path
import re
import unicodedata

from lam_ws.errors import InstructionError
from lam_ws.grounding.answers import refusal_text
from lam_ws.grounding.checking import check_words
from lam_ws.grounding.every_skill import EverySkill
from lam_ws.grounding.reading import read_tokens
from lam_ws.grounding.requests import Contradiction, to_requests
from lam_ws.grounding.resolving import Move, Resolver
from lam_ws.grounding.sentences import canonical_sentence
from lam_ws.grounding.skill_words import load_skill_lexicon, SkillLexicon
from lam_ws.grounding.tokens import Token
from lam_ws.grounding.vocabulary import Lexicon, load_lexicon
from lam_ws.types import Goal, Instruction, Plan, Scene

LONGEST_BYTES = 4096
LONGEST_LETTERS = 600   # about ten steps; more is no instruction but a document
LONGEST_RUN = 120       # letters without a space and without Hangul; more is no word
MOST_STEPS = 12
_HANGUL = re.compile('[가-힣ㄱ-ㅎㅏ-ㅣ]')
_RUN = re.compile(rf'[^\s가-힣ㄱ-ㅎㅏ-ㅣ]{{{LONGEST_RUN + 1}}}')


def load_grammar(folder: Path | str) -> 'GrammarGrounder':
    """Return the grounder of a vocabulary, a name below config/knowledge or a path.

    Raises:
        ConfigurationError: The folder's files are missing or wrong.
    """
    core = load_lexicon(folder)
    return GrammarGrounder(core, load_skill_lexicon(folder, core))


def language_of(instruction: Instruction) -> str:
    """Return 'ko' or 'en': the operator's choice, else Korean as soon as Hangul is used."""
    if instruction.language in ('ko', 'en'):
        return instruction.language
    return 'ko' if _HANGUL.search(unicodedata.normalize(
        'NFC', instruction.text[:LONGEST_BYTES])) else 'en'


class GrammarGrounder:
    """The grounder that always works; see `grounding.Grounder` for its contract.

    Args:
        lexicon: The words of pick and place.
        words: The words of every skill, None where the company names none.
    """

    def __init__(self, lexicon: Lexicon, words: SkillLexicon | None = None):
        self._lexicon, self._words = lexicon, words

    def ground(self, instruction: Instruction, scene: Scene | None) -> Plan:
        """Return the plan; see `grounding.Grounder.ground`.

        Raises:
            InstructionError: The instruction cannot be taken up.
        """
        language = language_of(instruction)
        text = _checked_text(instruction.text, language)
        tokens = read_tokens(text, self._lexicon)
        if self._words is None:
            return self._pick_and_place(instruction, text, tokens, scene, language)
        every = EverySkill(self._words, scene, language)
        slips = sum(token.slip for token in tokens)
        try:
            plan = self._pick_and_place(instruction, text, tokens, scene, language)
            wider = every.read(text)
            better = (sum(token.slip for token in wider), len(wider)) < (slips, len(tokens))
            if not (better and every.concerned(wider)):
                return plan
        except InstructionError:
            wider = every.read(text)
            if not every.concerned(wider):
                raise
        goals, citations = every.ground(text, wider)
        if len(goals) > MOST_STEPS:
            raise _refusal('too_long', language)
        return Plan(instruction, language, goals, citations)

    def _pick_and_place(self, instruction: Instruction, text: str, tokens: list[Token],
                        scene: Scene | None, language: str) -> Plan:
        """Return the plan of a sentence that only puts parts into bins."""
        resolver = Resolver(self._lexicon, scene, language)
        check_words(tokens, self._lexicon, resolver, language)
        try:
            requests = to_requests(tokens, frozenset(self._lexicon.vocabulary.bin_colours))
        except Contradiction:
            raise _refusal('not_understood.two_bins', language) from None
        if not requests:
            raise _refusal('not_understood.nothing', language)
        moves = resolver.moves(requests)
        if len(moves) > MOST_STEPS:
            raise _refusal('too_long', language)
        goals = tuple(_goal(move, canonical_sentence(move.kind, move.colour, move.destination,
                                                     language)) for move in moves)
        return Plan(instruction, language, goals, _citations(moves))


def _refusal(code: str, language: str) -> InstructionError:
    return InstructionError(code.split('.')[0], refusal_text(code, language))


def _checked_text(text: str, language: str) -> str:
    """Return the text without outer spaces; refuse what nobody typed on purpose."""
    if len(text.encode('utf-8', 'surrogatepass')) > LONGEST_BYTES:
        raise _refusal('too_long', language)
    text = unicodedata.normalize('NFC', text).strip()
    if not text:
        raise _refusal('empty', language)
    if any(unicodedata.category(character).startswith('C') for character in text):
        raise _refusal('control_characters', language)
    if len(text) > LONGEST_LETTERS or _RUN.search(text):
        raise _refusal('too_long', language)
    return text


def _goal(move: Move, text: str) -> Goal:
    return Goal('pick_place', move.kind, move.colour, move.destination, text)


def _citations(moves: list[Move]) -> tuple[str, ...]:
    """Return the file and line of every word the plan rests on, each once."""
    lines = []
    for move in moves:
        target = move.request.bin.tokens if move.request.bin else ()
        meanings = {'kind': move.kind, 'shape': move.kind, 'colour': move.colour}
        for token in move.words.tokens:
            if token.entry is not None and token.sort in meanings:
                lines.append(_citation(token, meanings[token.sort]))
        for token in target:
            if token.entry is not None and token.sort in ('bin', 'colour'):
                means = move.destination if token.sort == 'colour' else 'bin'
                lines.append(_citation(token, means))
        if move.inferred:
            lines.append(f'scene -> {move.colour} {move.kind}, {move.destination} bin')
    return tuple(dict.fromkeys(lines))


def _citation(token: Token, means: str) -> str:
    assert token.entry is not None
    read_as = f' read as "{token.entry.form}"' if token.slip else ''
    return f'{token.entry.source} "{token.surface}"{read_as} -> {means}'
