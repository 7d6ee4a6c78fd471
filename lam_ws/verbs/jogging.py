"""The keyboard of `lam teleop`: keys enter, jogs and requests leave, and two lines for the screen.

A terminal tells when a key goes down and repeats, and never when it goes up: the repeats are what
keeps the arm in motion. Nothing here knows a terminal or ROS.
"""
from collections.abc import Mapping
from types import MappingProxyType

from lam_ws.policy.teleop import BASE, Jog, JOINT, TOOL

MODES = (BASE, TOOL, JOINT)
# key: axis of a tool jog (x y z, turns about them) and sign
AXES: Mapping[str, tuple[int, float]] = MappingProxyType({
    'w': (0, 1.0), 's': (0, -1.0), 'a': (1, 1.0), 'd': (1, -1.0), 'r': (2, 1.0), 'f': (2, -1.0),
    'u': (3, 1.0), 'o': (3, -1.0), 'i': (4, 1.0), 'k': (4, -1.0), 'j': (5, 1.0), 'l': (5, -1.0),
    'UP': (0, 1.0), 'DOWN': (0, -1.0), 'LEFT': (1, 1.0), 'RIGHT': (1, -1.0),
    'PAGEUP': (2, 1.0), 'PAGEDOWN': (2, -1.0)})
GRIP: Mapping[str, float] = MappingProxyType({'[': -1.0, ']': 1.0})
# key: what it asks for
ACTIONS: Mapping[str, str] = MappingProxyType({
    ' ': 'stop', 't': 'take', 'g': 'give', 'x': 'reset', 'c': 'arm', 'e': 'engage', 'q': 'quit',
    'ESC': 'quit', '\x03': 'quit', '\x04': 'quit'})
# What a terminal sends for keys that are not letters.
ESCAPES: Mapping[str, str] = MappingProxyType({
    '\x1b[A': 'UP', '\x1b[B': 'DOWN', '\x1b[C': 'RIGHT', '\x1b[D': 'LEFT', '\x1bOA': 'UP',
    '\x1bOB': 'DOWN', '\x1bOC': 'RIGHT', '\x1bOD': 'LEFT', '\x1b[5~': 'PAGEUP',
    '\x1b[6~': 'PAGEDOWN'})
# The consonants and vowels on the same keys while the keyboard writes Korean (two-set layout).
HANGUL: Mapping[str, str] = MappingProxyType(dict(zip(
    'ㅈㄴㅁㅇㄱㄹㅕㅐㅑㅏㅓㅣㅅㅎㅌㅊㄷㅂㅡ', 'wsadrfuoikjltgxceqm', strict=True)))
STEP = 0.1    # of the speed, a key press
HELP = {
    'en': ('held, they move: w s x | a d y | r f z | u o, i k, j l turns | [ ] gripper | joint '
           'mode: 1-9, then w s\nt take  g give back  m mode  + - speed  SPACE STOP  x reset  '
           'c arm  e leader  q quit'),
    'ko': ('누르는 동안 이동: w s x | a d y | r f z | u o, i k, j l 회전 | [ ] 그리퍼 | 관절 '
           '모드: 1-9, w s\nt 잡기  g 돌려주기  m 모드  + - 속도  스페이스 정지  x 리셋  c 무장  '
           'e 리더 암  q 끝내기'),
}
NAMES = {'en': {BASE: 'base', TOOL: 'tool', JOINT: 'joint'},
         'ko': {BASE: '베이스', TOOL: '공구', JOINT: '관절'}}


class Keyboard:
    """What the keys mean at the moment.

    Args:
        joints: Names of the arm joints.
        speed: Share of the full speed to begin with.

    Attributes:
        mode: BASE, TOOL or JOINT.
        joint: Which one is moved in JOINT mode.
    """

    def __init__(self, joints: tuple[str, ...], speed: float = 0.5):
        self.joints, self.mode, self.joint, self.speed = joints, BASE, 0, speed

    def press(self, key: str) -> Jog | str:
        """Return the jog or the request that a key means, '' for neither."""
        key = HANGUL.get(key, key)
        if key in GRIP:
            length = len(self.joints) if self.mode == JOINT else 6
            return Jog(self.mode, (0.0,) * length, GRIP[key], self.speed)
        if key in AXES:
            return self._jog(*AXES[key])
        if key in ACTIONS:
            return ACTIONS[key]
        if key == 'm':
            self.mode = MODES[(MODES.index(self.mode) + 1) % len(MODES)]
        elif key in ('+', '='):
            self.speed = min(round(self.speed + STEP, 3), 1.0)
        elif key == '-':
            self.speed = max(round(self.speed - STEP, 3), STEP)
        elif key.isascii() and key.isdigit() and 1 <= int(key) <= len(self.joints):
            self.joint = int(key) - 1
            self.mode = JOINT
        return ''

    def line(self, language: str) -> str:
        """Return how the keys are set, for the screen."""
        name = NAMES[language][self.mode]
        chosen = f' {self.joints[self.joint]}' if self.mode == JOINT else ''
        return f'[{name}{chosen} {self.speed:.0%}]'

    def _jog(self, axis: int, sign: float) -> Jog | str:
        if self.mode != JOINT:
            vector = [0.0] * 6
            vector[axis] = sign
        elif axis == 0:
            vector = [0.0] * len(self.joints)
            vector[self.joint] = sign
        else:
            return ''
        return Jog(self.mode, tuple(vector), 0.0, self.speed)


def keys_in(text: str) -> list[str]:
    """Return the keys in what a terminal sent; what is none of them is left out as a whole."""
    found, i = [], 0
    while i < len(text):
        escape = next((escape for escape in ESCAPES if text.startswith(escape, i)), '')
        if escape:
            found.append(ESCAPES[escape])
            i += len(escape)
        elif text[i] != '\x1b':
            found.append(text[i])
            i += 1
        elif i + 1 == len(text):
            found.append('ESC')
            i += 1
        else:   # a function key, a paste mark: up to the letter or ~ that ends it
            i += 2
            while i < len(text) and not (text[i].isalpha() or text[i] == '~'):
                i += 1
            i += 1
    return found
