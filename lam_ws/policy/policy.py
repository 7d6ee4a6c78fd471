"""The seam to a policy, and the table of those there are.

A `Goal` enters at `reset`, an `Observation` enters at each `act`; an `ActionChunk` of joint
targets leaves. A learned model, a scripted expert and an operator are all policies.
"""
from importlib import import_module
from typing import Protocol

from lam_ws.errors import ConfigurationError
from lam_ws.site import Site
from lam_ws.types import ActionChunk, Goal, Observation

BACKENDS = {
    'act': 'lam_ws.policy.chunked:ActPolicy',
    'flow': 'lam_ws.policy.chunked:FlowPolicy',
    'keypoint': 'lam_ws.policy.chunked:KeypointPolicy',
    'native': 'lam_ws.policy.native:NativePolicy',
    'onnx': 'lam_ws.policy.onnx:OnnxPolicy',
    'remote': 'lam_ws.policy.remote:RemotePolicy',
}


class Policy(Protocol):
    """Anything that proposes joint motion."""

    def reset(self, goal: Goal) -> None:
        """Forget the past and pursue `goal` from now on."""

    def act(self, observation: Observation) -> ActionChunk:
        """Propose the next moments.

        Returns:
            Joint targets [H, n] rad (gripper m) at times [H] s after the observation's stamp,
            and the probability that the goal is reached.

        Raises:
            ObservationError: A camera or joint the policy needs is missing.
        """


class LatePolicy(Protocol):
    """A policy that may take longer than one call; every `Policy` is one that never does."""

    def reset(self, goal: Goal) -> None:
        """Forget the past and pursue `goal` from now on."""

    def act(self, observation: Observation) -> ActionChunk | None:
        """Return the chunk that arrives with this observation, asking for one if need be.

        Returns:
            As `Policy.act`; None while the answer is under way. It is then called again with
            the next observation.
        """


def load_policy(site: Site) -> Policy:
    """Return the policy that `site` names, ready to be reset.

    Raises:
        ConfigurationError: The backend is not in the table.
        CheckpointError: The weights are missing, altered or for another arm.
        WireError: The policy is on another machine, which does not answer or refuses.
    """
    backend = site.policy.backend
    if backend not in BACKENDS:
        raise ConfigurationError(f"policy backend '{backend}' cannot be loaded here; "
                                 f'known: {", ".join(BACKENDS)}', site.path)
    module, name = BACKENDS[backend].split(':')
    loaded: Policy = getattr(import_module(module), name)(site)
    return loaded
