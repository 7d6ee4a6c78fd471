"""The network of the learned readers: symbols enter, and what it holds likely leaves. Numpy alone.

Residual convolutions over the places, twice as wide apart each time, with what the whole
sentence says added half-way; four heads: the part that each thing plays, which things belong to
one deed, which other words name something, whether it is an order at all.
`lam_ws.train.roles.RoleNet` is the same in torch, with the same names.
"""
from collections.abc import Mapping
from dataclasses import dataclass

from lam_ws.grounding.roles.symbols import Seen
import numpy as np
import numpy.typing as npt

Values = npt.NDArray[np.float32]
Weights = Mapping[str, Values]
APART = (1, 2, 4, 8, 16, 32)   # how far apart the taps of each layer are
ROLES = ('object', 'destination', 'base', 'source', 'tool', 'defect', 'press', 'open', 'close',
         'wipe', 'push', 'procedure', 'count', 'none')


@dataclass(frozen=True)
class Output:
    """What the network makes of M things and W other words.

    Attributes:
        roles: [M, len(ROLES)] probabilities.
        together: [M, M] probability that two things belong to one deed.
        names: [W] probability that a word names a thing, a place or a deed.
        order: Probability that the sentence is an order.
    """

    roles: Values
    together: Values
    names: Values
    order: float


def forward(weights: Weights, seen: Seen) -> Output:
    """Return what a sentence is held for.

    Args:
        weights: By name, as `lam_ws.train.roles.RoleNet` has them.
        seen: The sentence, at least one place.
    """
    table = weights['symbols.weight']
    h = _linear(weights, 'enter', np.stack([table[list(bag)].sum(axis=0) for bag in seen.bags]))
    for layer, apart in enumerate(APART):
        if layer == len(APART) // 2:
            h = h + _linear(weights, 'whole', h.mean(axis=0))
        h = h + np.maximum(_convolved(weights, layer, _even(h), apart), 0.0)
    h = _even(h)
    at = h[list(seen.things)]
    left, right = _linear(weights, 'left', at), _linear(weights, 'right', at)
    both = left @ right.T
    return Output(_softmax(_linear(weights, 'roles', at)),
                  _sigmoid(0.5 / left.shape[1] ** 0.5 * (both + both.T) + weights['together']),
                  _sigmoid(_linear(weights, 'names', h[list(seen.words)])[:, 0]),
                  float(_sigmoid(_linear(weights, 'order', h.mean(axis=0)))[0]))


def _linear(weights: Weights, name: str, x: Values) -> Values:
    y: Values = x @ weights[f'{name}.weight'].T + weights[f'{name}.bias']
    return y


def _even(h: Values) -> Values:
    """Return every row scaled to a root mean square of one."""
    scaled: Values = h / np.sqrt((h * h).mean(axis=1, keepdims=True) + 1e-6)
    return scaled


def _convolved(weights: Weights, layer: int, h: Values, apart: int) -> Values:
    kernel = weights[f'layers.{layer}.weight']   # [out, in, 3]
    padded = np.pad(h, ((apart, apart), (0, 0)))
    length = len(h)
    y: Values = sum((padded[k * apart:k * apart + length] @ kernel[:, :, k].T for k in range(3)),
                    start=weights[f'layers.{layer}.bias'])
    return y


def _softmax(x: Values) -> Values:
    e = np.exp(x - x.max(axis=1, keepdims=True))
    p: Values = e / e.sum(axis=1, keepdims=True)
    return p


def _sigmoid(x: Values) -> Values:
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(x, -30.0, 30.0))), np.float32)
