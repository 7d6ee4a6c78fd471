"""The host for LeRobot's policies: its protocol half, without LeRobot."""
from contextlib import contextmanager
from dataclasses import replace
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
import threading
from urllib.request import urlopen

from lam_ws.errors import CheckpointError, ObservationError, WireError
from lam_ws.policy.remote import RemotePolicy
from lam_ws.remote_file import RemoteSettings
from lam_ws.site import load_site, PolicySettings
from lam_ws.types import Frame, Goal, JointState, Observation
import numpy as np
import pytest

SITE = load_site('sim_bench')
ARM = SITE.arm
PLACE = Path(__file__).resolve().parents[1] / 'docs' / 'lerobot_host.py'
spec = spec_from_file_location('lerobot_host', PLACE)
lerobot_host = module_from_spec(spec)
spec.loader.exec_module(lerobot_host)


@contextmanager
def hosted(infer, key=None, **changes):
    """Run the host around a function in place of LeRobot's policy; yield its URL."""
    metadata = {'joints': [{'name': name, 'unit': 'rad'} for name in ARM.names[:-1]]
                + [{'name': ARM.names[-1], 'unit': 'm'}], 'horizon': 12, 'point_s': 0.1,
                'required': ['observation.state', 'observation.images.front', 'prompt'],
                'optional': ['reset'], **changes}
    server = lerobot_host.host(infer, metadata, ('127.0.0.1', 0), key)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f'ws://127.0.0.1:{server.socket.getsockname()[1]}'
    finally:
        server.shutdown()
        thread.join()


def cell(url, **settings):
    """Return a remote policy with LeRobot's names, as the how-to writes them."""
    policy = RemotePolicy(replace(SITE, policy=PolicySettings(
        'far', 'remote', 0.5, 10, remote=RemoteSettings(
            url, 5.0, state_key='observation.state',
            image_keys={'front': 'observation.images.front'}, **settings))))
    policy.reset(Goal('', '', '', '', 'push it', ''))
    return policy


def seen():
    """Return one observation."""
    frames = {camera.name: Frame(1.0, camera.model(), np.full(
        (camera.height, camera.width, 3), 9, np.uint8)) for camera in SITE.cameras}
    return Observation(1.0, JointState(1.0, ARM.names, ARM.home, np.zeros(ARM.axes)), frames)


def test_a_cell_is_served_under_lerobots_names(monkeypatch):
    """Pins both halves against each other: names, reset once, chunk cut to the horizon."""
    heard = []

    def infer(observation, prompt, reset):
        heard.append((set(observation), prompt, reset))
        return np.tile(observation['observation.state'], (50, 1)).astype(np.float32)
    with hosted(infer) as url:
        policy = cell(url)
        for _ in range(2):
            chunk = policy.act(seen())
            assert np.allclose(chunk.position, ARM.home) and chunk.position.shape == (10, 8)
        with pytest.raises(WireError, match='no free connection'):
            cell(url)
        with urlopen(url.replace('ws:', 'http:') + '/healthz', timeout=5) as answer:
            assert answer.read() == b'OK\n'
        policy.close()
    needs = {'observation.state', 'observation.images.front'}
    assert heard == [(needs, 'push it', True), (needs, 'push it', False)]


def test_a_fault_of_the_policy_is_refused_without_its_words():
    """Pins that the cell goes on after a refusal, and that a wrong cell never starts."""
    faults = [RuntimeError('/secret')]

    def infer(observation, prompt, reset):
        if faults:
            raise faults.pop()
        return np.zeros((12, ARM.axes), np.float32)
    with hosted(infer) as url:
        policy = cell(url)
        with pytest.raises(ObservationError) as refusal:
            policy.act(seen())
        assert refusal.value.reason == 'refused' and 'secret' not in str(refusal.value)
        assert policy.act(seen()).position.shape == (10, 8)
        policy.close()
    with hosted(infer, required=['observation.images.top']) as url, \
            pytest.raises(CheckpointError, match="needs 'observation.images.top'"):
        cell(url)


def test_a_key_is_needed_and_foreign_kinds_are_not_taken(monkeypatch):
    """Pins the host's own door."""
    monkeypatch.setenv('FAR_KEY', 'k' * 20)
    with hosted(lambda *_: np.zeros((12, ARM.axes)), key='k' * 20) as url:
        with pytest.raises(WireError, match='status 401'):
            cell(url)
        policy = cell(url, key_variable='FAR_KEY')
        policy.act(seen())
        policy.close()
    with pytest.raises(SystemExit, match='LAM_SERVE_KEY'):
        lerobot_host.host(None, {}, ('0.0.0.0', 0), None)
    with pytest.raises(ValueError, match='not taken'):
        lerobot_host.unpack(lerobot_host.pack({'a': np.array([1 + 1j])}))
