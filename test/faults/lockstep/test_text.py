"""Hostile sentences, and that the cases fail where somebody believes them."""
from lam_ws.faults.lockstep import text
from lam_ws.types import Goal, Plan
import pytest

pytestmark = pytest.mark.sim


class Credulous:
    """Grounds whatever is said."""

    def __init__(self, skill):
        self._skill = skill

    def ground(self, instruction, scene):
        return Plan(instruction, 'en', (Goal(self._skill, 'cube', 'red', 'black', ''),))


@pytest.mark.parametrize('skill', ['throw', 'pick_place'])
def test_a_grounder_that_believes_everything_fails(run, monkeypatch, skill):
    """Pins that faults 25 and 26 can fail."""
    monkeypatch.setattr(text, 'load_grounder', lambda knowledge: Credulous(skill))
    assert not run('instruction_injected').passed
    assert not run('instruction_malformed').passed


def test_there_are_enough_attacks():
    """Pins the number that docs/faults.md names."""
    assert len(set(text.attacks())) == len(text.attacks()) == 680
