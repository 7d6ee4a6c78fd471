"""The contract of this stage: an instruction and the scene enter, a plan leaves.

Whatever reads the operator's words, a grammar today or a language model tomorrow, answers
with goals of the cell's own vocabulary or refuses; there is no third outcome.
"""
from typing import Protocol

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
            InstructionError: With reason 'empty', 'too_long', 'control_characters',
                'not_understood', 'unknown_object', 'unknown_destination', 'ambiguous',
                'not_in_scene' or 'unsupported', and one sentence in the operator's language.
        """
        ...
