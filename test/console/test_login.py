"""Who logs in, how often one may try, and when a login ends."""
import json
from pathlib import Path

from console_browser import PASSWORD
from lam_ws.console.console import Person
from lam_ws.console.sessions import MOST, MOST_OF_ONE, Sessions
from lam_ws.console.throttle import Bucket, OF_A_NAME, OF_AN_ADDRESS, Throttle, WINDOW_S
import pytest


def test_a_login_gives_a_cookie_that_scripts_and_other_sites_do_not_get(visit):
    """Pins HttpOnly and SameSite, and that the token is in no answer but the cookie."""
    browser = visit('')
    reply = browser.login('operator')
    cookie = reply.headers['Set-Cookie']
    assert 'HttpOnly' in cookie and 'SameSite=strict' in cookie and 'Path=/' in cookie
    token = browser.cookie.split('=')[1]
    assert len(token) >= 40 and token not in reply.body.decode()
    assert reply.json()['role'] == 'operator'
    assert browser.get('/api/me').json() == reply.json()


@pytest.mark.parametrize('name, password', [
    ('operator', PASSWORD + 'x'), ('operator', PASSWORD[:-1]), ('nobody', PASSWORD),
    ('Operator', PASSWORD), ('operator', 'x')])
def test_a_wrong_login_does_not_tell_what_was_wrong(visit, name, password):
    """Whoever guesses must not learn which names there are."""
    reply = visit('').login(name, password)
    assert reply.status == 401 and reply.json()['error'] == 'wrong_login'
    assert 'Set-Cookie' not in reply.headers


def test_a_guesser_is_slowed_down_and_others_are_not(visit):
    """Pins the limit of guesses for one name, and that it says when to try again."""
    browser = visit('')
    for _ in range(OF_A_NAME):
        assert browser.login('operator', 'wrong guess').status == 401
    reply = browser.login('operator', PASSWORD)
    assert reply.status == 429 and reply.json()['error'] == 'too_many_logins'
    assert 0 < int(reply.headers['Retry-After']) <= WINDOW_S
    assert reply.json()['retry_s'] == int(reply.headers['Retry-After'])
    assert visit('').login('viewer').status == 200


def test_one_address_cannot_try_many_names():
    """Pins the second limit, and that both pass with time."""
    now = [0.0]
    throttle = Throttle(lambda: now[0])
    for number in range(OF_AN_ADDRESS):
        assert throttle.wait_s('a', f'name{number}') == 0.0
        throttle.failed('a', f'name{number}')
    assert throttle.wait_s('a', 'another') == WINDOW_S and throttle.wait_s('b', 'another') == 0.0
    now[0] = WINDOW_S
    assert throttle.wait_s('a', 'another') == 0.0
    for number in range(5000):
        throttle.failed(f'address{number}', 'x')
    assert len(throttle._failures) <= 1024


def test_a_bucket_lets_a_rate_through():
    """Pins burst and rate of messages from a page."""
    now = [0.0]
    bucket = Bucket(lambda: now[0], 10.0, 3)
    assert [bucket.take() for _ in range(4)] == [True, True, True, False]
    now[0] = 0.2
    assert [bucket.take() for _ in range(3)] == [True, True, False]


def test_logging_out_ends_session_and_page(visit):
    """A page that is left open must not go on commanding."""
    browser = visit()
    with browser.socket() as line:
        line.recv(timeout=5)
        assert browser.post('/api/logout').status == 200
        with pytest.raises(Exception) as closed:
            while True:
                line.recv(timeout=5)
    assert closed.value.rcvd.code == 4401
    assert browser.get('/api/me').status == 401


def sessions(role=lambda name: 'operator'):
    """Return a clock and sessions of ten and three s."""
    now = [0.0]
    return now, Sessions(lambda: now[0], 10.0, 3.0, role)


def test_a_session_ends_by_age_and_by_idleness():
    """Pins both spans: a shift, and a panel that was left alone."""
    now, kept = sessions()
    token, session = kept.open(Person('kim', 'operator'))
    for now[0] in (2.9, 5.8, 8.7):
        assert kept.find(token) is session
    now[0] = 10.1
    assert kept.find(token) is None and session.over and len(kept) == 0
    now[0] = 20.0
    token, _ = kept.open(Person('kim', 'operator'))
    now[0] = 23.1
    assert kept.find(token) is None


def test_a_user_who_was_removed_or_changed_is_logged_out():
    """A file that says otherwise now counts from the next request on."""
    roles = {'kim': 'operator'}
    _, kept = sessions(roles.get)
    ended = []
    token, session = kept.open(Person('kim', 'operator'))
    session.ending.append(lambda: ended.append(True))
    assert kept.find(token) is session
    roles['kim'] = 'viewer'
    assert kept.find(token) is None and ended == [True]


def test_sessions_are_bounded():
    """A script that logs in again and again must not fill the memory, nor throw others out."""
    now, kept = sessions()
    first, _ = kept.open(Person('lee', 'operator'))
    mine = [kept.open(Person('kim', 'operator'))[0] for _ in range(3 * MOST_OF_ONE)]
    assert len(kept) == MOST_OF_ONE + 1
    assert kept.find(first) and kept.find(mine[-1]) and not kept.find(mine[0])
    for number in range(2 * MOST):
        kept.open(Person(f'name{number}', 'operator'))
    assert len(kept) <= MOST


def test_a_login_waits_for_no_more_than_a_few_others(visit):
    """Each check of a password takes 19 MB: they go one by one, and a queue has an end."""
    from concurrent.futures import ThreadPoolExecutor
    with ThreadPoolExecutor(12) as pool:
        found = list(pool.map(lambda n: visit('').login(f'name{n}', 'wrong guess').status,
                              range(12)))
    assert set(found) <= {401, 429} and 401 in found


def test_every_deed_is_written_down_with_who_did_it(visit, site, console):
    """Pins that the log has the person, the deed, its words and its refusal, and no secret."""
    browser = visit()
    browser.post('/api/instruct', {'text': '빨간 큐브를 넣어'})
    browser.post('/api/stop')
    visit('viewer').post('/api/arm')
    visit('').login('operator', 'a wrong guess')
    engineer = visit('engineer')
    entries = engineer.get('/api/audit').json()['entries']
    console.close()
    found = [(one['what'], one['name']) for one in entries]
    for deed in (('login', 'operator'), ('instruct', 'operator'), ('stop', 'operator'),
                 ('denied', 'viewer'), ('login refused', 'operator')):
        assert deed in found, (deed, found)
    said = next(one for one in entries if one['what'] == 'instruct')
    assert said['detail']['text'] == '빨간 큐브를 넣어' and said['address'] == '127.0.0.1'
    text = Path(site.console.audit).read_text()
    assert 'guess' not in text and PASSWORD not in text and browser.csrf not in text
    assert [json.loads(line) for line in text.splitlines()]
