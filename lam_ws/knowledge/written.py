"""The YAML files of a layer: site.yaml and rules.yaml.

A file enters; what it says, with the line of each thing, and every fault leave.
"""
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from lam_ws.errors import ConfigurationError
from lam_ws.knowledge.cells import choice, cleaned, number, read, Value, Wrong, wrong
from lam_ws.knowledge.faults import Fault
from lam_ws.knowledge.tables import (
    Column,
    CONDITIONS,
    LEVELS,
    RULE_LIMITS,
    SKILLS,
    VERDICTS,
)
from lam_ws.source import compose, nearest
import yaml

ID = Column('id', 'id', True)
SITE_TEXTS = ('name_ko', 'name_en', 'about_ko', 'about_en')
SITE_NUMBERS = {'reach_m': (0.1, 20.0), 'payload_kg': (0.01, 2000.0)}
RULE_KEYS = ('id', 'when', 'verdict', 'limits', 'text_ko', 'text_en', 'source')


@dataclass(frozen=True)
class Rule:
    """One rule, see docs/howto_knowledge.md.

    Attributes:
        id: Its name.
        when: Ids by condition; all conditions must hold, each by any of its ids.
        verdict: 'refuse', 'ask' or 'limit'.
        limits: Of a verdict 'limit': m/s, N or kg by name.
        text_ko, text_en: What the operator is told.
        source: Where it is written down.
        file, row: Where it stands here.
    """

    id: str
    when: Mapping[str, tuple[str, ...]]
    verdict: str
    limits: Mapping[str, float]
    text_ko: str
    text_en: str
    source: str
    file: Path
    row: int


@dataclass
class Written:
    """One YAML file under examination.

    Attributes:
        path: The file.
        faults: Found so far.
    """

    path: Path
    faults: list[Fault] = field(default_factory=list)

    def report(self, node: yaml.Node, key: str, fault: Wrong) -> None:
        """Add a fault of what stands at `node`."""
        self.faults.append(Fault(fault.code, self.path, node.start_mark.line + 1, key,
                                 fault.value, fault.nearest, fault.more))

    def pairs(self, node: yaml.Node, key: str, known: Sequence[str]) -> dict[str, yaml.Node]:
        """Return the entries of a mapping whose keys are known."""
        if not isinstance(node, yaml.MappingNode):
            self.report(node, key, wrong('mapping', ''))
            return {}
        found: dict[str, yaml.Node] = {}
        for name, value in node.value:
            word = str(name.value) if isinstance(name, yaml.ScalarNode) else ''
            if word not in known:
                self.report(name, key, wrong('key_unknown', word[:40], nearest(word, list(known)),
                                             expected=', '.join(known)))
            elif word in found:
                self.report(name, key, wrong('key_twice', word))
            else:
                found[word] = value
        return found

    def entries(self, node: yaml.Node, key: str) -> list[yaml.Node]:
        """Return the entries of a list."""
        if not isinstance(node, yaml.SequenceNode):
            self.report(node, key, wrong('list', ''))
            return []
        return list(node.value)

    def text(self, node: yaml.Node, key: str) -> str:
        """Return a text of one line, '' where it is none."""
        if not isinstance(node, yaml.ScalarNode):
            self.report(node, key, wrong('scalar', ''))
            return ''
        try:
            text = cleaned(str(node.value))
            if not text:
                raise wrong('needed', '')
            return text
        except Wrong as fault:
            self.report(node, key, fault)
            return ''

    def value(self, node: yaml.Node, key: str, column: Column) -> Value:
        """Return what a column like this would hold, '' where it is wrong."""
        text = self.text(node, key)
        try:
            return read(text, column) if text else ''
        except Wrong as fault:
            self.report(node, key, fault)
            return ''

    def number(self, node: yaml.Node, key: str, bounds: tuple[float, float]) -> float:
        """Return a number within bounds, 0 where it is none."""
        text = self.text(node, key)
        try:
            return number(text, *bounds) if text else 0.0
        except Wrong as fault:
            self.report(node, key, fault)
            return 0.0


def _root(written: Written) -> yaml.Node | None:
    try:
        return compose(written.path)
    except ConfigurationError as error:
        written.faults.append(Fault('yaml', written.path, error.line,
                                    more={'why': error.message}))
        return None


def read_about(path: Path, depth: int
               ) -> tuple[dict[str, str | float], dict[str, int], list[Fault]]:
    """Return what a site.yaml says of its layer, in which lines, and its faults.

    Args:
        path: The file.
        depth: 0 of a company, 1 of a plant, 2 of a cell.
    """
    written = Written(path)
    root = _root(written)
    if root is None:
        return {}, {}, written.faults
    pairs = written.pairs(root, '', (*SITE_TEXTS, 'level', *SITE_NUMBERS))
    said: dict[str, str | float] = {}
    for key, node in pairs.items():
        if key in SITE_NUMBERS:
            said[key] = written.number(node, key, SITE_NUMBERS[key])
        else:
            said[key] = written.text(node, key)
    for key in ('name_ko', 'name_en', 'level'):
        if key not in pairs:
            written.report(root, key, wrong('needed', ''))
    wanted = LEVELS[min(depth, len(LEVELS) - 1)]
    level = str(said.get('level', ''))
    if level not in ('', wanted):
        written.report(pairs['level'], 'level', wrong('level', level, expected=wanted))
    return said, {key: node.start_mark.line + 1 for key, node in pairs.items()}, written.faults


def read_rules(path: Path) -> tuple[list[Rule], list[Fault]]:
    """Return the rules of a rules.yaml that are whole, and every fault."""
    written = Written(path)
    root = _root(written)
    if root is None:
        return [], written.faults
    node = written.pairs(root, '', ('rules',)).get('rules')
    if node is None:
        if not written.faults:
            written.report(root, 'rules', wrong('needed', ''))
        return [], written.faults
    rules = [_rule(written, entry, f'rules[{number}]')
             for number, entry in enumerate(written.entries(node, 'rules'))]
    return [rule for rule in rules if rule is not None], written.faults


def _rule(written: Written, node: yaml.Node, key: str) -> Rule | None:
    before = len(written.faults)
    pairs = written.pairs(node, key, RULE_KEYS)
    for name in RULE_KEYS:
        if name not in pairs and name != 'limits' and len(written.faults) == before:
            written.report(node, f'{key}.{name}', wrong('needed', ''))
    if len(written.faults) > before:
        return None
    identity = str(written.value(pairs['id'], f'{key}.id', ID))
    when = _when(written, pairs['when'], f'{key}.when')
    verdict = str(written.value(pairs['verdict'], f'{key}.verdict',
                                Column('verdict', 'choice', choices=VERDICTS)))
    limits: dict[str, float] = {}
    if 'limits' in pairs:
        for name, entry in written.pairs(pairs['limits'], f'{key}.limits',
                                         tuple(RULE_LIMITS)).items():
            limits[name] = written.number(entry, f'{key}.limits.{name}', RULE_LIMITS[name])
    if bool(limits) != (verdict == 'limit'):
        written.report(node, f'{key}.limits', wrong('limits_only', ''))
    texts = [written.text(pairs[name], f'{key}.{name}') for name in RULE_KEYS[-3:]]
    if len(written.faults) > before:
        return None
    return Rule(identity, when, verdict, limits, texts[0], texts[1], texts[2], written.path,
                node.start_mark.line + 1)


def _when(written: Written, node: yaml.Node, key: str) -> dict[str, tuple[str, ...]]:
    """Return the ids of each condition."""
    when: dict[str, tuple[str, ...]] = {}
    for name, entry in written.pairs(node, key, tuple(CONDITIONS)).items():
        ids = []
        for each in written.entries(entry, f'{key}.{name}'):
            text = written.text(each, f'{key}.{name}')
            try:
                ids.append(choice(text, SKILLS) if name == 'skill' else str(read(text, ID)))
            except Wrong as fault:
                if text:
                    written.report(each, f'{key}.{name}', fault)
        when[name] = tuple(dict.fromkeys(ids))
        if not ids:
            written.report(entry, f'{key}.{name}', wrong('needed', ''))
    if not when:
        written.report(node, key, wrong('when_empty', ''))
    return when
