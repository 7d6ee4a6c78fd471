"""SPARQL on a cell's knowledge: a question enters; names and rows of the answer leave."""
import re

from lam_ws.errors import ConfigurationError
from lam_ws.knowledge.exchange.terms import PREFIXES, Term
from lam_ws.rules import quoted
from pyoxigraph import Literal, NamedNode, QueryBoolean, QueryTriples, Store

# Letters of a question. The parser calls itself for each sign before an expression, and 10,000 of
# them are more than its stack holds.
LONGEST = 4000
_DEEPEST = 100      # brackets within brackets
_ESCAPE = re.compile(r'\\u([0-9a-fA-F]{4})|\\U([0-9a-fA-F]{8})')
_SERVICE = re.compile(r'(?<![\w?$:])service(?![\w:])', re.IGNORECASE)


def ask(store: Store, question: str) -> tuple[list[str], list[list[Term | None]]]:
    """Return the variables of an answer, and its rows.

    Args:
        store: The knowledge.
        question: SELECT, ASK, CONSTRUCT or DESCRIBE; the prefixes of the vocabulary are known.

    Raises:
        ConfigurationError: It is none, or would ask another server.
    """
    _refuse(question)
    try:
        found = store.query(question, prefixes=PREFIXES)
        if isinstance(found, QueryBoolean):
            return ['answer'], [[Literal(bool(found))]]
        if isinstance(found, QueryTriples):
            return ['subject', 'predicate', 'object'], [
                [one.subject, one.predicate, one.object] for one in found]
        return [one.value for one in found.variables], [list(row) for row in found]
    except SyntaxError as error:
        raise ConfigurationError(f'the question is no SPARQL: {error.msg}') from error
    except (OSError, RuntimeError, ValueError) as error:
        raise ConfigurationError(f'the question cannot be answered: {error}') from error


def plain(term: Term | None) -> str:
    """Return a term as people read it: a prefixed name, or a text with its language."""
    if isinstance(term, NamedNode):
        for prefix, start in PREFIXES.items():
            if term.value.startswith(start):
                return f'{prefix}:{term.value.removeprefix(start)}'
        return f'<{term.value}>'
    if isinstance(term, Literal):
        return f'{term.value}@{term.language}' if term.language else term.value
    return '' if term is None else str(term)


def _refuse(question: str) -> None:
    """Refuse what would leave this machine, or is nested as nobody writes."""
    if len(question) > LONGEST:
        raise ConfigurationError(f'the question is longer than {LONGEST} letters')
    # SPARQL reads \uXXXX everywhere, also in its own words.
    plain = _ESCAPE.sub(lambda one: chr(min(int(one[1] or one[2], 16), 0x10FFFF)), question)
    if _SERVICE.search(plain):
        raise ConfigurationError('the question has the word SERVICE, which asks another server; '
                                 'nothing here does')
    depth = 0
    for letter in plain:
        depth += (letter in '({[') - (letter in ')}]')
        if depth > _DEEPEST:
            raise ConfigurationError(f'the question is nested deeper than {_DEEPEST}: '
                                     f'{quoted(question)}')
