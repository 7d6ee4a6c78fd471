"""Spoilt files are refused in one line or are sound, and a reader that fails is noticed."""
import pytest

pytest.importorskip('pybullet')
pytest.importorskip('torch')

from lam_ws.errors import ConfigurationError
from lam_ws.faults.faults import provoke
from lam_ws.faults.inputs import files

pytestmark = [pytest.mark.sim, pytest.mark.train]
READ = [case for case in files.FILE_CASES if case.source.endswith((':spoil', ':flip'))
        and case.name != 'spoilt_frames']


@pytest.mark.parametrize('case', READ, ids=lambda case: case.name)
def test_spoilt_files_are_refused_or_sound(case, monkeypatch):
    """Pins a crash, an unsafe number and an unnoticed bit, in a short run of each case."""
    monkeypatch.setattr(files, 'MUTANTS', 60)
    monkeypatch.setattr(files, 'FLIPS', 20)
    run = provoke(case, case.phases[0], 1)
    assert run.passed, run.observed
    assert ' 0 refused' not in run.observed


def test_spoilt_knowledge_is_refused_or_read_as_it_stands(monkeypatch):
    """Pins a value that its cell does not say."""
    monkeypatch.setattr(files, 'SHEETS', 10)
    case = next(one for one in files.FILE_CASES if one.name == 'spoilt_knowledge')
    run = provoke(case, case.phases[0], 1)
    assert run.passed, run.observed


def refuse_badly(path):
    """Refuse as no reader may."""
    raise ConfigurationError('one\ntwo')


@pytest.mark.parametrize('read, told', [
    (lambda path: None, 'accepted'), (refuse_badly, 'several lines'),
    (lambda path: 1 / 0, 'ZeroDivisionError')])
def test_a_reader_that_fails_is_noticed(tmp_path, read, told):
    """Pins the judge: acceptance of a dangerous file, a refusal of two lines, and a crash."""
    path, tally = tmp_path / 'arm.yaml', files.Tally()
    text = files.KINDS['arm'].content().replace(b'2.62', b'-2.62', 1)
    path.write_bytes(text)
    files._try('arm', path, read, 'a file', tally)
    assert told in tally.wrong[0] and not tally.seen().right


def test_there_are_enough_mutants():
    """Pins the size of the whole run: 10,000 files and more over all kinds."""
    spoilt = [case for case in files.FILE_CASES if case.source == f'{files.HERE}:spoil']
    assert sum(case.seeds * files.MUTANTS for case in spoilt) >= 10_000
