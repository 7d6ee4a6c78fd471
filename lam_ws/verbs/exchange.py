"""`lam kb export`, `import`, `query` and `publish`: knowledge and the world of standards.

A folder of knowledge, a file or a server's graph enter; a file, a new folder or an answer leave.
An import never takes effect by itself: it is a folder that no cell reads yet.
"""
import argparse
from collections.abc import Sequence
from pathlib import Path
import sys
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from lam_ws.verbs import Parser, print_json
from lam_ws.verbs.check import readers_language
from lam_ws.verbs.kb import EXCHANGE

if TYPE_CHECKING:
    from lam_ws.knowledge.exchange.exchange import Imported

# Korean, English.
TEXTS = {
    'foreign': ('알 수 없는 내용: {}', 'not understood: {}'),
    'nothing': ('아무것도 쓰지 않았습니다. --draft를 주면 그대로 폴더를 만듭니다',
                'nothing was written; --draft makes the folder all the same'),
    'draft': ('{}: 고쳐야 할 곳 {}개', '{}: {} faults to be mended'),
    'same': ('{}: 버전 {}, 파일에 적힌 그대로입니다', '{}: version {}, as the file says'),
    'other': ('{}: 버전 {}', '{}: version {}'),
}


def main(arguments: Sequence[str]) -> int:
    """Run one of the commands below."""
    command, run = arguments[0], {'export': export, 'import': bring, 'query': query,
                                  'publish': publish}[arguments[0]]
    options = Parser(prog=f'lam kb {command}', description=f'{EXCHANGE[command]}.',
                     allow_abbrev=False)
    if run is not bring:
        options.add_argument('folder', metavar='FOLDER',
                             help='a path, or a name below config/knowledge')
    if run is export:
        options.add_argument('out', metavar='OUT', type=Path,
                             help='file to write: .ttl, .nt, .trig or .jsonld')
        options.add_argument('--shapes', action='store_true',
                             help='also write what the data must be, as SHACL, beside it')
    elif run is query:
        options.add_argument('question', metavar='QUESTION', help="'SELECT ...'")
    elif run is bring:
        options.add_argument('paths', metavar='[FILE] OUT_FOLDER', nargs='+', type=Path,
                             help='.ttl, .nt, .trig, .jsonld, .aasx, .json or .xml; without one '
                                  'where --endpoint is given; and the folder to make')
        options.add_argument('--draft', action='store_true',
                             help='make the folder with its faults, to be mended by hand')
        options.add_argument('--language', choices=('ko', 'en'), default=readers_language(),
                             help='of what is said about faults (default: of this terminal)')
    if run in (bring, publish):
        options.add_argument('--endpoint', metavar='URL', required=run is publish,
                             help='of a server, by the SPARQL 1.1 Graph Store HTTP Protocol')
        options.add_argument('--graph', metavar='IRI', required=run is publish,
                             help='name of the graph there')
    options.add_argument('--json', action='store_true', help='print one JSON object on stdout')
    return run(options.parse_args(arguments[1:]))


def export(given: argparse.Namespace) -> int:
    """Write a folder as RDF."""
    from lam_ws.knowledge.exchange.shapes import shacl
    from lam_ws.knowledge.exchange.writing import export, write
    known, triples = export(given.folder)
    write(triples, given.out)
    shapes = given.out.with_suffix(f'.shapes{given.out.suffix}') if given.shapes else None
    if shapes is not None:
        write(shacl(), shapes)
    if given.json:
        print_json({'file': str(given.out), 'shapes': None if shapes is None else str(shapes),
                    'version': known.version(), 'triples': len(triples)})
    else:
        print(f'{given.out}: {len(triples)} triples, version {known.version()}'
              + ('' if shapes is None else f'; {shapes}'))
    return 0


def bring(given: argparse.Namespace) -> int:
    """Make a folder of somebody else's file or graph."""
    found = _imported(given)
    if given.json:
        print_json({'folder': None if found.folder is None else str(found.folder),
                    'version': found.version, 'same': found.same,
                    'not_understood': found.foreign,
                    'faults': [{'file': str(fault.file), 'row': fault.row,
                                'column': fault.column, 'value': fault.value,
                                'code': fault.code, 'message': fault.text(given.language)}
                               for fault in found.faults]})
    else:
        _tell(found, 0 if given.language == 'ko' else 1)
    return 0 if not found.faults else 2 if found.folder is None else 1


def _tell(found: 'Imported', language: int) -> None:
    """Print what became of an import, for people."""
    for line in found.foreign:
        print(TEXTS['foreign'][language].format(line), file=sys.stderr)
    for fault in found.faults:
        print(fault.text('ko' if language == 0 else 'en'), file=sys.stderr)
    if found.folder is None:
        print(TEXTS['nothing'][language], file=sys.stderr)
    elif found.faults:
        print(TEXTS['draft'][language].format(found.folder, len(found.faults)))
    else:
        text = TEXTS['same' if found.same else 'other'][language]
        print(text.format(found.folder, found.version))


def _imported(given: argparse.Namespace) -> 'Imported':
    """Return what became of the file or graph that is asked for.

    Raises:
        ConfigurationError: Neither one file nor one graph is.
    """
    from lam_ws.errors import ConfigurationError
    *files, out = given.paths
    wanted = 0 if given.endpoint is not None else 1
    if len(files) != wanted or (given.graph is None) != (given.endpoint is None):
        raise ConfigurationError('give FILE OUT_FOLDER, or --endpoint URL --graph IRI OUT_FOLDER')
    if files and files[0].suffix in ('.aasx', '.json', '.xml'):
        from lam_ws.knowledge.exchange.shells import import_shells
        return import_shells(files[0], out, given.draft)
    from lam_ws.knowledge.exchange.reading import import_graph, read_answer, read_file
    if files:
        return import_graph(read_file(files[0]), files[0], out, given.draft)
    from lam_ws.knowledge.exchange.endpoint import fetch
    triples = read_answer(fetch(given.endpoint, given.graph), given.endpoint)
    server = Path(urlsplit(given.endpoint).netloc)
    return import_graph(triples, server, out, given.draft)


def query(given: argparse.Namespace) -> int:
    """Print what a folder answers to a question."""
    from lam_ws.knowledge.exchange.asking import ask, plain
    from lam_ws.knowledge.exchange.writing import export, stored
    names, rows = ask(stored(export(given.folder)[1]), given.question)
    if given.json:
        print_json({'variables': names, 'rows': [[None if term is None else str(term)
                                                  for term in row] for row in rows]})
        return 0
    table = [names, *([plain(term) for term in row] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    for line in table:
        print('  '.join(f'{cell:<{width}}' for cell, width
                        in zip(line, widths, strict=True)).rstrip())
    return 0


def publish(given: argparse.Namespace) -> int:
    """Put a folder into a server's graph."""
    from lam_ws.knowledge.exchange.endpoint import publish
    from lam_ws.knowledge.exchange.writing import export, n_triples
    known, triples = export(given.folder)
    publish(given.endpoint, given.graph, n_triples(triples))
    if given.json:
        print_json({'endpoint': given.endpoint, 'graph': given.graph,
                    'version': known.version(), 'triples': len(triples)})
    else:
        print(f'{given.graph}: {len(triples)} triples, version {known.version()}')
    return 0
