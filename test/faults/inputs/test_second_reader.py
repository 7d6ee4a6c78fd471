"""The second reader sees what must never be accepted, and lets sound files pass."""
from lam_ws.faults.inputs.files import KINDS
from lam_ws.faults.inputs.second_reader import unsafe
import pytest

pytestmark = pytest.mark.sim
DANGEROUS = {   # kind: what stands in the sound file, what somebody writes there
    'urdf': [(b'mass value="4"', b'mass value="-4"'), (b'velocity="2.62"', b'velocity="nan"'),
             (b'lower="-2.7437"', b'lower="2.8"'), (b'xyz="0 0 0.333"', b'xyz="0 0 1e308"'),
             (b'<child link="fr3_joint2_link"/>', b'<child link="fr3_joint1_link"/>')],
    'arm': [(b'2.62', b'-2.62'), (b'velocity: [2.62', b'velocity: [1e308'),
            (b'lower: [-2.7437', b'lower: [2.9'), (b'opening: 0.08', b'opening: 0'),
            (b'fr3_joint2', b'fr3_joint1')],
    'site': [(b'velocity_scale: 0.7', b'velocity_scale: 1.7'), (b'tool_speed: 1.0',
             b'tool_speed: .inf'), (b'table_z: 0.0', b'table_z: 5.0'),
             (b'stale_joints_s: 0.10', b'stale_joints_s: -0.1')],
    'task': [(b'timeout_s: 25.0', b'timeout_s: 1e9'), (b'settle_s: 0.6', b'settle_s: -1')],
    'policy': [(b'horizon: ', b'horizon: -')],
    'scene': [(b'spacing: 0.12', b'spacing: -0.12'), (b'count: [2, 2]', b'count: [2, 999]')],
    'parts': [(b'size: [0.040', b'size: [-0.040')],
}


@pytest.mark.parametrize('kind', KINDS)
def test_sound_files_pass(kind):
    """Pins a witness that would call everything dangerous."""
    assert unsafe(kind, KINDS[kind].content().decode()) == ''


@pytest.mark.parametrize('kind, old, new', [
    (kind, old, new) for kind, rows in DANGEROUS.items() for old, new in rows])
def test_dangerous_files_are_seen(kind, old, new):
    """Pins a witness that sees nothing, so that every fuzz would pass."""
    sound = KINDS[kind].content()
    assert old in sound
    assert unsafe(kind, sound.replace(old, new).decode())
