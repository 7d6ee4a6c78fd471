"""Which words are taken for names, and which are not."""
from dataclasses import replace
import time

from lam_ws.grounding.factory.reading.linking import Linker
from lam_ws.grounding.factory.reading.text import line_of
from lam_ws.grounding.factory.reading.words import load_words
from lam_ws.knowledge.knowledge import Known, load_knowledge
import pytest


@pytest.fixture(scope='module')
def find():
    """Return what finds the names of a sentence in the sorting cell of Hangyeol."""
    linker = Linker(load_knowledge('hangyeol/changwon/sort'), load_words())

    def found(text):
        line = line_of(text)
        return [(line.words(one.start, one.end), one.ids, one.general)
                for one in linker.find(line)]
    return found


@pytest.mark.parametrize(('text', 'words', 'name'), [
    ('적색 볼조인트를 격리함에', '적색 볼조인트', 'bj20r'),
    ('적색볼조인트를격리함에넣어', '적색볼조인트', 'bj20r'),       # no space anywhere
    ('적색 볼죠인트 격리', '적색 볼죠인트', 'bj20r'),                # a slip
    ('BJ-20R 하나', 'BJ-20R', 'bj20r'), ('bj20r을 격리함에', 'bj20r', 'bj20r'),
    ('put the red-cap ball joint away', 'red-cap ball joint', 'bj20r'),
    ('3번 공정으로', '3번 공정', 'hardness_jig'), ('3번공정으로', '3번공정', 'hardness_jig')])
def test_a_name_is_found_however_it_is_spaced(find, text, words, name):
    """Pins spacing, particles, hyphens, case and one slip."""
    assert (words, (name,), False) in find(text)


@pytest.mark.parametrize('text', ['BJ-29R 하나', '3333번 공정으로', '6304를 격리함에'])
def test_a_digit_is_never_forgiven(find, text):
    """Pins that a part number one digit off is another part."""
    assert all(general or words == '격리함' for words, _, general in find(text))


def test_a_word_for_many_things_stands_for_all_of_them(find):
    """Pins 'ball joint': it is a question, not the first of them."""
    (_, ids, general), = find('볼조인트 하나')
    assert general and {'bj20r', 'bj20b', 'bj22g', 'bj22y'} <= set(ids)
    (_, ids, general), = find('BJ-20')
    assert general and set(ids) >= {'bj20r', 'bj20b'}


def test_words_of_the_language_are_no_names():
    """Pins the aluminium busbar AL-L, which 'all' was taken for."""
    linker = Linker(load_knowledge('nuri/gwangju/kitting'), load_words())
    assert linker.find(line_of('all of it, not that one, please'))  == []
    assert [one.ids for one in linker.find(line_of('AL-L'))] == [('busbar_al_l',)]


def test_every_name_is_found_by_itself(find):
    """Pins that no name of either company hides another or is lost to the words around it.

    Of a step whose name tells what is done to a place, 'open the leak clamp', the place will do.
    """
    for folder in ('hangyeol/changwon/sort', 'nuri/gwangju/kitting'):
        known = load_knowledge(folder)
        linker = Linker(known, load_words())
        lost = [(thing.id, name) for thing in known.things.values() for name, _ in thing.names()
                if not any({thing.id, thing.value('place')} & set(one.ids)
                           for one in linker.find(line_of(name)))]
        assert len(lost) <= 12, lost   # words of the language that somebody made an alias


def test_a_step_that_only_tells_what_is_done_to_a_thing_is_no_name(find):
    """Pins that 'open the leak clamp' is about the clamp, and a step's name alone is the step."""
    assert [ids for _, ids, _ in find('open the leak clamp, please')] == [('leak_clamp',)]
    assert [ids for _, ids, _ in find('유격 지그 안착')] == [('bj_assy_6',)]


def test_words_that_only_sound_like_a_name_when_run_together_are_none():
    """Pins 'and on', which was taken for the andon."""
    linker = Linker(load_knowledge('nuri/gwangju/kitting'), load_words())
    assert [one.ids for one in linker.find(line_of('a box on PL-1 and on PL-2 another'))
            if 'btn_andon' in one.ids] == []


def test_five_thousand_names_are_searched_in_time():
    """Pins that the cost of a sentence does not grow with the company beyond what is allowed.

    A hundred times the bound of docs/results/grounding.md: a machine may be slow.
    """
    known = load_knowledge('hangyeol/changwon/sort')
    things = {f'{thing.id}_{k}': Known(f'{thing.id}_{k}', thing.table, thing.fields)
              for thing in known.things.values() for k in range(4)}
    linker = Linker(replace(known, things=things), load_words())
    began = time.process_time()
    linker.find(line_of('청색 볼조인트 두 개랑 외측 타이로드를 재작업함 옆으로 옮겨 주세요'))
    assert time.process_time() - began < 5.0
