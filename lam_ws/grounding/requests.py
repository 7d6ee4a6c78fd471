"""What a row of words asks for: tokens enter, requests (parts, one bin) leave.

A request is filled as the words come. A verb of putting, a 'then' or the end of a sentence
closes it once it has both parts and bin; without a verb, the order of the first pair tells
whether the next part or the next bin opens another one. Nothing is looked up in the scene
here.
"""
from dataclasses import dataclass, field, replace

from lam_ws.grounding.tokens import Token


@dataclass(frozen=True)
class PartWords:
    """A part as it was named; what was not said is empty."""

    kinds: tuple[str, ...] = ()
    colours: tuple[str, ...] = ()
    tokens: tuple[Token, ...] = ()
    generic: bool = False
    pronoun: bool = False


@dataclass(frozen=True)
class BinWords:
    """A bin as it was named, by colour or not at all."""

    colours: tuple[str, ...] = ()
    tokens: tuple[Token, ...] = ()


@dataclass
class Request:
    """Parts that go into one bin, still growing while the words come.

    Attributes:
        parts: In the order named.
        bin: None until a bin is named.
        parts_first: Which of the two came first.
        same_place: The bin of the request before is meant ('there', 'too').
        everything: 'all' was said.
        pair: 'both' was said.
        placed: A verb of putting was said.
        left_open: One was said after the parts, with no bin yet: what follows is not theirs.
    """

    parts: list[PartWords] = field(default_factory=list)
    bin: BinWords | None = None
    parts_first: bool | None = None
    same_place: bool = False
    everything: bool = False
    pair: bool = False
    placed: bool = False
    left_open: bool = False

    @property
    def complete(self) -> bool:
        """Whether it has parts and a bin."""
        return bool(self.named) and (self.bin is not None or self.same_place)

    @property
    def named(self) -> list[PartWords]:
        """The parts; a pronoun or a bare 'part' counts only where nothing better is named."""
        real = [part for part in self.parts if part.kinds or part.colours]
        return real or self.parts[:1]

    @property
    def blank(self) -> bool:
        """Whether nothing was said yet."""
        return not self.parts and self.bin is None and not self.same_place and (
            not self.everything)


class Contradiction(Exception):
    """The words name two bins for the same parts, or a part of two shapes."""


def to_requests(tokens: list[Token], bin_colours: frozenset[str]) -> list[Request]:
    """Return the requests of a sentence without negations, questions or unknown words.

    Raises:
        Contradiction: A part is given two bins.
    """
    builder = _Builder(bin_colours)
    for i, token in enumerate(tokens):
        noun_next = i + 1 < len(tokens) and tokens[i + 1].sort in _NOUN_STARTS
        if token.sort != 'it' or not noun_next:  # 'that' before a noun only points at it
            builder.take(token)
    builder.close()
    return [request for request in builder.done if not request.blank]


_NOUN_STARTS = frozenset({'colour', 'shape', 'kind', 'bin', 'thing'})


class _Builder:
    """The state of the reading: the request at hand and colours that wait for their noun."""

    def __init__(self, bin_colours: frozenset[str]):
        self.done: list[Request] = []
        self._now = Request()
        self._colours: list[Token] = []
        self._shape: Token | None = None
        self._bin_colours = bin_colours
        self._linked = False  # an 'and' since the last noun
        self._which = False   # a 'that is': the next colour belongs to the noun before

    def take(self, token: Token) -> None:
        """Take the next word."""
        handler = getattr(self, f'_on_{token.sort}', None)
        if handler is not None:
            handler(token)

    def close(self) -> None:
        """End the request at hand whatever it lacks."""
        self._flush()
        self.done.append(self._now)
        self._now = Request()

    def _on_colour(self, token: Token) -> None:
        self._colours.append(token)
        if self._which:
            self._which = False
            self._flush()

    def _on_state(self, token: Token) -> None:
        """'The thing to put in the box is ...': the thing itself is still to be named."""
        now = self._now
        if not any(part.kinds or part.colours for part in now.parts) and not now.everything:
            now.parts.clear()
            now.parts_first, now.left_open = (None if now.bin is None else False), False

    def _on_which(self, token: Token) -> None:
        self._which = True

    def _on_kind(self, token: Token) -> None:
        kinds: tuple[str, ...] = token.means
        tokens: tuple[Token, ...] = (token,)
        if self._shape is not None:
            kinds = tuple(kind for kind in kinds if kind in self._shape.means)
            tokens = (self._shape, token)
            self._shape = None
            if not kinds:
                raise Contradiction('shape')
        if not self._colours:
            self._part(PartWords(kinds, (), tokens))
        for colour in self._taken_colours():
            self._part(PartWords(kinds, colour.means, (colour, *tokens)))

    def _on_shape(self, token: Token) -> None:
        self._shape = token

    def _on_thing(self, token: Token) -> None:
        colours = self._taken_colours()
        shape, self._shape = self._shape, None
        if shape is not None:
            for colour in colours:
                self._part(PartWords(shape.means, colour.means, (shape, colour, token)))
            if not colours:
                self._part(PartWords(shape.means, (), (shape, token)))
            return
        if not colours and token.surface not in ('one', '거', '것', '걸', '건', '게', '애'):
            self._part(PartWords((), (), (token,), generic=True))
        for colour in colours:
            self._colour_alone(colour, (token,))

    def _on_it(self, token: Token) -> None:
        self._flush()
        if not self._now.parts:
            self._part(PartWords((), (), (token,), pronoun=True))

    def _on_bin(self, token: Token) -> None:
        colours = self._taken_colours()
        for colour in colours[:-1]:  # '큐브 파란색 검은 상자에': only the last is the bin's
            if set(colour.means) <= self._bin_colours:
                raise Contradiction
            self._colour_alone(colour, ())
        last = colours[-1:]
        self._bin(BinWords(last[0].means if last else (), (*last, token)))

    def _on_place(self, token: Token) -> None:
        self._flush(place=True)

    def _on_there(self, token: Token) -> None:
        self._flush()
        if self.done and self._now.bin is None:
            self._now.same_place = True

    def _on_particle(self, token: Token) -> None:
        if token.means == ('link',):
            self._on_link(token)
            return
        if token.means == ('of',):  # '파란색으로 된 큐브': the noun is still to come
            return
        self._flush()
        if token.means == ('also',):
            self._on_also(token)

    def _on_also(self, token: Token) -> None:
        self._flush()
        if self.done and self._now.bin is None:
            self._now.same_place = True

    def _on_link(self, token: Token) -> None:
        self._linked = True

    def _on_all(self, token: Token) -> None:
        self._now.everything = True

    def _on_both(self, token: Token) -> None:
        self._now.pair = True

    def _on_take(self, token: Token) -> None:
        self._flush()

    def _on_put(self, token: Token) -> None:
        self._flush()
        self._now.placed = True
        self._now.left_open = bool(self._now.parts) and self._now.bin is None
        if self._now.complete:
            self._next_keeps()

    _on_done = _on_put

    def _on_then(self, token: Token) -> None:
        self._flush()
        if self._now.complete:
            self._next_keeps()

    _on_then_after_verb = _on_stop = _on_then

    def _next_keeps(self) -> None:
        """Start another request, but let 'too' and 'both' at the end still find this one."""
        self.done.append(self._now)
        self._now = Request()

    def _taken_colours(self) -> list[Token]:
        colours, self._colours = self._colours, []
        return colours

    def _flush(self, place: bool = False) -> None:
        """Make of colours without a noun what only they can be."""
        colours = self._taken_colours()
        if self._shape is not None and not place:
            first, colours = colours[:1], colours[1:]
            shape, self._shape = self._shape, None
            self._part(PartWords(shape.means, first[0].means if first else (), (shape, *first)))
        for colour in colours:
            self._colour_alone(colour, (), place)

    def _colour_alone(self, colour: Token, tokens: tuple[Token, ...],
                      place: bool = False) -> None:
        """A colour without a noun is the last part's, a bin's or that of a part unnamed."""
        if place or set(colour.means) <= self._bin_colours:
            self._bin(BinWords(colour.means, (colour, *tokens)))
            return
        parts = self._now.parts
        if parts and not parts[-1].colours and parts[-1].kinds and not self._linked:
            parts[-1] = replace(parts[-1], colours=colour.means,
                                tokens=(*parts[-1].tokens, colour))
            return
        self._part(PartWords((), colour.means, (colour, *tokens), generic=True))

    def _part(self, part: PartWords) -> None:
        now = self._now
        said = [(known.kinds, known.colours) for known in now.parts]
        fresh = (part.kinds, part.colours) not in said and not part.generic and not part.pronoun
        if (now.complete and now.parts_first) or (now.left_open and now.bin is None and fresh):
            self._next_keeps()
            now, said = self._now, []
        if now.parts_first is None:
            now.parts_first = True
        if (part.kinds, part.colours) not in said or part.generic:
            now.parts.append(part)
        self._linked = False

    def _bin(self, named: BinWords) -> None:
        now = self._now
        if now.bin is not None or now.same_place:
            if not now.named:
                raise Contradiction
            if now.bin is not None and now.bin.colours == named.colours and not self._linked:
                return
            self._next_keeps()
            now = self._now
        if now.parts_first is None:
            now.parts_first = False
        now.bin = named
        self._linked = False
