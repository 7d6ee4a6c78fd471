"""What the learned policy costs in torch and in ONNX Runtime: a chunk, the start, the memory.

A site and a model that was exported enter; figures of both forms leave. Chunks are measured on
the same observation in turn, the start in processes of their own, as it is paid only once.
"""
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
import json
from pathlib import Path
import re
import subprocess
import sys
from typing import Any, Literal

from lam_ws.bench.timing import cpu_s, interleave, ratio, ROUNDS, Work
from lam_ws.policy.policy import load_policy
from lam_ws.site import load_site, Site
from lam_ws.types import Frame, Goal, JointState, Observation
import numpy as np

Backend = Literal['native', 'onnx']
BACKENDS: tuple[Backend, ...] = ('native', 'onnx')
STARTS = 3   # processes for each backend
GOAL = Goal('pick_place', 'cylinder', 'red', 'black', 'put the red cylinder in the black bin')


def measure(site_name: str, model: str) -> dict[str, Any]:
    """Return 'chunk_ms', 'ratio' with its 95 % interval, 'start_cpu_s' and 'resident_mb'."""
    from lam_ws.bench.policy import look  # the simulator, which a start must not pay for
    from lam_ws.perception.perception import synchronise

    site = load_site(site_name)
    policies = {name: load_policy(_with(site, name, model)) for name in BACKENDS}
    joints, frames, goal, now_s = look(site, policies['native'])
    seen = synchronise(site, joints, frames, now_s)
    spent = interleave({name: Work(partial(policy.act, seen), partial(policy.reset, goal))
                        for name, policy in policies.items()}, 2 * ROUNDS)
    starts = [{name: _process(site_name, name, model) for name in BACKENDS}
              for _ in range(STARTS)]

    def least(key: str) -> dict[str, float]:
        return {name: min(row[name][key] for row in starts) for name in BACKENDS}
    return {'chunk_ms': {name: round(1e3 * float(costs.min()), 3)
                         for name, costs in spent.items()},
            'ratio': [round(value, 3) for value in ratio(spent['onnx'], spent['native'])],
            'start_cpu_s': least('cpu_s'), 'resident_mb': least('resident_mb')}


def start(site_name: str, backend: Backend, model: str) -> dict[str, float]:
    """Return what this process has cost once a policy has been loaded and has acted.

    Returns:
        'cpu_s' since the process began, imports included, and 'resident_mb' now.
    """
    site = _with(load_site(site_name), backend, model)
    policy = load_policy(site)
    policy.reset(GOAL)
    policy.act(noise(site))
    status = Path('/proc/self/status').read_text()
    resident = re.search(r'VmRSS:\s+(\d+) kB', status)
    assert resident is not None
    return {'cpu_s': round(cpu_s(), 3), 'resident_mb': round(int(resident[1]) / 1024, 1)}


def noise(site: Site, seed: int = 0) -> Observation:
    """Return an observation of `site` at home whose pictures show nothing."""
    rng = np.random.default_rng(seed)
    frames = {camera.name: Frame(0.0, camera.model(), rng.integers(
        0, 256, (camera.height, camera.width, 3), np.uint8)) for camera in site.cameras}
    return Observation(0.0, JointState(0.0, site.arm.names, site.arm.home,
                                       np.zeros(site.arm.axes)), frames)


def _with(site: Site, backend: Backend, model: str) -> Site:
    return replace(site, policy=replace(site.policy, backend=backend, model=model))


def _process(site_name: str, backend: Backend, model: str) -> Mapping[str, float]:
    program = ('import json, sys\nfrom lam_ws.bench.onnx import start\n'
               'print(json.dumps(start(*sys.argv[1:])))')
    done = subprocess.run([sys.executable, '-c', program, site_name, backend, model],
                          capture_output=True, text=True, check=True)
    figures: Mapping[str, float] = json.loads(done.stdout.splitlines()[-1])
    return figures
