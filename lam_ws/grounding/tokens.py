"""One word of an operator's sentence, as the stages of the grammar hand it on."""
from dataclasses import dataclass

from lam_ws.grounding.vocabulary import Entry


@dataclass(frozen=True)
class Token:
    """One word of the sentence.

    Attributes:
        sort: Sort of the lexicon entry, 'unknown', or 'stop' at the end of a sentence.
        means: What it may stand for.
        surface: As the operator typed it, without spaces.
        entry: Its lexicon entry, None for 'unknown' and 'stop'.
        slip: Number of slips it was read through; 0 when it stands in the lexicon.
        apart: Whether a space stood before it.
    """

    sort: str
    means: tuple[str, ...]
    surface: str
    entry: Entry | None = None
    slip: float = 0.0
    apart: bool = True
