"""An operator at the keyboard: what each key makes of an episode."""
from lam_ws.errors import RecordingError
from lam_ws.record.takes import help_line, KEYS, Take, Takes, Wish
import pytest


class Recorder:
    """Answers as the recorder does; `full` refuses everything."""

    def __init__(self):
        self.asked, self.full = [], False

    def __call__(self, wish):
        self.asked.append(wish)
        if self.full:
            raise RecordingError('the disk is full')
        return f'e{sum(one.action == "start" for one in self.asked)}'


@pytest.fixture
def recorder():
    """Return a recorder that notes what it is asked."""
    return Recorder()


def test_a_session(recorder):
    """Pins start, success, failure, re-record, skip and quit, in what the recorder is asked."""
    takes = Takes(recorder, '밀어')
    for key in 'sysnsrysxq':
        takes.press(key)
    assert [wish.action for wish in recorder.asked] == [
        'start', 'stop', 'start', 'stop', 'start', 'discard', 'start', 'stop', 'start',
        'discard']
    assert {wish.instruction for wish in recorder.asked if wish.action == 'start'} == {'밀어'}
    assert takes.done == [Take('e1', 'success', True), Take('e2', 'failure', True),
                          Take('e3', '', False), Take('e4', 'success', True),
                          Take('e5', '', False)]
    assert takes.over and takes.kept == 3


def test_leaving_keeps_what_is_being_recorded(recorder):
    """Pins that quitting in the middle of an episode loses nothing."""
    takes = Takes(recorder)
    takes.press('s')
    takes.press('q')
    assert recorder.asked[-1] == Wish('stop') and takes.done == [Take('e1', '', True)]
    assert takes.end() == '' and len(recorder.asked) == 2


@pytest.mark.parametrize('key', ['y', 'n', 'r', 'x'])
def test_keys_that_need_an_episode_do_nothing_without(recorder, key):
    """Pins that a key pressed too late neither labels nor discards the episode before."""
    takes = Takes(recorder)
    assert 'Nothing' in takes.press(key) and not recorder.asked


def test_start_twice_is_once_and_other_keys_are_nothing(recorder):
    """Pins that a held key does not begin a second episode."""
    takes = Takes(recorder)
    for key in ('s', 's', ' ', '\n', 'ㄴ', 'S', '', 'z', '\x1b'):
        takes.press(key)
    assert len(recorder.asked) == 1


def test_a_refusal_is_told_and_ends_the_episode(recorder):
    """Pins that the operator reads why, and that the session goes on."""
    takes = Takes(recorder)
    takes.press('s')
    recorder.full = True
    assert takes.press('y') == 'the disk is full' and not takes.recording and not takes.done
    recorder.full = False
    assert takes.press('s').startswith('●')


def test_the_help_names_every_key():
    """Pins that a key nobody tells of is added."""
    assert all(f'[{key}] {korean} {english}' in help_line()
               for key, (korean, english) in KEYS.items())
