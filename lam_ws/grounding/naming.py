"""Colours, adjectives and nouns put together: the words of one thing enter, a noun leaves.

The base of the reader of frames, which says where a noun belongs; here only its words count.
"""
from lam_ws.grounding.frame import Noun, Unclear
from lam_ws.grounding.skill_words import SkillLexicon
from lam_ws.grounding.tokens import Token


class Naming:
    """What was said of a thing whose noun is still to come.

    Args:
        words: The words of every skill.
    """

    def __init__(self, words: SkillLexicon):
        self._words = words
        self._colours: list[Token] = []
        self._shape: Token | None = None
        self._variant: Token | None = None
        self._ahead: list[Token] = []      # English prepositions whose noun is to come
        self._noun: Noun | None = None     # the last one
        self._which = False
        self._count = 0

    def _placed(self, noun: Noun) -> Noun:
        """Give a noun its place; return the one that it is, if it was named before."""
        raise NotImplementedError

    def _on_colour(self, token: Token, before: Token | None) -> None:
        if self._which and self._noun is not None and not self._noun.colours:
            self._noun.colours = token.means
            self._noun.tokens = (*self._noun.tokens, token)
            self._which = False
            return
        self._colours.append(token)

    def _check_colours(self, token: Token) -> None:
        """A colour that no noun follows: the bin's or the part's, nobody knows."""
        link = token.sort == 'particle' and token.means == ('of',)
        if self._colours and not link:
            raise Unclear('not_understood.colour', self._colours[0])

    def _on_shape(self, token: Token, before: Token | None) -> None:
        self._shape = token

    def _on_variant(self, token: Token, before: Token | None) -> None:
        self._variant = token

    def _on_which(self, token: Token, before: Token | None) -> None:
        self._which = True

    def _on_kind(self, token: Token, before: Token | None) -> None:
        kinds = token.means
        if self._shape is not None:
            kinds = tuple(kind for kind in kinds if kind in self._shape.means)
        if self._variant is not None:
            of, sort = self._variant.means
            kinds = (sort,) if kinds in ((of,), (sort,)) else ()
        if not kinds:
            raise Unclear('not_understood', token)
        self._named(kinds, token)

    def _on_bin(self, token: Token, before: Token | None) -> None:
        source = token.means and token.means[0] in self._words.sources
        from_it = any(word.means == ('source',) for word in self._ahead)
        if source and (from_it or not self._colours):
            self._named(token.means, token)
        elif token.means and not source:   # a bin that its name tells from the others
            if self._colours and self._colours[-1].means != token.means:
                raise Unclear('not_understood.colour', self._colours[-1])
            self._named(('bin',), token, token.means)
        else:
            self._named(('bin',), token)

    def _on_thing(self, token: Token, before: Token | None) -> None:
        if self._colours or self._shape is not None:
            self._named(() if self._shape is None else self._shape.means, token)
        elif token.surface not in ('one', '거', '것', '걸', '건', '게', '애'):
            self._named((), token)

    def _named(self, kinds: tuple[str, ...], token: Token, colour: tuple[str, ...] = ()) -> None:
        """Give the noun that `token` ends a place in this frame or the next."""
        colours, self._colours = self._colours, []
        if len(colours) > 1:
            raise Unclear('not_understood.colour', colours[0])
        told = [word for word in (self._variant, self._shape) if word is not None]
        self._variant = self._shape = None
        noun = Noun(kinds, colours[0].means if colours else colour,
                    (*told, *colours, token), number=self._count)
        for word in self._ahead:
            noun.marks.add(word.means[0] if word.sort == 'way' else word.sort)
        self._ahead, self._which = [], False
        self._noun = self._placed(noun)
