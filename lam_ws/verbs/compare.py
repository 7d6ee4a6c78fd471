"""`lam eval --compare A.json B.json`: two evaluations of the same seeds, case by case."""
from collections.abc import Sequence
import json
from pathlib import Path
from typing import Any

from lam_ws.errors import ConfigurationError
from lam_ws.evaluation.pairs import compare
from lam_ws.verbs import give, parser


def main(arguments: Sequence[str]) -> int:
    """Compare and print."""
    options = parser('eval', 'Compare two evaluations of the suite on the same seeds.')
    options.add_argument('--compare', nargs=2, type=Path, required=True,
                         metavar=('A.json', 'B.json'), help='written by lam eval --suite --out')
    options.add_argument('--out', type=Path, help='also write the JSON to this file')
    given = options.parse_args(arguments)
    a, b = given.compare
    found = compare(_read(a), _read(b), (str(a), str(b)))
    give(found, given)
    if not given.json:
        _tell(found)
    return 0


def _read(path: Path) -> dict[str, Any]:
    """Return the JSON object in a file.

    Raises:
        ConfigurationError: There is none.
    """
    try:
        found = json.loads(path.read_text(encoding='utf-8'))
    except OSError as error:
        raise ConfigurationError(f'cannot be read: {error.strerror}', path) from error
    except ValueError as error:
        raise ConfigurationError('not JSON', path) from error
    if not isinstance(found, dict):
        raise ConfigurationError('holds no JSON object', path)
    return found


def _tell(found: dict[str, Any]) -> None:
    """Print the figures for people."""
    for name in ('a', 'b'):
        row = found[name]
        print(f"{name.upper()}: {row['file']} ({row['site']}, {row['policy']}, {row['split']})")
    print(f"{'':<12} cases     A     B  only A  only B   B - A   95 %              p (McNemar)")
    for task, row in (*found['task'].items(), ('all', found['all'])):
        low, high = row['newcombe95']
        print(f"{task:<12} {row['cases']:>5} {row['solved_a']:>5} {row['solved_b']:>5} "
              f"{row['only_a']:>7} {row['only_b']:>7}  {row['difference']:+.3f}   "
              f"{low:+.3f} to {high:+.3f}  {row['mcnemar_p']:.4f}")
