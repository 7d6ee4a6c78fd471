"""What places and parts allow: a deed enters, what its rows say against it leaves.

Temperatures: a part is as warm as its row says it arrives, or as what it is taken from, whichever
is more. Masses: the robot lifts one piece at a time; a place carries all pieces that the order has
put there by then, less those that it has taken away again.
"""
from collections.abc import Iterator, Sequence
import math

from lam_ws.errors import LimitError
from lam_ws.grounding.factory.checking.cell import AT, Cell, listed, name
from lam_ws.grounding.factory.checking.deed import Deed
from lam_ws.grounding.factory.checking.objections import Objection, objection
from lam_ws.grounding.factory.order import ALL, Citation
from lam_ws.knowledge.knowledge import Known

ROUNDING_KG = 1e-9   # of sums of masses with six decimals


def mass_of(part: Known) -> float:
    """Return the mass of one piece in kg.

    Raises:
        LimitError: Nobody says it.
    """
    mass = part.number('mass_kg')
    if mass is None:
        raise LimitError(f'{part.id} has no mass_kg')
    return mass


def load(deeds: Sequence[Deed], place: Known) -> float:
    """Return what a place carries after some deeds, in kg of what they put there."""
    there: dict[str, float] = {}
    for deed in deeds:
        part = deed.held
        if part is None or deed.destination is None:
            continue
        if deed.destination.id == place.id:
            there[part.id] = there.get(part.id, 0.0) + mass_of(part) * deed.pieces
        elif part.id in there and (deed.source is None or deed.source.id == place.id):
            left = there[part.id] - mass_of(part) * deed.pieces
            there[part.id] = 0.0 if deed.step.count == ALL else max(0.0, left)
    return sum(there.values())


def heat_of(deed: Deed, cell: Cell) -> tuple[float, list[Citation]]:
    """Return how warm the part is in degrees C, -inf where nobody says; and who says it."""
    warm = [(heat, cell.cite(thing, column))
            for thing, column in ((deed.part, 'hot_c'), (deed.source, 'exit_c'))
            if thing is not None and (heat := thing.number(column)) is not None]
    return max(warm, key=lambda one: one[0], default=(-math.inf, []))


def off_limits(deed: Deed, cell: Cell) -> Iterator[Objection]:
    """Yield places that the arm must keep out of."""
    for place in deed.places():
        if place.value('keep_out') is True:
            yield objection('keep_out', cell.cite(place, 'keep_out'), place=name(place))


def out_of_reach(deed: Deed, cell: Cell) -> Iterator[Objection]:
    """Yield places that are too far away, and those that are not in this cell.

    Where a cell says where its places are, one without coordinates is not among them. Nor is one
    whose coordinates are of another frame: nothing here says where that frame is.
    """
    for place in deed.places() if cell.mapped else ():
        there = [along for column in AT if (along := place.number(column)) is not None]
        if len(there) < len(AT) or 'frame' in place.fields:
            rests = cell.cite(place, 'frame', *AT) or cell.cite(place, 'kind')
            yield objection('elsewhere', rests, place=name(place))
        elif (distance := math.hypot(*there)) > cell.reach_m:
            yield objection('far', cell.cite(place, *AT) + cell.cite_site('reach_m'),
                            place=name(place), distance=distance, reach=cell.reach_m)


def too_heavy(deeds: Sequence[Deed], cell: Cell) -> Iterator[Objection]:
    """Yield whether the last of some deeds lifts too much, or puts too much on a place."""
    deed = deeds[-1]
    part, place = deed.held, deed.place
    if part is None:
        return
    if (mass := mass_of(part)) > cell.payload_kg:
        yield objection('heavy', cell.cite(part, 'mass_kg') + cell.cite_site('payload_kg'),
                        part=name(part), mass=mass, limit=cell.payload_kg)
    limit = None if place is None else place.number('max_mass_kg')
    if place is not None and limit is not None \
            and (carried := load(deeds, place)) > limit + ROUNDING_KG:
        yield objection('heavy_place', cell.cite(place, 'max_mass_kg')
                        + cell.cite(part, 'mass_kg'),
                        place=name(place), mass=carried, limit=limit)


def too_hot(deed: Deed, cell: Cell) -> Iterator[Objection]:
    """Yield whether a part is warmer than the place that it goes to stands."""
    heat, says = heat_of(deed, cell)
    limit = None if deed.place is None else deed.place.number('max_temp_c')
    if deed.part is not None and deed.place is not None and limit is not None and heat > limit:
        yield objection('hot_place', says + cell.cite(deed.place, 'max_temp_c'),
                        part=name(deed.part), place=name(deed.place), heat=heat, limit=limit)


def astray(deed: Deed, cell: Cell) -> Iterator[Objection]:
    """Yield whether a defective part goes where it does not belong, or cannot be so."""
    defect, part, destination = deed.defect, deed.part, deed.destination
    if defect is None or part is None:
        return
    parts = listed(defect, 'parts')
    if parts and part.id not in parts:
        yield objection('no_defect', cell.cite(defect, 'parts'), defect=name(defect),
                        part=name(part))
    elif destination is not None and destination.id != defect.value('disposition'):
        right = cell.get(str(defect.value('disposition')), 'places')
        yield objection('astray', cell.cite(defect, 'disposition'), defect=name(defect),
                        part=name(part), place=name(destination), right=name(right))


def not_accepted(deed: Deed, cell: Cell) -> Iterator[Objection]:
    """Yield whether a place takes other parts only."""
    if deed.part is None or deed.place is None:
        return
    accepts = listed(deed.place, 'accepts')
    if accepts and deed.part.id not in accepts:
        yield objection('not_accepted', cell.cite(deed.place, 'accepts'), place=name(deed.place),
                        part=name(deed.part))
