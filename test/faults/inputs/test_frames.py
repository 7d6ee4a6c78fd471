"""A real policy server and a real client bear frames that somebody spoilt."""
import pytest

pytest.importorskip('torch')
pytest.importorskip('pybullet')

from lam_ws.faults.faults import provoke
from lam_ws.faults.inputs import frames
from lam_ws.faults.inputs.files import FILE_CASES, Tally
from lam_ws.site import load_site
import numpy as np

pytestmark = [pytest.mark.train, pytest.mark.sim]


def test_spoilt_frames_are_refused_or_answered_soundly(monkeypatch):
    """Pins a server that dies of a frame, and a cell that follows a spoilt answer."""
    monkeypatch.setattr(frames, 'FRAMES', 80)
    case = next(one for one in FILE_CASES if one.name == 'spoilt_frames')
    run = provoke(case, case.phases[0], 0)
    assert run.passed, run.observed
    assert ' 0 sound' not in run.observed and ' 0 refused' not in run.observed


def test_an_answer_that_is_not_finite_is_noticed():
    """Pins the judge of answers: NaN, a wrong width, and a table of something else."""
    site, tally = load_site(frames.SITE), Tally()
    sound = np.zeros((2, site.arm.axes))
    assert frames._sound({'actions': sound}, site)
    for answer in ({'actions': sound * np.nan}, {'actions': sound[:, 1:]}, {'other': 1}):
        assert not frames._sound(answer, site)
    assert tally.seen().right
