"""What `lam check` says of a policy on another machine, before anything connects."""
from contextlib import contextmanager
import shutil

from lam_ws import configuration, resources
from lam_ws.site import examine
import pytest


@contextmanager
def policy_file(tmp_path, monkeypatch, **changes):
    """Yield a site file that names a remote policy in a share folder of its own."""
    for folder in ('config', 'models', 'sim'):
        shutil.copytree(resources.share() / folder, tmp_path / folder)
    lines = {'url': 'ws://10.0.0.7:8000', 'timeout_s': '0.4', **changes}
    (tmp_path / 'config/policies/far.yaml').write_text(
        'name: far\nbackend: remote\nreplan_s: 0.5\nhorizon: 10\nremote:\n'
        + ''.join(f'  {key}: {value}\n' for key, value in lines.items()))
    site = tmp_path / 'config/sites/sim_bench.yaml'
    site.write_text(site.read_text().replace('policy: lam_small', 'policy: far'))
    monkeypatch.setattr(configuration, 'share', lambda: tmp_path)
    yield site


@pytest.mark.parametrize(('changes', 'words'), [
    ({'url': 'http://x:1'}, 'must be ws:// or wss://'), ({'timeout_s': '0'}, 'greater than 0'),
    ({'timout_s': '1.0'}, "did you mean 'timeout_s'"),
    ({'columns': '[{joint: fr3_joint1, unit: grad}]'}, 'expected one of rad, deg'),
    ({'columns': '[{joint: fr3_joint1, unit: m}]'}, "fr3_joint1 cannot be in 'm'"),
    ({'columns': '[{joint: fr3_jont1, unit: rad}]'}, "fr3 has no joint 'fr3_jont1'"),
    ({'columns': '[{joint: fr3_joint1, unit: rad}]'}, "the joint 'fr3_joint2' of fr3 has no"),
    ({'columns': '[{joint: a, unit: rad}, {joint: a, unit: rad}]'}, "'a' stands twice"),
    ({'image_keys': '{ceiling: image}'}, "there is no camera 'ceiling'"),
    ({'image_keys': '{front: image, wrist: image}'}, 'a name of the server stands twice'),
    ({'joint_actions': 'delta'}, 'expected one of absolute, relative'),
])
def test_wrong_settings_are_named_before_anything_connects(tmp_path, monkeypatch, changes, words):
    """Pins what `lam check` says of a remote section, units and joints of the arm included."""
    with policy_file(tmp_path, monkeypatch, **changes) as path:
        site, faults = examine(path)
    assert site is None and any(words in str(fault) for fault in faults), faults


def test_right_settings_are_read(tmp_path, monkeypatch):
    """Pins the section as documented, and that other backends cannot have one."""
    with policy_file(tmp_path, monkeypatch, image_keys='{front: observation/image}',
                     key_variable='FAR_KEY') as path:
        site, faults = examine(path)
        assert not faults and site.policy.remote.image_keys == {'front': 'observation/image'}
        file = path.parents[1] / 'policies/far.yaml'
        file.write_text(file.read_text().replace('backend: remote', 'backend: expert'))
        assert 'go together' in str(examine(path)[1])
        file.write_text('name: far\nbackend: remote\nreplan_s: 0.5\nhorizon: 10\nmodel: x\n')
        assert 'go together' in str(examine(path)[1]) and 'its server' in str(examine(path)[1])
        file.write_text('name: far\nbackend: expert\nreplan_s: 0.5\nhorizon: 10\npoint_s: 0.2\n')
        assert 'point_s: must be 0.1' in str(examine(path)[1])
