"""The table: every row can be run, and is about a fault of the list."""
from importlib import import_module
from pathlib import Path
import re

from lam_ws.faults.faults import PHASES, provoke, TIERS
from lam_ws.faults.table import CASES
import pytest

pytestmark = pytest.mark.sim
LIST = Path(__file__).resolve().parents[2] / 'docs' / 'faults.md'


def test_every_row_is_sound():
    """Pins names, tiers, phases and that each source is a function."""
    assert len({case.name for case in CASES}) == len(CASES)
    for case in CASES:
        module, function = case.source.split(':')
        assert callable(getattr(import_module(module), function)), case
        assert case.tier in TIERS and set(case.phases) <= set(PHASES) and case.seeds >= 1
        assert case.bound_cycles >= 0.0 and case.expected


def test_the_list_has_every_fault_and_names_every_tier_that_is_provoked():
    """Pins docs/faults.md against the table."""
    rows = {int(number): line for line in LIST.read_text(encoding='utf-8').splitlines()
            for number in re.findall(r'^\| (\d+) \|', line)}
    assert sorted(rows) == list(range(1, 41))
    for case in CASES:
        tiers = rows[case.fault].split('|')[-2]
        assert case.tier in tiers, (case.fault, case.tier, tiers)


@pytest.mark.parametrize('case', [case for case in CASES if case.quick],
                         ids=lambda case: case.name)
def test_the_quick_set_ends_as_it_must(case):
    """Pins one phase and seed of the most telling cases."""
    run = provoke(case, case.phases[0], 0)
    assert run.passed, run
