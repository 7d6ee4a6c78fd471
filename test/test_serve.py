"""`lam serve` as a process, asked by a client that knows the protocol and nothing of lam_ws."""
import random
import statistics
import time
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from lam_ws import __version__
from lam_ws.site import load_site
import numpy as np
from peers import ask, client, nonsense, observation, pack, serving
import pytest
from test_cli import lam, refused
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

KEY = '0123456789-a-key-of-tests'
SITE = load_site('sim_bench')


@pytest.fixture(scope='module')
def server():
    """One server for the tests that leave it as it was."""
    with serving('--site', 'sim_bench') as running:
        yield running
        status, errors = running.stop()
        assert status == 130 and errors.count('Traceback') <= 1   # that of the crash below


def test_the_greeting_says_whom_it_serves(server):
    """Pins the metadata that a client checks its cell against, and the JSON of READY."""
    with client(server.url) as (_, told):
        assert (told['name'], told['arm'], told['lam_ws']) == ('lam_small', 'fr3', __version__)
        assert [row['name'] for row in told['joints']] == list(SITE.arm.names)
        assert [row['unit'] for row in told['joints']] == ['rad'] * 7 + ['m']
        assert told['cameras'] == [{'name': 'front', 'width': 256, 'height': 192},
                                   {'name': 'wrist', 'width': 128, 'height': 128}]
        assert (told['horizon'], told['point_s']) == (10, 0.1)
        assert len(told['sha256']) == 64
        assert server.said == {'ready': True, 'url': server.url, **told}


def test_a_foreign_client_gets_a_chunk_within_milliseconds(server, capsys):
    """Pins the round trip of the protocol, and prints what it costs beside the policy."""
    with client(server.url) as (peer, told):
        request, waits = observation(told), []
        for i in range(50):
            start = time.perf_counter()
            answer = ask(peer, request)
            waits.append(1000.0 * (time.perf_counter() - start))
            assert answer['actions'].shape == (10, 8) and answer['done'] == (i + 1) / 100
        assert answer['server_timing']['infer_ms'] >= 0.0
        assert np.array_equal(answer['actions'][:, 2:],
                              np.tile(request['observation/state'][2:], (10, 1)))
    with capsys.disabled():
        print(f'\nround trip of {len(pack(request)) / 1000:.0f} kB: median '
              f'{statistics.median(waits):.1f} ms, least {min(waits):.1f} ms')
    assert min(waits) < 50.0


def test_each_connection_has_its_own_memory(server):
    """Pins several cells at one server: a reset or another prompt is that cell's alone."""
    with client(server.url) as (one, told), client(server.url) as (two, _):
        request = observation(told)
        done = [ask(peer, request)['done'] for peer in (one, two, one, one, two)]
        assert done == [0.01, 0.01, 0.02, 0.03, 0.02]
        assert ask(one, {'reset': True}) == {'reset': True}
        assert ask(one, request)['done'] == 0.01
        assert ask(one, {**request, 'prompt': '다른 문장'})['done'] == 0.01
        assert ask(one, {**request, 'prompt': '다른 문장', 'reset': True})['done'] == 0.01
        assert ask(two, request)['done'] == 0.03


def test_calibration_is_the_sites_unless_it_is_sent(server):
    """Pins that a cell's measured camera pose reaches the policy."""
    with client(server.url) as (peer, told):
        request = observation(told)
        plain = ask(peer, request)['actions'][0, 1]
        camera = SITE.cameras[0].model()
        request['observation/calibration/front/K'] = np.array(camera.K)
        pose = np.array(camera.X_ParentCamera)
        request['observation/calibration/front/X'] = pose
        assert ask(peer, request)['actions'][0, 1] == plain
        pose[2, 3] += 0.5
        assert np.isclose(ask(peer, request)['actions'][0, 1], plain + 0.005)


WRONG = {
    'prompt must be': {'prompt': ''}, 'a text of 1': {'prompt': 7},
    'characters': {'prompt': 'x' * 2000},
    "did you mean 'observation/state'": {'observation/stat': 1},
    'reset must be true or false': {'reset': 1},
    'observation/state must be finite': {'observation/state': np.full(8, np.nan)},
    'of shape (8,)': {'observation/state': np.zeros(7)},
    'observation/velocity must be': {'observation/velocity': np.zeros(8, np.int32)},
    'observation/images/front must be uint8': {'observation/images/front':
                                               np.zeros((192, 256, 3))},
    '(128, 128, 3)': {'observation/images/wrist': np.zeros((64, 64, 3), np.uint8)},
    'finite number': {'observation/stamp_s': float('inf')},
    'calibration/front/X must be': {'observation/calibration/front/K': np.eye(3)},
    'the calibration of front is none': {'observation/calibration/front/K': np.zeros((3, 3)),
                                         'observation/calibration/front/X': np.eye(4)},
    'bad_light: too dark to see': {'prompt': 'refuse this'},
}


@pytest.mark.parametrize('words', WRONG)
def test_a_request_that_does_not_fit_is_refused_in_one_line(server, words):
    """Pins each check by name, without path or traceback, on a connection that goes on."""
    with client(server.url) as (peer, told):
        answer = ask(peer, {**observation(told), **WRONG[words]})
        assert isinstance(answer, str) and words in answer, answer
        assert '\n' not in answer and '/work' not in answer and '.py' not in answer
        assert ask(peer, observation(told))['done'] == 0.01


@pytest.mark.parametrize('key', ['observation/state', 'observation/velocity', 'prompt',
                                 'observation/images/wrist'])
def test_what_is_needed_and_missing_is_named(server, key):
    """Pins that a missing joint or image is never taken for zero."""
    with client(server.url) as (peer, told):
        answer = ask(peer, {name: value for name, value in observation(told).items()
                            if name != key})
        assert isinstance(answer, str) and key in answer


def test_a_bug_of_the_policy_stays_on_the_server(server):
    """Pins that a peer learns nothing of an exception, and that others are served on."""
    with client(server.url) as (one, told), client(server.url) as (two, _):
        answer = ask(one, {**observation(told), 'prompt': 'crash now'})
        assert answer == 'internal: the policy failed'
        with pytest.raises(ConnectionClosed):
            one.recv(timeout=20)
        assert ask(two, observation(told))['done'] == 0.01


def test_a_thousand_malformed_frames_do_no_harm(server, capsys):
    """Pins: no crash, no traceback to the peer, memory within 20 MB, and service goes on."""
    rng = random.Random(11)
    with client(server.url) as (peer, told):
        good = pack(observation(told))
        for _ in range(20):
            ask(peer, observation(told))
        before, frames, refusals = server.memory(), nonsense(rng, good), 0
        for _ in range(1000):
            peer.send(next(frames))
            answer = peer.recv(timeout=20)
            if isinstance(answer, str):
                refusals += 1
                assert '\n' not in answer and 'Traceback' not in answer and len(answer) <= 200
        grown = (server.memory() - before) / 1e6
        assert ask(peer, observation(told))['actions'].shape == (10, 8)
    with capsys.disabled():
        print(f'\n1000 malformed frames: {refusals} refused, memory {grown:+.1f} MB')
    assert refusals > 900 and grown < 20.0


def test_a_frame_beyond_the_cap_ends_its_connection_only(server):
    """Pins 16 MiB: what is larger is not even read."""
    with client(server.url) as (peer, _), pytest.raises(ConnectionClosed):
        peer.send(bytes(16 * 2 ** 20 + 1))
        peer.recv(timeout=20)
    with client(server.url) as (peer, told):
        assert ask(peer, observation(told))['done'] == 0.01


def test_a_web_page_cannot_come_in(server):
    """Pins that a browser on this machine, which sends an Origin, is turned away."""
    with pytest.raises(InvalidStatus) as refusal, connect(server.url, origin='http://evil.test',
                                                          proxy=None):
        pass
    assert refusal.value.response.status_code == 403


def test_health_needs_no_handshake_and_says_nothing_else(server):
    """Pins /healthz as openpi's server has it."""
    with urlopen(server.url.replace('ws:', 'http:') + '/healthz', timeout=10) as answer:
        assert (answer.status, answer.read()) == (200, b'OK\n')
        assert 'Server' not in answer.headers
    with pytest.raises(HTTPError) as refusal:
        urlopen(server.url.replace('ws:', 'http:') + '/else', timeout=10)
    refusal.value.close()
    assert refusal.value.code == 426


def test_only_so_many_cells_are_served_at_a_time():
    """Pins --connections, and that a place is free again when a cell leaves."""
    with serving('--site', 'sim_bench', '--connections', '2') as server:
        with client(server.url) as (one, told), client(server.url):
            with pytest.raises(ConnectionClosed, match='no free connection'), \
                    client(server.url):
                pass
            assert ask(one, observation(told))['done'] == 0.01
        with client(server.url) as (peer, told):
            assert ask(peer, observation(told))['done'] == 0.01


def test_a_key_is_needed_where_one_is_set():
    """Pins missing, wrong and twofold keys; health is asked without one."""
    with serving('--site', 'sim_bench', '--host', '0.0.0.0', LAM_SERVE_KEY=KEY) as server:
        url = server.url.replace('0.0.0.0', '127.0.0.1')
        for headers in ({}, {'Authorization': f'Api-Key {KEY}x'}, {'Authorization': KEY},
                        {'Authorization': 'Api-Key '},
                        [('Authorization', f'Api-Key {KEY}')] * 2):
            with pytest.raises(InvalidStatus) as refusal, \
                    connect(url, additional_headers=headers, proxy=None):
                pass
            assert refusal.value.response.status_code == 401
        with client(url, KEY) as (peer, told):
            assert ask(peer, observation(told))['done'] == 0.01
        web = url.replace('ws:', 'http:')
        with urlopen(Request(web + '/healthz'), timeout=10) as answer:
            assert answer.status == 200
        status, errors = server.stop()
        assert status == 130 and KEY not in errors


def test_ctrl_c_ends_it_cleanly_with_clients_connected():
    """Pins 130, one word, no traceback, and that the clients are told."""
    with serving('--site', 'sim_bench') as server, client(server.url) as (peer, told):
        assert ask(peer, observation(told))['done'] == 0.01
        start = time.monotonic()
        status, errors = server.stop()
        assert status == 130 and errors.splitlines()[-1] == 'interrupted'
        assert 'Traceback' not in errors and time.monotonic() - start < 15.0
        with pytest.raises(ConnectionClosed):
            peer.recv(timeout=20)


@pytest.mark.parametrize('host', ['0.0.0.0', 'localhost', '::', '192.0.2.1'])
def test_other_machines_are_not_let_in_without_a_key(monkeypatch, host):
    """Pins the refusal before anything is loaded or listened to."""
    monkeypatch.delenv('LAM_SERVE_KEY', raising=False)
    assert 'needs a key' in refused(lam('serve', '--site', 'sim_bench', '--host', host))


def test_wrong_settings_are_one_line(monkeypatch):
    """Pins a misspelt site or policy, a port that cannot be, and a key that is too short."""
    assert "did you mean 'sim_bench'" in refused(lam('serve', '--site', 'sim_bnch'))
    assert "did you mean 'lam_small'" in refused(
        lam('serve', '--site', 'sim_bench', '--policy', 'lam_smal'))
    assert '--port' in refused(lam('serve', '--site', 'sim_bench', '--port', '70000'))
    assert 'cannot be loaded' in refused(lam('serve', '--site', 'sim_bench', '--policy', 'expert'))
    monkeypatch.setenv('LAM_SERVE_KEY', 'short')
    assert 'at least 16' in refused(lam('serve', '--site', 'sim_bench'))


def test_a_port_that_is_taken_is_one_line(server):
    """Pins that two servers at one address do not both start."""
    port = server.url.rsplit(':', 1)[1]
    with pytest.raises(AssertionError, match=f'cannot listen on 127.0.0.1:{port}') as failed, \
            serving('--site', 'sim_bench', '--port', port):
        pass
    assert 'Traceback' not in str(failed.value)


@pytest.mark.train
def test_the_shipped_policy_is_the_same_through_a_server(capsys):
    """Pins the weights behind the protocol: chunks of two cells as if each were alone."""
    from lam_ws.errors import LamError
    from lam_ws.policy.policy import load_policy
    from lam_ws.types import Frame, Goal, JointState, Observation
    try:
        near = load_policy(SITE)
    except (LamError, RuntimeError) as error:
        pytest.skip(f'the shipped weights do not load: {str(error).splitlines()[0]}')
    with serving('--site', 'sim_bench', program=('-m', 'lam_ws', 'serve')) as server, \
            client(server.url) as (one, told), client(server.url) as (two, _):
        request, waits = observation(told, **{'observation/stamp_s': 1.0}), []
        ask(two, observation(told, 3, **{'observation/stamp_s': 1.0, 'prompt': 'press it'}))
        joints = JointState(1.0, SITE.arm.names, request['observation/state'],
                            request['observation/velocity'])
        frames = {c.name: Frame(1.0, c.model(), request[f'observation/images/{c.name}'])
                  for c in SITE.cameras}
        near.reset(Goal('', '', '', '', request['prompt'], ''))
        for _ in range(3):
            start = time.perf_counter()
            answer = ask(one, request)
            waits.append(1000.0 * (time.perf_counter() - start))
            chunk = near.act(Observation(1.0, joints, frames))
            assert np.allclose(answer['actions'], chunk.position, atol=1e-5)
            assert answer['phase'] == chunk.phase
    with capsys.disabled():
        print(f'\nthe shipped policy through a server: {min(waits):.1f} ms a chunk')
