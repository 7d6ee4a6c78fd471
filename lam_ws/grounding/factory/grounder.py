"""The grounder of a cell that has a company's knowledge: a sentence and the scene enter, a plan.

What the camera sees is told by how things look; what looks like nothing that the company knows is
no matter. The policy hears the canonical sentence of each goal.
"""
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
import math

from lam_ws.errors import InstructionError, Question
from lam_ws.grounding.asking import canonical_request
from lam_ws.grounding.factory.checking.cell import name
from lam_ws.grounding.factory.checking.handling import limits_of
from lam_ws.grounding.factory.dialogue import Asked, meaning, Reader, reply, say, told_why
from lam_ws.grounding.factory.order import ALL, Answer, Step
from lam_ws.grounding.factory.understanding import Understanding
from lam_ws.grounding.grammar import language_of
from lam_ws.grounding.proposing.advised import Advised
from lam_ws.grounding.proposing.proposing import load_proposer
from lam_ws.knowledge.knowledge import Knowledge
from lam_ws.language_model_file import LanguageModelSettings
from lam_ws.types import Goal, Instruction, Plan, Scene

MOST_STEPS = 12
RECENT_S = 300.0   # how long 'it' may mean what was ordered before, on the clock of the scenes
_BEYOND = {
    'max_speed_m_s': {
        'ko': '{name}은(는) {most:g} m/s까지인데, 이 셀은 {moves:g} m/s로 움직입니다.',
        'en': 'The {name} may move at {most:g} m/s at most, this cell moves at {moves:g} m/s.'},
    'max_force_n': {
        'ko': '{name}은(는) {most:g} N까지인데, 이 그리퍼는 {moves:g} N으로 잡습니다.',
        'en': 'The {name} may be held with {most:g} N at most, and this gripper holds with '
              '{moves:g} N.'}}
_NOWHERE = {'ko': '{name}을(를) 어디에 둘지 알려 주십시오.', 'en': 'Where is the {name} to go?'}
# What a skill that acts on a place is about: kind of the first thing, kind of the second.
_ACTS = {'press': ('button', ''), 'open_clamp': ('lever', 'clamp'),
         'close_clamp': ('lever', 'clamp'), 'wipe': ('stripe', 'stripe_end')}


class FactoryGrounder:
    """Grounds instructions in what a company knows; see `grounding.Grounder` for its contract.

    Args:
        knowledge: Of the cell.
        moves: What the cell moves with, by the names of constraints: max_speed_m_s of the tool,
            max_force_n of the fingers. An order that asks for less is refused where nothing sees
            to it: the guard slows down for skill, part and tool, and nothing regulates the
            fingers. None where nothing moves.
        language_model: Who may propose what was meant by a sentence that is not understood; its
            proposals are questions, with the reason 'proposed'. None asks nobody.

    Raises:
        LimitError: The cell says neither payload nor reach.
        ConfigurationError: There is no such language model.
    """

    def __init__(self, knowledge: Knowledge, moves: Mapping[str, float] | None = None,
                 language_model: LanguageModelSettings | None = None):
        self._knowledge, self._version = knowledge, knowledge.version()
        self._known, self._moves = knowledge.things, moves
        self._reader = load_reader(knowledge, language_model)
        self._recent: dict[str, tuple[Step, float]] = {}   # last step of each operator, and when
        self._looks = {str(thing.value('appearance')): thing.id for thing in self._known.values()
                       if thing.value('appearance') is not None}

    def ground(self, instruction: Instruction, scene: Scene | None) -> Plan:
        """Return the plan; see `grounding.Grounder.ground`.

        Raises:
            Question: The operator has to choose, to say more, or yes or no.
            InstructionError: It is refused, with the reason of the answer.
        """
        return self._planned(instruction, scene, say(
            self._reader, instruction.text, self._seen(scene), self._recalled(instruction, scene)))

    def _recalled(self, instruction: Instruction, scene: Scene | None) -> Step | None:
        """Return what the same operator ordered last, if that was a moment ago."""
        step, stamp_s = self._recent.get(instruction.operator, (None, 0.0))
        recent = scene is not None and 0.0 <= scene.stamp_s - stamp_s <= RECENT_S
        return step if recent else None

    def _replied(self, instruction: Instruction, asked: Asked, words: str, scene: Scene | None
                 ) -> Plan:
        """Return the plan that a reply makes whole; 'why' has the question explained."""
        if meaning(words) == 'why':
            raise self._question(instruction, asked, told_why(asked.answer))
        return self._planned(instruction, scene, reply(self._reader, asked, words,
                                                       self._seen(scene)))

    def _planned(self, instruction: Instruction, scene: Scene | None, asked: Asked) -> Plan:
        language, answer = language_of(instruction), asked.answer
        if scene is not None and any(step.count == ALL for step in answer.steps):
            # What was checked as one piece is as many as are seen: their mass counts.
            answer = self._reader.check([replace(
                step, count=self._count(step, scene, language)) for step in answer.steps],
                self._seen(scene), asked.granted)
        if answer.verdict == 'clarify':
            raise self._question(instruction, replace(asked, answer=answer),
                                 (answer.text_ko, answer.text_en))
        if answer.verdict != 'ok':
            raise InstructionError(answer.reason, _told(answer, language))
        self._refuse_beyond(answer, language)
        goals = tuple(goal for step in answer.steps for goal in self.goals(step, scene, language))
        if len(goals) > MOST_STEPS:
            raise InstructionError('too_long', _told(answer, language))
        if scene is not None:
            self._recent[instruction.operator] = answer.steps[-1], scene.stamp_s
        citations = [f'{one.where} {one.text} ({one.source})' for one in answer.citations]
        citations += [f'{rule}: confirmed in reply to {instruction.operator}'
                      for rule in sorted(asked.granted)]
        return Plan(instruction, language, goals, tuple(citations), self._version)

    def _question(self, instruction: Instruction, asked: Asked, told: tuple[str, str]
                  ) -> Question:
        """Return a question, told in Korean and English, whose reply goes on from `asked`."""
        korean = language_of(instruction) == 'ko'
        names = [name(self._known[one]) for one in asked.answer.options]
        return Question(asked.answer.reason, told[0 if korean else 1],
                        tuple(one.korean if korean else one.english for one in names),
                        partial(self._replied, instruction, asked))

    def _refuse_beyond(self, answer: Answer, language: str) -> None:
        """Refuse what must be done more gently than this cell does it."""
        if self._moves is None:
            return
        for step in answer.steps:
            for limit, most in step.constraints.items():
                moves = self._moves.get(limit, math.inf)   # what nobody says may be anything
                if limit == 'max_speed_m_s':
                    moves = min(moves, self._slowed(step))
                if moves > most:
                    name = str(self._known[step.object].value(f'name_{language}'))
                    raise InstructionError('beyond_cell', _BEYOND[limit][language].format(
                        name=name, most=most, moves=moves))

    def _slowed(self, step: Step) -> float:
        """Return m/s, what the guard slows down to for a step."""
        return limits_of(self._knowledge, step.skill, self._part(step), step.tool).get(
            'max_speed_m_s', math.inf)

    def _part(self, step: Step) -> str:
        """Return the id of the part that a step is about, '' where it is about a place."""
        return step.object if self._known[step.object].table == 'parts' else ''

    def _seen(self, scene: Scene | None) -> set[str] | None:
        """Return the ids of what the scene shows; a clamp is seen by its lever."""
        if scene is None:
            return None
        names = scene.names()
        looks = {f'{colour} {kind}' for kind, colour in names}
        looks |= {f'{colour} clamp' for kind, colour in names if kind == 'lever'}
        looks |= {f'{colour} lever' for kind, colour in names if kind == 'clamp'}
        return {self._looks[look] for look in looks if look in self._looks}

    def goals(self, step: Step, scene: Scene | None = None,
              language: str = 'ko') -> Iterator[Goal]:
        """Yield a goal for each piece that a step is about.

        Raises:
            InstructionError: The cell's camera does not know what it is about.
        """
        colour, kind = self._look(step.object, language)
        if step.skill in _ACTS:
            kind, place = _ACTS[step.skill]
            goal = Goal(step.skill, kind, colour, colour if place else '', '', place)
        elif not step.destination:
            raise InstructionError('missing_destination', _NOWHERE[language].format(
                name=self._known[step.object].value(f'name_{language}')))
        else:
            there, place = self._look(step.destination, language)
            goal = Goal(step.skill, kind, colour, there, '', place)
        goal = replace(goal, part=self._part(step), tool=step.tool)
        count = step.count
        if count == ALL:
            count = 1 if scene is None else self._count(step, scene, language)
        yield from [replace(goal, text=canonical_request(goal, language))] * count

    def _count(self, step: Step, scene: Scene, language: str) -> int:
        """Return how many pieces a step is about, at least one."""
        if step.count != ALL:
            return step.count
        colour, kind = self._look(step.object, language)
        return max(1, sum((one.kind, one.colour) == (kind, colour) for one in scene.detections))

    def _look(self, identity: str, language: str) -> tuple[str, str]:
        """Return the colour and kind by which the camera knows a thing.

        Raises:
            InstructionError: It does not.
        """
        thing = self._known[identity]
        look = thing.value('appearance')
        if look is None:
            name = str(thing.value('name_ko' if language == 'ko' else 'name_en'))
            told = f'이 셀의 카메라는 {name}을(를) 알아보지 못합니다.' if language == 'ko' else \
                f"This cell's camera does not know the {name}."
            raise InstructionError('not_in_scene', told)
        colour, _, kind = str(look).partition(' ')
        return colour, kind


def load_reader(knowledge: Knowledge, language_model: LanguageModelSettings | None) -> Reader:
    """Return what understands the sentences of a cell, with a language model beside it if any.

    Raises:
        ConfigurationError: There is no such language model.
    """
    understanding = Understanding(knowledge)
    return understanding if language_model is None else Advised(
        understanding, load_proposer(language_model), language_model.timeout_s)


def _told(answer: Answer, language: str) -> str:
    return answer.text_ko if language == 'ko' else answer.text_en
