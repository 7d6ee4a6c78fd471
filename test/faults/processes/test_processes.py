"""The tier of processes: two of its cases for real, and the table of all."""
from lam_ws.faults.faults import Case, PHASES, provoke
from lam_ws.faults.processes.network import NETWORK_CASES
from lam_ws.faults.processes.processes import PROCESS_CASES
import pytest


def test_the_table_is_whole():
    """Pins a case that cannot be named, found, or that has no phase of an episode."""
    from importlib import import_module
    cases = PROCESS_CASES + NETWORK_CASES
    assert len({case.name for case in cases}) == len(cases)
    for case in cases:
        module, function = case.source.split(':')
        assert callable(getattr(import_module(module), function)), case.source
        assert case.phases and set(case.phases) <= set(PHASES) and case.seeds > 0
        assert case.tier == ('N' if case in NETWORK_CASES else 'P')


@pytest.mark.ros
@pytest.mark.sim
@pytest.mark.train
@pytest.mark.parametrize('case', [case for case in PROCESS_CASES if case.quick],
                         ids=lambda case: case.name)
def test_a_fault_of_the_quick_set(case: Case):
    """Pins one death and one stop in a real cell, against their bounds."""
    pytest.importorskip('rclpy')
    pytest.importorskip('pybullet')
    run = provoke(case, case.phases[0], 0)
    if 'CellFailed' in run.observed:
        pytest.skip(f'this machine cannot keep up: {run.observed}')
    assert run.passed, run
