"""The folder of recordings: trash, taking back, mending, notes that come later."""
from dataclasses import replace
import os
from pathlib import Path
import random
import shutil

from lam_ws.errors import RecordingError
from lam_ws.record import shelf
from lam_ws.record.annotate import annotate
from lam_ws.record.card import beside, Card, from_note, Label, NOTE, write_card
from lam_ws.record.reader import read_episode
from lam_ws.record.recovery import part_of, recover
from lam_ws.record.writer import Recorder
import pytest
from recordings import Messages, TYPES


def record(path, card=None, close=True):
    """Record half a second of joints; return the recorder."""
    messages, recorder = Messages(), Recorder(path)
    recorder.open()
    recorder.note(NOTE, (card or Card(path.stem)).note())
    for cycle in range(50):
        recorder.write('/joint_states', TYPES['joint_states'], None,
                       messages.joint_states(cycle / 100), cycle * 10_000_000)
    if close:
        recorder.close()
    return recorder


def test_thrown_away_and_taken_back(tmp_path):
    """Pins that all that belongs to an episode moves, nothing else does, and nothing is lost."""
    for name in ('a', 'ab'):
        record(tmp_path / f'{name}.mcap')
        write_card(tmp_path / f'{name}.mcap', Card(name))
    (tmp_path / 'a.mp4').write_bytes(b'film')
    gone = shelf.throw_away(tmp_path / 'a.mcap')
    assert sorted(path.name for path in gone.parent.iterdir()) == ['a.json', 'a.mcap', 'a.mp4']
    assert [path.stem for path in shelf.episodes(tmp_path)] == ['ab']
    assert shelf.trash(tmp_path) == (gone,) and shelf.card(gone) == Card('a')
    back = shelf.take_back(tmp_path, 'a')
    assert back == tmp_path / 'a.mcap' and read_episode(back).counts['/joint_states'] == 50
    assert (tmp_path / 'a.mp4').exists() and beside(back).exists()
    assert not list((tmp_path / 'trash').iterdir())


def test_what_is_thrown_away_twice_is_there_twice(tmp_path):
    """Pins that the trash replaces nothing."""
    for _ in range(2):
        record(tmp_path / 'a.mcap')
        shelf.throw_away(tmp_path / 'a.mcap')
    assert {path.name for path in shelf.trash(tmp_path)} == {'a.mcap', 'a-2.mcap'}
    record(tmp_path / 'a.mcap')
    with pytest.raises(RecordingError, match='exists'):
        shelf.take_back(tmp_path, 'a')


@pytest.mark.parametrize('name', [
    '', '..', '../a', 'a/b', '.hidden', 'a.b', 'x' * 101, 'a\n', '-a'])
def test_names_that_would_lead_elsewhere(tmp_path, name):
    """Pins that an id from outside is one part of a path and no other."""
    with pytest.raises(RecordingError, match='no name'):
        shelf.recording(tmp_path, name)


def test_what_a_dead_recorder_left_is_mended(tmp_path):
    """Pins that it keeps what was known at its start, and that a living one is let alone."""
    living = record(tmp_path / 'living.mcap', close=False)
    dead = record(tmp_path / 'dead.mcap', Card('dead', operator='kim'), close=False)
    dead.flush()
    os.close(dead._sink.descriptor)
    dead._sink = None
    assert shelf.mend(tmp_path) == (tmp_path / 'dead.mcap',)
    found = shelf.card(tmp_path / 'dead.mcap')
    assert (found.operator, found.finished) == ('kim', False)
    assert found.seconds == pytest.approx(0.49)
    assert part_of(tmp_path / 'living.mcap').exists()
    living.close()


def test_a_note_that_comes_later(tmp_path):
    """Pins that the last note counts, messages stay as they are, and the file no newer."""
    path, card = tmp_path / 'a.mcap', Card('a')
    record(path, card)
    before, stamp = path.read_bytes(), path.stat().st_mtime_ns
    for label in ('failure', 'success'):
        annotate(path, NOTE, replace(card, label=Label(label, 'kim')).note())
    assert path.stat().st_mtime_ns == stamp
    assert from_note('a', read_episode(path).notes[NOTE]).label == Label('success', 'kim')
    assert read_episode(path).counts == {'/joint_states': 50}
    shared = min(len(os.path.commonprefix([before, path.read_bytes()])), len(before))
    assert shared > 0.7 * len(before) and not recover(path)


def test_a_note_that_is_cut_off(tmp_path):
    """Pins that a power cut while a note is added costs no message and no earlier note."""
    path = tmp_path / 'a.mcap'
    record(path, Card('a', operator='kim'))
    size = path.stat().st_size
    shutil.copy(path, tmp_path / 'b.mcap')
    annotate(path, NOTE, Card('a', operator='kim', label=Label('success')).note())
    data, torn = path.read_bytes(), tmp_path / 'torn.mcap'
    messages_end = len(os.path.commonprefix([data, (tmp_path / 'b.mcap').read_bytes()]))
    for at in [messages_end, *random.Random(2).sample(range(messages_end, len(data)), 40)]:
        torn.write_bytes(data[:at])
        found = read_episode(torn)
        assert found.counts == {'/joint_states': 50} and found.card.operator == 'kim'
    assert size < len(data)


def test_nothing_is_added_to_what_is_being_written(tmp_path):
    """Pins that a live recording is not cut by a label."""
    recorder = record(tmp_path / 'a.mcap', close=False)
    with pytest.raises(RecordingError):
        annotate(Path(tmp_path / 'a.mcap'), NOTE, {})
    recorder.close()
