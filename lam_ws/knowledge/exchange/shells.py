"""Asset Administration Shells as rows of parts.csv: a shell is a part, its submodels its cells.

What an element means is looked up in two tables, by semanticId or by idShort; its unit is told by
its own data specification or by the concept it refers to, and is converted. Whatever has no place
in the tables is listed; nothing is guessed.
"""
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from lam_ws.errors import ConfigurationError
from lam_ws.knowledge.exchange.exchange import Imported, settle
from lam_ws.knowledge.exchange.lines import COLUMN, Line, Read
from lam_ws.knowledge.exchange.packages import objects
from lam_ws.knowledge.faults import Fault
from lam_ws.source import shown

# semanticId without its version: column. Of IDTA 02006 (nameplate) and 02003 (technical data).
BY_SEMANTICS = {
    '0173-1#02-AAW338': 'name',       # ManufacturerProductDesignation
    '0173-1#02-AAO676': 'aliases',    # ManufacturerArticleNumber
    '0173-1#02-AAO227': 'aliases',    # OrderCodeOfManufacturer
    '0173-1#02-AAO057': 'aliases',    # ManufacturerProductType
}
BY_ID_SHORT = {
    'ManufacturerProductDesignation': 'name', 'ManufacturerArticleNumber': 'aliases',
    'OrderCodeOfManufacturer': 'aliases', 'ManufacturerProductType': 'aliases',
    'Mass': 'mass_kg', 'NetMass': 'mass_kg', 'Weight': 'mass_kg', 'NetWeight': 'mass_kg',
    'GripWidth': 'grip_mm', 'DeliveryTemperature': 'hot_c',
    'MaximumGripForce': 'max_force_n', 'MaximumHandlingSpeed': 'max_speed_m_s',
}
# column: unit: (factor, offset) to the unit that the column's name ends with.
UNITS: Mapping[str, Mapping[str, tuple[str, str]]] = {
    'mass_kg': {'kg': ('1', '0'), 'g': ('0.001', '0'), 'mg': ('0.000001', '0'),
                't': ('1000', '0'), 'lb': ('0.45359237', '0'), 'oz': ('0.028349523125', '0')},
    'grip_mm': {'mm': ('1', '0'), 'cm': ('10', '0'), 'm': ('1000', '0'), 'in': ('25.4', '0')},
    'hot_c': {'\u00b0C': ('1', '0'), 'degC': ('1', '0'), 'K': ('1', '-273.15')},
    'max_force_n': {'N': ('1', '0'), 'kN': ('1000', '0')},
    'max_speed_m_s': {'m/s': ('1', '0'), 'mm/s': ('0.001', '0')},
}


@dataclass
class _Part:
    """A part, while its shell is being read."""

    cells: dict[str, str] = field(default_factory=dict)
    aliases: list[str] = field(default_factory=list)


def import_shells(path: Path, out: Path, draft: bool = False) -> Imported:
    """Write the shells of a file as the parts of a new company, if nothing speaks against it.

    Args:
        path: Ends with .aasx, .json or .xml.
        out: The folder, which must not be there yet.
        draft: Whether to write it with its faults, for example without Korean names.

    Raises:
        ConfigurationError: The file is not what its name says, or has no shell; `out` is there.
    """
    return settle(read_shells(path), path.name, out, draft)


def read_shells(path: Path) -> Read:
    """Return the parts of a file, their faults, and everything that is not understood.

    Raises:
        ConfigurationError: It is not what its name says, or has no shell.
    """
    from basyx.aas import model
    found = {one.id: one for one in objects(path)}
    shells = [one for one in found.values() if isinstance(one, model.AssetAdministrationShell)]
    if not shells:
        raise ConfigurationError('has no Asset Administration Shell', shown(path))
    read, used = Read(), set()
    for shell in shells:
        part = _Part({'id': (shell.id_short or '').lower().replace('-', '_'),
                      'source': f'{path.name} {shell.id}'})
        _names(part, shell.display_name, str(shell.id_short), read)
        for reference in sorted(shell.submodel, key=lambda one: one.key[0].value):
            submodel = found.get(reference.key[0].value)
            if isinstance(submodel, model.Submodel):
                used.add(submodel.id)
                where = f'{shell.id_short}.{submodel.id_short}'
                for element, name in _leaves(submodel, where):
                    _element(part, element, name, found, path, read)
            else:
                read.foreign.append(f'{shell.id_short}: {reference.key[0].value}: not in the file')
        if part.aliases:
            part.cells['aliases'] = ';'.join(dict.fromkeys(part.aliases))
        read.lines.append(Line('company/parts.csv', None, part.cells))
    read.foreign += [f'{one.id}: belongs to no shell' for one in found.values()
                     if isinstance(one, model.Submodel) and one.id not in used]
    return read


def _leaves(parent: Any, where: str) -> Iterator[tuple[Any, str]]:
    """Yield every element that holds no others, and the way to it."""
    from basyx.aas import model
    children = parent.submodel_element if isinstance(parent, model.Submodel) else parent.value
    for number, child in enumerate(children):
        name = f'{where}.{child.id_short or number}'
        if isinstance(child, model.SubmodelElementCollection | model.SubmodelElementList):
            yield from _leaves(child, name)
        else:
            yield child, name


def _element(part: _Part, element: Any, name: str, found: Mapping[str, Any], path: Path,
             read: Read) -> None:
    """Put what an element says into its column, or on a list."""
    from basyx.aas import model
    column, value = _column(element), getattr(element, 'value', None)
    if isinstance(element, model.MultiLanguageProperty) and column == 'name' and value:
        _names(part, value, name, read)
    elif not isinstance(element, model.Property) or value is None or column in (None, 'name'):
        read.foreign.append(f'{name} = {str(value)[:80]}')
    elif column == 'aliases':
        _alias(part, str(value), name, read)
    elif column in part.cells:
        read.faults.append(Fault('single', path, column=name, value=str(value)[:40]))
    elif column == 'fragile' and isinstance(value, bool):
        part.cells[column] = 'yes' if value else 'no'
    elif column in UNITS:
        cell = _converted(str(value), column, _unit(element, found), name, path, read)
        if cell is not None:
            part.cells[column] = cell
    else:
        read.foreign.append(f'{name} = {str(value)[:80]}')


def _column(element: Any) -> str | None:
    """Return the column that an element is about, or 'name'."""
    key = element.semantic_id.key[-1].value if element.semantic_id is not None else ''
    if key.startswith(COLUMN):
        return str(key[len(COLUMN):])
    name = str(element.id_short)
    start, _, version = str(key).rpartition('#')   # an IRDI ends with the version of its meaning
    column = BY_SEMANTICS.get(start if version.isdigit() else key)
    return column or BY_ID_SHORT.get(name) or (name if name in (*UNITS, 'fragile') else None)


def _names(part: _Part, texts: Mapping[str, str] | None, where: str, read: Read) -> None:
    """Take names in Korean and English: the first as name, others as aliases."""
    for tag, text in (texts or {}).items():
        column = f'name_{tag.partition("-")[0].lower()}'
        if column not in ('name_ko', 'name_en'):
            read.foreign.append(f'{where} = {text[:80]}@{tag}')
        elif column not in part.cells:
            part.cells[column] = text
        elif part.cells[column] != text:
            _alias(part, text, where, read)


def _alias(part: _Part, text: str, where: str, read: Read) -> None:
    if ';' in text:
        read.foreign.append(f'{where} = {text[:80]}')
    else:
        part.aliases.append(text.strip())


def _unit(element: Any, found: Mapping[str, Any]) -> str | None:
    """Return the unit that an element's data specification tells, or its concept's."""
    keys = [] if element.semantic_id is None else [element.semantic_id.key[-1].value]
    for one in (element, *(found[key] for key in keys if key in found)):
        for specification in getattr(one, 'embedded_data_specifications', ()):
            unit = getattr(specification.data_specification_content, 'unit', None)
            if unit:
                return str(unit).strip()
    return None


def _converted(text: str, column: str, unit: str | None, name: str, path: Path,
               read: Read) -> str | None:
    """Return a number in the unit of its column, None with a fault where there is none."""
    units = UNITS[column]
    if unit is None and name.rpartition('.')[2] == column:
        unit = next(iter(units))   # the name tells it
    if unit is None or unit not in units:
        read.faults.append(Fault('unit_missing' if unit is None else 'unit', path, column=name,
                                 value=unit or '', more={'expected': ', '.join(units)}))
        return None
    try:
        number = Decimal(text) if len(text) < 40 else Decimal('NaN')
        if not number.is_finite() or number.adjusted() > 12:
            raise InvalidOperation
    except InvalidOperation:
        read.faults.append(Fault('number', path, column=name, value=text[:40]))
        return None
    factor, offset = units[unit]
    plain = f'{number * Decimal(factor) + Decimal(offset):.6f}'
    return plain.rstrip('0').rstrip('.')
