"""Whether datasets can stand together: two embodiments enter, what differs leaves, in words."""
from lam_ws.embodiment import Embodiment, Signal


def differences(one: Embodiment, other: Embodiment) -> list[str]:
    """Return what `other` has otherwise than `one`; nothing where they agree.

    Names count in their order: a column that means another joint is not seen in a training.
    """
    found = []
    if one.robot != other.robot:
        found.append(f'robot {other.robot!r}, not {one.robot!r}')
    if one.rate_hz != other.rate_hz:
        found.append(f'{other.rate_hz:g} frames a second, not {one.rate_hz:g}')
    for key in ('state', 'action'):
        first, second = getattr(one, key), getattr(other, key)
        if [s.name for s in first] != [s.name for s in second]:
            found.append(f'{key} of {_names(second)}, not {_names(first)}')
        elif first != second:
            found.append(f'{key} in {[s.unit for s in second]}, not {[s.unit for s in first]}')
    here, there = ({c.name: (c.width, c.height) for c in body.cameras} for body in (one, other))
    if list(here) != list(there):
        found.append(f'cameras {list(there)}, not {list(here)}')
    else:
        found += [f'camera {name} of {there[name][0]} x {there[name][1]} px, not {size[0]} x '
                  f'{size[1]}' for name, size in here.items() if there[name] != size]
    return found


def _names(signals: tuple[Signal, ...]) -> str:
    return ', '.join(one.name for one in signals)
