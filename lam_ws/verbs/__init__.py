"""One module for each verb of the command line, with `main(arguments) -> int`.

Verbs parse with `parser`, import what they run inside `main`, and print a result that a
program reads with `print_json`: one object, alone on stdout.
"""
import argparse
from collections.abc import Iterator
from contextlib import contextmanager
import json
import os
import sys
from typing import Any, NoReturn

from lam_ws.source import nearest


class Parser(argparse.ArgumentParser):
    """An argument parser that refuses in one line and names the nearest option."""

    def error(self, message: str) -> NoReturn:
        """Leave with exit status 2 and one line on stderr."""
        wrong = message.split()[-1].split('=')[0]
        known = [name for name in self._option_string_actions if name.startswith('--')]
        near = nearest(wrong, known) if message.startswith('unrecognized') else None
        hint = f' (did you mean {near}?)' if near else f'; see {self.prog} --help'
        self.exit(2, f'{self.prog}: {" ".join(message.split())}{hint}\n')


def parser(verb: str, description: str) -> Parser:
    """Return the parser of `lam VERB`, which has `--json` already."""
    made = Parser(prog=f'lam {verb}', description=description, allow_abbrev=False)
    made.add_argument('--json', action='store_true', help='print one JSON object on stdout')
    return made


def print_json(value: dict[str, Any]) -> None:
    """Print `value` as the one object of `--json`; NaN is a fault, not a number."""
    print(json.dumps(value, ensure_ascii=False, allow_nan=False, indent=2), flush=True)


def give(found: dict[str, Any], given: argparse.Namespace) -> None:
    """Write `found` as JSON to the file of `--out` and to stdout, where they are asked for."""
    if given.out is not None:
        given.out.parent.mkdir(parents=True, exist_ok=True)
        given.out.write_text(json.dumps(found, ensure_ascii=False, indent=2) + '\n',
                             encoding='utf-8')
    if given.json:
        print_json(found)


@contextmanager
def clean_stdout() -> Iterator[None]:
    """Send to stderr whatever engines print meanwhile: PyBullet greets on stdout."""
    sys.stdout.flush()
    kept = os.dup(1)
    os.dup2(2, 1)
    try:
        yield
    finally:
        sys.stdout.flush()
        os.dup2(kept, 1)
        os.close(kept)
