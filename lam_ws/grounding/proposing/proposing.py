"""The contract of this room: a sentence that was not understood enters, a guess leaves, or none.

Whatever proposes is not trusted. Its steps are ids of the candidates it was given, are checked
like an operator's own, and become a question; nothing that it says is carried out by itself.
"""
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from lam_ws.grounding.factory.order import Step
from lam_ws.language_model_file import LanguageModelSettings

MOST_STEPS = 12   # of a proposal
MOST_PIECES = 12  # of a step, but for all there are


@dataclass(frozen=True)
class Candidate:
    """A row that a sentence may be about.

    Attributes:
        id: Its name in the company's knowledge.
        table: 'parts', 'places', 'tools' or 'defects'.
        names: What it is called, the Korean and the English name first.
        look: What the camera takes it for, '' where it does not know it.
    """

    id: str
    table: str
    names: tuple[str, ...]
    look: str = ''


class Proposer(Protocol):
    """Guesses what an operator meant."""

    def propose(self, text: str, candidates: Sequence[Candidate],
                deadline_s: float) -> tuple[Step, ...] | None:
        """Return steps of candidates' ids, without constraints; None where there is no guess.

        Whatever goes wrong (nobody answers, the answer is no order, time is up) is None.

        Args:
            text: What the operator said.
            candidates: All that a step may name.
            deadline_s: s from now by which it returns.
        """
        ...


def load_proposer(settings: LanguageModelSettings) -> Proposer:
    """Return what a site's `language_model` names; a server is not asked anything yet.

    Raises:
        ConfigurationError: The key's variable is not set, or the folder has no such model.
    """
    if settings.path is not None:
        from lam_ws.grounding.proposing.local import LocalModel
        return LocalModel(settings.path)
    from lam_ws.grounding.proposing.server import Server
    return Server(settings)
