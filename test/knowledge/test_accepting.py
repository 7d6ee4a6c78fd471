"""Proposed names: only what a person accepted becomes one, and a folder is never left wrong."""
import json
from shutil import copytree

from lam_ws.cli import main
from lam_ws.errors import ConfigurationError
from lam_ws.grounding.factory.understanding import Understanding
from lam_ws.knowledge.accepting import accept, Alias, read_accepted
from lam_ws.knowledge.knowledge import load_knowledge
from lam_ws.resources import share
import pytest

SAID = ('적색 볼죠인투 1번 칸에 넣어', '적색 볼죠인투를 격리함에 넣어', '청색 볼조인트를 1번 칸에')


@pytest.fixture
def cell(tmp_path):
    """Return a copy of the sorting cell's knowledge."""
    copytree(share() / 'config' / 'knowledge' / 'hangyeol', tmp_path / 'hangyeol')
    return tmp_path / 'hangyeol' / 'changwon' / 'sort'


def test_a_slip_is_proposed_and_becomes_a_name_once_accepted(cell, tmp_path, capsys):
    """Pins the way from what was said to a row, a yes and a name, and nothing before the yes."""
    said, rows = tmp_path / 'said.txt', tmp_path / 'rows.csv'
    said.write_text('\n'.join(SAID), encoding='utf-8')
    assert main(['kb', 'aliases', str(cell), '--said', str(said), '--out', str(rows),
                 '--json']) == 0
    assert json.loads(capsys.readouterr().out)['proposed'] == 1
    text = rows.read_text(encoding='utf-8-sig')
    assert 'parts,bj20r,적색 볼죠인투' in text and ',2,' in text and read_accepted(rows) == []
    assert main(['kb', 'aliases', str(cell), '--accept', str(rows)]) == 0
    assert '적색 볼죠인투' not in dict(load_knowledge(cell).things['bj20r'].names())
    rows.write_text(text.rstrip('\n') + 'yes\n', encoding='utf-8')
    old = [name for name, _ in load_knowledge(cell).things['bj20r'].names()]
    assert main(['kb', 'aliases', str(cell), '--accept', str(rows), '--by', '김반장']) == 0
    names = [name for name, _ in load_knowledge(cell).things['bj20r'].names()]
    assert set(names) == {*old, '적색 볼죠인투'}
    link = Understanding(load_knowledge(cell)).answer(SAID[0]).links[0]
    assert (link.id, link.sure) == ('bj20r', 1.0)


@pytest.mark.parametrize('alias', [
    Alias('parts', 'nobody', '볼트', 0, 0, ''), Alias('places', 'bj20r', '볼죠', 0, 0, ''),
    Alias('parts', 'bj20r', '청색 볼조인트', 0, 0, ''), Alias('parts', 'bj20r', 'a\nb', 0, 0, '')])
def test_a_name_that_would_be_wrong_leaves_everything_as_it_was(cell, alias):
    """Pins unknown things, names that another thing has, and names that no cell may hold."""
    before = {path: path.read_bytes() for path in cell.iterdir() if path.is_file()}
    with pytest.raises(ConfigurationError):
        accept(cell, [Alias('parts', 'bj20b', '파랑이', 0, 0, ''), alias], '김반장')
    assert {path: path.read_bytes() for path in cell.iterdir() if path.is_file()} == before


def test_a_review_that_says_neither_yes_nor_no_is_refused(tmp_path):
    """Pins the row in the message."""
    rows = tmp_path / 'rows.csv'
    rows.write_text('table,id,alias,likeness,seen,example,accepted\n'
                    'parts,bj20r,볼죠,0.9,1,x,maybe\n', encoding='utf-8')
    with pytest.raises(ConfigurationError, match='rows.csv:2'):
        read_accepted(rows)
