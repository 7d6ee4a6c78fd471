"""Knowledge files with mistakes in them: are they read as they stand, or refused with a row?

A folder and a number enter; copies of it with a few letters changed are examined, and what went
wrong leaves: an error that is no fault, a fault without a row, or a value that its cell does not
say.
"""
from collections.abc import Iterator
import csv
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
import random
import shutil
from tempfile import TemporaryDirectory

from lam_ws.knowledge.knowledge import examine, Knowledge, layers_of
from lam_ws.knowledge.layers import Field

ODD = ',;"\n\0 0９-.xé각\u200b\r#:[]{}&*!1e+\t'


@dataclass
class Fuzzed:
    """What came of it.

    Attributes:
        files: How many were examined.
        refused: How many had faults.
        wrong: One line for each that went wrong.
    """

    files: int = 0
    refused: int = 0
    wrong: list[str] = field(default_factory=list)


def fuzz(folder: Path | str, count: int, seed: int) -> Iterator[Fuzzed]:
    """Examine copies of a folder of knowledge with mistakes, yielding the result so far.

    Args:
        folder: A cell's.
        count: How many mistaken files.
        seed: Of the mistakes.
    """
    chance, found = random.Random(seed), Fuzzed()
    folders = layers_of(folder)
    with TemporaryDirectory() as scratch:
        top = Path(scratch) / folders[0].name
        shutil.copytree(folders[0], top)
        inner = top / folders[-1].relative_to(folders[0])
        layers = [top / one.relative_to(folders[0]) for one in folders]
        paths = [path for layer in layers for path in sorted(layer.glob('*.*'))]
        for _ in range(count):
            path = chance.choice(paths)
            kept = path.read_bytes()
            path.write_bytes(mutated(kept.decode(), chance).encode())
            _examine(inner, f'file {found.files} ({path.name}, seed {seed})', found)
            path.write_bytes(kept)
            yield found


def mutated(text: str, chance: random.Random) -> str:
    """Return a text with one to three letters taken out, doubled, changed or moved."""
    letters = list(text)
    for _ in range(chance.randint(1, 3)):
        place, other = chance.randrange(len(letters)), chance.randrange(len(letters))
        match chance.randrange(5):
            case 0:
                letters.pop(place)
            case 1:
                letters.insert(place, letters[place])
            case 2:
                letters[place] = chance.choice(ODD)
            case 3:
                letters[place], letters[other] = letters[other], letters[place]
            case _:
                letters.insert(place, '\n')
    return ''.join(letters)


def _examine(folder: Path, what: str, found: Fuzzed) -> None:
    found.files += 1
    try:
        known, faults = examine(folder)
        said = [fault.text(language) for fault in faults for language in ('ko', 'en')]
    except Exception as error:
        found.wrong.append(f'{what}: {type(error).__name__}: {error}')
        return
    found.refused += bool(faults)
    found.wrong += [f'{what}: no row: {fault.text("en")}' for fault in faults
                    if fault.row is None and fault.code not in ('yaml', 'missing_file')]
    found.wrong += [f'{what}: unfilled: {text}' for text in said if '{' in text.split(': ')[0]]
    found.wrong += [f'{what}: {line}' for line in misread(known)]


def misread(known: Knowledge) -> Iterator[str]:
    """Yield every value that its cell, read by somebody else, does not say."""
    cells = cache(_cells)
    for thing in known.things.values():
        for said in thing.fields.values():
            text = cells(said.file).get((said.row, said.column))
            if text is None or not _says(text, said):
                yield f'{said.where} says {text!r}, read as {said.value!r}'


def _cells(path: Path) -> dict[tuple[int, str], str]:
    with path.open(encoding='utf-8-sig', newline='') as stream:
        rows = list(csv.reader(stream))
    names = [name.strip() for name in rows[0]]
    return {(number, name): cell for number, row in enumerate(rows[1:], 2)
            for name, cell in zip(names, row, strict=False)}


def _says(text: str, said: Field) -> bool:
    text = text.strip(' ')
    if isinstance(said.value, bool):
        return text == ('yes' if said.value else 'no')
    if isinstance(said.value, int | float):
        return text.isascii() and float(text) == said.value
    if isinstance(said.value, tuple):
        return [entry.strip() for entry in text.split(';')] == list(said.value)
    return text == said.value
