"""The page speaks Korean and English, and only from its table."""
from pathlib import Path
import re

from pages import Page

STATIC = Path(__file__).resolve().parents[2] / 'lam_ws' / 'console' / 'static'
OURS = sorted(path for path in STATIC.glob('*.js') if path.name != 'words_table.js')
ENTRY = re.compile(r"^  (\w+): \[(?P<ko>'(?:[^'\\]|\\.)*'),\s+(?P<en>'(?:[^'\\]|\\.)*')\],$",
                   re.MULTILINE)
HANGUL = re.compile('[가-힣]')
SAME = {'fps', 'milliseconds'}   # units


def table():
    """Return {key: (Korean, English)}; all that looks like an entry is one."""
    text = (STATIC / 'words_table.js').read_text(encoding='utf-8')
    found = {match[1]: (match['ko'][1:-1], match['en'][1:-1]) for match in ENTRY.finditer(text)}
    assert len(found) == len(re.findall(r'^  \w+:', text, re.MULTILINE))
    return found


def test_every_word_is_there_in_both_languages():
    """A missing half would show an empty button to half of the operators."""
    words = table()
    assert len(words) > 150
    for key, (korean, english) in words.items():
        assert korean and english, key
        assert not HANGUL.search(english), key
        assert HANGUL.search(korean) or key in SAME, key
        holes = [sorted(re.findall(r'\{\w+\}', text)) for text in (korean, english)]
        assert holes[0] == holes[1], key


def test_every_word_is_used_and_every_key_is_known():
    """A misspelt key would show itself instead of words; a word that nobody says is a leftover."""
    words, used = table(), set()
    code = ''.join(path.read_text(encoding='utf-8') for path in OURS)
    page = (STATIC / 'index.html').read_text(encoding='utf-8')
    for key in re.findall(r'data-(?:word|label|hint)="(\w+)"', page):
        assert key in words, key
        used.add(key)
    for key in re.findall(r"""(?:say\(|dataset\.word = |word: )'(\w+)'""", code):
        assert key in words, key
        used.add(key)
    made = set(re.findall(r'`(\w+_)\$\{', code))
    quoted = set(re.findall(r"'(\w+)'", code))
    left = {key for key in set(words) - used - quoted
            if not any(key.startswith(start) for start in made)}
    assert not left


def test_no_words_stand_outside_of_the_table():
    """Text in code or markup would stay in one language."""
    for path in OURS:
        code = re.sub(r'//.*', '', path.read_text(encoding='utf-8'))
        code = code.replace("ko: '왜?'", '')   # what the cell is asked, not what people read
        assert not HANGUL.search(code), path.name
        for text in re.findall(r"(?:textContent = |write\([^,]+, )'([^']+)'", code):
            raise AssertionError(f'{path.name}: {text}')
    page = Page((STATIC / 'index.html').read_text(encoding='utf-8'))
    left = {word.strip() for word in page.words if re.search(r'[A-Za-z가-힣]', word)}
    assert left == {'lam_ws', '한국어', 'English', 'X+', 'Y+'}


def test_the_page_loads_only_its_own_files():
    """Pins that a console without the internet works, and that no script is inline."""
    page = Page((STATIC / 'index.html').read_text(encoding='utf-8'))
    assert page.loads and all((STATIC / name).is_file() for name in page.loads)
    for path in OURS:
        for name in re.findall(r"from '([^']+)'|import\('([^']+)'\)",
                               path.read_text(encoding='utf-8')):
            assert (path.parent / ''.join(name)).resolve().is_file(), (path.name, name)


def test_what_is_bundled_names_its_version_and_licence():
    """Pins that nothing of others is here without a word on whose it is."""
    said = (STATIC / 'vendor' / 'README.md').read_text(encoding='utf-8')
    for path in (STATIC / 'vendor').glob('*.min.js'):
        line = next(row for row in said.splitlines() if f'`{path.name}`' in row)
        assert re.search(r'\d+\.\d+\.\d+', line) and re.search('MIT|Apache-2.0', line)


def test_the_page_stays_light():
    """Pins that three.js is a bundle of what is used, and no framework came in beside it."""
    assert sum(path.stat().st_size for path in STATIC.rglob('*.js')) < 900_000
