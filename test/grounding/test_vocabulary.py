"""The knowledge files: checked, cited by line, and wide enough for what the policy learns."""
import shutil

from lam_ws.errors import ConfigurationError
from lam_ws.grounding.grammar import load_grammar
from lam_ws.grounding.vocabulary import load_lexicon
from lam_ws.grounding.words import BINS, COLOURS, KINDS, LANGUAGES
from lam_ws.resources import share
import pytest


@pytest.fixture
def folder(tmp_path):
    """Return a copy of the base knowledge that a test may spoil."""
    return shutil.copytree(share() / 'config' / 'knowledge' / 'base', tmp_path / 'acme')


def spoil(folder, old, new):
    """Replace text in the vocabulary of a copy."""
    path = folder / 'vocabulary.yaml'
    text = path.read_text(encoding='utf-8')
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding='utf-8')


@pytest.mark.parametrize('language', LANGUAGES)
def test_every_word_the_policy_is_taught_is_in_the_vocabulary(language):
    """A word in training that the grammar refuses could never reach the policy."""
    lexicon = load_lexicon('base')
    for sort, tables in (('kind', KINDS), ('colour', COLOURS)):
        for name, words in tables[language].items():
            for word in words:
                entries = lexicon.by_solid[word.replace(' ', '')]
                assert any(entry.sort == sort and entry.means == (name,) for entry in entries)
            group = 'kinds' if sort == 'kind' else (
                'part_colours' if name in lexicon.vocabulary.part_colours else 'bin_colours')
            assert lexicon.name(group, name, language) == words[0]
    for word in BINS[language]:
        assert any(entry.sort == 'bin' for entry in lexicon.by_solid[word])


def test_a_site_can_bring_its_own_words(folder, scenes):
    """A new word needs a line of YAML and no code; the policy still reads words it knows."""
    from lam_ws.types import Instruction
    spoil(folder, 'ko: [원통, ', 'ko: [원통, 허브축, ')
    plan = load_grammar(folder).ground(Instruction('빨간 허브축을 검은 상자에 넣어'),
    scenes['line'])
    assert plan.steps[0].kind == 'cylinder'
    assert plan.steps[0].text == '빨간 원통을 검은 상자에 넣어 줘'
    assert any(f'{folder}/vocabulary.yaml:' in line for line in plan.citations)


@pytest.mark.parametrize(('old', 'new', 'message'), [
    ('kinds:', 'kindz:', "did you mean 'kinds'"), ('ko: [원통, ', 'ko: [큐브, ', 'already means'),
    ('means: [cube, bar], ko: [블록', 'means: [cube, rod], ko: [블록', "'rod' is not defined"),
    ('en: [red]', 'en: []', 'needs at least one word'),
    ('en: [red]', 'en: red', 'expected a list'),
])
def test_a_wrong_vocabulary_is_refused_with_its_line(folder, old, new, message):
    """A misspelt key would silently take a whole kind out of the language."""
    spoil(folder, old, new)
    with pytest.raises(ConfigurationError, match=message) as caught:
        load_grammar(folder)
    assert 'vocabulary.yaml:' in str(caught.value)


def test_a_missing_folder_is_named():
    """A site with a misspelt knowledge name must not start."""
    with pytest.raises(ConfigurationError, match='no such file'):
        load_grammar('nowhere')
