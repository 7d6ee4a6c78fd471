"""What a model may answer: candidates enter, a JSON schema leaves; a reply enters, steps leave.

The schema is a courtesy to servers that can hold a model to it. Every reply is read here as if it
had never been sent: one object, no key more or less, every value one of those that were offered.
"""
from collections.abc import Iterable, Iterator, Mapping, Sequence
import json
from typing import Any

from lam_ws.grounding.factory.order import ALL, Step
from lam_ws.grounding.proposing.proposing import Candidate, MOST_PIECES, MOST_STEPS
from lam_ws.knowledge.tables import SKILLS

MOST_TRIES = 20   # opening braces that may begin the object
COUNTS = {**{str(number): number for number in range(1, MOST_PIECES + 1)}, 'all': ALL}
# key of a step: tables that its ids are of, and whether it may be left empty
_IDS: Mapping[str, tuple[tuple[str, ...], bool]] = {
    'object': (('parts', 'places'), False), 'destination': (('places', 'parts'), True),
    'source': (('places',), True), 'tool': (('tools',), True), 'defect': (('defects',), True)}


def choices(candidates: Iterable[Candidate]) -> dict[str, tuple[str, ...]]:
    """Return what each key of a step may be."""
    rows = list(candidates)
    ids = {key: (*([''] if empty else []), *(row.id for row in rows if row.table in tables))
           for key, (tables, empty) in _IDS.items()}
    return {'skill': SKILLS, **ids, 'count': tuple(COUNTS)}


def schema(candidates: Iterable[Candidate]) -> dict[str, Any]:
    """Return the JSON schema of an order; enumerations, as every server knows those."""
    keys = choices(candidates)
    step = {'type': 'object', 'additionalProperties': False, 'required': list(keys),
            'properties': {key: {'type': 'string', 'enum': list(row)}
                           for key, row in keys.items()}}
    return {'type': 'object', 'additionalProperties': False, 'required': ['steps'],
            'properties': {'steps': {'type': 'array', 'minItems': 0, 'maxItems': MOST_STEPS,
                                     'items': step}}}


def read_reply(content: str, candidates: Sequence[Candidate]) -> tuple[Step, ...] | None:
    """Return the steps of a reply, () where the model says that it has no guess.

    Args:
        content: All that the model said; what stands before and after the object is passed over.
        candidates: All that it was offered.

    Returns:
        None where it is no order.
    """
    for found in _objects(content.rpartition('</think>')[2]):
        if isinstance(found, dict) and found.keys() == {'steps'}:
            return _steps(found['steps'], choices(candidates))
    return None


def _objects(content: str) -> Iterator[object]:
    """Yield what may be read as JSON from each of the first opening braces on."""
    decoder, start = json.JSONDecoder(object_pairs_hook=_once), -1
    for _ in range(MOST_TRIES):
        start = content.find('{', start + 1)
        if start < 0:
            return
        try:
            yield decoder.raw_decode(content, start)[0]
        except (ValueError, RecursionError):
            continue


def _once(pairs: Sequence[tuple[str, object]]) -> dict[str, object]:
    """Return an object of which no key stands twice; readers differ on which of them holds."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError('a key stands twice')
    return found


def _steps(found: object, keys: Mapping[str, Sequence[str]]) -> tuple[Step, ...] | None:
    if not isinstance(found, list) or len(found) > MOST_STEPS:
        return None
    steps = []
    for one in found:
        if not isinstance(one, dict) or one.keys() != keys.keys() or not all(
                isinstance(value, str) and value in keys[key] for key, value in one.items()):
            return None
        steps.append(Step(**{**one, 'count': COUNTS[one['count']]}))
    return tuple(steps)
