"""The log of who commanded what: appended, bounded, and in nobody's way."""
import json
import os
import stat
import threading
import time

from lam_ws.console.audit import Audit
from lam_ws.errors import KeyFileError
import pytest


def lines(path):
    """Return the entries of a file."""
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_entries_are_lines_for_one_reader(tmp_path):
    """Pins one object a line, in order, in a file that others cannot read."""
    audit = Audit(tmp_path / 'deep' / 'audit.jsonl')
    for number in range(50):
        audit.note('stop', 'kim', 'viewer', '127.0.0.1', {'number': number, 'text': 'a\nb '})
    audit.close()
    found = lines(audit.path)
    assert [one['detail']['number'] for one in found] == list(range(50))
    assert stat.S_IMODE(audit.path.stat().st_mode) == 0o600
    assert audit.tail(5) == found[-5:]


def test_what_is_there_stays(tmp_path):
    """A console that is started again goes on in the same file."""
    path = tmp_path / 'audit.jsonl'
    for name in ('kim', 'lee'):
        audit = Audit(path)
        audit.note('stop', name)
        audit.close()
    assert [one['name'] for one in lines(path)] == ['kim', 'lee']


def test_it_does_not_grow_without_end(tmp_path):
    """Pins rotation by size: no line is lost on the way, and old files go in the end."""
    audit = Audit(tmp_path / 'audit.jsonl', most_bytes=2000)
    for number in range(40):
        audit.note('stop', 'kim', details={'number': number})
    audit.close()
    files = sorted(tmp_path.iterdir(), key=lambda one: (len(one.name), one.name))
    assert all(one.stat().st_size <= 2000 for one in files)
    kept = [one['detail']['number'] for file in (files[0], *files[1:]) for one in lines(file)]
    assert sorted(kept) == list(range(40)) and len(files) > 2
    audit = Audit(tmp_path / 'audit.jsonl', most_bytes=300)
    for number in range(200):
        audit.note('stop', 'kim', details={'number': number})
    audit.close()
    assert len(list(tmp_path.iterdir())) <= 10


def test_a_long_deed_is_cut(tmp_path):
    """One line must not be able to fill the log."""
    audit = Audit(tmp_path / 'audit.jsonl')
    audit.note('instruct', 'kim', details={'text': '가' * 100_000})
    audit.close()
    assert lines(audit.path)[0]['detail'] == 'cut'


def test_a_disk_that_hangs_delays_nobody_and_is_told_of(tmp_path):
    """A stop is on its way before the disk has had its say."""
    audit, go_on = Audit(tmp_path / 'audit.jsonl'), threading.Event()
    real, audit._append = audit._append, lambda line: (go_on.wait(20), real(line))
    for number in range(6000):
        audit.note('stop', 'kim', details={'number': number})
    assert audit.lost > 1000
    go_on.set()
    audit.close()
    found = lines(audit.path)
    assert sum(one.get('entries', 0) for one in found if one['what'] == 'lost') \
        + sum(one['what'] == 'stop' for one in found) == 6000


def test_what_a_full_disk_did_not_take_is_told_of_in_its_number(tmp_path, monkeypatch):
    """Pins the count over many failures, and that half an entry spoils no other."""
    audit, real, full = Audit(tmp_path / 'audit.jsonl'), os.write, threading.Event()
    full.set()

    def write(handle, data):
        return real(handle, data[:7] if full.is_set() and len(data) > 7 else data)
    monkeypatch.setattr(os, 'write', write)
    for number in range(5):
        audit.note('stop', 'kim', details={'number': number})
    deadline = time.monotonic() + 10.0
    while audit.lost < 5 and time.monotonic() < deadline:
        time.sleep(0.01)
    full.clear()
    audit.note('stop', 'kim', details={'number': 5})
    audit.close()
    found = audit.tail()
    assert [one.get('entries') for one in found if one['what'] == 'lost'] == [5]
    assert [one['detail'] for one in found if one['what'] == 'stop'] == [{'number': 5}]


def test_a_console_that_cannot_write_it_does_not_start(tmp_path):
    """Pins that the log is not best effort at the start."""
    (tmp_path / 'file').write_text('')
    with pytest.raises(KeyFileError, match='audit log cannot be written'):
        Audit(tmp_path / 'file' / 'audit.jsonl')
    os.symlink(tmp_path / 'file', tmp_path / 'link')
    with pytest.raises(KeyFileError):
        Audit(tmp_path / 'link')
