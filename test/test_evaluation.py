"""Evaluation: intervals, cases and causes, without a simulator."""
import math

import pytest

pytest.importorskip('ruckig')
pytest.importorskip('pybullet')
from lam_ws.evaluation.evaluation import Conditions, draw_case, judge, rate, wilson

pytestmark = pytest.mark.sim
PARTS = [('cube', 'red'), ('cylinder', 'blue'), ('bar', 'green')]


def truth(*places, bins=((0.5, 0.3), (0.5, -0.3))):
    """Return a true state with the parts at `places`."""
    return {'parts': [{'kind': kind, 'colour': colour, 'position': [x, y, 0.02]}
                      for (kind, colour), (x, y) in zip(PARTS, places, strict=True)],
            'bins': [{'colour': colour, 'position': [x, y, 0.0], 'yaw': 0.0,
                      'inner': [0.15, 0.15], 'height': 0.045}
                     for colour, (x, y) in zip(('black', 'white'), bins, strict=True)]}


@pytest.mark.parametrize(('successes', 'episodes', 'low', 'high'), [
    (95, 100, 0.8882, 0.9785), (0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0)])
def test_wilson_matches_tabulated_values(successes, episodes, low, high):
    """An interval computed with the wrong variance would be off in the second digit."""
    found = wilson(successes, episodes)
    assert math.isclose(found[0], low, abs_tol=6e-4)
    assert math.isclose(found[1], high, abs_tol=6e-4)


def test_wilson_of_nothing_knows_nothing():
    """Zero episodes must not look like certainty."""
    assert wilson(0, 0) == (0.0, 1.0)


def test_a_seed_gives_the_same_case_and_both_languages():
    """Paired comparisons need the same goal and sentence for a seed."""
    assert draw_case(PARTS, 7, Conditions()) == draw_case(PARTS, 7, Conditions())
    assert {draw_case(PARTS, seed, Conditions()).language for seed in (0, 1)} == {'ko', 'en'}


def test_a_wrong_instruction_keeps_the_goal_and_changes_the_sentence():
    """The control of the language test must be judged by the original goal."""
    for seed in range(40):
        right = draw_case(PARTS, seed, Conditions())
        wrong = draw_case(PARTS, seed, Conditions(instruction='wrong'))
        assert right.goal == wrong.goal
        assert right.text != wrong.text


@pytest.mark.parametrize(('after', 'phase', 'cause'), [
    (truth((0.5, 0.3), (0.4, 0.0), (0.6, 0.1)), 'succeeded', ''),
    (truth((0.5, 0.3), (0.4, 0.0), (0.6, 0.1)), 'failed', 'missed_done'),
    (truth((0.5, -0.3), (0.4, 0.0), (0.6, 0.1)), 'succeeded', 'wrong_bin'),
    (truth((0.5, 0.1), (0.5, 0.3), (0.6, 0.1)), 'succeeded', 'wrong_part'),
    (truth((0.4, 0.2), (0.4, 0.0), (0.6, 0.1)), 'failed', 'dropped'),
    (truth((0.5, 0.1), (0.4, 0.0), (0.6, 0.1)), 'succeeded', 'false_done')])
def test_success_needs_truth_and_report(after, phase, cause):
    """A run that reached its end is not a success; each miss has its own name."""
    case = draw_case(PARTS[:1] * 2, 0, Conditions())
    case = type(case)(0, type(case.goal)('pick_place', 'cube', 'red', 'black', ''), 'ko', '')
    before = truth((0.5, 0.1), (0.4, 0.0), (0.6, 0.1))
    verdict = judge(case, 'fr3', before, after, phase, '', 9.0, 1)
    assert (verdict.success, verdict.cause) == (cause == '', cause)


def test_the_rate_counts():
    """A report of nothing has no successes."""
    assert rate([])['episodes'] == 0
