"""What came of an instruction, as whoever gave it is told."""
from dataclasses import dataclass


@dataclass(frozen=True)
class Outcome:
    """What came of an instruction.

    Attributes:
        success: Whether the task observed that the plan was carried out.
        reason: Stable reason code, '' on success.
        text: One sentence for the operator.
        citations: What the plan rests on.
        episode: Episode id, '' when the instruction was rejected.
        seconds: Wall time from instruction to result.
    """

    success: bool
    reason: str
    text: str
    citations: tuple[str, ...] = ()
    episode: str = ''
    seconds: float = 0.0
