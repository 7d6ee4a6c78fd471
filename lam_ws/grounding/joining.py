"""Which word may follow which: a word, its place and the state before it enter, a cost leaves.

Known words in their places are free: people leave out and turn around. A word that was read
through a slip too large for its length, or that lost the space before it, must stand where a
word of its sort belongs and be followed by one that belongs there. What is read generously
is so never read into a place where a name has to stand.
"""
from collections.abc import Mapping
from typing import Final, Protocol

from lam_ws.grounding.vocabulary import Entry

NAMING: Final = frozenset({'kind', 'colour', 'bin'})
NOUNS: Final = NAMING | {'thing', 'place', 'it', 'there', 'all', 'both', 'count',
                         'foreign_things', 'foreign_places', 'foreign_colours'}
SILENT: Final = frozenset({'ignored', 'opening'})
UNKNOWN: Final = Entry('', '', frozenset(), '', 'unknown', (), '', '')

_DEEDS: Final = frozenset({'put', 'take'})
_VERBS: Final = _DEEDS | {'endings', 'hanging'}
_NAMES: Final = NAMING | {'shape', 'variant', 'count', 'thing'}
_VERBAL: Final = frozenset({'verb', 'stem', 'deed', 'stopping', 'small stopping'})
_LIKE_NOUNS: Final = frozenset({'noun', 'small noun', 'colour', 'unknown', 'particle', 'deed'})

# English: the sorts that belong after a state; a state that is not here lets nothing follow.
_BELONGS: Final[Mapping[str, frozenset[str]]] = {
    'start': _DEEDS | _NAMES | {'opening', 'into', 'ignored', 'it', 'want', 'then', 'all'},
    'verb': _NAMES | {'opening', 'into', 'it', 'ignored', 'all', 'both', 'there',
                      'link', 'then', 'take'},
    'opening': _NAMES | {'opening', 'it'},
    'into': _NAMES | {'opening', 'it'},
    'colour': _NAMES,
    'noun': _DEEDS | {'into', 'which', 'state', 'link', 'then', 'also', 'ignored', 'kind',
                      'opening', 'it'},
    'it': _DEEDS | _NAMES | {'into', 'which', 'state', 'link', 'then', 'ignored'},
    'link': _DEEDS | _NAMES | {'opening', 'it', 'then', 'ignored', 'all'},
    'then': _DEEDS | {'opening', 'it', 'ignored'},
    'which': frozenset({'colour', 'opening', 'into'}),
    'small': _DEEDS | _NAMES | {'into', 'opening', 'it', 'link', 'then'},
    'other': _DEEDS | _NAMES | {'into', 'opening', 'ignored', 'it', 'link', 'then'},
}
STOPPING: Final = frozenset({'negation', 'question'})
# They end in a refusal, so they belong everywhere.
REFUSED: Final = STOPPING | {'unsupported', 'traits', 'relation', 'foreign_things',
                               'foreign_colours', 'foreign_places'}
# After a noun a short word or a verb may be another noun: 'the cylinder lid', 'the bar movie'.
_AFTER_NOUN: Final = frozenset({'into', 'which', 'state', 'link', 'then', 'opening', 'it',
                                     'kind'})
_AFTER_GUESSED_VERB: Final = _NAMES | {'opening', 'it', 'all', 'both', 'take'}
_SHORT: Final = 4  # letters that a word needs to be told from a noun
_OPEN: Final = frozenset({'opening', 'into', 'colour', 'misplaced'})
_SAME_STATE: Final = {'opening': 'opening', 'into': 'into', 'which': 'which', 'state': 'which',
                      'link': 'link', 'then': 'then', 'particle': 'particle',
                      'unknown': 'unknown', 'colour': 'colour'}


class LineLike(Protocol):
    """What is needed of `reading.Line`."""

    @property
    def letters(self) -> str:
        """The letters without spaces."""

    @property
    def edges(self) -> tuple[bool, ...]:
        """Whether a word is set off before each letter."""

    def glued(self, i: int) -> bool:
        """Return whether letters i - 1 and i stand together in one script."""


def state_after(entry: Entry, surface: str, before: str, strict: bool) -> str:
    """Return what matters of a word for the next one.

    Args:
        entry: The word.
        surface: As typed.
        before: The state before it.
        strict: The next word must belong here; the state ends in '!'.
    """
    return _state(entry, surface, before.rstrip('!')) + '!' * strict


def _state(entry: Entry, surface: str, before: str) -> str:
    if entry.language == 'en':
        if entry.sort == 'colour' and before == 'which':  # 'that is green' names no noun
            return 'noun'
        if before in _OPEN and entry.sort not in _NAMES | {'opening', 'it', 'into', 'way'}:
            return 'misplaced'  # 'the black drop...': part of a name nobody knows
        if before in ('opening', 'colour') and entry.sort == 'into':
            return 'misplaced'
        if entry.sort in ('it', 'thing'):
            return 'it'
        if len(surface) < 3 and entry.sort in ('ignored', 'want'):
            return 'small'  # 'be' + 'an' is a bean
    elif len(surface) == 1 and entry.sort == 'opening':
        return 'small opening'
    elif len(surface) == 1 and entry.sort in _DEEDS:
        return 'stem'  # '두', '넣': an ending or nothing may hang on it
    if entry.sort in _VERBS:
        return 'verb'
    if entry.sort in STOPPING:
        return 'stopping' if len(surface) > 2 or entry.language == 'ko' else 'small stopping'
    if entry.sort == 'way' and entry.language == 'en':
        return 'into'
    if entry.sort in _SAME_STATE:
        return _SAME_STATE[entry.sort]
    if entry.sort in ('unsupported', 'traits') and len(surface) > 1:
        return 'deed'
    if entry.sort in NOUNS:
        return 'noun' if entry.sort in NAMING or len(surface) > 1 else 'small noun'
    return 'small' if len(surface) == 1 else 'other'


def may_end(state: str) -> bool:
    """Return whether a sentence may end here: not on a guess that leads to a name."""
    return not (state.endswith('!') and state.rstrip('!') in _OPEN | {'which', 'link', 'then'})


def joining(line: LineLike, entry: Entry, i: int, j: int, before: str, narrow: bool
            ) -> float | None:
    """Return the cost of a word after a state, or None where it cannot be.

    Args:
        line: The sentence.
        entry: The word that covers its letters i to j.
        i: First letter.
        j: Letter after the last.
        before: State before it.
        narrow: Whether it was read through a slip that only its place can excuse.
    """
    state = before.rstrip('!')
    if entry.language == 'en' and (narrow or before != state) and not _belongs(entry, before):
        return None
    if entry.language == 'en' and narrow and state == 'noun' and len(entry.strokes) < _SHORT and (
            entry.sort not in _AFTER_NOUN | _DEEDS):
        return None
    if entry.language == 'ko' and narrow and not _excused(line, entry, i, j, state):
        return None
    if entry.sort == 'particle' and (before == 'colour!' or (
            line.edges[i] and j - i == 1 and not line.edges[j])):
        return None  # '놀란을' holds no 노란, '노란 가과를' no two particles
    fixed = _korean_place(entry, state, line.edges[i])
    if fixed is not None:
        return fixed if fixed >= 0.0 else None
    if line.edges[i] or not line.glued(i):
        two_names = entry.language == 'en' and entry.sort in NAMING and (
            state in ('noun', 'misplaced'))
        return 0.1 if two_names else 0.0
    if entry.language == 'en' and narrow and before != state:
        return None  # a lost space and a slip on both sides of it: too much to guess
    return _glued(line, entry, i, j, state)


def _belongs(entry: Entry, before: str) -> bool:
    allowed = _AFTER_GUESSED_VERB if before == 'verb!' else _BELONGS.get(before.rstrip('!'), ())
    sort = {'way': 'into', 'manner': 'ignored'}.get(entry.sort, entry.sort)
    return entry.sort in REFUSED or sort in allowed


def _excused(line: LineLike, entry: Entry, i: int, j: int, state: str) -> bool:
    """Return whether a Korean word with a slip stands where nothing else can be meant."""
    if entry.sort == 'colour':  # '빨간 감정을' holds no second colour
        return state != 'colour'
    if entry.sort in NAMING:  # '까만색 툥에'
        return state == 'colour'
    if entry.sort == 'count':
        return state == 'noun' and line.edges[i]
    if entry.sort == 'particle':  # '망을' after a colour is a net, after a noun it is '만을'
        whole = state == 'noun' and len(entry.solid) > 1
        return line.edges[j] and (whole if line.edges[i] else state != 'small noun')
    if entry.sort in ('endings', 'hanging', 'then_after_verb'):
        return line.edges[j]
    return line.edges[i] and line.edges[j] and state not in ('colour', 'noun', 'small opening')


def _korean_place(entry: Entry, state: str, apart: bool) -> float | None:
    """Return the cost of what may follow only one sort of word, negative where it cannot."""
    if entry.sort == 'particle':
        return (0.6 if apart else 0.0) if state in _LIKE_NOUNS else -1.0
    if entry.sort in ('endings', 'hanging'):
        return 0.05 if state in _VERBAL else -1.0
    if entry.sort == 'then_after_verb':
        return 0.0 if state in ('verb', 'stem') else -1.0
    if entry.sort in ('relation', 'upon', 'way') and entry.language == 'ko' and (
            state in ('verb', 'stem', 'colour')):
        return -1.0
    return None


def _glued(line: LineLike, entry: Entry, i: int, j: int, state: str) -> float | None:
    """Return the cost of a word that follows another without a space."""
    latin = line.letters[i].isascii()
    if state == 'small opening':  # '저붉은', '잘둬'
        return 0.4 if entry.sort in _DEEDS or (entry.sort in NAMING and j - i > 1) else None
    if state in ('small noun', 'unknown'):
        return None
    if entry is UNKNOWN:
        return None if latin or state == 'small' else 1.8 if state == 'noun' else 0.4
    if latin:
        # 'iinto' holds no 'i', 'itno' no 'no'.
        crumb = state == 'small stopping' or (entry.sort in STOPPING and j - i < 3)
        return 0.7 + 0.6 * crumb if _run_together(entry, j - i, state) else None
    if state == 'small' or (state == 'stem' and entry.sort not in _DEEDS):
        return None
    if j - i > 1:
        return 0.3
    if entry.sort in NAMING:
        # '찾아서흰함에'
        lone_colour = entry.sort == 'colour' and state in ('verb', 'noun', 'other')
        return 0.3 if state in ('colour', 'particle') or lone_colour else None
    if entry.sort in ('thing', 'place') and state == 'colour':  # '빨간거', '검은데'
        return 0.3
    if entry.sort == 'opening':  # '상자에저붉은'
        return 0.4 if state in ('particle', 'verb', 'noun', 'other') else None
    return 0.4 if entry.sort == 'put' and state in ('particle', 'noun', 'verb') else None


def _run_together(entry: Entry, length: int, state: str) -> bool:
    """Return whether an English word may follow another without a space.

    Where it belongs and is no crumb: 'blackbox', 'tothe', 'putit'; never 'for' + 'get'.
    """
    if length < 2 or state.startswith('small'):
        return state == 'small stopping' and entry.sort in _DEEDS
    if entry.sort in STOPPING or state == 'stopping':
        return True
    if entry.sort == 'unknown':  # 'cubecover': a real word that the cell has no use for
        return length > 3
    if entry.sort not in ('into', 'it', 'state') and length < 3:
        return False
    return _belongs(entry, state) and (entry.sort != 'ignored' or length > 2)
