"""Every code has words in both languages."""
from pathlib import Path
import re

from guard_stream import config_of, Run
from lam_ws.arm.arm import FAULTS
from lam_ws.safety import words as module
from lam_ws.safety.words import explain, WORDINGS, words
import numpy as np
import pytest

SOURCES = sorted(Path(module.__file__).parent.glob('*.py'))
SOURCES += [Path(module.__file__).parents[1] / 'nodes' / name
            for name in ('stops.py', 'guard_node.py', 'cell_signals.py', 'arm_watch.py')]


def test_no_code_is_without_words():
    """Pins that a bound added to the guard comes with its sentence."""
    codes = set()
    for source in SOURCES:
        codes |= set(re.findall(r"Bound\(\s*'([a-z_]+)'", source.read_text()))
    codes |= {'workspace', 'table'}  # made from tuples in workspace.py
    codes |= {f'arm_{fault}' for fault in FAULTS}
    assert len(codes) > 20
    assert codes == set(WORDINGS)


@pytest.mark.parametrize('code', sorted(WORDINGS))
def test_words_say_what_how_much_and_what_next(code):
    """Pins both languages: Hangul only in Korean, the numbers in both, two sentences each."""
    english, korean = (words(code, 0.25, 0.125, 'fr3_joint2', language)
                       for language in ('en', 'ko'))
    assert english.isascii() or '²' in english
    assert re.search('[가-힣]', korean) and not re.search('[가-힣]', english)
    for text in (english, korean):
        assert text.startswith('fr3_joint2: ') and len(re.findall(r'[.] ', text)) >= 1
        told = f'{0.25 * WORDINGS[code].scale:g}' in text
        assert told == bool(WORDINGS[code].unit)
    assert '{' not in english + korean


def test_a_decision_explains_itself():
    """Pins `explain`: the bound at work first, else the reason, else nothing."""
    run = Run(config_of())
    run.arm()
    assert explain(run.decision) == ''
    run.cycle(run.chunk(np.full((2, 8), np.nan)))
    assert 'not numbers' in explain(run.decision)
    run.cycle(spoil=lambda s: None)
    for _ in range(5):
        run.cycle(spoil=lambda s: None)
    assert explain(run.decision, 'ko').startswith('관절 상태 수신이 끊겼습니다 (측정 ')
    assert words('') == '' and words('never_heard_of') == 'never_heard_of'


def test_a_gripper_is_measured_in_metres():
    """Pins the unit of the axis that does not turn."""
    assert '0.05 m,' in words('joint_jump', 0.05, 0.01, 'fr3_gripper')
    assert '0.05 rad,' in words('joint_jump', 0.05, 0.01, 'fr3_joint2')


def test_words_in_full():
    """Pins how a sentence is put together, with and without place and values."""
    assert words('stale_joints', 0.04, 0.03) == (
        'The joint states stopped coming (measured 40 ms, allowed 30 ms). Check the arm, its '
        'driver and the network. Then reset, then arm.')
    assert words('stale_joints', 0.04, 0.03, language='ko') == (
        '관절 상태 수신이 끊겼습니다 (측정 40 ms, 허용 30 ms). 로봇 팔, 드라이버, 네트워크를 '
        '점검하십시오. 그다음 리셋하고 다시 무장(arm)하십시오.')
    nothing = 'Nothing to do: the motion was kept within the limit.'
    assert words('tool_speed', 1.23456, 1.0, 'tcp') == (
        f'tcp: The tool would be too fast (measured 1.235 m/s, allowed 1 m/s). {nothing}')
    for values in ((), (1.0,), (None, 1.0)):
        assert words('tool_speed', *values) == f'The tool would be too fast. {nothing}'
    assert words('follower', 1.0, 2.0).count('measured') == 0
    for other in ('', 'de', 'kor', 'zh'):   # who asks for neither gets English
        assert words('tool_speed', language=other) == words('tool_speed', language='en')


def test_every_time_is_told_in_milliseconds():
    """Pins the scale: what is said in ms is a thousand times what is measured in s."""
    assert {wording.scale for wording in WORDINGS.values() if wording.unit == 'ms'} == {1e3}
    assert {wording.scale for wording in WORDINGS.values()
            if wording.unit not in ('ms', '%')} == {1.0}
