"""What has been seen in a cell goes on being what it was.

Looks at one image enter, each with what it could be; the same looks leave, each with what it is.
A part that stands in the shadow of a bin, under the gripper or on another part looks like many
things, but it was seen well before: what is where it was is it, and what turns up elsewhere is
most likely what is missing.
"""
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from lam_ws.types import Array
import numpy as np

DECAY = 0.99      # share of the votes for a name that is left an image later
LEAST = 0.001     # least probability of a name in one look; less than ANEW leaves to chance
NEAR = 0.013      # m, how far off the same thing at rest is seen to be
AWAY = 4.0        # nats against a thing having come from anywhere to where it is seen
ANEW = 6.5        # nats against a thing never having been seen before
HIDDEN = 0.5      # nats by which a look at two things differs from each at least
DOUBT = 0.35      # probability from which a thing may be of its second likeliest kind as well
SURE = 0.35       # confidence from which a look counts by itself
FAINT = 5.0       # nats by which a look of less may differ from the thing that is known
LONGEST = 300     # images without it after which a thing was taken away
MOST = 60         # things remembered


@dataclass(frozen=True)
class Look:
    """What one image shows at one place.

    Attributes:
        group: 'part' or 'place'.
        kind: [kinds] log probabilities.
        colour: [colours] log probabilities.
        position: [3] m in the base frame.
        sure: 0..1, that something is there.
    """

    group: str
    kind: Array
    colour: Array
    position: Array
    sure: float


@dataclass
class _Known:
    """A thing: the votes for what it is, where it was seen last, and how many images ago.

    At first sight it may have looked nearly as much like another kind: `also`, -1 for none.
    """

    group: str
    kind: Array
    colour: Array
    position: Array
    also: int = -1
    unseen: int = 0


class Memory:
    """The things of one cell."""

    def __init__(self) -> None:
        self._known: list[_Known] = []

    def forget(self) -> None:
        """Take the next image for that of another scene."""
        self._known = []

    def recognise(self, looks: Sequence[Look]) -> list[tuple[int, int, int] | None]:
        """Return kind, colour and second kind, as indices, of every look, None for no thing.

        The second kind is -1 where there was no doubt at first sight.

        Each look is paired with at most one thing that is known, the likeliest pairs first. How
        likely a pair is depends on what the look could be and on how far it is from where the
        thing was. A faint look is no thing unless it goes well with one that is known.
        """
        found: dict[int, _Known] = {}
        for group in {look.group for look in looks}:
            rows = [row for row, look in enumerate(looks) if look.group == group]
            known = [thing for thing in self._known if thing.group == group]
            if known:
                fits, near = _fits(known, [looks[row] for row in rows])
                faint = np.array([looks[row].sure < SURE for row in rows])
                fits[faint[:, None] & (fits < -FAINT)] = -np.inf
                found |= {rows[row]: known[number] for row, number in _uncover(
                    fits, near, dict(_pairs(fits)))}
        for row, look in enumerate(looks):
            if row not in found and look.sure < SURE:
                continue
            if row not in found:
                found[row] = _Known(look.group, np.zeros_like(look.kind),
                                    np.zeros_like(look.colour), look.position,
                                    _second(look.kind))
                self._known.append(found[row])
            _learn(found[row], look)
        seen = {id(thing) for thing in found.values()}
        for thing in self._known:
            thing.unseen = 0 if id(thing) in seen else thing.unseen + 1
        kept = [thing for thing in self._known if thing.unseen < LONGEST]
        self._known = sorted(kept, key=lambda thing: thing.unseen)[:MOST]
        return [_told(found[row]) if row in found else None for row in range(len(looks))]


def _second(kind: Array) -> int:
    """Return the second likeliest of some log probabilities [kinds], -1 where it is not likely."""
    second = int(np.argsort(kind)[-2])
    return second if kind[second] > np.log(DOUBT) else -1


def _told(thing: _Known) -> tuple[int, int, int]:
    kind = int(thing.kind.argmax())
    return kind, int(thing.colour.argmax()), thing.also if thing.also != kind else -1


def _pairs(fits: Array) -> Iterator[tuple[int, int]]:
    """Yield row and column of each pair, the best first, from fits [N, M] in nats."""
    fits = fits.copy()
    for _ in range(min(fits.shape)):
        row, column = np.unravel_index(fits.argmax(), fits.shape)
        if fits[row, column] < -ANEW:
            return
        yield int(row), int(column)
        fits[row], fits[:, column] = -np.inf, -np.inf


def _uncover(fits: Array, near: Array, pairs: dict[int, int]) -> Iterable[tuple[int, int]]:
    """Return row and column of each pair once what is missing was looked for on other things.

    A thing that stands on another hides it, and both look like one that is of either colour. It
    is the upper one: the lower could not be seen, the upper one could be from anywhere.
    """
    missing = set(range(fits.shape[1])) - set(pairs.values())
    for column in sorted(missing, key=lambda column: -fits[:, column].max()):
        row = int(fits[:, column].argmax())
        under = pairs.get(row)
        if under is not None and near[row, under] and not near[row, column] \
                and fits[row, under] < min(fits[row, column] + AWAY, -HIDDEN):
            pairs[row] = column
    return pairs.items()


def _learn(thing: _Known, look: Look) -> None:
    """Add a look's votes."""
    thing.kind = DECAY * thing.kind + np.maximum(look.kind, np.log(LEAST))
    thing.colour = DECAY * thing.colour + np.maximum(look.colour, np.log(LEAST))
    thing.position = look.position


def _fits(known: Sequence[_Known], looks: Sequence[Look]) -> tuple[Array, Array]:
    """Return how well each look goes with each thing, and whether it is where the thing was.

    Returns:
        [looks, known] nats, 0 at their best, and [looks, known] of bool.
    """
    way = np.array([look.position for look in looks])[:, None] \
        - np.array([thing.position for thing in known])
    far = (way ** 2).sum(-1) / (2 * NEAR ** 2)
    fits = _same([thing.kind for thing in known], [look.kind for look in looks]) \
        + _same([thing.colour for thing in known], [look.colour for look in looks]) \
        - np.minimum(far, AWAY)
    return fits, far < AWAY


def _same(votes: Sequence[Array], looks: Sequence[Array]) -> Array:
    """Return the log probabilities [looks, votes] that a look shows what the votes are for."""
    kept = np.array(votes)
    share = np.exp(kept - kept.max(1, keepdims=True))
    share /= share.sum(1, keepdims=True)
    same: Array = np.log(np.maximum(np.exp(np.array(looks)) @ share.T, LEAST))
    return same
