"""An understanding that asks a model what it did not understand: a text enters, an answer leaves.

What is understood, and what is refused for a reason of physics, rules or safety, never gets here.
A guess that the checker lets pass becomes a question; one that it refuses becomes a remark; every
other leaves the first answer as it was. No answer that comes of a guess is ever 'ok'.
"""
from collections.abc import Sequence, Set
from dataclasses import replace

from lam_ws.grounding.factory.meaning import Meaning
from lam_ws.grounding.factory.order import Answer, Step
from lam_ws.grounding.factory.ordering import LOOKS, TOUCHED
from lam_ws.grounding.factory.reading.conditions import Fork
from lam_ws.grounding.factory.reading.plain import is_plain
from lam_ws.grounding.factory.reading.tokens import Token
from lam_ws.grounding.factory.residue import lost
from lam_ws.grounding.factory.telling import told_steps
from lam_ws.grounding.factory.understanding import Understanding
from lam_ws.grounding.proposing.candidates import Retrieval
from lam_ws.grounding.proposing.proposing import MOST_STEPS, Proposer

# What a model may be asked about: words were not understood, or left something open.
ASKED = frozenset({'unknown_object', 'unknown_destination', 'missing_object',
                   'missing_destination', 'missing_deed', 'ambiguous_object',
                   'ambiguous_destination', 'read_back', 'unsupported'})


class Advised(Meaning):
    """Asks a proposer where the reader of a company's sentences is at a loss.

    Args:
        understanding: The reader, and the checker of what is proposed.
        proposer: Who guesses.
        timeout_s: s, longest wait for a guess.
    """

    def __init__(self, understanding: Understanding, proposer: Proposer, timeout_s: float):
        super().__init__(understanding.knowledge)
        self.knowledge = understanding.knowledge
        self._understanding, self._proposer = understanding, proposer
        self._retrieval = Retrieval(understanding.knowledge)
        self._timeout_s = timeout_s

    def check(self, steps: Sequence[Step], seen: Set[str] | None = None,
              granted: Set[str] = frozenset()) -> Answer:
        """Return whether an order that was read may be carried out; see `Checker.check`."""
        return self._understanding.check(steps, seen, granted)

    def fork(self, text: str) -> Fork | None:
        """Return what an order depends on, None of one that depends on nothing."""
        return self._understanding.fork(text)

    def answer(self, text: str, seen: Set[str] | None = None, recent: Step | None = None,
               granted: Set[str] = frozenset()) -> Answer:
        """Return the reader's answer, or the question whether a guess is right.

        Args:
            text: What the operator says.
            seen: Ids that the scene shows now; None where nobody looked.
            recent: What was done last.
            granted: Ids of rules whose question the operator has answered with yes.

        Returns:
            The question has the reason 'proposed', and the steps that it asks about, checked.
        """
        first = self._understanding.answer(text, seen, recent, granted)
        if first.reason not in ASKED:
            return first
        tokens = self._understanding.tokens(text)
        if not is_plain(text, tokens):
            return first
        named, words = [*first.options], []
        for token in tokens:
            named += token.named.ids if token.named is not None else ()
            words += [token.text] if token.sort == 'unknown' else []
        candidates = self._retrieval.around(named, words, seen)
        guess = self._proposer.propose(text, candidates, self._timeout_s) if candidates else None
        steps = self._fitting(guess or (), tokens)
        return first if steps is None else self._asked(first, steps, seen)

    def _asked(self, first: Answer, steps: Sequence[Step], seen: Set[str] | None) -> Answer:
        """Return the question about a guess, or the first answer with what speaks against it."""
        checked = self._understanding.check(steps, seen)
        known = self._understanding.knowledge.things
        if checked.verdict == 'ok':
            korean, english = told_steps(checked.steps, known)
            return replace(checked, verdict='clarify', reason='proposed', links=first.links,
                           steps=(), proposed=checked.steps,
                           text_ko=f'이렇게 하라는 말씀입니까? {korean}',
                           text_en=f'Is this what you mean? {english}')
        korean, english = told_steps(steps, known)
        return replace(first, text_ko=f'{first.text_ko} (참고: {korean} - {checked.text_ko})',
                       text_en=f'{first.text_en} (Note: {english} - {checked.text_en})',
                       citations=(*first.citations, *checked.citations))

    def _fitting(self, guess: Sequence[Step], tokens: Sequence[Token]
                 ) -> tuple[Step, ...] | None:
        """Return the steps of a guess, None where no operator can have meant it by these words.

        Every step must be one that the reader could have made, and what the reader did know (a
        defect, a place that something comes from, a number) must have its place in them.
        """
        steps = tuple(fit for step in guess[:MOST_STEPS] if (fit := self._fit(step)) is not None)
        whole = steps and len(steps) == len(guess) and lost(tokens, steps, self._known) is None
        return steps if whole else None

    def _fit(self, step: Step) -> Step | None:
        """Return a step as the reader would have made it, None where it never would.

        Which skill carries a part where is for the knowledge to say, not for the model.
        """
        part, place = self._known[step.object], step.destination
        if part.table != 'parts':
            acts = self._look(step.object) in LOOKS.get(step.skill, ())
            return step if acts and step == Step(step.skill, step.object) else None
        if step.skill in LOOKS and step.skill != 'push':
            return None
        if not place and step.defect:
            place = str(self._known[step.defect].value('disposition'))
        if not place or place == step.source or {self._look(place), self._look(step.source)
                                                 if step.source else ''} & set(TOUCHED):
            return None
        skill = self._skill(step.object, place, step.source)
        return replace(step, skill=skill, destination=place)
