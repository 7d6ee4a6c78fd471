"""From what was named to what is there: requests and a scene enter, moves leave.

A part or bin that is named in full must be in view; one that is named in part is taken from
the scene where exactly one thing fits, and asked back where several do. Without a scene
everything must be named.
"""
from dataclasses import dataclass

from lam_ws.errors import InstructionError
from lam_ws.grounding.answers import refusal_text
from lam_ws.grounding.requests import PartWords, Request
from lam_ws.grounding.vocabulary import Lexicon
from lam_ws.types import Scene

PartName = tuple[str, str]  # kind, colour
_MOST_OPTIONS = 6           # that a question lists


@dataclass(frozen=True)
class Move:
    """One part to one bin, and the words it was named by.

    `inferred` says that the scene had to supply what the words left open.
    """

    kind: str
    colour: str
    destination: str
    words: PartWords
    request: Request
    inferred: bool


class Resolver:
    """Looks requests up in one scene, for one operator's language."""

    def __init__(self, lexicon: Lexicon, scene: Scene | None, language: str):
        self._lexicon = lexicon
        self._language = language
        self._known = scene is not None
        vocabulary = lexicon.vocabulary
        seen = list(scene.names()) if scene else []
        self._parts = [name for name in seen if name[0] in vocabulary.kinds]
        self._bins = [colour for kind, colour in seen
                      if kind == 'bin' and colour in vocabulary.bin_colours]
        if scene is None:
            self._parts = [(kind, colour) for kind in vocabulary.kinds
                           for colour in vocabulary.part_colours]
            self._bins = list(vocabulary.bin_colours)

    def moves(self, requests: list[Request]) -> list[Move]:
        """Return the moves of all requests in order.

        Raises:
            InstructionError: 'unknown_object', 'unknown_destination', 'ambiguous',
                'not_in_scene', 'unsupported' or 'not_understood'.
        """
        found: list[Move] = []
        last_bin = ''
        for request in requests:
            self._check_pronoun(request, bool(found))
            parts = self._request_parts(request)
            last_bin, guessed = self._bin(request, last_bin, alone=len(requests) == 1)
            found += [Move(kind, colour, last_bin, words, request, inferred or guessed)
                      for (kind, colour), words, inferred in parts]
        said = [(move.kind, move.colour) for move in found]
        for name in said:
            if said.count(name) > 1:
                raise self._refusal('not_understood.twice', part=self.part_name(name))
        return found

    def part_name(self, name: PartName) -> str:
        """Return 'red cylinder' or '빨간 원통'."""
        kind, colour = name
        return (f'{self._lexicon.name("part_colours", colour, self._language)} '
                f'{self._lexicon.name("kinds", kind, self._language)}')

    def bin_name(self, colour: str) -> str:
        """Return 'black box' or '검은 상자'."""
        words = self._lexicon.vocabulary.bins
        noun = (words.ko if self._language == 'ko' else words.en)[0]
        return f'{self._lexicon.name("bin_colours", colour, self._language)} {noun}'

    def all_parts(self) -> str:
        """Return the kinds the cell handles, for a refusal."""
        return ', '.join(self._lexicon.name('kinds', kind, self._language)
                         for kind in self._lexicon.vocabulary.kinds)

    def all_bins(self) -> str:
        """Return the bins the cell has, for a refusal."""
        return ', '.join(map(self.bin_name, self._lexicon.vocabulary.bin_colours))

    def _refusal(self, code: str, **values: str) -> InstructionError:
        return InstructionError(code.split('.')[0], refusal_text(code, self._language, **values))

    def _check_pronoun(self, request: Request, earlier: bool) -> None:
        if earlier and request.named and request.named[0].pronoun:
            raise self._refusal('unsupported.again')

    def _request_parts(self, request: Request) -> list[tuple[PartName, PartWords, bool]]:
        named = request.named or [PartWords(generic=True)]
        every = request.everything or (request.pair and len(named) == 1)
        found = []
        for words in named:
            names = self._candidates(words)
            full = len(words.kinds) == 1 and len(words.colours) == 1
            distinct = list(dict.fromkeys(names))
            if every:
                alike = [name for name in distinct if names.count(name) > 1]
                if alike and self._known:
                    raise self._refusal('unsupported.alike', part=self.part_name(alike[0]))
            if not every or not self._known:
                if len(distinct) > 1:
                    raise self._refusal('ambiguous', options=self._listed(distinct))
            found += [(name, words, not full) for name in distinct]
        if request.pair and len(found) != 2:
            raise self._refusal('ambiguous', options=self._listed([part[0] for part in found]))
        return found

    def _candidates(self, words: PartWords) -> list[PartName]:
        """Return what fits the words; refuse when nothing can or nothing does."""
        vocabulary = self._lexicon.vocabulary
        if any(colour not in vocabulary.part_colours for colour in words.colours):
            raise self._refusal('unknown_object', options=self.all_parts(),
                                word=' '.join(token.surface for token in words.tokens))
        fitting = [(kind, colour) for kind, colour in self._parts
                   if (not words.kinds or kind in words.kinds)
                   and (not words.colours or colour in words.colours)]
        if fitting:
            return fitting
        if len(words.kinds) == 1 and len(words.colours) == 1:
            missing = self.part_name((words.kinds[0], words.colours[0]))
        else:
            missing = ' '.join(token.entry.form for token in words.tokens if token.entry)
        missing = missing or ('부품' if self._language == 'ko' else 'part')
        raise self._missing(missing)

    def _missing(self, name: str) -> InstructionError:
        seen = [*map(self.part_name, dict.fromkeys(self._parts)),
                *map(self.bin_name, dict.fromkeys(self._bins))]
        if not seen:
            return self._refusal('not_in_scene.nothing', part=name)
        return self._refusal('not_in_scene', part=name, options=', '.join(seen))

    def _listed(self, names: list[PartName]) -> str:
        if not self._known:
            return self.all_parts() + ' ...'
        shown = ', '.join(map(self.part_name, names[:_MOST_OPTIONS]))
        return shown if len(names) <= _MOST_OPTIONS else shown + ' ...'

    def _bin(self, request: Request, last: str, alone: bool) -> tuple[str, bool]:
        """Return the colour of the request's bin, and whether the scene supplied it.

        Among several requests, one without any bin may mean 'leave it': it is asked back.
        """
        if request.bin is None and request.same_place and last:
            return last, False
        colours = request.bin.colours if request.bin else ()
        for colour in colours:
            if colour not in self._lexicon.vocabulary.bin_colours:
                named = request.bin.tokens if request.bin else ()
                word = ' '.join(token.surface for token in named)
                raise self._refusal('unknown_destination', word=word, options=self.all_bins())
            if colour not in self._bins:
                raise self._missing(self.bin_name(colour))
        if len(colours) == 1:
            return colours[0], False
        bins = list(dict.fromkeys(self._bins))
        wanted = request.bin is not None or (request.placed and alone)
        if len(bins) == 1 and wanted and self._known:
            return bins[0], True
        if not bins:
            raise self._missing('상자' if self._language == 'ko' else 'bin')
        raise self._refusal('ambiguous.bin', options=', '.join(map(self.bin_name, bins)))
