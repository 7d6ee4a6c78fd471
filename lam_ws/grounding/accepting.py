"""Accepted words of a cell without a company: rows enter, its vocabulary has them, or nothing.

A row names a list of `vocabulary.yaml` by its table and id. The word is written into the file as a
person would type it, remarks and order stay, and a vocabulary that would be wrong afterwards
stays as it was.
"""
from collections.abc import Sequence
import csv
from pathlib import Path

from lam_ws.errors import ConfigurationError
from lam_ws.grounding.grammar import load_grammar
from lam_ws.grounding.korean import is_syllable
from lam_ws.knowledge.accepting import Alias
from lam_ws.resources import share
import yaml

TABLES = ('kinds', 'part_colours', 'bin_colours', 'bins')
TOOK = 'accepted.csv'   # beside the vocabulary: who took which word


def vocabulary_folder(folder: Path | str) -> Path:
    """Return a folder of words, a name below config/knowledge or a path."""
    path = Path(folder)
    return path if path.is_dir() else share() / 'config' / 'knowledge' / folder


def accept_words(folder: Path | str, rows: Sequence[Alias], by: str) -> None:
    """Write accepted words into the vocabulary of a folder.

    Args:
        folder: Of the cell.
        rows: What was accepted.
        by: Who did.

    Raises:
        ConfigurationError: A word is of nothing that the vocabulary has, or would make it wrong;
            then the file is as it was.
    """
    path = vocabulary_folder(folder) / 'vocabulary.yaml'
    before = path.read_bytes()
    try:
        for row in rows:
            text = _put(path, path.read_text(encoding='utf-8'), row)
            path.write_text(text, encoding='utf-8')
            load_grammar(path.parent.resolve())
    except ConfigurationError:
        path.write_bytes(before)
        raise
    _note(path.with_name(TOOK), rows, by)


def _put(path: Path, text: str, row: Alias) -> str:
    """Return the file's text with one word more in the list that a row names."""
    if row.table not in TABLES:
        raise ConfigurationError(f'{row.table!r} is no table of a vocabulary, which has '
                                 f'{", ".join(TABLES)}', path)
    if not row.alias.strip() or any(sign in row.alias for sign in '\n\r\t"\'[]{},:#&*!|>%@`'):
        raise ConfigurationError(f'{row.alias!r} is no word', path)
    language = 'ko' if any(map(is_syllable, row.alias)) else 'en'
    keys = [row.table, *([row.id] if row.table != 'bins' else []), language]
    node: yaml.Node | None = yaml.compose(text)
    for key in keys:
        pairs = node.value if isinstance(node, yaml.MappingNode) else []
        node = next((value for name, value in pairs if name.value == key), None)
    if not isinstance(node, yaml.SequenceNode) or not node.flow_style or not node.value:
        raise ConfigurationError(f'has no list {".".join(keys)}', path)
    at = node.value[-1].end_mark.index
    return f'{text[:at]}, {row.alias.strip()}{text[at:]}'


def _note(path: Path, rows: Sequence[Alias], by: str) -> None:
    """Write down who took which word."""
    new = not path.exists()
    with path.open('a', encoding='utf-8', newline='') as file:
        out = csv.writer(file, lineterminator='\n')
        if new:
            out.writerow(['table', 'id', 'alias', 'by'])
        out.writerows([row.table, row.id, row.alias, by] for row in rows)
