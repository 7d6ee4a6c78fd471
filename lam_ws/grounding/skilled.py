"""From frames to goals of any skill: what was named and the scene enter, goals leave.

A frame must fit exactly one skill, every noun must stand in the role that the words around it
give it, and what is named must be in view. What was left open is taken from the scene where only
one thing fits, and asked back where several do.
"""
from dataclasses import dataclass

from lam_ws.errors import InstructionError
from lam_ws.grounding.answers import refusal_text
from lam_ws.grounding.asking import ALONE
from lam_ws.grounding.frame import fitting, Frame, Noun
from lam_ws.grounding.skill_words import SkillLexicon, SkillRow
from lam_ws.types import Goal, Scene

_MOST_OPTIONS = 6
# What the words around a noun may say of it, by its role.
_PLACE = frozenset({'into', 'upon', 'along', 'within'})
_ALLOWED = {'bin': frozenset({'into', 'within'}), 'line': frozenset({'object', 'into', 'beyond'}),
            'button': frozenset({'object', 'upon', 'source'}),
            'stripe': frozenset({'object', 'upon', 'along', 'source', 'beyond'})}
_BASE = frozenset({'upon', 'object'})
_PART = frozenset({'object'})
_FROM = frozenset({'source', 'within'})


@dataclass(frozen=True)
class Found:
    """A goal without its sentence, the frame it came from, and whether the scene supplied any."""

    goal: Goal
    frame: Frame
    inferred: bool


class Skilled:
    """Looks frames up in one scene, for one operator's language."""

    def __init__(self, words: SkillLexicon, scene: Scene | None, language: str):
        self._words, self._language, self._known = words, language, scene is not None
        vocabulary = words.lexicon.vocabulary
        self._seen = tuple(dict.fromkeys(scene.names() if scene else ()))
        if scene is None:
            self._seen = tuple((kind, colour) for kind in words.things
                               for colour in (*vocabulary.part_colours, *vocabulary.bin_colours))

    def goals(self, frames: list[Frame]) -> list[Found]:
        """Return the goals of all frames in order.

        Raises:
            InstructionError: 'unsupported', 'ambiguous', 'not_in_scene' or 'not_understood'.
        """
        found: list[Found] = []
        for number, frame in enumerate(frames):
            if number and not frame.verbs:   # 'press the red button and the blue one'
                before = frames[number - 1]
                frame.skills &= before.skills
                frame.told |= before.told
            found += self._frame(frame)
        if len({one.goal for one in found}) < len(found):
            raise self._refusal('not_understood.twice', part=self._name(
                found[0].goal.kind, found[0].goal.colour))
        return found

    def _frame(self, frame: Frame) -> list[Found]:
        skills = fitting(frame, self._words)
        if not skills:
            raise self._unfit(frame)
        self._check_marks(frame)
        choices = {skill: [self._candidates(part, self._words.rows[skill].on)
                           for part in frame.acted_on] for skill in skills}
        there = [skill for skill in skills if all(choices[skill])]
        if len(there) > 1:
            raise self._refusal('ambiguous.deed', part=self._words_of(frame.acted_on[0]))
        skill = there[0] if there else skills[0]
        for token in frame.found:
            if skill not in token.means:
                raise self._refusal('unsupported.pair', word=token.surface)
        row, found = self._words.rows[skill], []
        for part, names in zip(frame.acted_on, choices[skill], strict=True):
            kind, colour = self._only(part, names, row)
            place, destination, guessed = self._place(frame, row, (kind, colour))
            guessed = guessed or not part.kinds or len(part.kinds) > 1 or len(part.colours) != 1
            found.append(Found(Goal(skill, kind, colour, destination, '', place), frame, guessed))
        return found

    def _place(self, frame: Frame, row: SkillRow, part: tuple[str, str]) -> tuple[str, str, bool]:
        """Return kind and colour of the second thing, and whether the scene supplied it."""
        if not row.to:
            return (row.second, part[1], False) if row.second else ('', '', False)
        place = frame.base
        assert place is not None
        names = [name for name in self._candidates(place, row.to) if name != part]
        kind, colour = self._only(place, names, row)
        return kind, colour, len(place.colours) != 1 and kind not in ALONE

    def _candidates(self, noun: Noun, kinds: tuple[str, ...]) -> list[tuple[str, str]]:
        return [(kind, colour) for kind, colour in self._seen
                if kind in kinds and (not noun.kinds or kind in noun.kinds)
                and (not noun.colours or colour in noun.colours)]

    def _only(self, noun: Noun, names: list[tuple[str, str]], row: SkillRow) -> tuple[str, str]:
        if not names:
            raise self._missing(self._words_of(noun))
        if len(names) > 1:
            shown = ', '.join(self._name(*name) for name in names[:_MOST_OPTIONS])
            code = 'ambiguous.place' if names[0][0] in row.to and row.on != row.to and (
                names[0][0] not in row.on) else 'ambiguous'
            raise self._refusal(code, options=shown if self._known else shown + ' ...')
        return names[0]

    def _check_marks(self, frame: Frame) -> None:
        """Refuse a noun that the words around it give another role: 'the slot in the cube'."""
        place, source = frame.base, frame.source
        for part in frame.acted_on:
            kind = part.kinds[0] if part.kinds else ''
            allowed = _ALLOWED.get(kind, _PART)
            if place is not None and place.number < part.number:   # 'fill the slot with it'
                allowed |= {'along'}
            self._check(part, allowed)
        if place is not None:
            kind = place.kinds[0] if place.kinds else ''
            flat = {entry.form for entry in (token.entry for token in place.tokens) if entry}
            flat &= set(self._words.lexicon.vocabulary.flat)
            if kind in self._words.places or kind == 'bin':
                allowed = _ALLOWED.get(kind, _PLACE) | ({'upon'} if flat else set())
                self._check(place, allowed | ({'beyond'} if frame.told else set()))
            else:
                self._check(place, _BASE)
            self._check_reached(frame, place, kind)
        if source is not None and not source.marks & _FROM:
            self._check_source(frame, source)
        if frame.dangling is not None and 'press' not in frame.skills:
            raise self._refusal('not_understood', word=frame.dangling.surface)

    def _check(self, noun: Noun, allowed: frozenset[str] | set[str]) -> None:
        if noun.marks - allowed:
            code = 'unsupported.source' if 'source' in noun.marks else 'unsupported.pair'
            raise self._refusal(code, word=self._words_of(noun))

    def _check_reached(self, frame: Frame, place: Noun, kind: str) -> None:
        """A line must be crossed, and an English place after its part needs a preposition."""
        if kind == 'line' and not self._crosses(frame):
            raise self._refusal('unsupported.pair', word=self._words_of(place))
        last = place.tokens[-1].entry
        bare = last is not None and last.language == 'en' and not place.marks
        if bare and frame.verbs and all(part.number < place.number for part in frame.acted_on):
            raise self._refusal('unsupported.pair', word=self._words_of(place))

    def _crosses(self, frame: Frame) -> bool:
        return any(entry.means == ('beyond',) for word in (*frame.words, *frame.verbs)
                   if word.entry for entry in self._words.lexicon.by_solid[word.entry.solid])

    def _check_source(self, frame: Frame, source: Noun) -> None:
        """'Put it on the belt' takes nothing from there, 'the one on the belt' does."""
        place, last = frame.base, source.tokens[-1].entry
        korean = last is not None and last.language == 'ko'
        before = place is not None and source.number < place.number
        told = any(word.sort in ('located', 'manner', 'way') for word in frame.words)
        takes = any(verb.sort == 'take' for verb in frame.verbs)
        if not (told or takes or not source.marks if korean else before):
            raise self._refusal('unsupported.pair', word=self._words_of(source))

    def _unfit(self, frame: Frame) -> InstructionError:
        """Return why a frame fits no skill."""
        parts = frame.acted_on
        if not parts and frame.base is None and frame.source is None:
            return self._refusal('not_understood.nothing')
        kinds = set(parts[0].kinds) if parts else set()
        moved = {place for name in frame.skills for place in self._words.rows[name].to
                 if not kinds or kinds & set(self._words.rows[name].on)}
        if frame.base is None and moved and len(parts) == 1:
            there = [self._name(*name) for name in self._seen if name[0] in moved]
            if there and self._known:
                return self._refusal('ambiguous.place', options=', '.join(there[:_MOST_OPTIONS]))
        named = [noun for noun in (*parts, frame.base, frame.source) if noun is not None]
        return self._refusal('unsupported.pair', word=' '.join(map(self._words_of, named)))

    def _missing(self, name: str) -> InstructionError:
        seen = ', '.join(self._name(*one) for one in self._seen if one[0] in self._words.things)
        code = 'not_in_scene' if seen else 'not_in_scene.nothing'
        return self._refusal(code, part=name, options=seen)

    def _words_of(self, noun: Noun) -> str:
        return ' '.join(token.surface for token in noun.tokens)

    def _name(self, kind: str, colour: str) -> str:
        return self._words.name(kind, colour, self._language)

    def _refusal(self, code: str, **values: str) -> InstructionError:
        return InstructionError(code.split('.')[0],
                                refusal_text(code, self._language, **values))
