"""The tables of a layer, column by column: what docs/howto_knowledge.md says, as data."""
from collections.abc import Mapping
from dataclasses import dataclass
import math
from typing import Literal

Sort = Literal['id', 'text', 'name', 'names', 'number', 'count', 'flag', 'choice', 'thing',
               'things', 'date', 'look']

SKILLS = ('pick_place', 'kit', 'bin_pick', 'nest', 'insert', 'stack', 'hand_over', 'belt_pick',
          'press', 'open_clamp', 'close_clamp', 'push', 'wipe')
PLACE_KINDS = ('station', 'machine', 'conveyor', 'bin', 'tray', 'fixture', 'pallet', 'rack', 'pad',
               'quarantine', 'scrap', 'zone')
TOOL_KINDS = ('gripper', 'vacuum', 'magnet', 'driver', 'gauge', 'dispenser', 'hand')
SEVERITIES = ('minor', 'major', 'critical')
# What a camera can take a thing for.
LOOKS = ('cube', 'cylinder', 'bar', 'ball_joint', 'ball_joint_bare', 'tie_rod', 'bearing',
         'pump_body', 'shaft', 'cell', 'busbar', 'carton', 'bin', 'slot', 'nest', 'socket',
         'button', 'lever', 'clamp', 'line', 'pad', 'stripe', 'stripe_end', 'crate')
COLOURS = ('red', 'green', 'blue', 'yellow', 'black', 'white', 'none')


@dataclass(frozen=True)
class Column:
    """One column.

    Attributes:
        name: As the first row has it.
        sort: What its cells are.
        needed: Whether a thing must have it, in some layer.
        low, high: Bounds of a number.
        choices: Words of a choice.
        of: Table that ids refer to.
        strict: What is stricter where layers differ: a 'lower' number, 'yes', a 'later' one of the
            choices, 'fewer' of a list; 'same' may not differ. '' where the nearest layer holds.
    """

    name: str
    sort: Sort = 'text'
    needed: bool = False
    low: float = -math.inf
    high: float = math.inf
    choices: tuple[str, ...] = ()
    of: str = ''
    strict: Literal['', 'lower', 'yes', 'later', 'fewer', 'same'] = ''


def _limit(name: str, low: float, high: float) -> Column:
    return Column(name, 'number', False, low, high, strict='lower')


def _number(name: str, low: float, high: float, needed: bool = False) -> Column:
    return Column(name, 'number', needed, low, high)


NAMED = (Column('id', 'id', True), Column('name_ko', 'name', True),
         Column('name_en', 'name', True), Column('aliases', 'names'))
SOURCE = Column('source', needed=True)
LOOK = Column('appearance', 'look')
TABLES: Mapping[str, tuple[Column, ...]] = {
    'parts': (*NAMED, _number('mass_kg', 0.001, 100.0, True), _number('grip_mm', 1.0, 300.0),
              Column('fragile', 'flag', strict='yes'),
              Column('tools', 'things', of='tools', strict='fewer'),
              _limit('max_force_n', 0.1, 2000.0), _limit('max_speed_m_s', 0.01, 3.0),
              _number('hot_c', 0.0, 1200.0), LOOK, SOURCE),
    'places': (*NAMED, Column('kind', 'choice', True, choices=PLACE_KINDS), Column('frame'),
               *(_number(name, -20.0, 20.0) for name in ('x_m', 'y_m', 'z_m')),
               _limit('max_mass_kg', 0.01, 5000.0), _limit('max_temp_c', 0.0, 1200.0),
               _number('exit_c', 0.0, 1200.0), Column('keep_out', 'flag', strict='yes'),
               Column('accepts', 'things', of='parts', strict='fewer'), LOOK, SOURCE),
    'tools': (*NAMED, Column('kind', 'choice', True, choices=TOOL_KINDS),
              _number('min_grip_mm', 0.0, 300.0), _number('max_grip_mm', 0.0, 300.0),
              _limit('max_mass_kg', 0.01, 200.0), _limit('max_force_n', 0.1, 5000.0),
              _limit('max_temp_c', 0.0, 1200.0), SOURCE),
    'procedures': (*NAMED, SOURCE),
    'steps': (*NAMED, Column('sop', 'thing', True, of='procedures'),
              Column('number', 'count', True, 1, 999),
              Column('skill', 'choice', choices=SKILLS), Column('place', 'thing', of='places'),
              Column('parts', 'things', of='parts'), Column('tools', 'things', of='tools'),
              Column('after', 'things', of='steps'), SOURCE),
    'defects': (*NAMED, Column('parts', 'things', of='parts'),
                Column('severity', 'choice', True, choices=SEVERITIES, strict='later'),
                Column('disposition', 'thing', True, of='places', strict='same'),
                Column('rework', 'thing', of='steps'), SOURCE),
}
OVERRIDES = (Column('table', 'choice', True, choices=(*TABLES, 'rules')), Column('id', 'id', True),
             Column('column', needed=True), Column('value', needed=True),
             Column('who', needed=True), Column('when', 'date', True), SOURCE)
# What a rule may hang on: the key under `when`, and the table its ids are of.
CONDITIONS: Mapping[str, str] = {'part': 'parts', 'tool': 'tools', 'place': 'places',
                                 'origin': 'places', 'defect': 'defects', 'step': 'steps',
                                 'together_with': 'parts', 'skill': ''}
VERDICTS = ('refuse', 'ask', 'limit')
RULE_LIMITS: Mapping[str, tuple[float, float]] = {
    'max_speed_m_s': (0.01, 3.0), 'max_force_n': (0.1, 2000.0), 'max_mass_kg': (0.01, 100.0)}
LEVELS = ('company', 'plant', 'cell')
FILES = ('site.yaml', *(f'{name}.csv' for name in TABLES), 'rules.yaml', 'overrides.csv')


def column(table: str, name: str) -> Column:
    """Return a column by name."""
    return next(one for one in TABLES[table] if one.name == name)
