"""One stand for all tests of this folder: setting it up costs seconds."""
import pytest


@pytest.fixture(scope='session', autouse=True)
def taken_down():
    """Take the stand down at the end."""
    yield
    from lam_ws.faults.lockstep.rehearsal import clear
    clear()


@pytest.fixture
def run():
    """Return a function that runs one case of the table by its name."""
    from lam_ws.faults.faults import provoke
    from lam_ws.faults.table import CASES
    by_name = {case.name: case for case in CASES}

    def provoke_one(name, phase=None, seed=0):
        case = by_name[name]
        return provoke(case, phase or case.phases[0], seed)
    return provoke_one
