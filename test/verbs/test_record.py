"""`lam record`: what needs no cell, what it refuses, and a session with a cell that runs."""
import io
import json
import os
from pathlib import Path
import pty
import signal
import subprocess
import sys
import time

from lam_ws import cli
from lam_ws.record.card import Card, NOTE, read_card, write_card
from lam_ws.record.shelf import throw_away
from lam_ws.record.writer import Recorder
from lam_ws.resources import share
import pytest
import yaml


@pytest.fixture
def site(tmp_path):
    """Return the file of a site that records into this test's folder."""
    content = yaml.safe_load((share() / 'config/sites/sim_demo.yaml').read_text(encoding='utf-8'))
    content['record']['folder'] = str(tmp_path / 'episodes')
    path = tmp_path / 'sim_demo.yaml'
    path.write_text(yaml.safe_dump(content, sort_keys=False), encoding='utf-8')
    return path


@pytest.fixture
def recorded(tmp_path):
    """Return a folder with an episode, and one in the trash."""
    for name in ('kept', 'gone'):
        card = Card(name, operator='kim', instruction='밀어')
        with Recorder(tmp_path / 'episodes' / f'{name}.mcap') as recorder:
            recorder.note(NOTE, card.note())
        write_card(recorder.path, card)
    throw_away(tmp_path / 'episodes' / 'gone.mcap')
    return tmp_path / 'episodes'


def test_the_list_the_trash_and_the_way_back(site, recorded, capsys):
    """Pins what is shown of recordings, and that taking back needs no cell."""
    assert cli.main(['record', '--site', str(site), '--list']) == 0
    assert 'kept' in (told := capsys.readouterr().out) and 'gone' not in told and '밀어' in told
    assert cli.main(['record', '--site', str(site), '--trash', '--json']) == 0
    assert [row['episode'] for row in json.loads(capsys.readouterr().out)['episodes']] == ['gone']
    assert cli.main(['record', '--site', str(site), '--take-back', 'gone']) == 0
    assert (recorded / 'gone.mcap').exists() and (recorded / 'gone.json').exists()
    assert cli.main(['record', '--site', str(site), '--take-back', 'gone']) == 2


@pytest.mark.parametrize('more', [[], ['--seconds', '0'], ['--seconds', 'x'],
                                  ['--episodes', '0', '--seconds', '1'], ['--label', 'good']])
def test_what_is_refused(site, more, monkeypatch, capsys):
    """Pins one line and status 2, before anything is started."""
    monkeypatch.setattr(sys, 'stdin', io.StringIO())
    assert cli.main(['record', '--site', str(site), *more]) == 2
    assert len(capsys.readouterr().err.strip().splitlines()) == 1


@pytest.fixture
def domain(site, tmp_path):
    """Run simulator, guard and recorder of the site; give the domain."""
    from lam_ws.nodes.session import Session
    with Session(str(site), logs=tmp_path / 'log', only=['sim', 'guard', 'record']) as session:
        yield session.supervisor.domain


def lam(site, domain, *arguments, **more):
    """Start `lam record` as a process."""
    return subprocess.Popen(
        [sys.executable, '-m', 'lam_ws', 'record', '--site', str(site), '--domain', str(domain),
         '--operator', 'kim', *arguments], text=True, stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[2], **more)


def cards(site):
    """Return what is known of all episodes, the oldest first."""
    folder = site.parent / 'episodes'
    return sorted((read_card(path) for path in folder.glob('*.mcap')), key=lambda c: c.started)


def read_until(terminal, sign):
    """Read what a program writes to its terminal until something stands there."""
    seen, deadline = '', time.monotonic() + 30.0
    while sign not in seen:
        assert time.monotonic() < deadline, seen
        seen += os.read(terminal, 4096).decode(errors='replace')


@pytest.mark.ros
@pytest.mark.sim
def test_with_a_cell(site, domain):
    """Pins episodes by the clock, by keys at a terminal, and that Ctrl-C keeps the last."""
    by_clock = lam(site, domain, '--instruction', '밀어', '--episodes', '2', '--seconds', '1',
                   '--label', 'success', '--json', stdin=subprocess.DEVNULL)
    told = json.loads(by_clock.communicate(timeout=60)[0])
    assert by_clock.returncode == 0 and len(told['episodes']) == 2
    found = cards(site)
    assert [(card.instruction, card.success, card.operator) for card in found] == [
        ('밀어', True, 'kim')] * 2
    assert all(card.seconds > 0.5 and card.finished for card in found)

    cut = lam(site, domain, '--seconds', '600', stdin=subprocess.DEVNULL,
              stderr=subprocess.PIPE)
    assert '●' in cut.stderr.readline()
    time.sleep(1.0)
    cut.send_signal(signal.SIGINT)
    cut.communicate(timeout=60)
    assert cut.returncode == 130 and len(cards(site)) == 3 and cards(site)[-1].success is None

    ours, theirs = pty.openpty()
    keys = lam(site, domain, stdin=theirs, stderr=theirs)
    for key, sign in (('', '[q]'), ('s', '● 2'), ('r', '● 2'), ('n', '■ 2'), ('q', '')):
        os.write(ours, key.encode())
        read_until(ours, sign)
        time.sleep(0.5)
    keys.communicate(timeout=60)
    assert keys.returncode == 0 and [card.success for card in cards(site)] == [
        True, True, None, False]
    assert len(list((site.parent / 'episodes' / 'trash').glob('*.mcap'))) == 1

    ours, theirs = pty.openpty()
    closed = lam(site, domain, stdin=theirs, stderr=theirs, start_new_session=True)
    os.close(theirs)
    read_until(ours, '[q]')
    os.write(ours, b's')
    read_until(ours, '● 2')
    time.sleep(0.5)
    os.close(ours)                       # its terminal is gone
    closed.send_signal(signal.SIGHUP)    # which its session leader would be told so
    closed.communicate(timeout=60)
    assert len(cards(site)) == 5 and cards(site)[-1].finished
