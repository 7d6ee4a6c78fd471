"""The console in front of a real cell, over real HTTP: instruct, stop, jog, lose the page."""
from contextlib import contextmanager
import threading
import time

from console_browser import Browser, free_port, PASSWORD, tell, until
from lam_ws.configuration import locate
import pytest

pytestmark = pytest.mark.ros
SENTENCE = '빨간 큐브를 흰 상자에 넣어 줘'


@pytest.fixture(scope='module')
def cell(tmp_path_factory):
    """Give a browser that is logged in, what lays the cell out, and what the guard says."""
    pytest.importorskip('rclpy')
    from lam_interfaces.msg import GuardState
    from lam_ws.console.users import Users
    from lam_ws.nodes import nodes
    from lam_ws.nodes.session import Session
    folder, port = tmp_path_factory.mktemp('console'), free_port()
    site = folder / 'sim_demo.yaml'
    site.write_text(locate('config/sites', 'sim_demo').read_text().replace(
        'folder: out/episodes', f'folder: {folder}/episodes')
        + f'console: {{port: {port}, users: {folder}/users.yaml, audit: {folder}/audit.jsonl}}\n')
    Users(folder / 'users.yaml').add('kim', 'engineer', PASSWORD)
    with Session(str(site), logs=folder / 'logs') as session, turned(session) as call:
        browser = Browser(port)
        assert browser.login('kim').status == 200
        heard = []   # (when, state) of the guard, in the cycle of the command that goes with it
        session.client.node.create_subscription(
            GuardState, nodes.GUARD_STATE,
            lambda message: heard.append((time.monotonic(), message.state)), nodes.RELIABLE)
        yield browser, lambda seed: call(lambda: session.reset(seed)), heard


@contextmanager
def turned(session):
    """Give what runs something in the thread that keeps the session's client turning."""
    wishes, over = [], threading.Event()

    def turn():
        while not over.is_set():
            session.client.turn()
            while wishes:
                act, done = wishes.pop()
                act()
                done.set()

    def call(act):
        done = threading.Event()
        wishes.append((act, done))
        assert done.wait(60.0)
    thread = threading.Thread(target=turn)
    thread.start()
    try:
        yield call
    finally:
        over.set()
        thread.join()


@pytest.fixture
def page(cell):
    """Give the browser and its socket in a cell that was laid out anew and armed."""
    browser, reset, _ = cell
    browser.post('/api/cancel')
    reset(7)
    with browser.socket() as line:
        until(line, 'state', holds=lambda m: m['guard'] and m['guard']['state'] == 'disarmed')
        arm(browser)
        yield browser, line


def arm(browser):
    """Permit motion."""
    reply = browser.post('/api/arm')
    assert reply.status == 200, reply.json()


def instruct(browser):
    """Ask for the sentence."""
    reply = browser.post('/api/instruct', {'text': SENTENCE})
    assert reply.status == 200, reply.json()


def ended(browser, act, timeout_s=120.0):
    """Do something and return the result of the instruction that ends after it."""
    before = len(browser.get('/api/history').json()['history'])
    act()
    deadline = time.monotonic() + timeout_s
    while len(found := browser.get('/api/history').json()['history']) == before:
        assert time.monotonic() < deadline, 'the instruction does not end'
        time.sleep(0.2)
    return found[-1]


def seen(line, holds, timeout_s=20.0):
    """Return the next state for which something is true."""
    return until(line, 'state', timeout_s, holds)


def moving(state, least=0.05):
    """Return whether a joint moves."""
    return max(map(abs, state['joints']['velocity'][:-1])) > least


def test_a_sentence_in_korean_is_carried_out_and_explained(page, cell):
    """Pins the way of an instruction through page, task and guard, its plan, result and why."""
    browser, line = page
    plan = {}

    def follow():
        instruct(browser)
        assert browser.post('/api/instruct', {'text': SENTENCE}).json()['error'] == 'busy'
        plan.update(until(line, 'plan'))
        running = seen(line, lambda m: m['guard']['state'] == 'running' and moving(m))
        assert running['task']['phase'] == 'running' and running['task']['episode_id']
    result = ended(browser, follow)
    assert plan['steps'][0]['text']['en'] == 'put the red cube in the white box'
    assert any('vocabulary.yaml' in one for one in plan['citations'])
    assert result['success'], result
    assert result['citations'] == plan['citations']
    state = seen(line, lambda m: m['task']['phase'] == 'succeeded')
    assert state['task']['episode_id'] == result['episode_id']
    why = browser.post('/api/why').json()
    assert SENTENCE in why['text']['ko'] and '하얀 상자' in why['text']['ko']
    assert why['citations'] == plan['citations']
    assert browser.get('/api/history').json()['history'][-1]['success'] is True


def test_a_question_is_answered_on_the_page(page):
    """Pins question, refusal of a late reply, and that what nobody understands is a failure."""
    browser, line = page
    assert browser.post('/api/reply', {'text': '1', 'asked': 1}).json()['error'] == 'no_question'
    result = ended(browser, lambda: browser.post('/api/instruct', {'text': '달에 가 줘'}))
    assert not result['success'] and result['reason'] == 'not_understood', result


def test_stop_brakes_in_mid_motion_and_latches(page):
    """Pins STOP over the socket, its reason in both languages, and the two steps back."""
    browser, line = page
    def stop():
        instruct(browser)
        seen(line, moving)
        tell(line, type='stop')
        until(line, 'stopped')
    assert ended(browser, stop)['reason'] == 'guard_operator_stop'
    stopped = seen(line, lambda m: m['guard']['state'] == 'stopped')
    assert stopped['guard']['reason'] == 'operator_stop'
    words = stopped['guard']['text']
    assert '운전자' in words['ko'] and 'operator' in words['en']
    assert browser.post('/api/arm').json()['error'] == 'not_armed'
    assert browser.post('/api/reset').status == 200
    arm(browser)


def test_an_instruction_is_cancelled(page):
    """Pins cancel: answered once the arm stands, and not a stop."""
    browser, line = page
    assert browser.post('/api/cancel').json()['error'] == 'nothing_to_cancel'
    instruct(browser)
    seen(line, moving)
    assert browser.post('/api/cancel').status == 200
    state = seen(line, lambda m: m['task']['phase'] == 'cancelled' and not moving(m), 5.0)
    assert state['guard']['state'] in ('armed', 'running')


@contextmanager
def held(line, **jog):
    """Take the hand and jog 30 times a second until left; raises where it is refused."""
    tell(line, type='hand', action='take')
    seen(line, lambda m: m['teleop']['mine'] and m['teleop']['holds'])
    over = threading.Event()

    def beat():
        number = 0
        while not over.wait(0.03):
            number += 1
            try:
                tell(line, type='jog', sequence=number, speed=0.5, **jog)
            except Exception:   # the line was cut, which is what the test is about
                return
    thread = threading.Thread(target=beat)
    thread.start()
    try:
        yield over
    finally:
        over.set()
        thread.join()


def test_a_hand_moves_the_arm_and_lets_go(page):
    """Pins a jog without an instruction, release, and that silence of the page is a release."""
    browser, line = page
    with held(line, mode='base', vector=[0, 0, 1, 0, 0, 0]) as over:
        assert seen(line, moving)['teleop']['moving']
        over.set()
        began_s = time.monotonic()
        seen(line, lambda m: not moving(m, 0.02), 5.0)
        assert time.monotonic() - began_s < 2.0
    tell(line, type='hand', action='give')
    seen(line, lambda m: not m['teleop']['holds'])


def test_stop_reaches_the_guard_within_a_moment(page, cell):
    """Pins the way of STOP: from the page's message to the guard's first braking command."""
    browser, line = page
    spans, heard = [], cell[2]
    for _ in range(8):
        with held(line, mode='base', vector=[0, 0, 1, 0, 0, 0]):
            seen(line, moving)
            heard.clear()
            sent_s = time.monotonic()
            tell(line, type='stop')
            until(line, 'stopped')
            seen(line, lambda m: m['guard']['state'] == 'stopped')
        spans.append(next(at_s for at_s, state in heard
                          if state in ('stopping', 'stopped')) - sent_s)
        assert browser.post('/api/reset').status == 200
        seen(line, lambda m: m['guard']['state'] == 'disarmed')
        arm(browser)
    spans.sort()
    print(f'STOP to braking, ms: median {1e3 * spans[4]:.0f}, worst {1e3 * spans[-1]:.0f}')
    assert spans[4] < 0.15


def test_the_hold_ends_with_the_page(page, cell):
    """Pins that a page that is gone holds nothing: the arm stands, and another may take it."""
    browser, line = page
    with browser.socket() as lost, held(lost, mode='base', vector=[0, 0, 1, 0, 0, 0]):
        seen(line, moving)
        lost.socket.close()
        gone_s = time.monotonic()
        seen(line, lambda m: not moving(m, 0.02), 5.0)
        assert time.monotonic() - gone_s < 2.0
    assert seen(line, lambda m: m['teleop']['owner'] == '')
    tell(line, type='hand', action='take')
    seen(line, lambda m: m['teleop']['mine'])
    tell(line, type='hand', action='give')


def test_an_episode_is_recorded_labelled_and_filmed(page, cell):
    """Pins the recorder's buttons, the list, the label and the film of a demonstration."""
    browser, line = page
    reply = browser.post('/api/record', {'action': 'start', 'instruction': '빨간 큐브'})
    assert reply.status == 200, reply.json()
    episode = reply.json()['episode_id']
    seen(line, lambda m: m['record'] and m['record']['episode_id'] == episode)
    time.sleep(2.0)
    assert browser.post('/api/record', {'action': 'stop', 'label': 'success'}).status == 200
    row = browser.get(f'/api/episodes/{episode}').json()
    assert (row['instruction'], row['label'], row['operator']) == ('빨간 큐브', 'success', 'kim')
    assert browser.post(f'/api/episodes/{episode}/label', {'label': 'failure', 'note': '놓침'}
                        ).status == 200
    row = browser.get(f'/api/episodes/{episode}').json()
    assert (row['label'], row['note']) == ('failure', '놓침')
    browser.timeout_s = 120.0
    film = browser.get(f'/api/episodes/{episode}/film.mp4')
    assert film.status == 200 and film.body[4:8] == b'ftyp'


def test_what_was_done_is_written_down(cell):
    """Pins the log of a whole run: who, what, and how it ended."""
    browser, _, _ = cell
    found = [(one['what'], one['name']) for one in browser.get('/api/audit').json()['entries']]
    for deed in ('instruct', 'result', 'stop', 'hand', 'record', 'arm', 'reset', 'cancel'):
        assert (deed, 'kim') in found, deed
