"""What all checks share: a list of breaches, and the error that carries them.

Facts enter as `require(fact, sentence)`; `ContractError` leaves at the end if one was false.
"""
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from lam_ws.robot import ArmSpec
import numpy as np


class ContractError(AssertionError):
    """A part breaks its contract; `breaches` has one sentence for each way it does."""

    def __init__(self, subject: str, breaches: Sequence[str]):
        self.subject, self.breaches = subject, tuple(breaches)
        super().__init__('\n'.join([f'{subject} breaks its contract:',
                                    *(f'- {breach}' for breach in breaches)]))


class Findings:
    """The breaches found so far."""

    def __init__(self) -> None:
        self.breaches: list[str] = []

    def require(self, fact: object, sentence: str) -> bool:
        """Note `sentence` unless `fact` holds; return whether it does."""
        if not fact and sentence not in self.breaches:
            self.breaches.append(sentence)
        return bool(fact)

    def refuses(self, action: Callable[[], object], error: type[Exception],
                what: str) -> None:
        """Require that `action` raises `error`; `what` completes 'accepts ...'."""
        try:
            action()
        except error:
            return
        except Exception as other:
            self.breaches.append(f'answers {what} with {type(other).__name__} '
                                 f'instead of {error.__name__}')
            return
        self.breaches.append(f'accepts {what}, must raise {error.__name__}')


@contextmanager
def findings(subject: object) -> Iterator[Findings]:
    """Collect breaches of `subject`; raise ContractError at the end if there are any.

    A part that raises where it must not has broken its contract too, so an exception becomes
    the last breach instead of hiding those before it.
    """
    name = subject if isinstance(subject, str) else type(subject).__name__
    found = Findings()
    try:
        yield found
    except Exception as error:
        found.breaches.append(f'raises {type(error).__name__}: {" ".join(str(error).split())}')
        raise ContractError(name, found.breaches) from error
    if found.breaches:
        raise ContractError(name, found.breaches)


def require_spec(found: Findings, spec: ArmSpec) -> bool:
    """Require that an arm's names, limits and home fit together; return whether they do."""
    limits, n = spec.limits, spec.axes
    rows = (limits.lower, limits.upper, limits.velocity, limits.acceleration, limits.jerk,
            spec.home)
    if not found.require(all(row.shape == (n,) for row in rows),
                         f'spec: limits and home must have {n} entries, one for each name'):
        return False
    return all((
        found.require(all(np.isfinite(row).all() for row in rows),
                      'spec: limits and home must be finite'),
        found.require(len(set(spec.names)) == n, 'spec: a joint name stands twice'),
        found.require(len(spec.dh) == n - 1,
                      f'spec: dh must have {n - 1} rows, one for each joint but the gripper'),
        found.require((limits.lower < limits.upper).all(), 'spec: lower must be less than upper'),
        found.require(all((row > 0).all() for row in rows[2:5]),
                      'spec: velocity, acceleration and jerk limits must be positive'),
        found.require(((limits.lower <= spec.home) & (spec.home <= limits.upper)).all(),
                      'spec: home must be within the limits')))
