"""Names in sentences: particles by how a name ends when it is read."""
from lam_ws.grounding.factory.checking.objections import SENTENCES
from lam_ws.grounding.factory.checking.particles import Name, particle
import pytest


@pytest.mark.parametrize(('word', 'said'), [
    ('너트', '를 가 는 와 로'), ('격리함', '을 이 은 과 으로'), ('버튼', '을 이 은 과 으로'),
    ('브래킷 칼', '을 이 은 과 로'), ('6204', '를 가 는 와 로'),
    ('볼조인트 20', '을 이 은 과 으로'),
    ('3번 공정 1', '을 이 은 과 로'), ('라인 3', '을 이 은 과 으로'), ('로터 7', '을 이 은 과 로'),
    ('볼조인트 (구형)', '을 이 은 과 으로'), ('MRB', '를 가 는 와 로'),
    ('TRI-L', '을 이 은 과 로'),
    ('PUMP-M', '을 이 은 과 으로'), ('O-ring', '을 이 은 과 으로'), ('tray', '를 가 는 와 로'),
    ('', '를 가 는 와 로'), ('...', '를 가 는 와 로'), ('漢', '를 가 는 와 로')])
def test_a_particle_goes_by_the_last_sound(word, said):
    """Pins 받침, ㄹ before (으)로, digits and capitals read aloud, and brackets passed over."""
    assert ' '.join(particle(word, kind) for kind in '을이은와로') == said


def test_a_name_is_asked_for_in_many_ways():
    """Pins the forms of a template, and names that take no article."""
    assert f'{Name("격리함", "bin"):로} {Name("격리함", "bin"):ko}' == '격리함으로 격리함'
    assert f'{Name("함", "red bin"):The} {Name("함", "red bin"):the}' == 'The red bin the red bin'
    assert f'{Name("칸", "slot K1"):The} {Name("칸", "slot K1"):the}' == 'Slot K1 slot K1'


def test_no_sentence_writes_both_forms_of_a_particle():
    """Pins that sentences are polite, whole, and leave no 을(를) to the reader."""
    for reason, korean, english in SENTENCES.values():
        if not korean.startswith('{rule'):
            assert korean.endswith('니다.') and english.endswith('.'), reason
        assert '(' not in korean + english
