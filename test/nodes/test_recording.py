"""Wishes and news on their way to what keeps recordings: what is refused, what is the same."""
import json

from lam_ws.errors import RecordingError
from lam_ws.nodes.recording import answer, language, news, record_state
from lam_ws.record.card import Card
from lam_ws.record.checking import Checking
from lam_ws.record.faults import Fault
from lam_ws.record.keeper import Keeper
from lam_ws.record.live import LiveChecks
from lam_ws.site import load_site
import pytest

pytestmark = pytest.mark.ros


@pytest.fixture
def keeper(tmp_path):
    """Return what keeps recordings, in a folder of its own."""
    return Keeper(tmp_path, Card(''), Checking(LiveChecks({'front': 10.0, 'wrist': 10.0}, 100.0,
                                                          0.1), tmp_path))


def ask(keeper, action, **fields):
    """Ask as the service does."""
    from lam_interfaces.srv import Record
    response = Record.Response()
    answer(keeper, Record.Request(action=action, **fields), response)
    return response


def test_the_same_wish_again(keeper, monkeypatch):
    """Pins that an answer that was lost is given again, and that time ends that."""
    first = ask(keeper, 'start', instruction='a', operator_id='kim')
    assert first.success and ask(keeper, 'start', instruction='a', operator_id='kim') == first
    assert not ask(keeper, 'start', instruction='a', operator_id='lee').success
    monkeypatch.setattr(keeper, 'age_s', lambda: 6.0)
    assert not ask(keeper, 'start', instruction='a', operator_id='kim').success
    monkeypatch.undo()
    assert ask(keeper, 'stop').episode_id == ask(keeper, 'stop').episode_id == first.episode_id
    monkeypatch.setattr(keeper, 'age_s', lambda: 6.0)
    assert not ask(keeper, 'stop').success


@pytest.mark.parametrize('action', ['stop', 'label', 'discard'])
def test_nothing_has_been_recorded(keeper, action):
    """Pins that '' for the last episode names none before there was one."""
    told = ask(keeper, action)
    assert not told.success and 'recorded' in told.message


@pytest.mark.parametrize(('text', 'spoken'), [
    ('빨간 것', 'ko'), ('빨간', 'ko'), ('red', 'en'), ('', ''), (' ', ''),
    ('put it in 상자', 'ko')])
def test_the_language_of_a_sentence(text, spoken):
    """Pins Hangul in whole and in pieces, as a Mac sends it."""
    assert language(text) == spoken


@pytest.mark.parametrize('text', ['', '{}', '[]', 'null', '{"episode_id": 1}', '{"episode_id":'])
def test_news_that_cannot_be_read(keeper, text):
    """Pins that a foreign message on `assignment` is an error in words, never a dead recorder."""
    with pytest.raises(RecordingError):
        news(keeper, text)


def test_news_of_an_instruction(keeper):
    """Pins what was asked, and how it ended, on its way into the card."""
    told = {'episode_id': 'i1', 'text': '밀어', 'language': 'ko', 'operator_id': 'kim'}
    episode = ask(keeper, 'start').episode_id
    news(keeper, json.dumps(told))
    news(keeper, json.dumps({**told, 'success': False, 'reason': 'timeout', 'result': 'late'}))
    ending, = keeper.card.endings
    assert (ending.episode, ending.instruction, ending.success, ending.reason, ending.text) == (
        'i1', '밀어', False, 'timeout', 'late')
    assert keeper.card.episode == episode


def test_what_is_said(keeper):
    """Pins the state while nothing is recorded, and while something is; the worst fault first."""
    site = load_site('sim_demo')
    keeper.checking.look(1, None, 0.0)
    idle = record_state(site, keeper, ())
    assert (idle.episode_id, idle.warning, list(idle.cameras)) == ('', '', ['front', 'wrist'])
    assert len(idle.rate_hz) == len(idle.dropped) == 2
    ask(keeper, 'start', instruction='밀어')
    told = record_state(site, keeper, (Fault('camera_silent', 'front', 2.0), Fault('disk_low')))
    assert told.episode_id == keeper.last and told.by_operator and told.instruction == '밀어'
    assert 'No image of the camera front' in told.warning and '카메라' in told.warning
