"""The contract of this stage: an instruction and the scene enter, a plan leaves.

Whatever reads the operator's words, a grammar today or a language model tomorrow, answers
with goals of the cell's own vocabulary or refuses; there is no third outcome.
"""
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from lam_ws.errors import ConfigurationError
from lam_ws.knowledge.knowledge import is_company, load_knowledge
from lam_ws.language_model_file import LanguageModelSettings
from lam_ws.types import Instruction, Plan, Scene


class Grounder(Protocol):
    """Turns what an operator says into what the policy is to do."""

    def ground(self, instruction: Instruction, scene: Scene | None) -> Plan:
        """Return the plan.

        Args:
            instruction: What the operator said.
            scene: What the cameras see now; None when nothing is known of it, in which
                case the instruction must name everything itself.

        Raises:
            Question: It could be done with another word of the operator, which goes to
                `Question.reply`.
            InstructionError: With reason 'empty', 'too_long', 'control_characters',
                'not_understood', 'unknown_object', 'unknown_destination', 'ambiguous',
                'not_in_scene' or 'unsupported', in a company's cell any of an `Answer` (with
                'proposed' the question whether a model guessed right), and one sentence in
                the operator's language.
        """
        ...


def load_grounder(folder: Path | str, moves: Mapping[str, float] | None = None,
                  language_model: LanguageModelSettings | None = None) -> Grounder:
    """Return the grounder of a knowledge folder, a name below config/knowledge or a path.

    A folder with a site.yaml is a company's, with all that it knows; any other is a vocabulary.

    Args:
        folder: The folder.
        moves: What the cell moves with: max_speed_m_s of its tool, max_force_n of its fingers.
        language_model: Of the site, None for none; it proposes from a company's knowledge only.

    Raises:
        ConfigurationError: The folder's files are missing or wrong, or there is no such model.
        LimitError: A company's cell says neither payload nor reach.
    """
    if is_company(folder):
        from lam_ws.grounding.factory.grounder import FactoryGrounder
        return FactoryGrounder(load_knowledge(folder), moves, language_model)
    if language_model is not None:
        raise ConfigurationError('a language_model proposes from what a company knows, and '
                                 f'knowledge {str(folder)!r} is a vocabulary')
    from lam_ws.grounding.grammar import load_grammar
    return load_grammar(folder)


def load_limits(folder: Path | str
                ) -> tuple[str, dict[tuple[str, str, str], dict[str, float]]]:
    """Return what a knowledge folder says of how gently things are handled, for the guard.

    Args:
        folder: A name below config/knowledge or a path.

    Returns:
        The version of the knowledge, and by skill, part and tool the strictest max_speed_m_s and
        max_force_n, each where anybody says it; '' and nothing where there is no company.

    Raises:
        ConfigurationError: The folder's files are missing or wrong.
    """
    if not is_company(folder):
        return '', {}
    from lam_ws.grounding.factory.checking.handling import every_handling
    knowledge = load_knowledge(folder)
    return knowledge.version(), every_handling(knowledge)
