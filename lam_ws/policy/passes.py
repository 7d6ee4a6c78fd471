"""The seam between the learned policy and whatever computes its network.

Three passes: a sentence's token ids, an image, and what the policy believes enter; plain arrays
leave. `lam_ws.policy.network` computes them with torch, `lam_ws.policy.onnx` with ONNX Runtime;
belief, phases and kinematics are the same for both.
"""
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from lam_ws.policy.sizes import Sizes
from lam_ws.types import Array, Pixels


@dataclass(frozen=True)
class Maps:
    """What the grounder says of one image, over its cells.

    Attributes:
        heat: [2, h, w] logits, where the first and the second thing are.
        geometry: [6, h, w] offset u, v px and height of the first, then of the second.
        yaw: [2 * yaws, h, w] logits of the headings of both.
    """

    heat: Array
    geometry: Array
    yaw: Array


class Passes(Protocol):
    """The network of one model, ready to compute."""

    sizes: Sizes

    def text(self, ids: Sequence[int]) -> tuple[Any, Array]:
        """Return the embedding of LENGTH token ids, as `ground` takes it, and [skills] logits."""

    def ground(self, pixels: Pixels, text: Any) -> Maps:
        """Return where the sentence of embedding `text` points to in pixels [h, w, 3]."""

    def head(self, state: Array, points: Array, skill: Array, phase: Array,
             elapsed: float) -> tuple[Array, Array, float]:
        """Return chunk [H, 6], next-phase logits [phases] and the logit of being done.

        Args:
            state: [10] of the tool; `lam_ws.policy.model.Head` says what each number is.
            points: [12] key points.
            skill: [skills] one-hot.
            phase: [phases] one-hot, what the policy was doing when last asked.
            elapsed: s for which it had been doing that by then.
        """
