"""Orders that depend on something: 'if there is a red one, into slot 1, otherwise a blue one'.

A sentence enters; what it depends on and the two sentences that it stands for leave. Whether a
part is there the camera decides, and anything else the operator; nobody guesses.
"""
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
import re

from lam_ws.grounding.factory.reading.plain import LONGEST
from lam_ws.grounding.factory.reading.tokens import Token

_KOREAN = re.compile(
    r'^(?P<when>.+?)\s*(?P<sign>안\s*보이면|보이면|있으면|있다면|나오면|없으면|없다면|이면|라면|면)\s*,?\s+(?P<then>.+?)'
    r'[,;.]?\s+(?P<other_sign>아니면|아니라면|그렇지\s*않으면|안\s*그러면|없으면|없다면|있으면|있다면)\s*,?\s*(?P<other>.+)$')
_ENGLISH = re.compile(
    r'^(?:please\s+)?if\s+(?P<sign>there\s+is\s+no|there\s+are\s+no|there\s+is|there\s+are|you\s+see|)\s*'
    r'(?P<when>.+?)\s*,\s*(?:then\s+)?(?P<then>.+?)[,;.]?\s+(?:otherwise|if\s+not|or\s+else|else)'
    r'\s*,?\s*(?P<other>.+)$', re.IGNORECASE)
_THERE = re.compile(r'있|보이|나오|there|see', re.IGNORECASE)
_UNLESS = re.compile(r'없으면|없다면|없을\s*경우|안\s*보이면|안\s*나오면|\bunless\b|'
                     r'\bif\s+there\s+(is|are)\s+(no|not)\b', re.IGNORECASE)
_NONE = re.compile(r'없|안\s*보|no$', re.IGNORECASE)


@dataclass(frozen=True)
class Fork:
    """An order that depends on something.

    Attributes:
        when: The words that say on what.
        parts: Ids of the parts whose presence decides; empty where no camera can tell.
        then, other: What is to be done if it is so, and if it is not.
    """

    when: str
    parts: tuple[str, ...]
    then: str
    other: str


def fork_of(text: str, tokens_of: Callable[[str], Sequence[Token]],
            table: Callable[[str], str]) -> Fork | None:
    """Return what an order depends on, None of one that depends on nothing.

    Args:
        text: The sentence.
        tokens_of: Reads a piece of it.
        table: Table of an id.
    """
    found = None if len(text) > LONGEST else (
        _KOREAN.match(text.strip()) or _ENGLISH.match(text.strip()))
    if found is None or not _opposed(found.groupdict(), tokens_of):
        return None
    korean, said = found.re is _KOREAN, found.groupdict()
    named = [token for token in tokens_of(said['when']) if token.ids]
    parts = [one for token in named for one in token.ids if table(one) == 'parts']
    defects = [token.text for token in named if all(table(one) == 'defects' for one in token.ids)]
    thing = next((token.text for token in named
                  if any(table(one) == 'parts' for one in token.ids)), '')
    with_it, without = said['when'], thing
    branches = [_about(with_it, said['then'], tokens_of, table, korean),
                _about(without, said['other'], tokens_of, table, korean)]
    there, none = _THERE.search(said['sign']), _NONE.search(said['sign'])
    if none:
        branches = [said['other'] if _has_part(said['other'], tokens_of, table) else
                    _about(thing, said['other'], tokens_of, table, korean), said['then']]
    elif there and not _has_part(said['other'], tokens_of, table):
        branches[1] = said['other']   # it is not there, so it is not what is meant
    seen = (there or none) and not defects and len(set(parts)) == 1
    return Fork(said['when'], tuple(sorted(set(parts))) if seen else (), *branches)


def hangs(text: str) -> str:
    """Return the words of a text that make it depend on what is not so, '' where none do."""
    found = _UNLESS.search(text)
    return found.group() if found is not None else ''


def _opposed(said: Mapping[str, str], tokens_of: Callable[[str], Sequence[Token]]) -> bool:
    """Return whether the second branch is for the case that the first is not for.

    'A 있으면 ..., B 있으면 ...' are two conditions, and so is 'A 있으면 ..., B 없으면 ...'.
    """
    other = said.get('other_sign')
    if other is None:
        return True
    last = [token for token in tokens_of(said['then']) if token.sort != 'comma'][-1:]
    same = bool(_NONE.search(said['sign'])) == bool(_NONE.search(other))
    either = re.match(r'아니|그렇지|안\s*그러', other) is not None
    return either or not (same or (last and last[0].ids))


def _has_part(text: str, tokens_of: Callable[[str], Sequence[Token]],
              table: Callable[[str], str]) -> bool:
    return any(table(one) == 'parts' for token in tokens_of(text) for one in token.ids)


def _about(thing: str, text: str, tokens_of: Callable[[str], Sequence[Token]],
           table: Callable[[str], str], korean: bool) -> str:
    """Return a branch with the thing that it is about, where it names none itself."""
    if not thing or _has_part(text, tokens_of, table):
        return text
    return f'{thing} {text}' if korean else f'{thing}: {text}'
