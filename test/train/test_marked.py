"""Sentences with marks: what is read of them, and what is refused."""
from pathlib import Path

from lam_ws.errors import ConfigurationError
from lam_ws.grounding.roles.network import ROLES
from lam_ws.resources import share
from lam_ws.train.marked import marked, read_marked
import pytest


def test_marks_are_taken_out_of_the_text():
    """Pins text, places, deeds and values."""
    one = marked('{s1:투입 박스}에서 {o1,2:볼트} {c1=2:두 개} {d1:A}에, {a3=press:시작 버튼} 눌러')
    assert one.text == '투입 박스에서 볼트 두 개 A에, 시작 버튼 눌러' and one.order
    assert [(one.text[mark.start:mark.end], mark.role, mark.deeds, mark.value)
            for mark in one.marks] == [
        ('투입 박스', 'source', (1,), ''), ('볼트', 'object', (1, 2), ''),
        ('두 개', 'count', (1,), '2'), ('A', 'destination', (1,), ''),
        ('시작 버튼', 'press', (3,), 'press')]


def test_what_is_no_order_and_what_has_unknown_words_says_so():
    """Pins the two letters that a line may begin with."""
    assert not marked('N {o1:라벨}이 떨어졌어요').order
    unknown = marked('U {u:weld} {o1:the flange}')
    assert unknown.order and [mark.role for mark in unknown.marks] == ['unknown', 'object']


@pytest.mark.parametrize('line', ['{o1:볼트', '볼트}', '{q1:볼트}', '{a1=fly:버튼}', '{a1:버튼}',
                                  '{o1:{d1:볼트}}'])
def test_a_mark_that_is_none_is_refused_with_its_line(line, tmp_path):
    """Pins that nothing is taken for text that was meant as a mark."""
    path = tmp_path / 'lines.txt'
    path.write_text(f'{{o1:볼트}} 넣어\n{line}\n', encoding='utf-8')
    with pytest.raises(ConfigurationError, match='lines.txt:2'):
        list(read_marked(path))


def test_the_sentences_that_are_learnt_are_whole():
    """Pins the shipped files: marks of every part, both languages, no line twice."""
    files = sorted((share() / 'models' / 'roles_small' / 'sentences').glob('*.txt'))
    lines = [line for path in files for line in Path(path).read_text(
        encoding='utf-8').splitlines()]
    assert len(lines) > 4000 and len(set(lines)) > 0.995 * len(lines)
    found = {mark.role for path in files for one in read_marked(path) for mark in one.marks}
    assert found == set(ROLES) | {'unknown'}
