"""The seam between the learned policy and whatever computes its network.

Four passes: a sentence's token ids, an image, crops of it, and what the policy believes enter;
plain arrays leave. `lam_ws.policy.network` computes them with torch, `lam_ws.policy.onnx` with
ONNX Runtime; sights, belief, phases and kinematics are the same for both.
"""
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from lam_ws.policy.sizes import Sizes
from lam_ws.types import Array, Pixels


@dataclass(frozen=True)
class Reading:
    """A sentence as the text encoder reads it.

    Attributes:
        text: Its embedding, as `ground` takes it.
        skill: [skills] logits.
        asked: [2, ASKED] what its two things look like, as `closeup` takes it.
    """

    text: Any
    skill: Array
    asked: Any


class Passes(Protocol):
    """The network of one model, ready to compute."""

    sizes: Sizes

    def text(self, ids: Sequence[int]) -> Reading:
        """Return what LENGTH token ids say."""

    def ground(self, pixels: Pixels, reading: Reading) -> Array:
        """Return logits [2, h, w], where in pixels [h, w, 3] the two things are."""

    def closeup(self, crops: Pixels, reading: Reading) -> tuple[Array, Array, Array]:
        """Look closely at the first and the second thing.

        Args:
            crops: [2, CROP, CROP, 3] 0..255.
            reading: What they show.

        Returns:
            [2, 2] px of each point from its crop's middle, [2] heights in HEIGHT_SCALE,
            [2, yaws] logits of the headings over half a turn.
        """

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
