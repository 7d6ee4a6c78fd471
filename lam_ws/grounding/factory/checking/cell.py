"""What the checks ask of a cell's knowledge: its rows, its limits, and citations of both."""
from collections.abc import Iterator

from lam_ws.errors import LimitError
from lam_ws.grounding.factory.checking.particles import Name
from lam_ws.grounding.factory.order import Citation
from lam_ws.knowledge.knowledge import Fact, Knowledge, Known, SITE
from lam_ws.knowledge.written import Rule

AT = ('x_m', 'y_m', 'z_m')


class Cell:
    """The knowledge of one cell, ready to be asked.

    Args:
        knowledge: Of the cell and the layers below it.

    Raises:
        LimitError: No site.yaml says what the arm carries, or, of a cell whose places have
            coordinates, how far it reaches. A missing limit is no leave to do anything.
    """

    def __init__(self, knowledge: Knowledge):
        self._things, self.rules = knowledge.things, tuple(knowledge.rules.values())
        self._facts: dict[tuple[str, str], list[Fact]] = {}
        for fact in knowledge.facts():
            self._facts.setdefault((fact.subject, fact.predicate), []).append(fact)
        self.mapped = any('x_m' in place.fields and 'frame' not in place.fields
                          for place in self.table('places'))
        self.payload_kg = self._limit(knowledge, 'payload_kg')
        self.reach_m = self._limit(knowledge, 'reach_m') if self.mapped else 0.0

    @staticmethod
    def _limit(knowledge: Knowledge, key: str) -> float:
        said = knowledge.site.get(key)
        if said is None or not isinstance(said.value, float):
            raise LimitError(f'no site.yaml of {knowledge.home.name} says {key}')
        return said.value

    def table(self, name: str) -> Iterator[Known]:
        """Yield the rows of a table, in the order of the files."""
        return (thing for thing in self._things.values() if thing.table == name)

    def get(self, identity: str, *tables: str) -> Known:
        """Return a row.

        Raises:
            ValueError: None of these tables has it.
        """
        thing = self._things.get(identity)
        if thing is None or thing.table not in tables:
            raise ValueError(f'{identity!r} is in none of the tables {", ".join(tables)}')
        return thing

    def cite(self, thing: Known, *columns: str) -> list[Citation]:
        """Return what a row says in some columns, one citation for each that says anything."""
        return [self._citation(facts, f'{thing.value("name_ko")} ({thing.value("name_en")}): '
                               f'{column} {";".join(fact.object for fact in facts)}')
                for column in columns if (facts := self._facts.get((thing.id, column)))]

    def cite_site(self, key: str) -> list[Citation]:
        """Return what the site says of its reach or payload."""
        facts = self._facts[SITE, key]
        return [self._citation(facts, f'{key} {facts[0].object}')]

    def cite_rule(self, rule: Rule, predicate: str = 'verdict') -> list[Citation]:
        """Return a rule's verdict, or one of its limits."""
        return [self._citation(self._facts[rule.id, predicate],
                               f'{rule.text_ko} / {rule.text_en}')]

    @staticmethod
    def _citation(facts: list[Fact], text: str) -> Citation:
        """Return a citation of a cell of a table; a list is cited by its first entry."""
        return Citation(facts[0].id, facts[0].where, text, facts[0].source)


def name(thing: Known) -> Name:
    """Return what a row is called."""
    return Name(str(thing.value('name_ko')), str(thing.value('name_en')))


def listed(thing: Known, column: str) -> tuple[str, ...]:
    """Return the ids of a list, () where nothing is said."""
    value = thing.value(column)
    return value if isinstance(value, tuple) else ()
