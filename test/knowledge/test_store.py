"""The compiled store: what goes in comes out, and it is swapped whole under its readers."""
import multiprocessing
import sqlite3
import stat

from lam_ws.errors import ConfigurationError
from lam_ws.knowledge.knowledge import Fact, load_knowledge
from lam_ws.knowledge.store import compile_store, Store, write_store
import pytest
from store_readers import facts_of, look


@pytest.fixture
def known(company):
    """Return what the example company knows."""
    return load_knowledge(company)


@pytest.fixture
def store(known, tmp_path):
    """Return it compiled, open."""
    compile_store(known, tmp_path / 'cell.db')
    with Store(tmp_path / 'cell.db') as opened:
        yield opened


def test_every_fact_comes_back_as_it_was(known, store):
    """Pins values, places and sources."""
    assert set(store.facts()) == set(known.facts()) and store.version == known.version()
    fact, = store.facts('bj20', 'mass_kg')
    assert fact == Fact('bj20', 'mass_kg', '0.35', 'example/parts.csv:2:mass_kg', 'QS-1 2')
    assert {one.subject for one in store.facts(predicate='disposition')} == {'crack'}
    assert not list(store.facts('nothing')) and not list(store.facts('bj20', 'nothing'))


def test_what_is_around_a_thing_is_found_from_both_sides(store):
    """Pins one hop and two: what a part names and what names it, then what those name."""
    near = {(one.subject, one.predicate) for one in store.around('bj20', 1)}
    assert {('bj20', 'tools'), ('furnace', 'accepts'), ('sort', 'parts')} <= near
    assert not any(subject == 'jaw' for subject, _ in near)
    far = {(one.subject, one.predicate) for one in store.around('bj20', 2)}
    assert near < far and ('jaw', 'max_force_n') in far and ('harden', 'place') in far
    assert ('crack', 'parts') in near and store.around('nothing') == []


def test_things_are_found_by_what_they_are_called(store):
    """Pins spacing and case."""
    assert store.named('볼 조인트20') == store.named('bj 20') == ['bj20']
    assert store.named('3번공정') == ['furnace'] and store.named('밸브') == []


def test_a_store_cannot_be_written_to(store, tmp_path):
    """Pins that it is opened for reading alone, and may be read by all."""
    with pytest.raises(sqlite3.OperationalError, match='readonly'):
        store._base.execute('DELETE FROM fact')
    assert stat.S_IMODE((tmp_path / 'cell.db').stat().st_mode) == 0o644


@pytest.mark.parametrize('content', [None, b'', b'no database at all'])
def test_what_is_no_store_is_refused(tmp_path, content):
    """Pins a missing file, an empty one and another."""
    path = tmp_path / 'cell.db'
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ConfigurationError, match='cell.db'):
        Store(path)


def test_a_folder_that_cannot_be_written_is_named(known, tmp_path):
    """Pins a file where a folder should be."""
    (tmp_path / 'file').write_text('')
    with pytest.raises(ConfigurationError, match='cannot be written'):
        compile_store(known, tmp_path / 'file' / 'cell.db')


def test_readers_see_one_version_or_the_other(tmp_path):
    """Pins the swap: two processes read while a third version after another takes its place."""
    path = tmp_path / 'cell.db'
    write_store(facts_of(0), (), '0', path)
    spawn = multiprocessing.get_context('spawn')
    answers = spawn.Queue()
    readers = [spawn.Process(target=look, args=(path, 60, answers)) for _ in range(2)]
    for reader in readers:
        reader.start()
    version = 0
    while any(reader.is_alive() for reader in readers):
        version += 1
        write_store(facts_of(version), (), str(version), path)
    assert [answers.get(timeout=30) for _ in readers] == [0, 0] and version > 1
    assert [one.name for one in tmp_path.iterdir()] == ['cell.db']
