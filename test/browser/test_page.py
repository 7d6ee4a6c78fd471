"""The console's page on a pretended cell: what it shows, and to whom."""
import re

from chromium import eventually, PANEL, PHONE, Window
from lam_ws.console.console import Instruct, Record, Reply
from pretend_cell import QUESTION
import pytest

pytestmark = pytest.mark.browser
TABS = ('work', 'move', 'record', 'episodes', 'plots', 'health')
# Text of the page that is data: names of things of the cell, numbers, units, the languages.
DATA = re.compile(r'^[\d\s.,:°/+−–-]*(Hz|ms|s|%|°|°/s)?$')
NAMES = {'sim_demo', 'front', 'wrist', '한국어', 'English', 'X', 'X+', 'Y+', '−', '+'}


def seen_words(page):
    """Return every text that the page shows or reads aloud."""
    return page.evaluate("""() => {
        const texts = [];
        const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
        while (walk.nextNode()) texts.push(walk.currentNode.textContent.trim());
        for (const one of document.querySelectorAll('[aria-label], [placeholder], [title]')) {
          for (const name of ['aria-label', 'placeholder', 'title']) {
            if (one.hasAttribute(name)) texts.push(one.getAttribute(name));
          }
        }
        return [...new Set(texts.filter(Boolean))];
    }""")


def test_all_words_come_from_the_table(window, cell):
    """With a language that shows keys in brackets, no other words are left on any page."""
    cell.work('running')
    window.page.evaluate("import('/words.js').then((words) => words.setLanguage('keys', false))")
    left = set()
    for tab in TABS:
        window.page.click(f'#tab-{tab}')
        window.page.wait_for_timeout(250)
        for text in seen_words(window.page):
            rest = re.sub(r'\[\w+\]', '', text).strip(' ·:')
            left |= {text} if rest and not DATA.match(rest) and rest not in NAMES else set()
    told = ('kim ·', 'moving it', 'slow', 'Near a singular pose: slow.', 'Camera wrist is slow.')
    assert not {text for text in left if not any(text.startswith(one) for one in told)}


@pytest.mark.parametrize('language', ['ko', 'en'])
def test_axe_finds_no_serious_fault(browser, console, cell, language):
    """Contrast, names, roles and focus of every page, in both languages, dark and light."""
    axe = pytest.importorskip('axe_playwright_python.sync_playwright').Axe()
    scheme = {'ko': 'light', 'en': 'dark'}[language]
    window = Window(browser, language, color_scheme=scheme)
    try:
        page, found = window.page, []
        page.goto(console[0])
        page.wait_for_selector('body[data-ready]')
        found += serious(axe, page, 'login')
        window.log_in(console[0], 'lee')
        cell.work('asking', **QUESTION)
        for tab in TABS:
            page.click(f'#tab-{tab}')
            page.wait_for_timeout(200)
            found += serious(axe, page, tab)
        page.keyboard.press('Escape')
        page.wait_for_selector('#guard[data-state=stopped]')
        found += serious(axe, page, 'stopped')
        assert not found, '\n'.join(found)
    finally:
        window.close()


def serious(axe, page, where):
    """Return the serious faults of a page in words."""
    result = axe.run(page, options={'runOnly': ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa',
                                                'wcag22aa', 'best-practice']})
    return [f'{where}: {fault["id"]} {node["target"]} {node["failureSummary"][:200]}'
            for fault in result.response['violations']
            if fault['impact'] in ('serious', 'critical') for node in fault['nodes']]


@pytest.mark.parametrize('view', [PANEL, PHONE], ids=['panel', 'phone'])
def test_stop_is_always_in_reach(browser, console, cell, view):
    """STOP is whole, on top and large on every page, and no page is wider than its window."""
    window = Window(browser, 'ko', view)
    try:
        window.log_in(console[0], 'park')
        for tab in TABS:
            window.page.click(f'#tab-{tab}')
            box = window.page.locator('#stop').bounding_box()
            assert box['width'] >= 120 and box['height'] >= 60
            assert box['y'] + box['height'] <= view['height'] and box['x'] >= 0
            assert window.page.evaluate(
                """([x, y]) => document.elementFromPoint(x, y).closest('#stop') !== null""",
                [box['x'] + box['width'] / 2, box['y'] + box['height'] / 2])
            assert window.page.evaluate('document.documentElement.scrollWidth') <= view['width']
        window.page.click('#stop')
        assert eventually(lambda: cell.stops)[0][1].role == 'viewer'
    finally:
        window.close()


@pytest.mark.parametrize('key', ['Space', 'Escape'])
def test_stop_keys(window, cell, key):
    """Space and Escape stop, also with a button in focus, and do not press that button."""
    window.page.focus('#arm')
    window.page.keyboard.press(key)
    assert eventually(lambda: cell.stops)
    assert not cell.asked


def test_space_is_a_letter_while_typing_and_escape_is_not(window, cell):
    """An instruction has spaces; Escape stops even while it is typed."""
    window.page.focus('#instruction')
    window.page.keyboard.type('a b')
    assert window.page.input_value('#instruction') == 'a b' and not cell.stops
    window.page.keyboard.press('Escape')
    assert eventually(lambda: cell.stops)


def test_stop_works_without_the_socket(window, cell):
    """A connection that is gone, or only looks alive, does not swallow a stop."""
    window.page.evaluate("""() => {
        WebSocket.prototype.send = () => { throw new Error('gone'); };
    }""")
    window.page.click('#stop')
    assert eventually(lambda: cell.stops)
    window.faults.clear()   # the error above is the test's own


def test_a_viewer_may_watch_and_stop_and_nothing_else(browser, console, cell):
    """The buttons that the server would refuse are off."""
    window = Window(browser)
    try:
        window.log_in(console[0], 'park')
        cell.guard = {**cell.guard, 'state': 'disarmed'}
        for tab, buttons in (('work', ('send', 'instruction')), ('move', ('take',)),
                             ('record', ('record-start',))):
            window.page.click(f'#tab-{tab}')
            for name in (*buttons, 'arm'):
                assert window.page.is_disabled(f'#{name}'), name
        assert window.page.is_hidden('#audit')
        assert window.page.is_enabled('#stop')
    finally:
        window.close()


def test_a_question_is_answered_by_a_click(window, cell):
    """The option's number goes back with the number of the question."""
    cell.work('asking', **QUESTION)
    window.page.click('#options button:nth-child(2)')
    assert eventually(lambda: cell.asked)[0][0] == Reply('2', 1)


def test_an_instruction_is_sent_and_explained(window, cell):
    """Korean goes through unchanged; why shows what it rests on."""
    window.page.fill('#instruction', '빨간 큐브를 하얀 통에 넣어')
    window.page.keyboard.press('Enter')
    assert eventually(lambda: cell.asked)[0][0] == Instruct('빨간 큐브를 하얀 통에 넣어')
    cell.work('succeeded')
    window.page.wait_for_selector('#task[data-phase=succeeded]')
    window.page.click('#why')
    window.page.wait_for_selector('#why-list li')
    assert '이렇게 알아들었습니다.' in window.page.inner_text('#sources')


def test_a_slow_camera_is_warned_of_while_it_records(window, cell):
    """The warning, the rate and what was dropped stand there before the episode is over."""
    window.page.click('#tab-record')
    window.page.fill('#record-text', '넣어')
    window.page.click('#record-start')
    window.page.wait_for_selector('#record-warning[data-bad=true]')
    assert 'wrist' in window.page.inner_text('#record-warning')
    assert window.page.inner_text('#record-cameras tr:nth-child(2) td[data-bad=true] >> nth=0')
    window.page.click('#record-again')
    assert eventually(lambda: len(cell.asked) == 3)
    assert [wish.action for wish, _ in cell.asked] == ['start', 'discard', 'start']
    assert cell.asked[2][0] == Record('start', instruction='넣어')


def test_a_silent_guard_is_not_shown_as_it_was(window, cell):
    """What was true a second ago may not be taken for what is."""
    cell.guard = {**cell.guard, 'state': 'armed'}
    window.page.wait_for_selector('#guard[data-state=armed]')
    cell.guard = {**cell.guard, 'age_s': 1.5}
    window.page.wait_for_selector('#guard[data-state=unknown]')
    assert '움직인다고 생각하십시오' in window.page.inner_text('#guard-text')


def test_a_picture_that_stays_the_same_is_no_fault_by_itself(window, cell):
    """A cell at rest is no alarm; a camera of which perception knows that it froze is one."""
    scene = {**cell.state()['scene'], 'cameras': {'front': 'frozen', 'wrist': 'ok'}, 'age_s': 0.1}
    plain = type(cell).state
    cell.state = lambda: {**plain(cell), 'scene': scene}
    front = window.page.locator('.camera >> nth=0')
    assert eventually(lambda: '변화 없음' in front.inner_text())
    assert front.get_attribute('data-state') == 'good'
    scene['age_s'] = 2.0
    assert eventually(lambda: front.get_attribute('data-state') == 'bad')
    del cell.state


def test_nothing_moves_under_a_finger(window, cell):
    """The buttons of the bar stay where they are, whatever the guard has to say."""
    where = [window.page.locator(f'#{name}').bounding_box() for name in ('stop', 'reset', 'arm')]
    long = {'ko': '관절 상태가 두 번 연속 잘못되었습니다. ' * 8, 'en': 'no'}
    cell.guard = {**cell.guard, 'state': 'stopped', 'reason': 'bad_joints', 'text': long}
    window.page.wait_for_selector('#guard[data-state=stopped]')
    assert where == [window.page.locator(f'#{name}').bounding_box()
                     for name in ('stop', 'reset', 'arm')]


def test_the_arm_is_drawn_only_when_it_moved(window, cell):
    """A cell that stands still costs the panel no drawing."""
    window.page.wait_for_selector('#arm-note', state='hidden')
    still = cell.state()
    cell.state = lambda: {**still, 'guard': cell.guard}
    window.page.wait_for_timeout(500)
    frames = """import('/vendor/three.min.js').then(async (three) => {
        let drawn = 0;
        const context = document.getElementById('arm-view').getContext('webgl2');
        const draw = context.drawElements.bind(context);
        context.drawElements = (...all) => { drawn += 1; draw(...all); };
        await new Promise((resolve) => setTimeout(resolve, 800));
        return drawn;
    })"""
    assert window.page.evaluate(frames) == 0
    del cell.state
    assert window.page.evaluate(frames) > 0


def test_the_session_that_ends_brings_the_login_page(window, console):
    """Logging out elsewhere, or a session that is over, leaves nothing on the screen."""
    window.page.click('#logout')
    window.page.wait_for_selector('#login-form')
    assert window.page.is_hidden('#main')
    window.page.reload()
    window.page.wait_for_selector('#login-form')


def test_an_arm_that_was_held_is_recovered_by_a_button_of_its_own(window, cell):
    """Pins the step before reset and arm: there only for a fault of the arm's controller."""
    assert window.page.locator('#recover').is_hidden()
    stop = window.page.locator('#stop').bounding_box()
    cell.guard = {**cell.guard, 'state': 'stopped', 'reason': 'arm_estop',
                  'text': {'ko': '로봇의 비상정지가 눌려 있습니다.', 'en': 'Pressed.'}}
    window.page.wait_for_selector('#recover:not([hidden])')
    assert window.page.locator('#stop').bounding_box() == stop
    window.page.click('#recover')
    window.page.wait_for_function("document.querySelector('#notice') !== null")
    window.page.wait_for_timeout(300)
    assert [type(wish).__name__ for wish, _ in cell.asked] == ['Recover']
