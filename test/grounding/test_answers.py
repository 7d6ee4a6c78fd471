"""What the operator is told at the end of a task."""
from lam_ws.grounding.answers import refusal_text, result_reasons, result_text
import pytest


def test_success_names_part_and_bin_with_the_right_particle():
    """'원통를' or a bare 'success' is not an answer."""
    assert result_text('success', 'ko', '빨간 원통',
    '검은 상자') == '빨간 원통을 검은 상자에 넣었습니다.'
    assert result_text('success', 'ko', '파란 큐브',
    '하얀 통') == '파란 큐브를 하얀 통에 넣었습니다.'
    assert result_text('success', 'en', 'red bar',
    'white box') == 'The red bar is in the white box.'
    assert result_text('success', 'ko', steps=3) == '3개 작업을 모두 마쳤습니다.'
    assert result_text('success', 'en') == result_text('', 'en') == 'The task is done.'


@pytest.mark.parametrize('language', ['ko', 'en'])
def test_every_failure_has_one_clear_sentence(language):
    """A code without a sentence would reach the operator as a code."""
    for reason in (*result_reasons(),
    'timeout', 'guard_stopped', 'done_contradicted', 'not_armed', 'stopped', 'cell_was_reset'):
        text = result_text(reason, language)
        assert text.endswith('.') and '{' not in text
    assert 'brand_new' in result_text('brand_new', language)


def test_particles_agree_with_the_quoted_word():
    """'가위'은(는) is what a machine writes."""
    assert refusal_text('unknown_object', 'ko', word='가위',
    options='큐브').startswith("'가위'는 ")
    assert refusal_text('unknown_destination', 'ko', word='서랍', options='상자').startswith(
        "'서랍'으로는 ")
    assert refusal_text('unknown_object', 'ko', word='cup',
    options='큐브').startswith("'cup'은(는) ")
