"""Arms that the simulator knows nothing of are identified; it then moves more like them.

One is `peers/controller.py`: a trajectory controller on Cyclone DDS, whose joints go the share
h / (0.02 + h) of the way to their target in each period h of 4 ms. That is a lag of
h / ln(1 + h / 0.02) = 21.9 ms; the delay is what the adapter and the transport take. The other is
franka-sim, physics under a compliant controller: what its numbers should be nobody knows.
"""
from dataclasses import replace
import math
import os

from arm_peers import counterpart
from lam_ws.identify.identify import identify
from lam_ws.identify.replay import replay
from lam_ws.identify.track import read_tracks
from lam_ws.types import Instruction
import pytest

pytest.importorskip('rclpy')
from lam_ws.nodes.environment import free_domain
from lam_ws.nodes.session import Session

pytestmark = [pytest.mark.ros, pytest.mark.peer, pytest.mark.sim, pytest.mark.long]
PERIOD_S = 0.004
NEARER = {'joint_trajectory': 0.2, 'franka': 0.6}   # measured at most 0.07 and 0.41
LAG_S = PERIOD_S / math.log(1.0 + PERIOD_S / 0.02)


SAID = ('빨간 볼조인트를 격리함에 넣어', '빨간 타이로드를 격리함에 넣어')


def recorded(name, folder):
    """Return the recordings of two instructions carried out by an arm, and its site."""
    made = []
    with free_domain() as domain, counterpart(
            name, folder, domain, 'sim_sort', record={
                'folder': str(folder / 'episodes'), 'frames': True}) as (site, _), \
            Session(site, domain=domain, logs=folder) as cell:
        for text in SAID:
            cell.reset(1)
            cell.arm()
            outcome = cell.instruct(Instruction(text, 'ko', 'test'))
            assert outcome.episode, outcome
            cell.client.turn_for(1.5)   # its recorder ends the file
            made.append(folder / 'episodes' / f'{outcome.episode}.mcap')
    return made, site


@pytest.fixture(scope='module', params=['joint_trajectory', 'franka'])
def recordings(request, tmp_path_factory):
    """Return name, recordings and site of an arm."""
    if request.param == 'franka':
        pytest.importorskip('franky', reason="needs pip install 'lam_ws[franka]'")
    before = dict(os.environ)
    try:
        made, site = recorded(request.param, tmp_path_factory.mktemp(request.param))
    except RuntimeError as missing:
        pytest.skip(f'no counterpart: {missing}')
    finally:
        os.environ.clear()
        os.environ.update(before)
    return request.param, made, site


def test_the_lag_of_a_known_controller_is_found(recordings):
    """Pins the lag of every joint against what its own arithmetic gives, within 3 ms."""
    name, made, _ = recordings
    if name != 'joint_trajectory':
        pytest.skip('nobody knows what its lag should be')
    found = identify(read_tracks(made[0]))
    assert not found.faults
    for lag, joint in zip(found.time_constant_s, found.joints, strict=True):
        assert lag.value == pytest.approx(LAG_S, abs=0.003)
        assert joint.residual_rad < 0.1 * joint.plain_rad


def test_the_simulated_arm_comes_nearer_on_a_recording_it_was_not_fitted_to(recordings):
    """Pins how much nearer each joint is than without drives."""
    name, made, site = recordings
    known = [(identify(read_tracks(one)).settings(), other)
             for one, other in (made, reversed(made))]
    drive, unseen = next((pair for pair in known if pair[0] is not None), (None, None))
    if drive is None:
        pytest.skip('a joint moved too evenly in both recordings, and was refused')
    [track] = read_tracks(unseen)
    simulated = replace(site, adapter=None)
    near, far = (replay(track, simulated, one).rms for one in (drive, None))
    print(name, drive, near / far)
    assert (near < NEARER[name] * far).all(), (near, far)
