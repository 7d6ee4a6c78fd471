"""An operator's day in a real browser on a real cell: nodes, simulated arm, learned policy."""
import json
import re
import time

from chromium import eventually, PHONE, Window
import console_cell
import pytest

pytestmark = [pytest.mark.browser, pytest.mark.ros]
LONG_MS = 120_000    # of a shared machine, for a pick and place that takes ten seconds
SENTENCE = {'red': '빨간', 'green': '초록', 'blue': '파란', 'yellow': '노란', 'cube': '큐브',
            'cylinder': '원기둥', 'bar': '막대'}


@pytest.fixture(scope='module')
def cell(browser, tmp_path_factory):
    """Return the address of a cell's console and the folder of the cell."""
    pytest.importorskip('rclpy')
    from lam_ws.nodes.environment import free_domain
    folder = tmp_path_factory.mktemp('cell')
    with free_domain() as domain, console_cell.running(folder, domain) as url:
        yield url, folder


@pytest.fixture
def window(browser, cell):
    """Return a window in which an operator is logged in and the guard is armed."""
    one = Window(browser)
    try:
        one.log_in(cell[0])
        armed(one)
        yield one
        assert not one.strangers(cell[0])
        assert not one.faults
    finally:
        one.close()


def armed(window, patience_s=60.0):
    """Bring the guard to where motion is permitted, as often as it takes on a loaded machine."""
    def ready():
        state = window.page.get_attribute('#guard', 'data-state')
        for button, at in (('#reset', 'stopped'), ('#arm', 'disarmed')):
            if state == at:
                window.poke(button)
        window.page.wait_for_timeout(300)
        return state in ('armed', 'running')
    assert eventually(ready, patience_s)


def topic(page, name):
    """Return what the page knows of a topic."""
    return page.evaluate(f"import('/state.js').then((state) => state.get('{name}'))")


def sentence(page, bin_colour='white'):
    """Return a Korean instruction about a part that is seen by itself on the bench."""
    def parts():
        seen = (topic(page, 'scene') or {}).get('detections', [])
        names = [(one['colour'], one['kind']) for one in seen if one['kind'] != 'bin'
                 and abs(one['position'][1]) < 0.2]
        return [name for name in names if names.count(name) == 1]
    colour, kind = eventually(parts, 20.0)[0]
    place = {'white': '하얀', 'black': '검은'}[bin_colour]
    particle = '을' if kind == 'cylinder' else '를'
    return f'{SENTENCE[colour]} {SENTENCE[kind]}{particle} {place} 통에 넣어'


def instruct(page, text):
    """Send an instruction."""
    page.click('#tab-work')
    page.fill('#instruction', text)
    page.keyboard.press('Enter')


def test_an_instruction_in_korean_succeeds_and_is_explained(window):
    """The whole path: sentence, plan, motion, success by observation, and why."""
    page = window.page
    instruct(page, sentence(page))
    page.wait_for_selector('#task[data-phase=running]', timeout=LONG_MS)
    page.wait_for_selector('#plan-steps li')
    page.wait_for_selector('#task[data-phase=succeeded]', timeout=LONG_MS)
    page.click('#why')
    page.wait_for_selector('#why-list li')
    assert re.search(r'vocabulary\.yaml:\d+', page.inner_text('#why-list'))
    assert page.locator('#history-list li').count() == 1


def test_stop_in_mid_motion_is_told_in_words(window):
    """The arm stands, the reason and what to do next are on the screen, in both languages."""
    page = window.page
    instruct(page, sentence(page, 'black'))
    page.wait_for_selector('#task[data-phase=running]', timeout=LONG_MS)
    eventually(lambda: max(map(abs, topic(page, 'joints')['velocity'])) > 0.1, 30.0)
    page.click('#stop')
    page.wait_for_selector('#guard[data-state=stopped]')
    assert '운전자가 정지시켰습니다' in page.inner_text('#guard-text')
    page.click('#top [data-language=en]')
    assert 'Stopped by the operator' in page.inner_text('#guard-text')
    page.click('#top [data-language=ko]')
    page.wait_for_selector('#task[data-phase=failed]')
    page.click('#reset')
    page.wait_for_selector('#guard[data-state=disarmed]')


def test_the_arm_is_jogged_and_handed_back(window):
    """It moves while the button is held, up, and not after."""
    page = window.page
    window.take()
    before = topic(page, 'joints')['position']
    window.press('.push[data-axis="2"][data-direction="1"]')
    moved = eventually(lambda: max(abs(a - b) for a, b in zip(
        topic(page, 'joints')['position'], before, strict=True)) > 0.03, 20.0)
    page.mouse.up()
    assert moved
    assert eventually(lambda: max(map(abs, topic(page, 'joints')['velocity'])) < 0.01, 10.0)
    time.sleep(0.5)     # what is measured lags behind
    rest = topic(page, 'joints')['position']
    time.sleep(0.5)
    assert max(abs(a - b) for a, b in zip(topic(page, 'joints')['position'], rest,
                                          strict=True)) < 0.005
    page.click('#give')
    page.wait_for_selector('#hand[data-mine=false]')


def test_two_demonstrations_are_recorded_and_labelled(window, cell):
    """What the operator says of an episode is on the disk, and can be said otherwise later."""
    page = window.page
    window.take()
    for button in ('record-success', 'record-failure'):
        page.click('#tab-record')
        page.fill('#record-text', '빨간 큐브를 들어')
        page.click('#record-start')
        page.wait_for_selector('#recorder[data-on=true]')
        page.click('#tab-move')
        window.press('.push[data-axis="2"][data-direction="-1"]')
        page.wait_for_timeout(800)
        page.mouse.up()
        page.click('#tab-record')
        page.click(f'#{button}')
        page.wait_for_selector('#recorder[data-on=false]')
    page.click('#tab-episodes')
    page.click('#episodes-refresh')
    page.wait_for_selector('.episode[data-label-is=success]')
    page.click('.episode[data-label-is=failure] >> nth=0')
    page.wait_for_selector('#episode-form')
    page.check('input[name=label][value=success]', force=True)
    page.fill('#episode-note', '다시 보니 잘됨')
    page.click('#episode-save')
    cards = cell[1] / 'episodes'
    assert eventually(lambda: '다시 보니 잘됨' in ''.join(
        path.read_text(encoding='utf-8') for path in cards.glob('*.json')))
    found = [json.loads(path.read_text(encoding='utf-8')) for path in cards.glob('*.json')]
    assert sum(one.get('instruction') == '빨간 큐브를 들어' for one in found) == 2


def test_a_phone_can_stop_the_cell(browser, cell):
    """A viewer's phone shows camera and guard, and its STOP stops."""
    window = Window(browser, 'en', PHONE)
    try:
        window.log_in(cell[0], 'park')
        assert eventually(lambda: window.page.locator('.camera[data-state=good]').count() == 2)
        window.page.tap('#stop')
        window.page.wait_for_selector('#guard[data-state=stopped], #guard[data-state=stopping]')
        assert not window.strangers(cell[0])
    finally:
        window.close()
