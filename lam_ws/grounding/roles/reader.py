"""The learned readers: tokens of a sentence enter, what part each thing in it plays leaves.

Two networks look at a sentence, one at its letters and one at its words; neither sees what the
rules of the first reader are.
"""
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from lam_ws.grounding.factory.reading.tokens import Token
from lam_ws.grounding.roles.network import forward, Output, ROLES, Weights
from lam_ws.grounding.roles.symbols import LONGEST, SEES
from lam_ws.knowledge.knowledge import Knowledge, Known
from lam_ws.models import fitting, load_card, model_folder
from safetensors.numpy import load_file

MODEL = 'roles_small'
_TABLES = {'parts': 'part', 'tools': 'tool', 'defects': 'defect', 'steps': 'procedure',
           'procedures': 'procedure'}
_LOOKS = {'button': 'button', 'lever': 'clamp', 'clamp': 'clamp', 'stripe': 'stripe',
          'stripe_end': 'stripe'}
_ARTICLES = ('a', 'an')   # numbers that hardly ever count


@dataclass(frozen=True)
class Reading:
    """What a network makes of a sentence.

    Attributes:
        tokens: [M] names and numbers.
        output: Of the network, for these.
        spans: [W] letters of the text of every other word, as `output.names` has them.
    """

    tokens: tuple[Token, ...]
    output: Output
    spans: tuple[tuple[int, int], ...]

    def role(self, index: int) -> tuple[str, float]:
        """Return the likeliest part that a token plays, and how likely it is."""
        row = self.output.roles[index]
        best = int(row.argmax())
        return ROLES[best], float(row[best])

    def names(self, token: Token) -> float:
        """Return the probability that a word that nobody knows names something, 0..1."""
        end = token.end
        return max((float(chance) for (first, last), chance
                    in zip(self.spans, self.output.names, strict=True)
                    if first < end and token.place < last), default=1.0)


class RoleReader:
    """Reads sentences of one cell.

    Args:
        knowledge: What the cell knows: of what sort a thing is.
        weights: Of the networks by what they see; None takes those of models/roles_small.

    Raises:
        CheckpointError: The weights are missing or altered.
    """

    def __init__(self, knowledge: Knowledge, weights: Mapping[str, Weights] | None = None):
        self._known = knowledge.things
        self._weights = load_weights() if weights is None else weights

    def read(self, text: str, tokens: Sequence[Token]) -> Iterator[Reading]:
        """Yield what each network makes of a sentence; of one that is too long, nothing.

        Args:
            text: Composed, as the line has it.
            tokens: Of the line.
        """
        sorts: dict[Token, str] = {token: sort for token in tokens
                                   if (sort := self._sort(token)) is not None}
        for sees, weights in self._weights.items():
            seen = SEES[sees](text, tokens, sorts)
            if seen.bags and len(seen.bags) <= LONGEST:
                yield Reading(tuple(sorts), forward(weights, seen), seen.spans)

    def _sort(self, token: Token) -> str | None:
        if token.named is None:
            return number_sort(token)
        sorts = {_sort(self._known[one]) for one in token.named.ids}
        return sorts.pop() if len(sorts) == 1 else 'several'


def load_weights() -> dict[str, Weights]:
    """Return the weights of models/roles_small, by what each network sees."""
    card = load_card(MODEL)
    weights = model_folder(MODEL) / card.weights
    with fitting(weights):
        found = load_file(weights)
    return {sees: {name.removeprefix(f'{sees}.'): value for name, value in found.items()
                   if name.startswith(f'{sees}.')} for sees in SEES}


def _sort(thing: Known) -> str:
    if thing.table != 'places':
        return _TABLES[thing.table]
    look = thing.value('appearance')
    if thing.value('kind') == 'conveyor' or (look is not None and str(look).endswith(' crate')):
        return 'giver'   # things are taken from there more often than put there
    return _LOOKS.get(str(look).split()[-1], 'place') if look is not None else 'place'


def number_sort(token: Token) -> str | None:
    """Return the sort of a word that says how many, None of any other."""
    if token.sort != 'count' or token.text.lower() in _ARTICLES:
        return None
    return 'all' if token.means == '0' else 'number'
