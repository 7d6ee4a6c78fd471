"""Gadget files bite when they are unpickled, and nothing here unpickles them."""
import subprocess
import sys

import pytest

pytest.importorskip('torch')
pytest.importorskip('transformers')
pytest.importorskip('onnxruntime')

from lam_ws.faults.faults import provoke
from lam_ws.faults.inputs.files import FILE_CASES
from lam_ws.faults.inputs.gadgets import attempts, pickles

pytestmark = pytest.mark.train
VICTIM = 'import pickle, sys; pickle.load(open(sys.argv[1], "rb"))'


def test_each_gadget_runs_where_somebody_unpickles_it(tmp_path):
    """Pins gadgets that are no gadgets: refusing them would prove nothing."""
    marker, path = tmp_path / 'it_ran', tmp_path / 'gadget'
    for how, stream in pickles(marker).items():
        path.write_bytes(stream)
        subprocess.run([sys.executable, '-c', VICTIM, str(path)], capture_output=True)
        assert marker.exists(), how
        marker.unlink()


def test_every_gadget_is_refused_and_none_runs(tmp_path):
    """Pins a loader that unpickles, imports code of a model's folder, or crashes."""
    case = next(one for one in FILE_CASES if one.name == 'gadgets')
    run = provoke(case, case.phases[0], 0)
    assert run.passed, run.observed
    assert len(list(attempts(tmp_path, tmp_path / 'it_ran'))) >= 20
