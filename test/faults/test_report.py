"""The page: a line for each case with its worst run, and every run that failed."""
import math

from lam_ws.faults.faults import Case, judge, Seen
from lam_ws.faults.report import page, summary

CASES = (Case(18, 'stop', 'S', 'operator', 'brakes', 2.0, 'x:y'),
         Case(1, 'frozen', 'U', 'camera', 'flagged', 0.0, 'x:y'))


def test_the_worst_run_stands_in_the_page():
    """Pins numbers, order and failures."""
    runs = [judge(CASES[0], 'idle', 0, Seen('operator_stop', 0.0, True)),
            judge(CASES[0], 'carry', 1, Seen('operator_stop', 1.0, True)),
            judge(CASES[1], 'reach', 0, Seen('nothing', math.inf, False))]
    text = page(CASES, runs, {'episodes': 5, 'failures': {}})
    lines = [line for line in text.splitlines() if line.startswith('| ')]
    assert lines[1].startswith('| 1 | `frozen` | U | flagged | 1 | **0** | never | 0 |')
    assert lines[2].startswith('| 18 | `stop` | S | brakes | 2 | 2 | 1 | 2 | `##########....')
    assert '2 of 3 runs' in text and '5 episodes' in text
    assert '- 1 `frozen`, reach, seed 0: nothing' in text
    assert 'Broken off: 9 runs were planned' in page(CASES, runs, None, 9)
    found = summary(runs)
    assert (found['passed'], found['failed'], len(found['runs'])) == (2, 1, 3)
