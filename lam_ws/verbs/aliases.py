"""`lam kb aliases FOLDER`: names that operators use and nobody wrote down, proposed for review.

What operators said, or recordings of what they said and then did, enter; a CSV of proposals
leaves. The same file with yes beside some of them enters, and the folder has those names. Nothing
becomes a name unseen.
"""
from argparse import Namespace
from collections.abc import Iterator, Sequence
import getpass
import json
from pathlib import Path
from typing import Any, TYPE_CHECKING

from lam_ws.verbs import Parser, print_json
from lam_ws.verbs.progress import track

if TYPE_CHECKING:
    from lam_ws.knowledge.accepting import Alias

# Lists of a vocabulary, by what a word means.
LISTS = {'kind': 'kinds', 'colour': 'part_colours', 'destination': 'bin_colours', 'place': 'bins'}


def main(arguments: Sequence[str]) -> int:
    """Propose aliases, or take the accepted ones."""
    given = _given(arguments)
    from lam_ws.knowledge.accepting import write_proposed
    if given.accept is not None:
        found, told = _accept(given)
    else:
        count = write_proposed(given.out, _heard(given) if given.said else _seen(given))
        found = {'proposed': count, 'out': str(given.out)}
        told = f'{given.out}: {count} names to review; put yes into the last column'
    if given.json:
        print_json(found)
    else:
        print(told)
    return 0


def _given(arguments: Sequence[str]) -> Namespace:
    options = Parser(prog='lam kb aliases', allow_abbrev=False, description=(
        'Propose names that operators use, for review: --said, or --shown. Write those that '
        'somebody has put yes beside into the nearest layer: --accept.'))
    options.add_argument('folder', metavar='FOLDER',
                         help='a path, or a name below config/knowledge')
    options.add_argument('--said', type=Path, metavar='FILE',
                         help='what operators said: lines, or JSON objects with a "text"')
    options.add_argument('--shown', type=Path, metavar='DIR',
                         help='recordings: what they said and then did by hand')
    options.add_argument('--site', help='where these were made (default: where each says)')
    options.add_argument('--out', type=Path, metavar='CSV', default=Path('aliases.csv'),
                         help='where the proposals go (default: aliases.csv)')
    options.add_argument('--accept', type=Path, metavar='CSV', help='the reviewed proposals')
    options.add_argument('--by', default=getpass.getuser(), help='who accepts (default: you)')
    options.add_argument('--json', action='store_true', help='print one JSON object on stdout')
    given = options.parse_args(arguments)
    if sum(one is not None for one in (given.said, given.shown, given.accept)) != 1:
        options.error('give one of --said FILE, --shown DIR and --accept CSV')
    return given


def _accept(given: Namespace) -> tuple[dict[str, Any], str]:
    """Write the accepted names; return what to tell."""
    from lam_ws.grounding.accepting import accept_words
    from lam_ws.knowledge.accepting import accept, read_accepted
    from lam_ws.knowledge.knowledge import is_company
    rows = read_accepted(given.accept)
    (accept if is_company(given.folder) else accept_words)(given.folder, rows, given.by)
    return ({'accepted': [row.alias for row in rows]},
            f'{len(rows)} names written into {given.folder}')


def _heard(given: Namespace) -> 'Iterator[Alias]':
    """Yield the slips that were forgiven in what operators said."""
    from lam_ws.grounding.factory.aliases import proposed
    from lam_ws.grounding.factory.understanding import Understanding
    from lam_ws.knowledge.knowledge import load_knowledge
    lines = given.said.read_text(encoding='utf-8').splitlines()
    texts = [json.loads(line)['text'] if line.startswith('{') else line
             for line in lines if line.strip()]
    return proposed(Understanding(load_knowledge(given.folder)), texts)


def _seen(given: Namespace) -> 'Iterator[Alias]':
    """Yield words that recordings show the meaning of, and that the folder does not know."""
    from lam_ws.knowledge.knowledge import is_company
    from lam_ws.train.demonstrated import read_shown, recordings
    found = track(read_shown(given.shown, given.site), len(recordings(given.shown)), 'recordings')
    said = [(one.shown.text, one.shown.goal) for one in found if one.shown is not None]
    return (_of_company if is_company(given.folder) else _of_vocabulary)(given.folder, said)


def _of_vocabulary(folder: str, said: Sequence[tuple[str, Any]]) -> 'Iterator[Alias]':
    from lam_ws.grounding.accepting import vocabulary_folder
    from lam_ws.grounding.vocabulary import load_lexicon
    from lam_ws.knowledge.accepting import Alias
    from lam_ws.train.aligning import align
    lexicon = load_lexicon(vocabulary_folder(folder).resolve())
    for one in align(said):
        table, identity = LISTS[one.slot], '' if one.slot == 'place' else one.value
        things = getattr(lexicon.vocabulary, table)
        if one.word not in lexicon.by_solid and (one.slot == 'place' or identity in things):
            yield Alias(table, identity, one.word, 0.0, one.seen, one.example, one.contradicted)


def _of_company(folder: str, said: Sequence[tuple[str, Any]]) -> 'Iterator[Alias]':
    from lam_ws.knowledge.accepting import Alias
    from lam_ws.knowledge.knowledge import load_knowledge
    from lam_ws.train.aligning import align, THINGS
    known = load_knowledge(folder)
    looks = {(thing.table, str(thing.value('appearance'))): thing
             for thing in known.things.values() if thing.value('appearance') is not None}
    for one in align(said, THINGS):
        thing = looks.get(({'part': 'parts', 'where': 'places'}.get(one.slot, ''), one.value))
        if thing is not None and one.word not in dict(thing.names()):
            yield Alias(thing.table, thing.id, one.word, 0.0, one.seen, one.example,
                        one.contradicted)
