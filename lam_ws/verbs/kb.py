"""`lam kb ...`: what the factory knows, in numbers, fact by fact, and where it is written.

A folder of knowledge enters; tables for people or one JSON object leave.
"""
import argparse
from collections.abc import Sequence
from dataclasses import asdict
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from lam_ws.verbs import Parser, print_json

if TYPE_CHECKING:
    from lam_ws.knowledge.knowledge import Knowledge

# Commands with a module of their own.
EXCHANGE = {'export': 'write RDF that other programs read, with where every fact is written',
            'import': 'make a new folder of RDF, or of an Asset Administration Shell',
            'query': 'ask in SPARQL',
            'publish': "put all of it into a server's graph"}
ALIASES = {'aliases': 'propose names that operators use, for review; take the accepted ones'}


def main(arguments: Sequence[str]) -> int:
    """Run one of the commands below, or of `lam_ws.verbs.exchange`."""
    if arguments and arguments[0] in EXCHANGE:
        return int(import_module('lam_ws.verbs.exchange').main(arguments))
    if arguments and arguments[0] in ALIASES:
        return int(import_module('lam_ws.verbs.aliases').main(arguments[1:]))
    options = Parser(prog='lam kb', description='What the factory knows, and where it says so.',
                     allow_abbrev=False)
    commands = options.add_subparsers(required=True, metavar='COMMAND', parser_class=Parser)
    for function, text, more in (
            (stats, 'how much is known', ()),
            (facts, 'what is said of a thing, and of what has to do with it', ('thing',)),
            (why, 'which cell says a value, and what it took the place of', ('thing', 'column')),
            (diff, 'what another folder knows differently', ('other',)),
            (build, 'compile into one file that many can search at once', ('out',)),
            (fuzz, 'examine copies with typing mistakes: refused, or read as they stand', ()),
            (bench, 'measure what a large company would cost', ())):
        command = commands.add_parser(function.__name__, help=text, description=text + '.')
        if function is not bench:
            command.add_argument('folder', metavar='FOLDER',
                                 help='a path, or a name below config/knowledge')
        for name in more:
            command.add_argument(name, metavar=name.upper(), help=HELP[name])
        if function is facts:
            command.add_argument('--hops', type=int, choices=(1, 2, 3), default=1,
                                 help='2: also of what those have to do with (default: 1)')
        if function is bench:
            command.add_argument('--facts', type=int, default=1_000_000, help='invented ones')
        if function is fuzz:
            command.add_argument('--count', type=int, default=1000, help='of mistaken files')
            command.add_argument('--seed', type=int, default=1, help='of the mistakes')
        command.add_argument('--json', action='store_true',
                             help='print one JSON object on stdout')
        command.set_defaults(run=function)
    for name, text in {**EXCHANGE, **ALIASES}.items():
        commands.add_parser(name, help=text)
    given = options.parse_args(arguments)
    run: int = given.run(given)
    return run


HELP = {'thing': 'an id, or anything it is called', 'column': 'name of a column',
        'other': 'the folder to compare with', 'out': 'file to write, for example cell.db'}


def stats(given: argparse.Namespace) -> int:
    """Print how much is known."""
    from lam_ws.knowledge.knowledge import load_knowledge
    from lam_ws.knowledge.stats import counts
    found = counts(load_knowledge(given.folder))
    if given.json:
        print_json({'folder': given.folder, **found})
        return 0
    print(f'{" > ".join(found["layers"])}, version {found["version"]}')
    for what, count in found['things'].items():
        print(f'{count:6d}  {what}')
    verdicts = ', '.join(f'{count} {verdict}' for verdict, count in found['verdicts'].items())
    print(f'{found["names"]:6d}  names\n'
          f'{found["facts"]:6d}  facts\n{found["overrides"]:6d}  overrides\nrules: {verdicts}')
    return 0


def facts(given: argparse.Namespace) -> int:
    """Print the facts around a thing."""
    from tempfile import TemporaryDirectory

    from lam_ws.knowledge.knowledge import load_knowledge
    from lam_ws.knowledge.store import compile_store, Store
    known = load_knowledge(given.folder)
    thing = _find(known, given.thing)
    with TemporaryDirectory() as folder:
        compile_store(known, Path(folder) / 'cell.db')
        with Store(Path(folder) / 'cell.db') as store:
            found = store.around(thing, given.hops)
    if given.json:
        print_json({'thing': thing, 'facts': [{'id': fact.id, **asdict(fact)} for fact in found]})
        return 0
    for fact in found:
        print(f'{fact.id}  {fact.subject}.{fact.predicate} = {fact.object}   '
              f'[{fact.where}; {fact.source}]')
    return 0


def why(given: argparse.Namespace) -> int:
    """Print where a value comes from."""
    from lam_ws.errors import ConfigurationError
    from lam_ws.knowledge.knowledge import load_knowledge
    from lam_ws.knowledge.stats import history
    from lam_ws.source import nearest
    known = load_knowledge(given.folder)
    fields = known.things[_find(known, given.thing, rules=False)].fields
    if given.column not in fields:
        raise ConfigurationError(f'nothing says {given.column} of {given.thing}; there is '
                                 f'{", ".join(fields)}', nearest=nearest(given.column,
                                                                         list(fields)))
    rows = list(history(fields[given.column]))
    if given.json:
        print_json({'thing': given.thing, 'column': given.column, 'history': [
            {'value': value, 'where': where, 'source': source} for value, where, source in rows]})
        return 0
    for number, (value, where, source) in enumerate(rows):
        print(f'{"holds   " if number == 0 else "replaced"}  {value}   [{where}; {source}]')
    return 0


def diff(given: argparse.Namespace) -> int:
    """Print what two folders know differently."""
    from lam_ws.knowledge.knowledge import load_knowledge
    from lam_ws.knowledge.stats import difference
    rows = list(difference(load_knowledge(given.folder), load_knowledge(given.other)))
    if given.json:
        print_json({'differences': [{'sign': sign, **asdict(fact)} for sign, fact in rows]})
        return 0
    for sign, fact in rows:
        print(f'{sign} {fact.subject}.{fact.predicate} = {fact.object}   [{fact.where}]')
    return 0


def build(given: argparse.Namespace) -> int:
    """Compile a folder into one file."""
    from lam_ws.knowledge.knowledge import load_knowledge
    from lam_ws.knowledge.store import compile_store
    version = compile_store(load_knowledge(given.folder), Path(given.out))
    if given.json:
        print_json({'file': given.out, 'version': version})
    else:
        print(f'{given.out}: version {version}')
    return 0


def fuzz(given: argparse.Namespace) -> int:
    """Examine copies of a folder with mistakes in them."""
    from lam_ws.knowledge.fuzzing import fuzz as mistaken
    from lam_ws.knowledge.fuzzing import Fuzzed
    from lam_ws.knowledge.knowledge import load_knowledge
    from lam_ws.verbs.progress import track
    load_knowledge(given.folder)   # it must be right before it is made wrong
    steps = track(mistaken(given.folder, given.count, given.seed), given.count, 'files')
    *_, found = Fuzzed(), *steps
    if given.json:
        print_json({'folder': given.folder, 'seed': given.seed, **asdict(found)})
    else:
        for line in found.wrong:
            print(line)
        print(f'{found.files} files with mistakes: {found.refused} refused, '
              f'{found.files - found.refused} read as they stand, {len(found.wrong)} wrong')
    return 1 if found.wrong else 0


def bench(given: argparse.Namespace) -> int:
    """Measure compiling and searching invented facts."""
    from lam_ws.knowledge.measuring import measure
    found = measure(given.facts)
    if given.json:
        print_json(found)
    else:
        for name, value in found.items():
            print(f'{name:16} {value:g}')
    return 0


def _find(known: 'Knowledge', name: str, rules: bool = True) -> str:
    """Return the id of what is called `name`.

    Raises:
        ConfigurationError: Nothing is, or more than one thing.
    """
    from lam_ws.errors import ConfigurationError
    from lam_ws.knowledge.checking import spelt
    from lam_ws.source import nearest
    if name in known.things or (rules and name in known.rules):
        return name
    names = {one: thing.id for thing in known.things.values() for one, _ in thing.names()}
    found = {thing for one, thing in names.items() if spelt(one) == spelt(name)}
    if len(found) > 1:
        raise ConfigurationError(f'{name} may be {", ".join(sorted(found))}; give the id')
    if not found:
        raise ConfigurationError(f'nothing is called {name}', nearest=nearest(
            name, [*names, *known.things, *known.rules]))
    return found.pop()
