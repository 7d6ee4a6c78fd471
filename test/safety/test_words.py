"""Every code has words in both languages."""
from pathlib import Path
import re

from guard_stream import config_of, Run
from lam_ws.safety import words as module
from lam_ws.safety.words import explain, WORDINGS, words
import numpy as np
import pytest

SOURCES = sorted(Path(module.__file__).parent.glob('*.py'))
SOURCES += [Path(module.__file__).parents[1] / 'nodes' / name
            for name in ('stops.py', 'guard_node.py')]


def test_no_code_is_without_words():
    """Pins that a bound added to the guard comes with its sentence."""
    codes = set()
    for source in SOURCES:
        codes |= set(re.findall(r"Bound\(\s*'([a-z_]+)'", source.read_text()))
    codes |= {'workspace', 'table'}  # made from tuples in workspace.py
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
        assert ('0.25' in text or '250' in text) == bool(WORDINGS[code].unit)
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
