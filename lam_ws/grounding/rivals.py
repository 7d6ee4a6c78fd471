"""Whether a mistyped word could as well be another: tokens enter, tokens leave.

A word read through a slip stays unknown when a word of another meaning is as close to what
was typed and could stand in its place. Real words outside the vocabulary count, too: 'hut' is
no 'put'.
"""
from typing import Final

from lam_ws.grounding.joining import NAMING, REFUSED
from lam_ws.grounding.tokens import Token
from lam_ws.grounding.vocabulary import Entry, Lexicon
from lam_ws.grounding.windows import Near, near_words

_STOPPING: Final = frozenset({'negation', 'question', 'statement'})
_WEIGHTY: Final = NAMING | REFUSED | {'variant', 'way', 'statement', 'put', 'take', 'everyday',
                                      'all', 'both', 'upon', 'located', 'also', 'done'}
_PAIRED: Final = _STOPPING | {'unsupported', 'relation'}
_LONGEST_PAIR: Final = 16
_NAMED: Final = NAMING | {'stop', 'unknown'} | REFUSED
_MARGIN: Final = 0.5
_STOP_REACH: Final = 1.0

# What may stand before a noun as a colour does, and what in the place of a noun.
_LIKE_COLOURS: Final = frozenset({'colour', 'shape', 'variant', 'foreign_colours', 'traits',
                                  'negation', 'all', 'both'})
_LIKE_NOUNS: Final = NAMING | {'foreign_things', 'foreign_places', 'foreign_colours', 'thing',
                               'place', 'traits', 'unsupported', 'everyday'}
_FOREIGN: Final = frozenset({'foreign_things', 'foreign_places', 'foreign_colours'})
_DEEDS: Final = frozenset({'put', 'take'})
_STOP: Final = Token('stop', (), '')


def settle(tokens: list[Token], lexicon: Lexicon) -> list[Token]:
    """Return the tokens of one sentence, those that could as well be another word unknown."""
    around = [_STOP, *tokens, _STOP]
    return [Token('unknown', (), token.surface)
            if token.slip and _has_rival(token, around[i], around[i + 2], lexicon) else token
            for i, token in enumerate(tokens)]


def doubt_pairs(tokens: list[Token], lexicon: Lexicon) -> list[Token]:
    """Return the tokens, those unknown that are known words but make no sense as a pair.

    'next too the box' holds 'next' and 'too', and means neither; 'the red for in the box' has
    a noun that lost a letter.
    """
    return [Token('unknown', (), token.surface)
            if (i and _near_refused(tokens[i - 1], token, lexicon))
            or (i + 1 < len(tokens) and _lost_noun(token, tokens[i + 1])) else token
            for i, token in enumerate(tokens)]


def _lost_noun(first: Token, second: Token) -> bool:
    """Return whether an English article or preposition leads to no name at all."""
    return first.sort == 'opening' and second.sort == 'into' and first.surface.isascii()


def _near_refused(first: Token, second: Token, lexicon: Lexicon) -> bool:
    joined = first.surface + second.surface
    if len(joined) > _LONGEST_PAIR or first.sort in _NAMED or second.sort in _NAMED:
        return False
    alike = first.sort == second.sort and first.sort in ('endings', 'particle')
    doubtful = first.slip or second.slip or alike or joined.isascii()
    most = _STOP_REACH if doubtful else _MARGIN
    return any(near.entry.sort in _PAIRED and near.slip <= most
               for near in near_words(joined, lexicon))


def _has_rival(token: Token, before: Token, after: Token, lexicon: Lexicon) -> bool:
    if token.surface in lexicon.real_words:
        return True
    near = near_words(token.surface, lexicon)
    # A name long enough to be told anywhere is checked against the scene as well.
    plain = token.sort in NAMING and any(own.wide for own in near if own.entry is token.entry)
    return any(
        _as_close(rival, token)
        and (rival.entry.sort, rival.entry.means) != (token.sort, token.means)
        and not (plain and rival.entry.sort == 'everyday')
        and _matters(rival, token) and _fits(rival.entry, token, before, after)
        for rival in near)


def _as_close(rival: Near, token: Token) -> bool:
    """Return whether the rival is close enough to be meant.

    What is one slip away from a refusal is not forgiven, unless it is a name. To two letters
    swapped or one doubled a question gives way, and a foreign thing to a verb.
    """
    refused = rival.entry.sort in (_STOPPING if token.sort in NAMING else REFUSED)
    mild = token.slip <= _MARGIN and (rival.entry.sort == 'question' or (
        token.sort in _DEEDS and rival.entry.sort in _FOREIGN))
    return rival.slip < token.slip + _MARGIN or (
        refused and not mild and rival.slip <= _STOP_REACH)


def _matters(near: Near, token: Token) -> bool:
    """Return whether taking one word for the other would change what is done."""
    rival = near.entry
    if rival.sort == token.sort == 'put' and rival.means and token.means:
        return set(rival.means).isdisjoint(token.means)   # 'unlock' for 'lock'
    if rival.sort == token.sort:
        return rival.sort in NAMING or rival.means in (('source',), ('either',))
    if {rival.sort, token.sort} <= {'put', 'take'}:
        return False
    readable = near.wide or near.narrow
    return rival.sort in _WEIGHTY or (readable and token.sort in _WEIGHTY)


def _fits(rival: Entry, token: Token, before: Token, after: Token) -> bool:
    """Return whether the rival could stand where the token stands.

    Between an article and its noun stands nothing but what describes it, after the colour of
    a noun nothing but a noun: 'the wite box' is no wire, 'the blck box' no block. Nor does a
    noun take the place of an article ('in yhat white box') or of a verb ('plae the bar').
    """
    if rival.sort == 'negation':
        return True
    if token.sort in ('colour', 'shape') and after.sort in ('kind', 'bin'):
        asks = rival.sort == 'question' and before.sort not in ('opening', 'it', 'into')
        return rival.sort in _LIKE_COLOURS or asks
    if token.sort in ('kind', 'bin') and before.sort == 'colour':
        return rival.sort in _LIKE_NOUNS
    if token.sort == 'count':
        return rival.sort != 'everyday'
    if token.sort == 'particle':
        return _particle_fits(rival, token, after)
    leads = before.sort == 'into' and after.sort in ('colour', 'bin')
    orders = token.sort in _DEEDS and after.sort in ('opening', 'it')
    return not (leads or orders) or rival.sort not in _FOREIGN


def _particle_fits(rival: Entry, token: Token, after: Token) -> bool:
    if rival.means == ('either',):  # '상자에나' needs another box to choose from
        return after.sort not in _DEEDS
    return len(token.surface) > 1 or rival.sort == 'particle'
