"""Files that must be refused, and how clearly; no ROS, torch or PyBullet."""
from dataclasses import dataclass, field
from pathlib import Path
import string
from types import MappingProxyType
from typing import Annotated, Literal

from hypothesis import given, settings
from hypothesis import strategies as st
from lam_ws.configuration import load, locate, read
from lam_ws.errors import ConfigurationError
from lam_ws.resources import share
from lam_ws.rules import Identifier, Length, Positive, Range, Share, Vector
from lam_ws.site_files import SiteFile
from lam_ws.types import Array
import numpy as np
import pytest


@dataclass(frozen=True)
class Part:
    name: Identifier
    size: Vector


@dataclass(frozen=True)
class Cell:
    speed: Positive
    share: Share = 1.0
    count: Annotated[int, Range(0, 9)] = 3
    colour: Literal['red', 'blue'] = 'red'
    wall: bool = False
    label: str = ''
    corner: Annotated[Array, Length(3, 3)] | None = None
    parts: tuple[Part, ...] = ()
    weights: MappingProxyType[str, float] = field(default_factory=lambda: MappingProxyType({}))
    low: float = 0.0

    def contradictions(self):
        """Say when the floor is above the speed."""
        if self.low > self.speed:
            yield 'low', 'must not exceed speed'


def write(folder: Path, text: str | bytes) -> Path:
    """Write `text` to a file and return its path."""
    path = folder / 'cell.yaml'
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def fault(folder: Path, text: str | bytes) -> ConfigurationError:
    """Return the one fault of `text`; its message must be one line."""
    with pytest.raises(ConfigurationError) as caught:
        load(write(folder, text), Cell)
    assert '\n' not in str(caught.value)
    return caught.value


def test_a_good_file_becomes_frozen_data_with_the_declared_types(tmp_path):
    """Pins that whole numbers are accepted as float and rows leave as tuples or arrays."""
    cell = load(write(tmp_path, 'speed: 2\nshare: 5e-1\ncorner: [1, -2.5, .5]\nwall: true\n'
                                'parts:\n  - {name: cube, size: [1, 2, 3]}\n'
                                'weights: {cube: 1.5}\nlabel: "12:30"\n'), Cell)
    assert cell.speed == 2.0 and isinstance(cell.speed, float)
    assert cell.share == 0.5 and cell.wall is True and cell.label == '12:30'
    np.testing.assert_array_equal(cell.corner, [1.0, -2.5, 0.5])
    assert not cell.corner.flags.writeable
    assert cell.parts == (Part('cube', (1.0, 2.0, 3.0)),)
    assert dict(cell.weights) == {'cube': 1.5}
    with pytest.raises(TypeError):
        cell.weights['cube'] = 0.0


@pytest.mark.parametrize(('text', 'line', 'words'), [
    ('speed: 1\n\nspede: 2\n', 3, "unknown key 'spede'"),
    ('share: 0.5\n', 1, "the key 'speed' is missing"),
    ('speed: 1\nspeed: 2\n', 2, 'stands twice, first in line 1'),
    ('speed: .nan\n', 1, "expected a finite number, found '.nan'"),
    ('speed: -.inf\n', 1, 'finite'),
    ('speed: 1e999\n', 1, 'finite'),
    ('speed: ' + '9' * 400 + '\n', 1, 'finite'),
    ('speed: 0\n', 1, 'must be greater than 0'),
    ('speed: 1:30\n', 1, 'expected a number'),
    ('speed: "1"\n', 1, 'expected a number'),
    ('speed:\n', 1, 'found nothing'),
    ('speed: [1]\n', 1, 'found a list'),
    ('speed: 1\nshare: 1.5\n', 2, 'greater than 0 and at most 1, found 1.5'),
    ('speed: 1\ncount: 10\n', 2, 'within 0 .. 9'),
    ('speed: 1\ncount: 1.0\n', 2, 'a whole number'),
    ('speed: 1\ncount: true\n', 2, 'a whole number'),
    ('speed: 1\nwall: yes\n', 2, 'true or false'),
    ('speed: 1\nlabel: 12\n', 2, 'in quotes'),
    ('speed: 1\nlabel: no\n', 2, 'in quotes'),
    ('speed: 1\ncolour: bleu\n', 2, 'one of red, blue'),
    ('speed: 1\ncorner: [1, 2]\n', 2, 'must have 3 entries'),
    ('speed: 1\ncorner: [1, 2, .nan]\n', 2, 'corner[2]'),
    ('speed: 1\nparts:\n  - name: a\n    size: [1, 2, x]\n', 4, 'parts[0].size[2]'),
    ('speed: 1\nparts:\n  - name: 9a\n    size: [1, 2, 3]\n', 3, 'a name of letters'),
    ('speed: 1\nparts:\n  - name: a\n    siz: [1, 2, 3]\n', 4, "unknown key 'siz' in parts[0]"),
    ('speed: 1\nparts: 3\n', 2, 'expected a list'),
    ('speed: 1\nweights: [1]\n', 2, 'expected `key: value` lines'),
    ('speed: 1\n? [a]\n: 2\n', 2, 'a key must be a word'),
    ('speed: 1\nlow: 2\n', 2, 'low: must not exceed speed'),
    ('- 1\n', 1, 'found a list'),
    ('speed: [1\n', 2, 'not valid YAML'),
    ('speed: 1\n\tlabel: x\n', 2, 'not valid YAML'),
    ('speed: 1\n---\nspeed: 2\n', 2, 'not valid YAML'),
    ('speed: \x07\n', None, 'not valid YAML'),
    (b'speed: 1\nlabel: \xff\xfe\n', 2, 'not UTF-8'),
    ('', None, 'the file is empty'),
    ('speed: &a 1\nlow: *a\n', 1, 'anchors and aliases'),
    ('speed: !!python/object/apply:os.getcwd []\n', 1, 'tags are not allowed'),
    ('speed: !!float 1\n', 1, 'tags are not allowed'),
    ('speed: ' + '[' * 40 + '\n', 1, 'nested deeper'),
    ('speed: ' + '[' * 400_000 + '\n', 1, 'nested deeper'),
])
def test_each_kind_of_fault_names_its_line(tmp_path, text, line, words):
    """Pins line and wording of every refusal: an operator mends the file from this alone."""
    error = fault(tmp_path, text)
    assert error.line == line
    assert words in error.message


def test_a_misspelt_key_or_word_names_the_nearest(tmp_path):
    """Pins the hint: ROS parameter files ignore such a key without a word."""
    assert fault(tmp_path, 'speed: 1\nspede: 2\n').nearest == 'speed'
    assert fault(tmp_path, 'speed: 1\ncolour: bleu\n').nearest == 'blue'


def test_all_faults_of_a_file_are_collected_in_order(tmp_path):
    """Pins that one run shows everything, not one fault at a time."""
    path = write(tmp_path, 'share: 7\ncount: x\nzzz: 1\nparts:\n  - {name: a}\n')
    value, source = read(path, Cell)
    assert value is None
    assert [error.line for error in source.faults] == [1, 1, 2, 3, 5]


def test_an_alias_bomb_is_refused_before_it_grows(tmp_path):
    """Pins billion-laughs: 10^10 nodes when expanded, refused at its first anchor."""
    rows = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]']
    rows += [f'a{i}: &a{i} [{", ".join([f"*a{i - 1}"] * 10)}]' for i in range(1, 11)]
    error = fault(tmp_path, '\n'.join(rows))
    assert error.line == 1 and 'anchors' in error.message


def test_a_file_beyond_one_megabyte_is_refused_unparsed(tmp_path):
    """Pins the cap: a parser must never see what an attacker can make arbitrarily large."""
    assert 'larger than 1000000 bytes' in fault(tmp_path, b'#' * 1_000_001).message


@pytest.mark.parametrize('name', ['absent.yaml', '.', '/dev/zero', 'nul\0.yaml'])
def test_what_is_not_a_regular_file_is_refused(tmp_path, name):
    """Pins that a missing file, a folder or a device is one clear error, never a hang."""
    with pytest.raises(ConfigurationError):
        load(tmp_path / name, Cell)


def test_locate_names_the_nearest_and_never_leaves_the_folder():
    """Pins that a name is looked up, not joined: '../' reaches no other file."""
    with pytest.raises(ConfigurationError) as caught:
        locate('config/sites', 'sim_dmeo')
    assert caught.value.nearest == 'sim_demo'
    with pytest.raises(ConfigurationError):
        locate('config/sites', '../arms/fr3')


SITE = (share() / 'config' / 'sites' / 'sim_bench.yaml').read_text()


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_a_mutated_site_is_read_or_refused_but_never_crashes(tmp_path_factory, data):
    """Pins that every damaged file ends in a value or in ConfigurationErrors."""
    at = data.draw(st.integers(0, len(SITE)))
    cut = data.draw(st.integers(0, 40))
    insert = data.draw(st.one_of(
        st.text(string.printable, max_size=12),
        st.sampled_from(['.nan', '.inf', '1e308', '-1', '~', '[]', '{}', '&a', '*a', '!!set',
                         '\n', ': ', '- ', '"', '\0', '<<: 1', '? ', '0x10', '1_0', '\ufeff'])))
    path = tmp_path_factory.getbasetemp() / 'mutant.yaml'
    path.write_text(SITE[:at] + insert + SITE[at + cut:], encoding='utf-8')
    value, source = read(path, SiteFile)
    assert (value is None) == bool(source.faults)
    for error in source.faults:
        assert '\n' not in str(error)
