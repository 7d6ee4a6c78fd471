"""Recordings on the page: the list, what is known of each, and films that are made when wanted."""
import json
import os
import shutil

from lam_ws.console.episodes import Episodes
from lam_ws.console.reading import Refused
import pytest
from recordings import write_sample


@pytest.fixture
def folder(site):
    """Return the folder of recordings with three of them."""
    from pathlib import Path
    where = Path(site.record.folder)
    write_sample(where / 'one.mcap', seconds=1.0)
    shutil.copy(where / 'one.mcap', where / 'two.mcap')
    (where / 'two.json').write_text(json.dumps({
        'instruction': '빨간 큐브', 'operator': 'kim', 'seconds': 3.5, 'success': True,
        'started': '2026-11-28T10:00:00+09:00', 'by_operator': True, 'finished': True,
        'label': {'label': 'success', 'who': 'kim', 'note': '좋음'},
        'interventions': [{'start_s': 0, 'end_s': 1, 'commander': 'x'}], 'secret': 'x'}))
    (where / 'torn.mcap').write_bytes(b'not a recording')
    (where / 'torn.json').write_text('{')
    (where / 'no name!.mcap').write_bytes(b'')
    os.utime(where / 'torn.mcap', (1, 1))
    return where


def test_the_list_tells_what_the_recorder_wrote(visit, folder):
    """Pins the fields of a row, newest first, and that a spoilt file hides nothing else."""
    rows = visit('viewer').get('/api/episodes').json()['episodes']
    assert {row['id'] for row in rows} == {'one', 'two', 'torn'} and rows[-1]['id'] == 'torn'
    two = next(row for row in rows if row['id'] == 'two')
    assert (two['instruction'], two['label'], two['note'], two['interventions']) == (
        '빨간 큐브', 'success', '좋음', 1)
    assert two['began_s'] == 1795827600.0 and 'secret' not in two
    assert next(row for row in rows if row['id'] == 'one')['instruction'] is None
    assert visit('viewer').get('/api/episodes/two').json()['operator'] == 'kim'


def test_a_film_is_made_once_and_sent_in_parts(visit, folder):
    """Pins the film, its cache beside the recording, and ranges, which players ask for."""
    browser = visit('viewer')
    browser.timeout_s = 120.0   # the film gives way to everything else
    reply = browser.get('/api/episodes/one/film.mp4')
    assert reply.status == 200 and reply.headers['Content-Type'] == 'video/mp4'
    assert reply.body[4:8] == b'ftyp' and (folder / 'one.mp4').read_bytes() == reply.body
    made = (folder / 'one.mp4').stat().st_mtime_ns
    part = browser.send('GET', '/api/episodes/one/film.mp4', headers={'Range': 'bytes=4-7'})
    assert part.status == 206 and part.body == b'ftyp'
    assert (folder / 'one.mp4').stat().st_mtime_ns == made
    assert not [path for path in folder.iterdir() if path.name.startswith('.')]


def test_what_cannot_be_a_film_says_why_and_not_where(visit, folder):
    """Pins that a torn recording is a refusal, and that paths of the host stay at home."""
    browser = visit('viewer')
    browser.timeout_s = 120.0
    reply = browser.get('/api/episodes/torn/film.mp4')
    assert reply.status == 409 and reply.json()['error'] == 'no_film'
    assert str(folder) not in reply.body.decode()
    assert not (folder / 'torn.mp4').exists()


def test_a_label_goes_to_the_recorder(visit, folder, cell):
    """Pins who may say so, of what, and with which words."""
    browser = visit()
    said = {'label': 'failure', 'note': 'x'}
    assert browser.post('/api/episodes/two/label', said).status == 200
    wish, person = cell.asked[0]
    assert (wish.action, wish.episode_id) == ('label', 'two')
    assert (wish.label, wish.note) == ('failure', 'x')
    assert person.name == 'operator'
    assert browser.post('/api/episodes/two/label', {'label': 'good'}).status == 400
    assert browser.post('/api/episodes/none/label', {'label': 'success'}).status == 404
    assert len(cell.asked) == 1


def test_no_id_leads_out_of_the_folder(tmp_path):
    """Pins that an id is a name and never a path."""
    folder = tmp_path / 'episodes'
    folder.mkdir()
    (tmp_path / 'secret.mcap').write_bytes(b'')
    for wrong in ('../secret', '..', '', '.', 'a/b', '/etc/passwd', 'a' * 200, '한'):
        with pytest.raises(Refused):
            Episodes(folder).recording(wrong)
    with pytest.raises(Refused):
        Episodes(None).recording('secret')
    assert Episodes(None).listing() == []
