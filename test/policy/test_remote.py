"""A remote policy against real servers: chunks as if it were here, and a reason when not."""
from contextlib import contextmanager
from dataclasses import replace
import signal
import threading
import time

from hold import Hold
from lam_ws.errors import CheckpointError, ConfigurationError, ObservationError, WireError
from lam_ws.policy.link import Link
from lam_ws.policy.policy import load_policy
from lam_ws.remote_file import Column, RemoteSettings
from lam_ws.site import load_site, PolicySettings
from lam_ws.testing import check_policy
from lam_ws.types import Frame, Goal, JointState, Observation
import numpy as np
from peers import pack, serving, unpack
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.server import serve

SITE = load_site('sim_bench')
ARM = SITE.arm
N = ARM.axes
GOAL = Goal('pick_place', 'cylinder', 'red', 'black', 'put the red cylinder in the black bin')
KEY = 'a key of tests: 0123456789'.replace(' ', '-')


def remote(url, timeout_s=5.0, site=SITE, **settings):
    """Return the site with a policy on a server."""
    return replace(site, policy=PolicySettings(
        'far', 'remote', 0.5, 10, remote=RemoteSettings(url, timeout_s, **settings)))


def observation(stamp_s, seed=0):
    """Return noise from every camera with the arm near its home."""
    rng = np.random.default_rng(seed)
    joints = JointState(stamp_s, ARM.names, ARM.home - 0.01, rng.uniform(-0.1, 0.1, N))
    frames = {}
    for camera in SITE.cameras:
        model = camera.model()
        lens = replace(model, K=model.K + np.diag([0.3, 0.2, 0.0]),
                       X_ParentCamera=model.X_ParentCamera + 0.001 * np.eye(4, k=3))
        frames[camera.name] = Frame(stamp_s, lens, rng.integers(
            0, 256, (model.height, model.width, 3), np.uint8))
    return Observation(stamp_s, joints, frames)


SEEN = [observation(0.5 * i, i) for i in range(4)]


@contextmanager
def foreign(answer, metadata=None):
    """A server of the protocol written here: `answer(table)` gives bytes or text."""
    def converse(peer):
        peer.send(pack(metadata or {}))
        for frame in peer:
            told = answer(unpack(frame))
            try:
                for part in told if isinstance(told, list) else [told]:
                    peer.send(part)
            except ConnectionClosed:
                return
    server = serve(converse, '127.0.0.1', 0, compression=None, max_size=None)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f'ws://127.0.0.1:{server.socket.getsockname()[1]}'
    finally:
        server.shutdown()
        thread.join()


def actions(value=0.0, length=12):
    """Return an answer as openpi's server gives it: longer than asked for, in float32."""
    return pack({'actions': np.full((length, N), value, np.float32),
                 'server_timing': {'infer_ms': 1.0}})


@contextmanager
def asked(url, **settings):
    """Yield a remote policy that pursues the goal."""
    policy = load_policy(remote(url, **settings))
    policy.reset(GOAL)
    try:
        yield policy
    finally:
        policy.close()


def refused(policy, seen=SEEN[0]):
    """Return the reason for which `act` refuses."""
    with pytest.raises(ObservationError) as refusal:
        policy.act(seen)
    assert 'Traceback' not in str(refusal.value) and 'secret' not in str(refusal.value)
    return refusal.value.reason


def test_far_is_as_near():
    """Pins that a chunk from a server is the chunk from here, to the last bit, resets and all."""
    near = Hold(SITE)
    with serving('--site', 'sim_bench') as server, asked(server.url) as far:
        for goal in (GOAL, GOAL, replace(GOAL, text='다른 것')):
            near.reset(goal)
            far.reset(goal)
            for seen in SEEN:
                ours, theirs = near.act(seen), far.act(seen)
                assert np.array_equal(ours.position, theirs.position)
                assert np.array_equal(ours.times, theirs.times)
                assert (ours.names, ours.stamp_s, ours.done, ours.phase) \
                    == (theirs.names, theirs.stamp_s, theirs.done, theirs.phase)


def test_a_remote_policy_keeps_the_contract():
    """Pins `check_policy`: missing cameras and joints are refused, chunks are well formed."""
    with serving('--site', 'sim_bench') as server, asked(server.url) as far:
        check_policy(far, GOAL, SEEN, ARM)


def test_a_killed_server_is_lost_and_a_new_one_is_taken_up():
    """Pins the middle of an episode: a reason within the time-out, then it goes on."""
    with serving('--site', 'sim_bench') as server, asked(server.url, timeout_s=5.0) as far:
        assert far.act(SEEN[0]).done == 0.01
        port = server.url.rsplit(':', 1)[1]
        server.process.kill()
        server.process.wait()
        start = time.monotonic()
        assert refused(far) in ('lost', 'unreachable')
        assert refused(far) == 'unreachable'
        assert time.monotonic() - start < 15.0
        with serving('--site', 'sim_bench', '--port', port):
            assert far.act(SEEN[1]).done == 0.01, 'a new server was not told to start afresh'


def test_a_server_that_hangs_is_slow():
    """Pins the dead-line against a stopped process, and that it is taken up when it goes on."""
    with serving('--site', 'sim_bench') as server, asked(server.url, timeout_s=3.0) as far:
        far.act(SEEN[0])
        server.process.send_signal(signal.SIGSTOP)
        try:
            for _ in range(2):   # on the connection there is, and on a new one
                start = time.monotonic()
                assert refused(far) == 'slow'
                assert time.monotonic() - start < 10.0
        finally:
            server.process.send_signal(signal.SIGCONT)
        assert far.act(SEEN[1]).done == 0.01


def test_a_server_that_reads_nothing_does_not_block_who_sends():
    """Pins the dead-line of sending: a stopped process whose socket takes no more."""
    with serving('--site', 'sim_bench') as server:
        link = Link(server.url, None)
        link.open(time.monotonic() + 10.0)
        server.process.send_signal(signal.SIGSTOP)
        start = time.monotonic()
        with pytest.raises(WireError) as refusal:
            link.ask({'much': np.zeros(15_000_000, np.uint8)}, start + 1.0)
        assert refusal.value.reason in ('slow', 'lost') and time.monotonic() - start < 8.0


def test_a_late_answer_is_never_taken_for_the_next():
    """Pins that the connection of a late answer is given up with the answer."""
    waits = [4.5, 0.0]

    def answer(table):
        time.sleep(waits.pop(0))
        return actions(table['observation/state'][0])
    with foreign(answer) as url, asked(url, timeout_s=3.0) as far:
        assert refused(far) == 'slow'
        time.sleep(2.0)
        moved = replace(SEEN[1], joints=replace(SEEN[1].joints, position=ARM.home + 0.1))
        assert np.isclose(far.act(moved).position[0, 0], ARM.home[0] + 0.1)


def test_an_answer_nobody_asked_for_is_not_used():
    """Pins a server that answers twice: the second is not the next question's."""
    with foreign(lambda table: [actions(0.1), actions(0.9)]) as url, asked(url) as far:
        for _ in range(3):
            assert np.isclose(far.act(SEEN[0]).position[0, 0], 0.1)
            time.sleep(0.05)


def test_openpis_plain_server_is_enough():
    """Pins a server without metadata: only state, images and prompt are sent, names as given."""
    heard = []

    def answer(table):
        heard.append(table)
        return actions(0.02)
    keys = {'front': 'observation/image', 'wrist': 'observation/wrist_image'}
    with foreign(answer, {'reset_pose': [0.0, 1.0]}) as url, \
            asked(url, image_keys=keys, state_key='state') as far:
        chunk = far.act(SEEN[0])
    assert heard[0].keys() == {'state', 'prompt', *keys.values()}
    assert heard[0]['prompt'] == GOAL.text
    assert np.array_equal(heard[0]['observation/image'], SEEN[0].frames['front'].pixels)
    assert chunk.position.shape == (10, N) and (chunk.done, chunk.phase) == (0.0, '')
    assert np.allclose(chunk.times, 0.1 * np.arange(1, 11))


@pytest.mark.parametrize(('gripper', 'sent', 'answered'), [
    ('m', 0.06, 0.02), ('mm', 60.0, 20.0), ('open', 0.75, 0.25), ('closed', 0.25, 0.75)])
@pytest.mark.parametrize('relative', [False, True])
def test_order_units_and_differences_are_the_settings(gripper, sent, answered, relative):
    """Pins degrees, another order of joints, the gripper's four units, relative actions."""
    order = (ARM.names[-1], *ARM.names[-2::-1])
    columns = tuple(Column(name, gripper if name == ARM.names[-1] else 'deg') for name in order)
    heard = []

    def answer(table):
        heard.append(table['observation/state'])
        step = np.arange(N, dtype=np.float32)
        step[0] = answered
        if not relative:
            step[1:] += table['observation/state'][1:].astype(np.float32)
        return pack({'actions': np.tile(step, (10, 1))})
    joints = SEEN[0].joints
    seen = replace(SEEN[0], joints=replace(
        joints, position=np.array([*joints.position[:-1], 0.06])))
    mode = 'relative' if relative else 'absolute'
    with foreign(answer) as url, asked(url, columns=columns, joint_actions=mode) as far:
        chunk = far.act(seen)
    assert np.isclose(heard[0][0], sent)
    assert np.allclose(np.radians(heard[0][:0:-1]), seen.joints.position[:-1])
    expected = seen.joints.position[:-1] + np.radians(np.arange(N - 1, 0, -1))
    assert np.allclose(chunk.position[:, :-1], expected, atol=1e-5)
    assert np.allclose(chunk.position[:, -1], 0.02, atol=1e-5)


BAD = {
    'no actions': pack({'x': 1}), 'a list of numbers': pack({'actions': [[0.0] * N] * 10}),
    'whole numbers': pack({'actions': np.zeros((10, N), np.int32)}),
    'too short': actions(length=9), 'one joint less': pack({'actions': np.zeros((10, N - 1))}),
    'flat': pack({'actions': np.zeros(10 * N)}), 'not a number': actions(np.nan),
    'infinite': actions(np.inf), 'not a frame': b'\xc1', 'empty': b'',
    'done of 7': pack({'actions': np.zeros((10, N)), 'done': 7.0}),
    'done of NaN': pack({'actions': np.zeros((10, N)), 'done': float('nan')}),
    'done in words': pack({'actions': np.zeros((10, N)), 'done': 'yes'}),
}


@pytest.mark.parametrize('what', BAD)
def test_an_answer_that_cannot_be_followed_is_refused(what):
    """Pins each kind of bad answer, and that the next good one is taken."""
    answers = [BAD[what], actions(0.5)]
    with foreign(lambda table: answers.pop(0)) as url, asked(url) as far:
        assert refused(far) == 'malformed'
        assert np.isclose(far.act(SEEN[1]).position[0, 0], 0.5)


def test_a_traceback_of_the_server_is_logged_and_not_shown(caplog):
    """Pins that the operator reads a refusal; the log has the last line of it, harmless."""
    trace = 'Traceback (most recent call last):\n  File "/secret/x.py"\nKeyError: \x1b[31mwrist\n'
    with foreign(lambda table: trace) as url, asked(url) as far:
        assert refused(far) == 'refused'
    assert 'KeyError: \\x1b[31mwrist' in caplog.text
    assert 'secret' not in caplog.text and '\x1b' not in caplog.text


JOINTS = [{'name': column.joint, 'unit': column.unit}
          for column in remote('ws://x:1').policy.remote.columns_of(ARM)]
WRONG = {
    "the arm 'ur5e'": {'arm': 'ur5e'},
    'it has 7 joints': {'joints': JOINTS[:-1]},
    "its joint 1 is 'fr3_joint2' in 'deg'": {
        'joints': [JOINTS[0], {**JOINTS[1], 'unit': 'deg'}, *JOINTS[2:]]},
    "its joint 0 is 'fr3_joint8'": {'joints': [{'name': 'fr3_joint8', 'unit': 'rad'},
                                               *JOINTS[1:]]},
    "the camera 'ceiling'": {'cameras': [{'name': 'ceiling', 'width': 64, 'height': 64}]},
    "its camera 'front' has [64, 48] px": {'cameras': [{'name': 'front', 'width': 64,
                                                        'height': 48}]},
    'its horizon is 8': {'horizon': 8}, 'its point_s is 0.02': {'point_s': 0.02},
    "its joint_actions is 'relative'": {'joint_actions': 'relative'},
    "it needs 'observation/force'": {'required': ['observation/force']},
    'its horizon is [1': {'horizon': np.arange(1, 3, dtype=np.int64)},
    "the arm ['x'": {'arm': ['x', {}]}, 'it needs [1]': {'required': [[1]]},
    'it has 0 joints': {'joints': 'all'}, 'the camera None': {'cameras': [None]},
}


@pytest.mark.parametrize('words', WRONG)
def test_a_policy_for_another_cell_is_refused_by_name_before_anything_moves(words):
    """Pins arm, joints, units, cameras, spacing, and metadata that are nonsense."""
    with foreign(lambda table: actions(), WRONG[words]) as url, \
            pytest.raises(CheckpointError) as refusal:
        load_policy(remote(url))
    assert words in str(refusal.value)


def test_another_arm_behind_the_same_address_is_refused_in_mid_episode():
    """Pins that metadata are read again after each connection."""
    told = {'arm': ARM.name}
    with foreign(lambda table: actions(), told) as url, asked(url) as far:
        far.act(SEEN[0])
        told['arm'] = 'ur5e'
        far.close()
        assert refused(far) == refused(far) == 'wrong_embodiment'


def test_a_key_opens_and_nothing_else_does(monkeypatch):
    """Pins right, wrong and missing key, and that none of them stands in a message."""
    with serving('--site', 'sim_bench', LAM_SERVE_KEY=KEY) as server:
        monkeypatch.setenv('FAR_KEY', KEY)
        with asked(server.url, key_variable='FAR_KEY') as far:
            assert far.act(SEEN[0]).done == 0.01
        monkeypatch.setenv('FAR_KEY', KEY + 'x')
        for settings in ({'key_variable': 'FAR_KEY'}, {}):
            with pytest.raises(WireError) as refusal:
                load_policy(remote(server.url, **settings))
            assert refusal.value.reason == 'unauthorised' and KEY not in str(refusal.value)
    monkeypatch.delenv('FAR_KEY')
    with pytest.raises(ConfigurationError, match='FAR_KEY'):
        load_policy(remote('ws://127.0.0.1:1', key_variable='FAR_KEY'))


def test_nobody_there_is_a_refusal_at_the_start():
    """Pins that a cell does not start without its policy."""
    with pytest.raises(WireError) as refusal:
        load_policy(remote('ws://127.0.0.1:1'))
    assert refusal.value.reason == 'unreachable'
