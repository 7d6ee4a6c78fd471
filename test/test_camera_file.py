"""What `lam check` says of a camera: optics, mount, and where its images come from."""
from lam_ws.resources import share
from lam_ws.site import examine, load_site
import numpy as np
import pytest
import yaml

OPTICS = {'focal': [520.0, 518.0], 'centre': [130.0, 97.0]}


@pytest.fixture
def site_file(tmp_path):
    """Return a maker of sites whose first camera has other keys; None takes one away."""
    def make(sim=True, **changes):
        content = yaml.safe_load((share() / 'config/sites/sim_demo.yaml').read_text())
        content['name'] = 'filmed'
        if not sim:
            del content['sim']
            content['arm'] = {'model': 'fr3', 'adapter': 'joint_trajectory'}
        front = content['cameras'][0]
        front.update(changes)
        content['cameras'][0] = {key: value for key, value in front.items() if value is not None}
        path = tmp_path / 'filmed.yaml'
        path.write_text(yaml.safe_dump(content, sort_keys=False))
        return path
    return make


@pytest.mark.parametrize(('changes', 'words'), [
    ({**OPTICS}, 'either fov_deg or focal and centre'), ({'fov_deg': None}, 'found neither'),
    ({'fov_deg': None, 'focal': [520.0, 518.0]}, 'found focal'),
    ({'distortion': [0.1, 0.0, 0.0, 0.0, 0.0]}, 'goes with focal'),
    ({'fov_deg': None, **OPTICS, 'distortion': [0.1]}, 'must have 5 entries'),
    ({'fov_deg': None, 'focal': [0.0, 518.0], 'centre': [1.0, 1.0]}, 'greater than 0'),
    ({'source': '/dev/video0'}, 'without a sim section'),
    ({'eye': None}, 'either eye and target')])
def test_wrong_cameras_are_named(site_file, changes, words):
    """Pins the faults of one camera."""
    site, faults = examine(site_file(**changes))
    assert site is None and any(words in str(fault) for fault in faults), faults


@pytest.mark.parametrize('source', ['/dev/video0', '0', 'topic:/camera/color/image_raw',
                                    'topic:camera/image_raw/compressed', 'films/shift.mp4'])
def test_sources_are_read_where_no_simulator_draws(site_file, source):
    """Pins what may stand there, and that the rate need not divide the control rate."""
    site = load_site(site_file(sim=False, source=source, rate_hz=29.97))
    assert site.cameras[0].source == source and site.cameras[0].rate_hz == 29.97


def test_calibrated_optics_are_those_of_the_model(site_file):
    """Pins K, and that distortion stays with the source of the images."""
    bent = [-0.2, 0.1, 0.001, 0.0, 0.0]
    camera = load_site(site_file(sim=False, fov_deg=None, distortion=bent, **OPTICS)).cameras[0]
    assert np.array_equal(camera.model().K, [[520.0, 0, 130.0], [0, 518.0, 97.0], [0, 0, 1]])
    assert list(camera.distortion) == bent
    assert camera.fov_deg == pytest.approx(np.degrees(2 * np.arctan(96.0 / 518.0)))
