"""Steps in words for people: what a robot is about to do enters, Korean and English leave.

Whoever is asked whether an order was understood reads these words, so they leave out nothing that
decides what moves: things, places, tool, defect and how many. Limits are not told: they hold
whatever the answer is.
"""
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lam_ws.grounding.factory.checking.cell import name
from lam_ws.grounding.factory.order import ALL, Step
from lam_ws.knowledge.knowledge import Known


@dataclass(frozen=True)
class _Wording:
    """How a skill is told.

    Attributes:
        korean: Its verb.
        english: Its verb, before what it is done to.
        hangs: What hangs on the Korean place.
        leads: What leads to the English place.
        how: Korean verb before the place, of a thing that is first picked out.
    """

    korean: str
    english: str
    hangs: str = ''
    leads: str = ''
    how: str = ''


WORDINGS: Mapping[str, _Wording] = {
    'pick_place': _Wording('놓기', 'move', '에', 'to'),
    'kit': _Wording('넣기', 'put', '에', 'into'),
    'bin_pick': _Wording('놓기', 'pick', '에', 'and move it to', '골라'),
    'nest': _Wording('앉히기', 'seat', '에', 'in'),
    'insert': _Wording('끼우기', 'insert', '에', 'into'),
    'stack': _Wording('쌓기', 'stack', ' 위에', 'on'),
    'hand_over': _Wording('건네기', 'hand over', '에서', 'at'),
    'belt_pick': _Wording('놓기', 'pick', '에', 'and move it to', '집어'),
    'press': _Wording('누르기', 'press'),
    'open_clamp': _Wording('열기', 'open'),
    'close_clamp': _Wording('잠그기', 'close'),
    'push': _Wording('밀기', 'push', '까지', 'to'),
    'wipe': _Wording('닦기', 'wipe')}
_INSIDE = ('bin', 'quarantine', 'scrap')   # kinds of places that things are put into


def told_step(step: Step, known: Mapping[str, Known]) -> tuple[str, str]:
    """Return a step in Korean and in English.

    Args:
        step: Of ids that are known.
        known: Things by id.

    Raises:
        KeyError: Its skill or one of its ids is unknown.
    """
    return _korean(step, known), _english(step, known)


def told_steps(steps: Sequence[Step], known: Mapping[str, Known]) -> tuple[str, str]:
    """Return steps in Korean and in English, each with its number; see `told_step`."""
    told = [told_step(step, known) for step in steps]
    return (' '.join(f'{number}. {korean}' for number, (korean, _) in enumerate(told, 1)),
            ' '.join(f'{number}. {english}' for number, (_, english) in enumerate(told, 1)))


def _korean(step: Step, known: Mapping[str, Known]) -> str:
    wording, thing = WORDINGS[step.skill], name(known[step.object])
    words = [f'{name(known[step.source]):ko}에서'] if step.source else []
    if step.defect:
        words.append(f'"{name(known[step.defect]):ko}" 불량인')
    if known[step.object].table != 'parts':
        words.append(f'{thing:을}')
        words += [] if step.count == 1 else [_times(step.count, '모두', '{}번')]
    else:
        words += [f'{thing:ko}', _times(step.count, '전부를', '{}개를')]
    words += [f'{name(known[step.tool]):로}'] if step.tool else []
    words += [wording.how] if wording.how else []
    words += [f'{name(known[step.destination]):ko}{wording.hangs}'] if step.destination else []
    inside = wording.korean == '놓기' and _inside(step, known)
    return ' '.join([*words, '넣기' if inside else wording.korean])


def _english(step: Step, known: Mapping[str, Known]) -> str:
    wording, thing = WORDINGS[step.skill], name(known[step.object])
    words = [wording.english]
    if known[step.object].table != 'parts' or step.count == 1:
        words.append(f'{thing:the}')
    else:
        words.append(_times(step.count, 'all pieces of', '{} pieces of') + f' {thing:the}')
    if step.defect:
        words.append(f'with the defect "{name(known[step.defect]):en}"')
    words += [f'from {name(known[step.source]):the}'] if step.source else []
    if step.destination:
        inside = wording.korean == '놓기' and _inside(step, known)
        leads = wording.leads.removesuffix('to') + 'into' if inside else wording.leads
        words.append(f'{leads} {name(known[step.destination]):the}')
    words += [f'using {name(known[step.tool]):the}'] if step.tool else []
    if known[step.object].table != 'parts' and step.count != 1:
        words.append(_times(step.count, 'every time', '{} times'))
    return ' '.join(words)


def _times(count: int, every: str, number: str) -> str:
    return every if count == ALL else number.format(count)


def _inside(step: Step, known: Mapping[str, Known]) -> bool:
    return bool(step.destination) and known[step.destination].value('kind') in _INSIDE
