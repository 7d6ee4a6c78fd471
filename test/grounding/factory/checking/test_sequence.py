"""Orders against the order of standard procedures."""
from checked_company import checker, NO_RULES, put
from lam_ws.grounding.factory.order import Step
import pytest

OPEN, SHUT = Step('open_clamp', 'clamp'), Step('close_clamp', 'clamp')
SEAT, START = put('bj20', 'jig', skill='nest'), Step('press', 'button')
KEEP = put('bj20', 'tray', skill='kit')
OTHER_SEAT, OTHER_KEEP = put('cell50', 'jig', skill='nest'), put('cell50', 'tray', skill='kit')
ROUND = [OPEN, SEAT, SHUT, START, OPEN, KEEP]


@pytest.fixture
def example(tmp_path):
    """Return the checker of the example company's cell, without rules."""
    return checker(tmp_path, rules=NO_RULES)


@pytest.mark.parametrize('steps', [
    ROUND, ROUND + [OTHER_SEAT, SHUT, START, OPEN, OTHER_KEEP], ROUND * 2,
    [SEAT, SHUT, OPEN], [SEAT, SHUT, START, OPEN, KEEP], [OPEN, SHUT], [SHUT, OPEN], [SHUT, START],
    [KEEP, START], [KEEP, OTHER_SEAT], [SHUT, put('bj20', 'jig')], [SHUT, put('pump', 'jig')],
    [put('bj20', 'bin'), SEAT], [START, START]])
def test_orders_that_keep_to_the_procedure(example, steps):
    """Pins second rounds, a clamp opened twice, shared buttons, other pieces, other skills."""
    answer = example.check(steps)
    assert answer.verdict == 'ok', answer


@pytest.mark.parametrize('steps', [
    [SHUT, SEAT], [OPEN, SHUT, SEAT], [START, SEAT], [START, SHUT], [KEEP, SEAT],
    [SEAT, START, SHUT], [KEEP, SHUT], [START, put('bj20', 'bin'), SEAT]])
def test_orders_that_do_not(example, steps):
    """Pins steps that come too early, also past steps that people do and others between."""
    assert example.check(steps).reason == 'out_of_order'


def test_what_is_told_of_it(example):
    """Pins the sentence, and the row that says what comes first."""
    answer = example.check([SHUT, SEAT])
    assert answer.text_ko == '클램프 잠금은 안착을 한 다음에 해야 합니다.'
    assert answer.text_en == '"close the clamp" comes only after "seat".'
    assert [one.where for one in answer.citations] == [
        'example/steps.csv:6:after', 'example/steps.csv:5:number']
