"""The keyboard of `lam teleop`: which key does what, in every mode and with a Korean keyboard."""
from lam_ws.policy.teleop import check_jog, Jog
from lam_ws.verbs.jogging import ACTIONS, AXES, GRIP, HANGUL, HELP, Keyboard, keys_in, MODES
import pytest

JOINTS = tuple(f'joint{i}' for i in range(1, 8))


def test_every_key_makes_a_jog_that_is_one():
    """Pins that no mode and no key asks for what `check_jog` refuses, and each axis has both."""
    keyboard = Keyboard(JOINTS)
    for mode in MODES:
        assert keyboard.mode == mode
        moved = [keyboard.press(key) for key in (*AXES, *GRIP)]
        for jog in filter(None, moved):
            assert isinstance(jog, Jog) and jog.mode == mode
            check_jog(jog, 7)
        signs = {(i, v) for jog in filter(None, moved) for i, v in enumerate(jog.vector) if v}
        assert len(signs) == (2 if mode == 'joint' else 12)
        keyboard.press('m')
    assert keyboard.mode == MODES[0]


def test_keys_mean_what_the_help_says():
    """Pins directions, the gripper, the chosen joint, speeds and requests."""
    keyboard = Keyboard(JOINTS, 0.3)
    assert keyboard.press('w') == Jog('base', (1.0, 0, 0, 0, 0, 0), 0.0, 0.3)
    assert keyboard.press('PAGEDOWN').vector[2] == -1.0 == keyboard.press('f').vector[2]
    assert keyboard.press('[') == Jog('base', (0.0,) * 6, -1.0, 0.3)
    assert keyboard.press('3') == '' and keyboard.press('8') == ''
    assert keyboard.press('s') == Jog('joint', (0, 0, -1.0, 0, 0, 0, 0), 0.0, 0.3)
    assert keyboard.press('a') == '' and keyboard.press(']').gripper == 1.0
    assert 'joint3' in keyboard.line('ko') and '30%' in keyboard.line('en')
    for _ in range(20):
        keyboard.press('+')
    assert keyboard.speed == 1.0
    for _ in range(20):
        keyboard.press('-')
    assert keyboard.speed == pytest.approx(0.1)
    assert keyboard.press(' ') == 'stop' and keyboard.press('\x03') == 'quit'
    assert keyboard.press('z') == '' == keyboard.press('²')
    for help_text in HELP.values():
        assert all(key in help_text for key in 'wasdrfuoikjltgmxceq[]')


def test_a_korean_keyboard_moves_the_same_way():
    """Pins an operator who forgot to switch: ㅈ is on the key of w."""
    plain, korean = Keyboard(JOINTS), Keyboard(JOINTS)
    assert set(HANGUL.values()) >= {key for key in (*AXES, *ACTIONS) if len(key) == 1
                                    and key.isalpha()} | {'m'}
    for letter, key in HANGUL.items():
        assert korean.press(letter) == plain.press(key), letter


@pytest.mark.parametrize(('sent', 'keys'), [
    ('w', ['w']), ('\x1b[A', ['UP']), ('\x1b[A\x1b[Aw', ['UP', 'UP', 'w']), ('\x1b', ['ESC']),
    ('\x1b[5~r', ['PAGEUP', 'r']), ('\x1b[15~w', ['w']), ('\x1b[200~t\x1b[201~', ['t']),
    ('\x1bOP', []), ('ㅈ', ['ㅈ']), ('', [])])
def test_what_a_terminal_sends(sent, keys):
    """Pins arrows, and that a function key is no letter of its sequence."""
    assert keys_in(sent) == keys
