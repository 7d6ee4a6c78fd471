"""What is known of an episode: through a note, through the file beside it, and back."""
from dataclasses import replace
import json

from lam_ws.errors import RecordingError
from lam_ws.record.card import (
    beside,
    CameraVerdict,
    Card,
    Ending,
    from_json,
    from_note,
    Intervention,
    Label,
    read_card,
    Step,
    Verdict,
    write_card,
)
import pytest

FULL = Card('e1', site='셀', site_sha256='ab', software='0.1.0', policy='p', started='2026-11-28',
            by_operator=True, operator='김', instruction='빨간 것', language='ko', kb_version='k',
            seconds=12.5, finished=True, label=Label('success', '이', '2026', '좋음'),
            interventions=(Intervention(1.0, 2.5, '/cell/console/7'),),
            steps=(Step(0.5, 'i1', 0, 1, 'push', '밀어'),),
            endings=(Ending('i1', '밀어', False, 'timeout', 'text'),),
            verdict=Verdict(False, ('camera_slow',), (CameraVerdict('front', 9, 1, 29.5),), 0.01,
                            0.2))


@pytest.mark.parametrize('card', [FULL, Card('e2'), replace(FULL, label=None, verdict=None)])
def test_there_and_back(tmp_path, card):
    """Pins a field that is lost, or comes back as another type, on either way."""
    assert from_note('x', card.note()) == card
    assert all(isinstance(value, str) for value in card.note().values())
    recording = tmp_path / f'{card.episode}.mcap'
    assert write_card(recording, card) == beside(recording)
    assert read_card(recording) == card
    assert [path.name for path in tmp_path.iterdir()] == [f'{card.episode}.json']


def test_what_other_versions_write():
    """Pins that an older note lacks fields, a newer one has more, and neither is an error."""
    assert from_note('old', {'site': 's', 'operator': 'o'}) == Card('old', site='s', operator='o')
    assert from_json('new', {**FULL.to_json(), 'mood': 'good'}) == FULL


@pytest.mark.parametrize(('label', 'endings', 'success'), [
    (None, (), None), (Label('success'), (), True), (Label('failure'), (), False),
    (Label(''), (), None), (None, (Ending('i', '', True),), True),
    (None, (Ending('i', '', True), Ending('j', '', False)), False),
    (Label('success'), (Ending('i', '', False),), True)])
def test_a_person_is_believed_before_the_task(label, endings, success):
    """Pins who decides whether an episode succeeded, and that nobody may be a third answer."""
    card = Card('e', label=label, endings=endings)
    assert card.success is success and card.to_json()['success'] is success


@pytest.mark.parametrize('text', ['', '[]', '{"label": 3}', '{"steps": [{}]}', 'null',
                                  '{"verdict": {"god": 1}}', '{"interventions": 7}'])
def test_a_spoilt_file_is_refused(tmp_path, text):
    """Pins that what no recorder wrote is a RecordingError and nothing else."""
    recording = tmp_path / 'e.mcap'
    beside(recording).write_text(text)
    with pytest.raises(RecordingError):
        read_card(recording)
    with pytest.raises(RecordingError):
        from_note('e', {'steps': '[{}]'})


def test_the_file_is_written_whole(tmp_path, monkeypatch):
    """Pins that a failure in mid-write leaves the old file, and no draft."""
    recording = tmp_path / 'e.mcap'
    write_card(recording, FULL)

    def fail(*args, **kwargs):
        args[1].write('{"half":')
        raise OSError(28, 'No space left on device')
    monkeypatch.setattr(json, 'dump', fail)
    with pytest.raises(RecordingError, match='No space'):
        write_card(recording, replace(FULL, operator='x'))
    assert read_card(recording) == FULL and len(list(tmp_path.iterdir())) == 1
