"""How mistakes are chosen and counted; the mistakes themselves take half an hour."""
import ast

import mutation
import yaml

REVIEWED = yaml.safe_load((mutation.ROOT / 'test' / 'equivalent_mutants.yaml').read_text())
SOURCE = """
@dataclass(frozen=True)
class A:
    size: int | None = 3

    @property
    def double(self, by: float | int = 2.0) -> int | None:
        return 2 * self.size
"""


def test_what_was_reviewed_is_still_there():
    """Pins the list: a line that has changed has to be looked at again."""
    for one in REVIEWED:
        assert set(one) == {'file', 'was', 'becomes', 'why'} and len(one['why']) > 20
        lines = (mutation.ROOT / one['file']).read_text().splitlines()
        assert one['was'] in [line.strip() for line in lines], one
        assert one['was'] != one['becomes']


def test_what_makes_no_difference_is_left_out():
    """Pins the rule: annotations and what a dataclass is asked for; numbers and code are in."""
    spans = {mutation.PACKAGE: list(mutation.idle_spans(SOURCE))}

    def kept(text: str, operator: str = 'core/NumberReplacer') -> bool:
        line = next(i for i, row in enumerate(SOURCE.splitlines()) if text in row)
        column = SOURCE.splitlines()[line].index(text)
        return mutation.makes_sense(('job', mutation.PACKAGE, operator, line + 1, column, line + 1,
                                     column + len(text)), spans)
    for text in ('@dataclass', 'True', 'int | None', '| int'):
        assert not kept(text), text
    for text in ('3', '2.0', '2 * self', '@property'):
        assert kept(text), text
    assert not kept('3', 'core/ReplaceComparisonOperator_Is_Eq')
    ast.parse(SOURCE)


def test_the_mirrored_test_comes_first_and_long_ones_last():
    """Pins the order, by which most mistakes are noticed in seconds."""
    folder = mutation.ROOT / 'test' / 'safety'
    files = [path.rsplit('/')[-1] for path in mutation.tests_for('lam_ws/safety/lease.py', folder)]
    assert files[0] == 'test_lease.py' and files[-1] == 'test_commands.py'
    assert sorted(files) == sorted(path.name for path in folder.glob('test_*.py'))
    assert mutation.tests_for('lam_ws/safety/hand.py', folder)[0].endswith('test_hand.py')


def test_the_score_is_told_with_and_without_what_is_equivalent():
    """Pins the arithmetic, and that an entry excuses its own line in its own file only."""
    entry = {'file': 'a.py', 'was': 'x = 1', 'becomes': 'x = 2', 'why': 'nobody reads x'}
    found = [{'where': 'a.py:3', 'outcome': 'killed', 'diff': []}] * 6
    found += [{'where': f'{name}.py:9', 'outcome': 'survived', 'diff': ['-  x = 1', '+  x = 2']}
              for name in 'ab']
    told = mutation.report(found, [entry])
    assert (told['tried'], told['killed'], told['survived'], told['equivalent']) == (8, 6, 2, 1)
    assert (told['score'], told['score_without_equivalent']) == (0.75, 0.8571)
    assert [one['equivalent'] for one in told['survivors']] == ['nobody reads x', '']
