"""What a chunk costs at the very least: the network's passes and the kinematics, nothing else.

A native policy and an observation enter; a function leaves that repeats, with the very numbers
of one `act`, only the calls of network and kinematic chain. Everything `act` takes beyond that
is overhead, and is measured against this.
"""
from collections.abc import Callable
from typing import Any

from lam_ws.errors import CheckpointError
from lam_ws.policy.native import NativePolicy
from lam_ws.policy.network import TorchPasses
from lam_ws.types import Observation
import torch

NETWORK = frozenset({'ground', 'closeup', 'head'})
KINEMATICS = frozenset({'tool', 'follow'})


class _Noting:
    """Stands before an object and notes the calls of some of its methods."""

    def __init__(self, target: Any, names: frozenset[str], calls: list[tuple[Any, ...]]):
        self._target, self._names, self._calls = target, names, calls

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._target, name)
        if name not in self._names:
            return found

        def noted(*given: Any) -> Any:
            self._calls.append((name, found, given))
            return found(*given)
        return noted


def bare_forward(policy: NativePolicy, observation: Observation) -> Callable[[], None]:
    """Return a function that repeats network and kinematics of `policy.act(observation)`.

    Raises:
        CheckpointError: The policy did not move by them, so that there is nothing to repeat.
    """
    calls: list[tuple[Any, ...]] = []
    passes, chain = policy.passes, policy._chain
    if not isinstance(passes, TorchPasses):
        raise CheckpointError('only the passes of the native backend are taken apart')
    network = passes.network
    passes.network = _Noting(network, NETWORK, calls)  # type: ignore[assignment]
    policy._chain = _Noting(chain, KINEMATICS, calls)  # type: ignore[assignment]
    try:
        policy.act(observation)
    finally:
        passes.network, policy._chain = network, chain
    missing = (NETWORK | KINEMATICS) - {name for name, _, _ in calls}
    if missing:
        raise CheckpointError('the policy proposed no motion here: without '
                              + ', '.join(sorted(missing)))

    def bare() -> None:
        with torch.inference_mode():
            for _, call, given in calls:
                call(*given)
    return bare
