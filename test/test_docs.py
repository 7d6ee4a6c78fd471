"""The documentation names only what there is: links, files, commands, options, make targets."""
from importlib.util import find_spec
from pathlib import Path
import re

from lam_ws.cli import VERBS
import pytest

ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted([ROOT / 'README.md', ROOT / 'CONTRIBUTING.md', *(ROOT / 'docs').rglob('*.md')])
FOLDERS = ('lam_ws', 'config', 'docs', 'test', 'launch', 'models', 'lam_interfaces', 'perception',
           'grounding', 'policy', 'safety', 'arm', 'sim', 'record', 'report', 'console', 'nodes')
LINK = re.compile(r'\]\(([^)#\s]+)(?:#[^)\s]*)?\)')
QUOTED = re.compile(rf'`((?:{"|".join(FOLDERS)})/[\w./-]+)`')
CALL = re.compile(r'\blam ([a-z]+)((?: (?!`)[^`|\n]*)?)')
EVALUATION = re.compile(r'`((?:eval) --[^`]*)`')
MAKE = re.compile(r'(?:`|^)make ([a-z]+)\b', re.MULTILINE)


def source(verb):
    """Return the text of a verb's module and of the verb modules it hands some options to."""
    waiting, texts = [VERBS[verb][0].split(':')[0]], {}
    while waiting:
        name = waiting.pop()
        if name not in texts:
            texts[name] = Path(find_spec(name).origin).read_text(encoding='utf-8')
            waiting += re.findall(r"'(lam_ws\.verbs\.[\w.]+)(?::main)?'", texts[name])
            waiting += re.findall(r'^from (lam_ws\.verbs\.data\.\w+) import', texts[name], re.M)
    return ''.join(texts.values())


page = pytest.mark.parametrize('page', PAGES, ids=lambda path: str(path.relative_to(ROOT)))


@page
def test_every_link_leads_to_a_file(page):
    """Pins links within the repository against files that were moved or never written."""
    for target in LINK.findall(page.read_text(encoding='utf-8')):
        if not target.startswith(('http://', 'https://', 'mailto:')):
            assert (page.parent / target).exists(), target


@page
def test_every_file_that_is_named_exists(page):
    """Pins paths in running text against a renamed module."""
    for name in QUOTED.findall(page.read_text(encoding='utf-8')):
        assert (ROOT / name).exists() or (ROOT / 'lam_ws' / name).exists(), name


@page
def test_every_command_and_option_exists(page):
    """Pins the command lines in the pages against the verbs that are there."""
    text = page.read_text(encoding='utf-8')
    calls = CALL.findall(text) + [('eval', call) for call in EVALUATION.findall(text)]
    for verb, rest in calls:
        assert verb in VERBS, f'lam {verb}'
        options = source(verb)
        for option in re.findall(r'(--[a-z]+(?:-[a-z]+)*)', rest):
            known = ('--help', '--json')
            assert option in known or f"'{option}'" in options, f'lam {verb} {option}'


@page
def test_every_make_target_exists(page):
    """Pins the targets that a reader is told to call."""
    targets = re.findall(r'^([a-z]+):', (ROOT / 'Makefile').read_text(), re.MULTILINE)
    assert set(MAKE.findall(page.read_text(encoding='utf-8'))) <= set(targets)


def test_the_readme_names_every_verb():
    """Pins the table of commands against a verb that was added without a row."""
    text = (ROOT / 'README.md').read_text(encoding='utf-8')
    assert {verb for verb, _ in CALL.findall(text)} == set(VERBS)
