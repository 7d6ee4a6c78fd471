"""Accepted words of a vocabulary: written as a person would, or the file is as it was."""
from shutil import copytree

from lam_ws.errors import ConfigurationError
from lam_ws.grounding.accepting import accept_words
from lam_ws.grounding.grammar import load_grammar
from lam_ws.knowledge.accepting import Alias
from lam_ws.resources import share
from lam_ws.types import Instruction
import pytest

WORDS = [Alias('kinds', 'cylinder', '마루', 0, 0, ''),
         Alias('part_colours', 'red', '아까', 0, 0, ''),
         Alias('bin_colours', 'black', '구로', 0, 0, ''), Alias('bins', '', '하꼬', 0, 0, '')]


@pytest.fixture
def folder(tmp_path):
    """Return a copy of the base vocabulary."""
    copytree(share() / 'config' / 'knowledge' / 'base', tmp_path / 'base')
    return tmp_path / 'base'


def test_accepted_words_are_read_and_the_rest_of_the_file_stays(folder):
    """Pins that remarks and order survive, and that the sentence means what it should."""
    before = (folder / 'vocabulary.yaml').read_text(encoding='utf-8')
    accept_words(folder, WORDS, '김반장')
    text = (folder / 'vocabulary.yaml').read_text(encoding='utf-8')
    for row in WORDS:
        text = text.replace(f', {row.alias}', '')
    assert text == before
    said = Instruction('아까 마루를 구로 하꼬에 넣어 줘')
    goal = load_grammar(folder).ground(said, None).steps[0]
    assert (goal.kind, goal.colour, goal.destination) == ('cylinder', 'red', 'black')
    assert '김반장' in (folder / 'accepted.csv').read_text(encoding='utf-8')


@pytest.mark.parametrize('row', [
    Alias('kinds', 'sphere', '다마', 0, 0, ''), Alias('verbs', 'put', '여라', 0, 0, ''),
    Alias('kinds', 'cube', '원통', 0, 0, ''), Alias('kinds', 'cube', 'a]: [b', 0, 0, ''),
    Alias('kinds', 'cube', ' ', 0, 0, '')])
def test_a_word_that_would_be_wrong_leaves_the_file_as_it_was(folder, row):
    """Pins unknown things, words that name something else, and what would break the file."""
    before = (folder / 'vocabulary.yaml').read_bytes()
    with pytest.raises(ConfigurationError):
        accept_words(folder, [*WORDS, row], '김반장')
    assert (folder / 'vocabulary.yaml').read_bytes() == before
    assert not (folder / 'accepted.csv').exists()
