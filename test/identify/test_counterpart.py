"""An arm that nobody here drives is identified, and the simulator then moves more like it.

The arm is `peers/controller.py`: a trajectory controller on Cyclone DDS, whose joints go the share
h / (0.02 + h) of the way to their target in each period h of 4 ms. That is a lag of
h / ln(1 + h / 0.02) = 21.9 ms; the delay is what the adapter and the transport take.
"""
from dataclasses import replace
import math

from controller_peer import controlling
from lam_ws.identify.identify import identify
from lam_ws.identify.replay import replay
from lam_ws.identify.track import read_tracks
from lam_ws.types import Instruction
import pytest
from real_site import real_site

pytest.importorskip('rclpy')
from lam_ws.nodes.environment import free_domain
from lam_ws.nodes.session import Session

pytestmark = [pytest.mark.ros, pytest.mark.peer, pytest.mark.sim]
PERIOD_S = 0.004
LAG_S = PERIOD_S / math.log(1.0 + PERIOD_S / 0.02)


@pytest.fixture(scope='module')
def recordings(tmp_path_factory):
    """Return the recordings of two instructions, and the site, carried out by that arm."""
    folder = tmp_path_factory.mktemp('counterpart')
    site = real_site(folder, 'fr3', 'joint_trajectory',
                     record={'folder': str(folder / 'episodes'), 'frames': True})
    made = []
    with free_domain() as domain, controlling(site, domain), \
            Session(site, domain=domain, logs=folder) as cell:
        for text in ('빨간 볼조인트를 격리함에 넣어', '빨간 타이로드를 격리함에 넣어'):
            cell.reset(1)
            cell.arm()
            outcome = cell.instruct(Instruction(text, 'ko', 'test'))
            assert outcome.episode, outcome
            cell.client.turn_for(1.5)   # its recorder ends the file
            made.append(folder / 'episodes' / f'{outcome.episode}.mcap')
    return made, site


def test_its_lag_is_found(recordings):
    """Pins the lag of every joint against what its own arithmetic gives, within 3 ms."""
    found = identify(read_tracks(recordings[0][0]))
    assert not found.faults
    for lag, joint in zip(found.time_constant_s, found.joints, strict=True):
        assert lag.value == pytest.approx(LAG_S, abs=0.003)
        assert joint.residual_rad < 0.1 * joint.plain_rad


def test_the_simulated_arm_comes_nearer_on_a_recording_it_was_not_fitted_to(recordings):
    """Pins that each joint is at least five times nearer than without drives."""
    (first, second), site = recordings
    drive = identify(read_tracks(first)).settings()
    [track] = read_tracks(second)
    simulated = replace(site, adapter=None)
    near, far = (replay(track, simulated, one).rms for one in (drive, None))
    assert (near < 0.2 * far).all(), (near, far)
