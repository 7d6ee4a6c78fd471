"""The plan of an instruction, for display: the task's own grounding is done once more beside it.

An instruction, the scene of now and replies enter; steps in both languages and what they rest on
leave. The action tells neither the plan nor, before the end, its citations; nothing moves by what
is computed here. It runs in a thread of its own, one instruction at a time.
"""
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from lam_ws.errors import InstructionError, LamError, Question
from lam_ws.grounding.asking import canonical_request
from lam_ws.grounding.grounding import Grounder, load_grounder
from lam_ws.site import Site
from lam_ws.types import Goal, Instruction, Plan, Scene


class Planning:
    """Grounds what the operators of a console say.

    Args:
        site: Of the cell; a language model of it is asked by the task alone.
    """

    def __init__(self, site: Site):
        self._site = site
        self._thread = ThreadPoolExecutor(1, 'planning')
        self._grounder: Grounder | None = None
        self._question: Question | None = None
        self._thread.submit(self._load)

    def _load(self) -> None:
        try:
            self._grounder = load_grounder(self._site.knowledge, self._site.moves)
        except LamError:   # the task says why, and refuses to start
            self._grounder = None

    def begin(self, instruction: Instruction, scene: Scene | None,
              hear: Callable[[dict[str, Any]], None]) -> 'Future[None]':
        """Ground an instruction and hand the plan on as JSON."""
        return self._thread.submit(self._ground, lambda: self._first(instruction, scene), hear)

    def go_on(self, words: str, scene: Scene | None,
              hear: Callable[[dict[str, Any]], None]) -> 'Future[None]':
        """Take a reply into account."""
        return self._thread.submit(self._ground, lambda: self._next(words, scene), hear)

    def close(self) -> None:
        """Begin nothing any more."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _first(self, instruction: Instruction, scene: Scene | None) -> Plan | None:
        self._question = None
        return None if self._grounder is None else self._grounder.ground(instruction, scene)

    def _next(self, words: str, scene: Scene | None) -> Plan | None:
        question = self._question
        return None if question is None else question.reply(words, scene)

    def _ground(self, act: Callable[[], Plan | None],
                hear: Callable[[dict[str, Any]], None]) -> None:
        try:
            plan = act()
        except Question as question:
            self._question = question
            return
        except InstructionError:   # the result says it
            return
        if plan is not None:
            self._question = None
            hear(as_json(plan))


def as_json(plan: Plan) -> dict[str, Any]:
    """Return a plan as the page reads it."""
    return {'instruction': plan.instruction.text, 'language': plan.language,
            'steps': [{'text': told(goal), 'skill': goal.skill, 'kind': goal.kind,
                       'colour': goal.colour, 'destination': goal.destination,
                       'part': goal.part, 'tool': goal.tool, 'citations': []}
                      for goal in plan.steps],
            'citations': list(plan.citations), 'kb_version': plan.kb_version}


def told(goal: Goal) -> dict[str, str]:
    """Return a step in both languages."""
    try:
        return {language: canonical_request(goal, language) for language in ('ko', 'en')}
    except KeyError:   # a kind that has no canonical sentence: what the policy reads
        return {'ko': goal.text, 'en': goal.text}
