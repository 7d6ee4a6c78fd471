"""The sites that ship, and the sites that must be refused."""
from dataclasses import replace
import math
from pathlib import Path
import re

from lam_ws.arm_file import ArmFile
from lam_ws.configuration import load, locate
from lam_ws.errors import CheckpointError, ConfigurationError
from lam_ws.geometry import Chain, project
from lam_ws.models import digest, load_card, ModelCard
from lam_ws.resources import share
from lam_ws.site import examine, load_arm, load_site
from lam_ws.testing.site import _probe
import numpy as np
import pytest

SITES = ('sim_bench', 'sim_bench_crx10ia', 'sim_bench_indy7', 'sim_bench_ur5e', 'sim_demo',
         'sim_kitting', 'sim_sort', 'sim_suite')
ARMS = ('crx10ia', 'fr3', 'indy7', 'ur5e', 'wxai')


def edited(text: str, key: str, value: str | None) -> str:
    """Return YAML `text` with the first line of `key` given another value, or taken out."""
    line = re.search(rf'(?m)^(\s*(?:- )?){key}: .*\n', text)
    assert line is not None, key
    new = '' if value is None else f'{line[1]}{key}: {value}\n'
    return text[:line.start()] + new + text[line.end():]


def variant(folder: Path, key: str, value: str | None) -> Path:
    """Write sim_bench with one key changed."""
    text = (share() / 'config' / 'sites' / 'sim_bench.yaml').read_text()
    path = folder / 'sim_bench.yaml'
    path.write_text(edited(text, key, value))
    return path


@pytest.mark.parametrize('name', SITES)
def test_the_sites_that_ship_load(name):
    """Pins every shipped site, and that its file is its name."""
    site = load_site(name)
    assert site.name == name == site.path.stem
    eyes = ['front'] if name in ('sim_kitting', 'sim_sort', 'sim_suite') else ['front', 'wrist']
    assert [camera.name for camera in site.cameras] == eyes
    assert site.arm.name == next((arm for arm in ARMS if name.endswith(arm)), 'fr3')
    assert site.sim.clock == ('wall' if name == 'sim_demo' else 'lockstep')
    assert site.limits.table_z == 0.0 and site.limits.control_hz == 100.0


def test_no_other_site_ships_unexamined():
    """Pins that a new site is added to the list above."""
    assert sorted(p.stem for p in (share() / 'config' / 'sites').glob('*.yaml')) == list(SITES)


@pytest.mark.parametrize('name', ARMS)
def test_every_arm_that_ships_fits_into_a_site(tmp_path, name):
    """Pins the files of config/arms, also of one that the shipped policy is not for."""
    path = variant(tmp_path, 'arm', f'{{model: {name}, adapter: pybullet}}')
    path.write_text(edited(path.read_text(), 'policy', 'remote'))
    site, faults = examine(path)
    assert not faults
    assert site.arm.name == name
    down = Chain(site.arm).forward(site.arm.home[:-1])
    np.testing.assert_allclose(down[:3, 2], [0.0, 0.0, -1.0], atol=1e-3)
    assert sorted(p.stem for p in (share() / 'config' / 'arms').glob('*.yaml')) == list(ARMS)


def test_a_camera_model_has_the_field_of_view_that_the_site_says():
    """Pins degrees to pixels: the upper edge is half the vertical angle away."""
    camera = load_site('sim_bench').cameras[0]
    model = camera.model()
    half = math.radians(camera.fov_deg / 2.0)
    top = project(model.K, np.eye(4), np.array([0.0, -math.tan(half), 1.0]))
    np.testing.assert_allclose(top, [model.width / 2, 0.0], atol=1e-9)


def test_an_unknown_name_is_answered_with_the_nearest():
    """Pins that a typo in a name costs one look, for sites and for arms."""
    with pytest.raises(ConfigurationError) as caught:
        load_site('sim_dem')
    assert caught.value.nearest == 'sim_demo'
    with pytest.raises(ConfigurationError) as caught:
        load_arm('ur5')
    assert caught.value.nearest == 'ur5e'


@pytest.mark.parametrize(('key', 'value', 'words'), [
    ('arm', '{model: fr33, adapter: pybullet}', "no 'fr33' there"),
    ('policy', 'lam_smal', "no 'lam_smal'"),
    ('task', 'pick_plac', "no 'pick_plac'"),
    ('name', 'other', 'must be the name of the file'),
    ('table_z', None, "the key 'table_z' is missing"),
    ('table_z', '0.9', 'lies above the workspace'),
    ('velocity_scale', '7', 'at most 1'),
    ('velocity_scale', '0', 'greater than 0'),
    ('workspace_upper', '[0.10, 0.5, 0.7]', 'must be less than'),
    ('workspace_lower', '[0.60, -0.5, 0.0]', 'outside the workspace'),
    ('stale_joints_s', '0.001', 'less than one control cycle'),
    ('stale_joints_s', '.inf', 'finite'),
    ('rate_hz', '11.0', 'must divide control_hz'),
    ('physics_hz', '250.0', 'must be a multiple'),
    ('eye', None, 'needs either eye and target or xyz and rpy'),
    ('eye', '[0.50, 0.0, 0.85]', 'vertical line'),
    ('effort_scale', '1.5', 'at most 1'),
    ('effort_scale', '0', 'greater than 0'),
    ('effort_scale', 'none', 'expected a number'),
    ('clock', 'lock', 'one of lockstep, wall'),
    ('namespace', '/Bench', 'ROS names'),
    ('width', '320000', 'within 8 .. 4096'),
    ('perception', '../../etc', 'a name of letters'),
])
def test_a_contradictory_site_is_refused_where_it_is_wrong(tmp_path, key, value, words):
    """Pins each rule between fields, with the line it points at."""
    with pytest.raises(ConfigurationError) as caught:
        load_site(variant(tmp_path, key, value))
    assert words in str(caught.value)
    assert caught.value.line is not None


POST = '{name: post, lower: [0.5, 0.2, 0.0], upper: [0.6, 0.3, 0.5]}'


@pytest.mark.parametrize(('zones', 'words'), [
    ('7', 'expected a list'),
    (f'[{POST}, {POST}]', "keep_out[1].name: 'post' stands twice"),
    (f'[{POST.replace("name: post, ", "")}]', "the key 'name' is missing"),
    (f'[{POST.replace("post", "the post")}]', 'a name of letters'),
    (f'[{POST.replace("upper", "uper")}]', "did you mean 'upper'"),
    (f'[{POST.replace("0.5, 0.2, 0.0", "0.5, 0.2")}]', 'keep_out[0].lower: must have 3 entries'),
    (f'[{POST.replace("0.3, 0.5", "0.3, .inf")}]', 'finite'),
    (f'[{POST.replace("0.3, 0.5", "0.3, 99")}]', 'within -10 .. 10'),
    (f'[{POST.replace("0.3, 0.5", "0.2, 0.5")}]', 'y must be less than that of upper = 0.2'),
    (str([{'name': f'z{i}', 'lower': [0, 0, 0], 'upper': [1, 1, 1]} for i in range(33)])
     .replace("'", ''), 'must have at most 32 entries'),
    ('[{name: home, lower: [0.4, -0.1, 0.3], upper: [0.5, 0.1, 0.4]}]', 'puts the tool into it'),
    ('[{name: home, lower: [-0.1, -0.1, 0.76], upper: [0.0, 0.1, 0.9]}]', 'puts fr3_joint5 into'),
])
def test_a_box_that_is_none_is_refused_where_it_stands(tmp_path, zones, words):
    """Pins boxes that keep nothing out, have no name, or bar the arm from its home."""
    with pytest.raises(ConfigurationError) as caught:
        load_site(variant(tmp_path, 'control_hz', f'100.0\n  keep_out: {zones}'))
    assert words in str(caught.value) and caught.value.line is not None


def test_boxes_and_torques_are_read(tmp_path):
    """Pins `limits.keep_out` and `limits.effort_scale`, and what holds where nothing is said."""
    limits = load_site(variant(tmp_path, 'control_hz', f'100.0\n  keep_out: [{POST}]')).limits
    assert limits.keep_out[0].name == 'post' and limits.effort_scale is None
    assert limits.keep_out[0].upper.tolist() == [0.6, 0.3, 0.5]
    assert not limits.keep_out[0].upper.flags.writeable
    site = load_site(variant(tmp_path, 'effort_scale', None))
    assert (site.limits.keep_out, site.limits.effort_scale) == ((), 1.0)


def test_two_cameras_of_one_name_are_refused(tmp_path):
    """Pins that a camera name is a topic namespace and stands once."""
    text = (share() / 'config' / 'sites' / 'sim_bench.yaml').read_text()
    path = tmp_path / 'sim_bench.yaml'
    path.write_text(text.replace('name: wrist', 'name: front'))
    with pytest.raises(ConfigurationError, match='stands twice'):
        load_site(path)


def test_a_simulated_arm_without_a_simulator_is_refused(tmp_path):
    """Pins that adapter and sim section belong together."""
    text = (share() / 'config' / 'sites' / 'sim_bench.yaml').read_text()
    path = tmp_path / 'sim_bench.yaml'
    path.write_text(text[:text.index('sim:\n')])
    with pytest.raises(ConfigurationError, match='pybullet needs a sim section'):
        load_site(path)


def test_faults_of_several_files_are_shown_together(tmp_path):
    """Pins that `lam check` finds all of them in one run."""
    path = variant(tmp_path, 'arm', '{model: fr33, adapter: pybullet}')
    path.write_text(edited(path.read_text(), 'task', 'pick_plac'))
    site, faults = examine(path)
    assert site is None
    assert [fault.nearest for fault in faults] == ['fr3', 'pick_place']


@pytest.mark.parametrize(('old', 'new', 'words'), [
    ('lower: [-2.7437', 'lower: [2.7437', 'lower[0]: must be less than upper[0]'),
    ('home: [0.0, -0.40', 'home: [0.0, -1.90', 'home[1]: must be within'),
    ('joints: [fr3_joint1, fr3_joint2', 'joints: [fr3_joint1, fr3_joint1', 'stands twice'),
    ('velocity: [2.62, 2.62', 'velocity: [2.62', 'velocity: must have 7 entries'),
    ('velocity: [2.62', 'velocity: [-2.62', 'greater than 0'),
    ('opening: 0.08', 'opening: 0', 'gripper.opening: must be greater than 0'),
    ('effort: [87.0, 87.0', 'effort: [87.0', 'effort: must have 7 entries'),
    ('effort: [87.0', 'effort: [0.0', 'greater than 0'),
    ('half: 0.085', 'half: 0', 'gripper.palm.half: must be greater than 0'),
    ('radius: 0.052', 'radius: 0.6', 'gripper.radius: must be greater than 0 and at most 0.5'),
])
def test_an_arm_that_contradicts_itself_is_refused(tmp_path, monkeypatch, old, new, words):
    """Pins the checks of an arm file: a swapped limit would switch a limit off."""
    text = (share() / 'config' / 'arms' / 'fr3.yaml').read_text()
    assert old in text
    folder = tmp_path / 'config' / 'arms'
    folder.mkdir(parents=True)
    (folder / 'fr3.yaml').write_text(text.replace(old, new, 1))
    monkeypatch.setattr('lam_ws.configuration.share', lambda: tmp_path)
    with pytest.raises(ConfigurationError) as caught:
        load_arm('fr3')
    assert words in str(caught.value) and caught.value.line is not None


@pytest.fixture
def model(tmp_path, monkeypatch):
    """Return the folder of a model whose card and weights agree."""
    folder = tmp_path / 'models' / 'tiny'
    folder.mkdir(parents=True)
    (folder / 'tiny.safetensors').write_bytes(bytes(range(256)))
    card = (f'name: tiny\nkind: policy\nweights: tiny.safetensors\n'
            f'sha256: "{digest(folder / "tiny.safetensors")}"\nlicence: Apache-2.0\n'
            f'arms: [fr3]\nfigures: {{success: {{fr3: 0.98}}, seeds: [1, 2]}}\n')
    (folder / 'model.yaml').write_text(card)
    monkeypatch.setattr('lam_ws.models.share', lambda: tmp_path)
    return folder


def test_a_card_is_read_once_its_weights_are_verified(model):
    """Pins the keys of model.yaml and that figures keep their shape."""
    card = load_card('tiny', 'fr3')
    assert isinstance(card, ModelCard) and card.figures['success']['fr3'] == 0.98
    assert card.figures['seeds'] == (1, 2)


def test_any_altered_byte_of_the_weights_is_refused(model):
    """Pins the manifest: one file in seven that is damaged would still load."""
    data = bytearray((model / 'tiny.safetensors').read_bytes())
    for at in range(0, len(data), 17):
        damaged = bytearray(data)
        damaged[at] ^= 1
        (model / 'tiny.safetensors').write_bytes(damaged)
        with pytest.raises(CheckpointError, match='altered'):
            load_card('tiny')


def test_a_model_for_another_arm_or_none_at_all_is_refused(model):
    """Pins the embodiment check and the wording for missing parts."""
    with pytest.raises(CheckpointError, match='made for fr3, not for ur5e'):
        load_card('tiny', 'ur5e')
    with pytest.raises(CheckpointError, match="did you mean 'tiny'"):
        load_card('tyni')
    (model / 'tiny.safetensors').unlink()
    with pytest.raises(CheckpointError, match='weights are missing'):
        load_card('tiny')


@pytest.mark.parametrize('weights', ['../t.safetensors', 'tiny.pt', '/etc/passwd',
                                     'a/b.safetensors'])
def test_weights_are_safetensors_beside_their_card(model, weights):
    """Pins that a card cannot reach another folder, nor a format that can carry code."""
    card = (model / 'model.yaml').read_text()
    (model / 'model.yaml').write_text(card.replace('tiny.safetensors', weights))
    with pytest.raises(ConfigurationError, match='safetensors file in the same folder'):
        load_card('tiny')


def test_check_points_at_the_line_that_names_what_is_missing():
    """Pins that a missing model, scene or knowledge folder is a fault of the site's line."""
    site = load_site('sim_bench')
    lines = site.path.read_text().splitlines()
    broken = replace(site, perception='nothing', knowledge='nowhere',
                     sim=replace(site.sim, scene='benhc'))
    faults = {lines[fault.line - 1].split(':')[0].strip(): fault
              for fault in _probe(broken)}
    assert 'models/nothing/model.yaml' in faults['perception'].message
    assert "no knowledge folder 'nowhere'" in faults['knowledge'].message
    assert faults['scene'].nearest == 'bench'


@pytest.mark.parametrize('backend', ['native', 'onnx'])
def test_a_learned_policy_names_its_weights(backend):
    """Pins: a policy without a model fails only once the node starts."""
    policy = replace(load_site('sim_bench').policy, backend=backend, model=None)
    assert list(policy.contradictions()) == [
        ('backend', f'{backend} needs the key model, a folder in models/')]


@pytest.mark.parametrize('old, new', [
    ('0.316', '1e308'), ('lower: [-2.7437', 'lower: [-1e308'),
    ('velocity: [2.62', 'velocity: [1e9'),
    ('acceleration: [10.0', 'acceleration: [1e300'), ('jerk: [5000.0', 'jerk: [1e308'),
    ('xyz: [0.0, 0.0, 0.2104]', 'xyz: [0.0, 0.0, 1e308]'), ('opening: 0.08', 'opening: 80.0'),
    ('force: 40.0', 'force: 1e12')])
def test_a_number_beyond_any_arm_is_refused(tmp_path, old, new):
    """Pins numbers that are finite and overflow later: limits that limit nothing."""
    text = locate('config/arms', 'fr3').read_text()
    assert old in text
    (tmp_path / 'fr3.yaml').write_text(text.replace(old, new, 1))
    with pytest.raises(ConfigurationError, match='must be'):
        load(tmp_path / 'fr3.yaml', ArmFile)
