"""One deed as it was named: the data that the readers of all skills hand on.

Tokens become nouns with the marks of the words around them; a frame holds the nouns, the verbs
and the skills that are left possible. `fitting` says which skills a frame is complete for.
"""
from dataclasses import dataclass, field

from lam_ws.grounding.skill_words import SkillLexicon
from lam_ws.grounding.tokens import Token


class Unclear(Exception):
    """The words do not add up; `code` of answers.py and the token to blame."""

    def __init__(self, code: str, token: Token):
        self.code, self.token = code, token
        super().__init__(code)


@dataclass
class Noun:
    """A thing as it was named.

    Attributes:
        kinds: What it may be, empty for 'one' and '거'.
        colours: What colour it may have, empty where none was said.
        tokens: The words it was named by.
        marks: What the words around it say it is to the deed: 'object', 'into', 'upon', ...
        number: Where it stands in the sentence.
    """

    kinds: tuple[str, ...]
    colours: tuple[str, ...]
    tokens: tuple[Token, ...]
    marks: set[str] = field(default_factory=set)
    number: int = 0

    def same(self, other: 'Noun') -> bool:
        """Return whether the other may be this one, named again."""
        return self.kinds == other.kinds and bool(self.kinds) and (
            not other.colours or self.colours == other.colours)


@dataclass
class Frame:
    """One deed, still growing while the words come."""

    skills: frozenset[str]
    parts: list[Noun] = field(default_factory=list)
    place: Noun | None = None
    source: Noun | None = None
    verbs: list[Token] = field(default_factory=list)
    words: list[Token] = field(default_factory=list)   # of manner, and where
    found: list[Token] = field(default_factory=list)   # how a thing is before the deed
    linked: bool = False      # an 'and' between the parts
    told: frozenset[str] = frozenset()   # skills that some word asks for by name
    dangling: Token | None = None        # an English preposition that leads to nothing

    @property
    def base(self) -> Noun | None:
        """The place; of two parts the one that the other is put on."""
        if self.place is not None:
            return self.place
        if len(self.parts) == 2:
            return next((part for part in self.parts if 'upon' in part.marks), None)
        return None

    @property
    def acted_on(self) -> list[Noun]:
        """What the deed is done to."""
        base = self.base
        return [part for part in self.parts if part is not base]

    @property
    def blank(self) -> bool:
        """Whether it names nothing and no deed."""
        return not (self.parts or self.place or self.source or self.verbs)


def fitting(frame: Frame, words: SkillLexicon) -> list[str]:
    """Return the skills that fit what a frame names so far, all of it named."""
    place, source = frame.base, frame.source
    if not frame.acted_on or (len(frame.acted_on) > 1 and not frame.linked):
        return []
    found = []
    for name in words.rows:
        row = words.rows[name]
        if name not in frame.skills or not (row.to or name in frame.told):
            continue
        if not all(not part.kinds or set(part.kinds) & set(row.on) for part in frame.acted_on):
            continue
        if (row.out_of or None) != (source.kinds[0] if source else None):
            continue
        if bool(row.to) == (place is not None) and (
                place is None or not place.kinds or set(place.kinds) & set(row.to)):
            found.append(name)
    return found
