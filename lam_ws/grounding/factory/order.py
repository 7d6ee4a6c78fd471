"""The contract of this room: what an operator wants done, and what is answered.

An order is steps in ids of the company's knowledge; an answer is an order that may be carried
out, a question, or a refusal, always with the facts it rests on.
"""
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

ALL = 0   # of `Step.count`: all there are


@dataclass(frozen=True)
class Step:
    """One thing to do; ids of `lam_ws.knowledge`, '' where nothing was said.

    Attributes:
        skill: One of `lam_ws.knowledge.tables.SKILLS`.
        object: The part, or the place that is pressed, opened, closed or wiped.
        destination: The place, or the part that it is put on.
        source: The place that it is taken from.
        tool: The tool that must do it.
        defect: The defect that the part is said to have.
        count: How many, `ALL` for all.
        constraints: What holds while it is done: max_speed_m_s, max_force_n.
    """

    skill: str
    object: str
    destination: str = ''
    source: str = ''
    tool: str = ''
    defect: str = ''
    count: int = 1
    constraints: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Link:
    """Words of a sentence that name something.

    Attributes:
        words: As they stand in it.
        start: Letter at which they begin.
        id: What they name.
        sure: 0..1, 1 where they are spelt as one of its names.
    """

    words: str
    start: int
    id: str
    sure: float = 1.0


@dataclass(frozen=True)
class Citation:
    """A fact that an answer rests on.

    Attributes:
        fact: Its id.
        where: file:row:column.
        text: What it says, for people.
        source: The company's document.
    """

    fact: str
    where: str
    text: str
    source: str


Verdict = Literal['ok', 'clarify', 'refuse']


@dataclass(frozen=True)
class Answer:
    """What came of an instruction.

    Attributes:
        verdict: 'ok', 'clarify' or 'refuse'.
        reason: Code of a question or refusal, '' of an order that may be carried out.
        steps: Of an order that may be carried out.
        proposed: Steps that a question is about; nothing may carry them out before a yes.
        text_ko, text_en: What the operator is told.
        words: Of the operator, that a question is about.
        options: Ids that a question offers.
        asks: Id of the rule that asks, of 'rule_asks'.
        links: What the words name.
        citations: What it rests on.
    """

    verdict: Verdict
    reason: str = ''
    steps: tuple[Step, ...] = ()
    proposed: tuple[Step, ...] = ()
    text_ko: str = ''
    text_en: str = ''
    words: str = ''
    options: tuple[str, ...] = ()
    asks: str = ''
    links: tuple[Link, ...] = ()
    citations: tuple[Citation, ...] = ()
