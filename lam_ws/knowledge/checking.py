"""What the rows of all layers must be to each other: merged layers enter, faults leave."""
from collections.abc import Iterable, Iterator, Mapping

from lam_ws.knowledge.faults import Fault
from lam_ws.knowledge.layers import Field, Merged, shown, Thing
from lam_ws.knowledge.tables import CONDITIONS, TABLES
from lam_ws.source import nearest

TOGETHER = ('x_m', 'y_m', 'z_m')


def check(merged: Merged) -> Iterator[Fault]:
    """Yield every fault that no single row has by itself."""
    yield from _one_name_space(merged)
    for things in merged.things.values():
        for thing in things.values():
            yield from _complete(thing)
            yield from _references(merged, thing)
        yield from _names(things.values())
        yield from _looks(things.values())
    yield from _places(merged.things['places'].values())
    yield from _tools(merged.things['tools'].values())
    yield from _steps(merged)
    yield from _rules(merged)


def _one_name_space(merged: Merged) -> Iterator[Fault]:
    """Yield things, and rules, of one table that have the id of another's."""
    first: dict[str, Thing] = {}
    for things in merged.things.values():
        for thing in things.values():
            other = first.setdefault(thing.id, thing)
            if other is not thing:
                yield Fault('id_twice', thing.file, thing.row, 'id', thing.id,
                            more={'where': Fault('', other.file, other.row).where})
    for rule in merged.rules.values():
        if rule.id in first:
            thing = first[rule.id]
            yield Fault('id_twice', rule.file, rule.row, 'id', rule.id,
                        more={'where': Fault('', thing.file, thing.row).where})


def _complete(thing: Thing) -> Iterator[Fault]:
    for column in TABLES[thing.table]:
        if column.needed and column.name != 'id' and column.name not in thing.fields:
            yield Fault('needed', thing.file, thing.row, column.name)


def _references(merged: Merged, thing: Thing) -> Iterator[Fault]:
    for column in TABLES[thing.table]:
        said = thing.fields.get(column.name)
        if said is None or not column.of:
            continue
        known = merged.things[column.of]
        for identity in said.entries:
            if identity not in known:
                yield _at(said, 'thing_unknown', identity, nearest(identity, list(known)),
                          {'expected': column.of})


def _names(things: Iterable[Thing]) -> Iterator[Fault]:
    """Yield names that mean two things of one table."""
    first: dict[str, tuple[Thing, Field]] = {}
    for thing in things:
        for column in ('name_ko', 'name_en', 'aliases'):
            said = thing.fields.get(column)
            if said is None:
                continue
            for name in said.entries:
                other, where = first.setdefault(spelt(name), (thing, said))
                if other is not thing:
                    yield _at(said, 'name_twice', name, None,
                              {'where': where.where, 'other': other.id})


def spelt(name: str) -> str:
    """Return what of a name tells it from others: its letters, however spaced and cased."""
    return ''.join(letter for letter in name.casefold() if letter.isalnum() or letter in '+#')


def _looks(things: Iterable[Thing]) -> Iterator[Fault]:
    """Yield appearances that two things of one table have."""
    first: dict[str, tuple[Thing, Field]] = {}
    for thing in things:
        said = thing.fields.get('appearance')
        if said is not None:
            other, where = first.setdefault(str(said.value), (thing, said))
            if other is not thing:
                yield _at(said, 'look_twice', str(said.value), None,
                          {'where': where.where, 'other': other.id})


def _places(places: Iterable[Thing]) -> Iterator[Fault]:
    for place in places:
        there = [place.fields[name] for name in TOGETHER if name in place.fields]
        if there and len(there) < len(TOGETHER):
            yield _at(there[0], 'together', '', None, {'expected': ', '.join(TOGETHER)})


def _tools(tools: Iterable[Thing]) -> Iterator[Fault]:
    for tool in tools:
        low, high = tool.fields.get('min_grip_mm'), tool.fields.get('max_grip_mm')
        if low is not None and high is not None:
            if float(low.entries[0]) > float(high.entries[0]):
                yield _at(low, 'less', shown(low.value), None,
                          {'expected': f'max_grip_mm {shown(high.value)}'})
        elif (one := low or high) is not None:
            yield _at(one, 'together', '', None, {'expected': 'min_grip_mm, max_grip_mm'})


def _steps(merged: Merged) -> Iterator[Fault]:
    """Yield steps that come after themselves."""
    steps = merged.things['steps']
    after: dict[str, tuple[str, ...]] = {}
    for step in steps.values():
        said = step.fields.get('after')
        after[step.id] = said.entries if said is not None else ()
    for step in steps.values():
        reached, front = set(), [step.id]
        while front:
            for before in after.get(front.pop(), ()):
                if before not in reached:
                    reached.add(before)
                    front.append(before)
        if step.id in reached:
            yield _at(step.fields['after'], 'after_itself', step.id)


def _rules(merged: Merged) -> Iterator[Fault]:
    for rule in merged.rules.values():
        for condition, ids in rule.when.items():
            table = CONDITIONS[condition]
            for identity in ids if table else ():
                known = merged.things[table]
                if identity not in known:
                    yield Fault('thing_unknown', rule.file, rule.row, f'when.{condition}',
                                identity, nearest(identity, list(known)), {'expected': table})


def _at(said: Field, code: str, value: str, near: str | None = None,
        more: Mapping[str, str] | None = None) -> Fault:
    return Fault(code, said.file, said.row, said.column, value, near, more or {})
