"""The words that stop an instruction: tokens enter, nothing leaves or a refusal is raised.

Negations, questions, conditions, skills the cell lacks, foreign things and every word that
nothing explains. Each is answered by name, so that the operator knows what to change.
"""
from collections.abc import Callable
from dataclasses import replace

from lam_ws.errors import InstructionError
from lam_ws.grounding.answers import refusal_text
from lam_ws.grounding.joining import SILENT
from lam_ws.grounding.resolving import Resolver
from lam_ws.grounding.tokens import Token
from lam_ws.grounding.vocabulary import Lexicon
from lam_ws.grounding.windows import near_words

Refuse = Callable[..., InstructionError]  # (code, token, options)
_LONGEST_QUOTE = 20  # letters of the operator's word that a refusal repeats


def check_words(tokens: list[Token], lexicon: Lexicon, resolver: Resolver,
                language: str) -> None:
    """Refuse what must not be read over.

    Raises:
        InstructionError: 'not_understood', 'unsupported', 'unknown_object' or
            'unknown_destination'.
    """
    def refuse(code: str, token: Token, options: str = '') -> InstructionError:
        return InstructionError(code.split('.')[0], refusal_text(
            code, language, word=_quoted(token), options=options))

    for sort in ('negation', 'question'):
        for token in tokens:
            if token.sort == sort:
                raise refuse(f'not_understood.{sort}', token)
    _check_state(tokens, refuse)
    for i, token in enumerate(tokens):
        _check_place(tokens, i, lexicon, refuse)
        _check_roles(tokens, i, lexicon, refuse)
        check_hanging(tokens, i, refuse)
        if token.sort in ('unsupported', 'traits', 'relation'):
            raise refuse('unsupported', token)
    for i, token in enumerate(tokens):
        if token.sort in ('foreign_things', 'foreign_colours'):
            raise refuse('unknown_object', token, resolver.all_parts())
        if token.sort == 'foreign_places':
            raise refuse('unknown_destination', token, resolver.all_bins())
        if token.sort == 'unknown':
            code = _unknown_code(tokens, i, frozenset(lexicon.vocabulary.bin_colours))
            if code == 'unknown_object':
                raise refuse(code, token, resolver.all_parts())
            if code == 'unknown_destination':
                raise refuse(code, token, resolver.all_bins())
            options = likely(token, lexicon)
            raise refuse('not_understood.slip' if options else 'not_understood', token, options)


def _quoted(token: Token) -> str:
    return token.surface[:_LONGEST_QUOTE]


def _check_state(tokens: list[Token], refuse: Refuse) -> None:
    """'Is it in the box?', 'it is in the box' and 'I moved it to the box' ask for nothing."""
    wants = any(token.sort == 'want' for token in tokens)
    asks = wants or any(token.sort == 'put' for token in tokens)
    for i, token in enumerate(tokens):
        first = i == 0 or tokens[i - 1].sort == 'stop'
        if token.sort == 'state' and (first or not asks):
            raise refuse('not_understood.question', token)
        if token.sort == 'done' and not wants:
            raise refuse('not_understood.question', token)


def _check_place(tokens: list[Token], i: int, lexicon: Lexicon, refuse: Refuse) -> None:
    """A bin is a place to put into: not a source, and 'on' it only when it is flat."""
    token = tokens[i]
    before = _noun_before(tokens, i)
    from_bin = before is not None and (before.sort != 'place' or _coloured(tokens, before))
    if token.sort == 'particle' and token.means == ('source',) and from_bin:
        raise refuse('unsupported.source', before)
    if token.sort == 'located' and before is not None and before.sort == 'bin':
        raise refuse('unsupported.source', before)
    if token.sort == 'located' and token.entry is not None and token.entry.language == 'en':
        raise refuse('unsupported', token)
    if token.sort == 'upon':
        korean = token.entry is not None and token.entry.language == 'ko'
        noun = before if korean else _noun_after(tokens, i)
        flat = noun is not None and noun.sort == 'bin' and noun.entry is not None and (
            noun.entry.form in lexicon.vocabulary.flat)
        if not flat:
            raise refuse('unsupported', token)


def _noun_before(tokens: list[Token], i: int) -> Token | None:
    """Return the noun that particles before token i belong to."""
    for token in reversed(tokens[:i]):
        if token.sort in ('bin', 'kind', 'thing', 'place', 'colour', 'unknown'):
            return token
        if token.sort != 'particle' and token.sort not in SILENT:
            return None
    return None


def _coloured(tokens: list[Token], noun: Token) -> bool:
    """Return whether a colour stands before the noun: '검은 데' is a bin, '있는 곳' is not."""
    place = next(i for i, token in enumerate(tokens) if token is noun)
    return place > 0 and tokens[place - 1].sort == 'colour'


def _noun_after(tokens: list[Token], i: int) -> Token | None:
    for token in tokens[i + 1:]:
        if token.sort in ('bin', 'kind', 'thing', 'place', 'unknown'):
            return token
    return None


def _unknown_code(tokens: list[Token], i: int, bin_colours: frozenset[str]) -> str:
    """Return what an unknown word stands in for, by the words around it."""
    around = [token for token in tokens if token.sort not in SILENT]
    place = around.index(tokens[i])
    before = around[place - 1] if place else None
    after = tokens[i + 1] if i + 1 < len(tokens) else None
    particle = after.surface if after is not None and after.sort == 'particle' else ''
    has_part = any(token.sort in ('kind', 'thing') for token in tokens)
    has_bin = any(token.sort in ('bin', 'place', 'there') for token in tokens)
    preposition = _follows_preposition(tokens, i)
    if not has_bin and has_part and (preposition or particle in (
            '에', '로', '으로', '안에', '에다', '에다가', '쪽으로')):
        return 'unknown_destination'
    named_after = after is not None and after.sort in ('kind', 'bin', 'thing')
    if before is not None and before.sort == 'colour' and not preposition and not named_after:
        of_bin = set(before.means) <= bin_colours
        return 'unknown_destination' if of_bin else 'unknown_object'
    if not has_part and has_bin and (particle in ('을', '를', '은', '는') or (
            before is not None and before.sort in ('put', 'take'))):
        return 'unknown_object'
    return 'not_understood'


def _follows_preposition(tokens: list[Token], i: int) -> bool:
    """Return whether an English noun is where something goes, its article skipped."""
    for token in reversed(tokens[:i]):
        if token.sort != 'opening':
            return token.sort == 'into'
    return False


def _check_roles(tokens: list[Token], i: int, lexicon: Lexicon, refuse: Refuse) -> None:
    """Parts go into bins: '상자를 원통에' and 'the box in the cylinder' do not."""
    token = tokens[i]
    if token.sort == 'particle' and token.means == ('either',):
        raise refuse('not_understood.question', tokens[i - 1])
    bins = frozenset(lexicon.vocabulary.bin_colours)
    if token.sort == 'particle' and i and token.means in (('object',), ('into',)):
        before = tokens[i - 1]
        to_part = before.sort in ('kind', 'thing') or (
            before.sort == 'colour' and not set(before.means) <= bins)
        if before.sort == 'thing' and i > 1 and set(tokens[i - 2].means) & bins:
            to_part = False  # '검은 거에'
        if token.means == ('into',) and to_part:
            raise refuse('unsupported', before)
        if token.means == ('object',) and before.sort == 'bin':
            raise refuse('unsupported', before)
    if token.sort == 'into':
        noun = next((other for other in tokens[i + 1:] if other.sort not in SILENT and (
            other.sort not in ('shape', 'it', 'count'))), None)
        if noun is not None and (noun.sort in ('kind', 'thing')
                                 or _part_named(tokens, noun, bins)):
            raise refuse('unsupported', noun)


def check_hanging(tokens: list[Token], i: int, refuse: Refuse) -> None:
    """'넣은', '넣는' and '넣으면' order nothing unless '뒤에' or '됩니다' follows."""
    token = tokens[i]
    phrase = token.entry is not None and bool(token.entry.gaps)   # '누를 것은'
    alone = not phrase and token.sort in ('put', 'take') and token.surface.endswith(
        ('은', '긴', '운', '낸'))
    following = tokens[i + 1].sort if i + 1 < len(tokens) else ''
    if (token.sort == 'hanging' or alone) and following not in (
            'endings', 'then', 'then_after_verb'):
        whole = tokens[i - 1].surface * (not alone) + token.surface
        raise refuse('not_understood.question', replace(token, surface=whole))


def _part_named(tokens: list[Token], colour: Token, bins: frozenset[str]) -> bool:
    """Return whether a colour opens the name of a part: 'in the red cylinder'."""
    place = next(i for i, token in enumerate(tokens) if token is colour)
    after = tokens[place + 1].sort if place + 1 < len(tokens) else ''
    return colour.sort == 'colour' and not set(colour.means) <= bins and after != 'bin'


def likely(token: Token, lexicon: Lexicon) -> str:
    """Return the naming words that a mistyped word may mean, when there are several."""
    near = sorted(near_words(token.surface, lexicon), key=lambda word: word.slip)
    forms = dict.fromkeys(word.entry.form for word in near if (word.wide or word.narrow)
                          and word.entry.sort in ('kind', 'colour', 'bin', 'foreign_things'))
    return ', '.join(list(forms)[:3])
