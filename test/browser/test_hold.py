"""Hold-to-run in a real browser: what renews a hold, and everything that ends it."""
import signal
import time

from chromium import eventually
import pytest

pytestmark = pytest.mark.browser
UP = '.push[data-axis="2"][data-direction="1"]'
ENDED_S = 0.35      # until the last jog of a hold that was lost


@pytest.fixture
def hand(window, cell):
    """Return a window whose page holds the arm, on the page for moving it."""
    cell.guard = {**cell.guard, 'state': 'armed'}
    window.take()
    return window


def press(hand, cell):
    """Hold the button for up with a pointer that then stays still."""
    hand.press(UP)
    assert eventually(lambda: len(cell.jogs) > 5)


def last_jog_s(cell, wait_s=1.0):
    """Return when the last jog came, once none has come for a while."""
    count = -1
    while len(cell.jogs) != count:
        count = len(cell.jogs)
        time.sleep(wait_s)
    return cell.jogs[-1][0]


def test_a_pointer_that_is_held_moves_until_it_comes_up(hand, cell):
    """Jogs come as long as the button is down, with the axis and the speed that are chosen."""
    press(hand, cell)
    assert cell.jogs[0][1].vector == (0.0, 0.0, 1.0, 0.0, 0.0, 0.0)
    assert (cell.jogs[0][1].mode, cell.jogs[0][1].speed) == ('base', 0.25)
    hand.page.mouse.up()
    assert eventually(lambda: cell.released)
    assert last_jog_s(cell) <= cell.released[-1]


def test_a_pointer_that_leaves_its_button_lets_go(hand, cell):
    """A finger that slid away is not the wish to go on."""
    press(hand, cell)
    hand.page.mouse.move(5, 400, steps=4)
    assert eventually(lambda: cell.released)
    assert hand.page.get_attribute('#hand', 'data-moving') == 'false'


def test_a_pointer_that_stays_still_for_long_counts_no_more(hand, cell):
    """A thing that leans on the panel must not move the arm; a hand that trembles may."""
    press(hand, cell)
    began_s = time.monotonic()
    last_s = last_jog_s(cell)
    assert 3.0 < last_s - began_s < 5.5
    assert hand.page.inner_text('#hold-text').startswith('입력이 오래 그대로여서')
    hand.page.mouse.up()


def test_a_key_moves_by_its_repeats(hand, cell):
    """The first repeat is waited for; when repeats cease the arm is let go."""
    hand.page.keyboard.down('w')
    assert eventually(lambda: len(cell.jogs) > 3)
    assert cell.jogs[0][1].vector == (1.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    hand.page.keyboard.down('w')    # a repeat
    repeated_s = time.monotonic()
    assert last_jog_s(cell) - repeated_s < 0.25 + ENDED_S
    hand.page.keyboard.up('w')


def test_the_pad_moves_in_a_plane(hand, cell):
    """Away is +X, left is +Y, and the middle of the pad is rest."""
    box = hand.page.locator('#pad').bounding_box()
    middle = box['x'] + box['width'] / 2, box['y'] + box['height'] / 2
    hand.page.mouse.move(*middle)
    hand.page.mouse.down()
    hand.page.mouse.move(middle[0] - box['width'] / 2, middle[1], steps=3)
    assert eventually(lambda: cell.jogs and cell.jogs[-1][1].vector[1] > 0.9)
    hand.page.mouse.up()
    assert eventually(lambda: cell.released)


@pytest.mark.parametrize('loss', ['blur', 'another tab', 'close', 'page', 'offline'])
def test_a_page_that_is_left_lets_go(hand, cell, loss):
    """Whatever takes the operator's eyes away takes the hand off the arm."""
    press(hand, cell)
    lost_s = time.monotonic()
    if loss == 'blur':
        hand.page.evaluate("window.dispatchEvent(new Event('blur'))")
    elif loss == 'another tab':
        hand.context.new_page().bring_to_front()
        hand.page.evaluate("""() => { Object.defineProperty(document, 'hidden', { value: true });
            document.dispatchEvent(new Event('visibilitychange')); }""")
    elif loss == 'close':
        hand.page.close()
    elif loss == 'page':
        hand.page.evaluate("document.getElementById('tab-work').click()")
    else:
        hand.page.evaluate("""import('/protocol.js').then((protocol) => {
            WebSocket.prototype.send = () => { throw new Error('gone'); }; })""")
    assert last_jog_s(cell) - lost_s < 1.0


@pytest.mark.own_browser
@pytest.mark.parametrize('number', [signal.SIGSTOP, signal.SIGKILL])
def test_a_browser_that_is_stopped_or_killed_lets_go(hand, cell, number):
    """The main process alone delivers input, so without it nothing may renew a hold.

    Its pages are processes of their own and go on: their timers prove nothing.
    """
    press(hand, cell)
    assert hand.signal(number) is not None    # finding it takes a while on a loaded machine
    lost_s = time.monotonic()
    assert last_jog_s(cell) - lost_s < ENDED_S + 0.3
    count = len(cell.jogs)
    hand.signal(signal.SIGCONT)
    time.sleep(0.5)     # a browser that wakes up does not take up the hold again
    assert len(cell.jogs) == count


def test_nothing_moves_that_was_not_taken(window, cell):
    """A push without the hand on the arm says what to do first."""
    cell.guard = {**cell.guard, 'state': 'armed'}
    window.page.click('#tab-move')
    window.press(UP)
    window.page.wait_for_timeout(300)
    window.page.mouse.up()
    assert not cell.jogs
    assert '수동 조작 시작' in window.page.inner_text('#hold-text')


def test_a_hand_that_the_guard_gave_to_another_can_be_taken_again(hand, cell):
    """Pins that after STOP, reset and arm the page does not believe that it has the arm still."""
    cell.holds = False     # a policy was first
    hand.page.wait_for_selector('#hand[data-mine=false]')
    hand.press(UP)
    hand.page.wait_for_timeout(300)
    hand.page.mouse.up()
    assert not cell.jogs
    hand.page.click('#take')
    hand.page.wait_for_selector('#hand[data-mine=true]')


def test_a_gamepad_moves_only_with_its_shoulder_button(hand, cell):
    """A stick that is touched in passing moves nothing; one that is held with the button does."""
    hand.page.evaluate("""() => {
        const buttons = Array.from({ length: 17 }, () => ({ pressed: false, value: 0 }));
        window.pad = { mapping: 'standard', axes: [0, -1, 0, 0], buttons };
        navigator.getGamepads = () => [window.pad];
        window.dispatchEvent(new Event('gamepadconnected'));
    }""")
    hand.page.wait_for_timeout(200)
    assert not cell.jogs
    hand.page.evaluate('window.pad.buttons[4] = { pressed: true, value: 1 }')
    assert eventually(lambda: len(cell.jogs) > 3)
    assert cell.jogs[-1][1].vector[0] == 1.0
    hand.page.evaluate('window.pad.buttons[4] = { pressed: false, value: 0 }')
    assert eventually(lambda: cell.released)
