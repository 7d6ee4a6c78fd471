"""A draft of one deed, and what several drafts of a sentence have from each other."""
from dataclasses import dataclass, field

from lam_ws.grounding.factory.reading.tokens import Token

# Verbs that say no more than that something goes somewhere.
_NEUTRAL = frozenset({'put', 'take', 'run', 'discard', 'quarantine', 'rework', 'hand'})


@dataclass(frozen=True)
class Mention:
    """A thing as it was named.

    Attributes:
        ids: What it may be.
        table: Of all of them.
        token: The words.
        count: How many, None where nobody said.
        defect: What it is said to have.
    """

    ids: tuple[str, ...]
    table: str
    token: Token
    count: int | None = None
    defect: str = ''


@dataclass
class Draft:
    """One deed, still growing while the words come."""

    objects: list[Mention] = field(default_factory=list)
    places: list[Mention] = field(default_factory=list)
    sources: list[Mention] = field(default_factory=list)
    bases: list[Mention] = field(default_factory=list)
    tools: list[Mention] = field(default_factory=list)
    steps: list[Mention] = field(default_factory=list)
    defects: list[str] = field(default_factory=list)
    deeds: list[str] = field(default_factory=list)
    unknown: list[tuple[Token, str]] = field(default_factory=list)   # and what it would be
    again: bool = False      # 'it': what the draft before was about
    there: bool = False      # 'there': the place last named
    person: bool = False     # to a person
    either: bool = False     # an 'or'
    later: bool = False      # it comes after the next one
    dangling: bool = False   # 'on top', and of what was not said
    onward: bool = False     # and the steps of the procedure that follow
    closed: bool = False

    @property
    def blank(self) -> bool:
        """Whether it says nothing of a deed."""
        return not (self.objects or self.places or self.sources or self.bases or self.steps
                    or self.deeds or self.defects or self.tools)

    @property
    def whole(self) -> bool:
        """Whether it names what is acted on and where to."""
        return bool(self.objects and (self.places or self.bases or self.person or self.there))


def joined(drafts: list[Draft]) -> list[Draft]:
    """Put together what two drafts say of one deed: '치워라, 격리함', 'it is bent, bin it'."""
    joined: list[Draft] = []
    for one in drafts:
        last = joined[-1] if joined else None
        alone = not (one.objects or one.steps or one.sources or one.bases or one.there)
        if last is not None and alone and not (one.places or one.again or one.person) \
                and set(one.deeds) <= _NEUTRAL and not one.unknown and not one.defects:
            last.deeds += one.deeds   # 'do it'
        elif last is not None and alone and last.objects and not last.steps and (
                not one.places or not (last.places or last.bases)) and (
                set(one.deeds) <= _NEUTRAL):
            last.places += one.places
            last.deeds += one.deeds
            last.tools += one.tools
            last.defects += one.defects
            last.unknown += one.unknown
            last.person |= one.person
        else:
            joined.append(one)
    return joined


def _passed_on(deeds: list[str]) -> list[str]:
    """Return the verbs that also do for another thing; what is opened is not what is put."""
    return [deed for deed in deeds if deed not in ('open', 'close', 'wipe')] or ['put']


def shared(drafts: list[Draft]) -> list[Draft]:
    """Give drafts without verbs those of the next, or of the one before."""
    for one, after in zip(reversed(drafts[:-1]), reversed(drafts[1:]), strict=True):
        if not one.deeds and not one.steps:
            one.deeds = _passed_on(after.deeds)
    for before, one in zip(drafts, drafts[1:], strict=False):
        if not one.deeds and not one.steps:
            one.deeds = _passed_on(before.deeds)
    return drafts
