"""`lam kb aliases FOLDER`: names that operators use and nobody wrote down, proposed for review.

What operators said enters, a CSV of proposals leaves; the same file with yes beside some of them
enters, and the nearest layer of the folder has those names. Nothing becomes a name unseen.
"""
from collections.abc import Sequence
import getpass
import json
from pathlib import Path

from lam_ws.verbs import Parser, print_json


def main(arguments: Sequence[str]) -> int:
    """Propose aliases, or take the accepted ones."""
    options = Parser(prog='lam kb aliases', allow_abbrev=False, description=(
        'Propose names that operators use, for review: --said. Write those that somebody has put '
        'yes beside into the nearest layer: --accept.'))
    options.add_argument('folder', metavar='FOLDER',
                         help='a path, or a name below config/knowledge')
    options.add_argument('--said', type=Path, metavar='FILE',
                         help='what operators said: lines, or JSON objects with a "text"')
    options.add_argument('--out', type=Path, metavar='CSV', default=Path('aliases.csv'),
                         help='where the proposals go (default: aliases.csv)')
    options.add_argument('--accept', type=Path, metavar='CSV', help='the reviewed proposals')
    options.add_argument('--by', default=getpass.getuser(), help='who accepts (default: you)')
    options.add_argument('--json', action='store_true', help='print one JSON object on stdout')
    given = options.parse_args(arguments)
    if (given.said is None) == (given.accept is None):
        options.error('give either --said FILE or --accept CSV')
    from lam_ws.knowledge.accepting import accept, read_accepted, write_proposed
    if given.accept is not None:
        rows = read_accepted(given.accept)
        accept(given.folder, rows, given.by)
        found: dict[str, object] = {'accepted': [row.alias for row in rows]}
        told = f'{len(rows)} names written into {given.folder}'
    else:
        from lam_ws.grounding.factory.aliases import proposed
        from lam_ws.grounding.factory.understanding import Understanding
        from lam_ws.knowledge.knowledge import load_knowledge
        lines = given.said.read_text(encoding='utf-8').splitlines()
        texts = [json.loads(line)['text'] if line.startswith('{') else line
                 for line in lines if line.strip()]
        count = write_proposed(given.out, proposed(Understanding(load_knowledge(given.folder)),
                                                   texts))
        found = {'proposed': count, 'out': str(given.out)}
        told = f'{given.out}: {count} names to review; put yes into the last column'
    if given.json:
        print_json(found)
    else:
        print(told)
    return 0
