"""The learned policy in ONNX Runtime is the learned policy in torch, without torch."""
from dataclasses import replace
from importlib.util import find_spec
import json
import subprocess
import sys

from lam_ws import cli
from lam_ws.errors import CheckpointError
from lam_ws.models import load_card
from lam_ws.site import load_site
from lam_ws.types import Frame, Goal, JointState, Observation
import numpy as np
import pytest
import yaml

pytestmark = [pytest.mark.train, pytest.mark.skipif(
    not all(map(find_spec, ('torch', 'onnx', 'onnxruntime', 'onnxscript'))),
    reason='needs torch and the packages of lam_ws[onnx]')]
SENTENCES = ('빨간 원통을 검은 상자에 넣어 줘', 'put the blue cube in the white bin',
             '버튼을 눌러 줘', 'push the carton over the line', 'open the clamp')
SITE = load_site('sim_bench')
CAMERA = next(camera for camera in SITE.cameras if camera.name == 'front').model()


@pytest.fixture(scope='module')
def models(tmp_path_factory):
    """A share folder with one model of random weights that believes whatever it sees."""
    from lam_ws.policy.model import LamNetwork
    from lam_ws.train.package import package, write_config
    import torch
    folder = tmp_path_factory.mktemp('share') / 'models' / 'tiny'
    with torch.random.fork_rng():
        torch.manual_seed(5)
        network = LamNetwork()
        torch.nn.init.constant_(network.grounder.maps.bias[:2], 4.0)
    package(network, folder, 'policy', ('fr3',), '', {}, {})
    write_config(network, folder)
    return folder.parents[1]


@pytest.fixture(scope='module')
def exported(models):
    """The same with its graphs, written by the command."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr('lam_ws.models.share', lambda: models)
        folder = models / 'models' / 'tiny' / 'onnx'
        assert cli.main(['export', '--onnx', '--model', 'tiny', '--out', str(folder)]) == 0
    return models


@pytest.fixture
def site(exported, monkeypatch):
    """A site whose policy is the exported model."""
    monkeypatch.setattr('lam_ws.models.share', lambda: exported)
    return replace(SITE, policy=replace(SITE.policy, backend='onnx', model='tiny'))


@pytest.fixture
def pair(site):
    """The policy in torch and in ONNX Runtime."""
    from lam_ws.policy.native import NativePolicy
    from lam_ws.policy.onnx import OnnxPolicy
    return NativePolicy(site), OnnxPolicy(site)


def picture(rng):
    """Return a picture of coarse random patches, as a cell has surfaces, with some noise."""
    coarse = rng.integers(0, 240, (CAMERA.height // 16, CAMERA.width // 16, 3))
    fine = rng.integers(0, 16, (CAMERA.height, CAMERA.width, 3))
    pixels = (np.kron(coarse, np.ones((16, 16, 1), int)) + fine).astype(np.uint8)
    pixels.setflags(write=False)
    return pixels


def observation(rng, stamp_s):
    """Return a picture and joints near home."""
    arm = SITE.arm
    position = arm.home + rng.uniform(-0.15, 0.15, arm.axes)
    position[-1] = rng.uniform(0.0, arm.limits.upper[-1])
    joints = JointState(stamp_s, arm.names, position, rng.uniform(-0.2, 0.2, arm.axes))
    return Observation(stamp_s, joints, {'front': Frame(stamp_s, CAMERA, picture(rng))})


def test_each_pass_gives_the_same_numbers(pair):
    """Pins the export: an operator that is translated wrongly moves a part elsewhere."""
    from lam_ws.policy.tokens import tokens
    native, onnx = (policy.passes for policy in pair)
    sizes, rng = native.sizes, np.random.default_rng(0)
    assert onnx.sizes == sizes
    for k in range(50):
        ids = tokens(SENTENCES[k % len(SENTENCES)] + ' ' * (k // 5))
        ours, theirs = native.text(ids), onnx.text(ids)
        np.testing.assert_allclose(theirs.text, ours.text.numpy(), atol=1e-5)
        np.testing.assert_allclose(theirs.skill, ours.skill, atol=1e-4)
        np.testing.assert_allclose(theirs.asked, ours.asked.numpy(), atol=1e-5)
        pixels = picture(rng)
        left, right = native.ground(pixels, ours), onnx.ground(pixels, theirs)
        np.testing.assert_allclose(right, left, atol=1e-4)
        assert left.shape == (2, CAMERA.height // 4, CAMERA.width // 4)
        np.testing.assert_array_equal(right.reshape(2, -1).argmax(1),
                                      left.reshape(2, -1).argmax(1))
        crops = np.stack([pixels[:48, :48], pixels[-48:, -48:]])
        for ours_, theirs_ in zip(native.closeup(crops, ours), onnx.closeup(crops, theirs),
                                  strict=True):
            np.testing.assert_allclose(theirs_, ours_, atol=1e-3)
        given = (rng.uniform(-1, 1, 10), rng.uniform(-1, 1, 12),
                 np.eye(sizes.skills)[k % sizes.skills], np.eye(sizes.phases)[k % sizes.phases],
                 float(rng.uniform(0.0, 3.0)))
        for ours, theirs in zip(native.head(*given), onnx.head(*given), strict=True):
            np.testing.assert_allclose(theirs, ours, atol=1e-4)


def test_whole_chunks_are_the_same(pair):
    """Pins belief, phases and kinematics: both forms share them, and remember alike."""
    rng = np.random.default_rng(1)
    for k in range(10):
        goal = Goal('pick_place', 'cube', 'blue', 'white', SENTENCES[k % len(SENTENCES)])
        for policy in pair:
            policy.reset(goal)
        for step in range(5):
            seen = observation(rng, 0.5 * step)
            ours, theirs = (policy.act(seen) for policy in pair)
            assert theirs.phase == ours.phase != 'search'
            np.testing.assert_allclose(theirs.position, ours.position, atol=5e-5)
            assert theirs.done == pytest.approx(ours.done, abs=1e-5)


def test_the_same_weights_give_the_same_files(site, exported, tmp_path, capfd):
    """Pins files that name the machine, or differ with it, so that digests mean nothing."""
    capfd.readouterr()
    assert cli.main(['export', '--onnx', '--model', 'tiny', '--out', str(tmp_path),
                     '--json']) == 0
    answer = json.loads(capfd.readouterr().out)
    card, first = load_card('tiny'), exported / 'models' / 'tiny' / 'onnx'
    manifest = yaml.safe_load((tmp_path / 'manifest.yaml').read_text())
    assert manifest['weights'] == card.sha256 and manifest['arms'] == ['fr3']
    for name, file in answer['onnx'].items():
        graph = (tmp_path / name).read_bytes()
        assert len(graph) == file['bytes'] and graph == (first / name).read_bytes()
        assert file['sha256'] == manifest['onnx'][name.removesuffix('.onnx')]
        assert b'.py' not in graph
    assert answer['image'] == [CAMERA.width, CAMERA.height]


def test_inputs_have_fixed_names_and_shapes(exported):
    """Pins what a program in another language builds on."""
    import onnxruntime
    found = {}
    for path in sorted((exported / 'models' / 'tiny' / 'onnx').glob('*.onnx')):
        session = onnxruntime.InferenceSession(path.read_bytes(),
                                               providers=['CPUExecutionProvider'])
        found[path.stem] = {one.name: tuple(one.shape)
                            for one in (*session.get_inputs(), *session.get_outputs())}
    assert found == {
        'text': {'ids': (1, 128), 'text': (1, 128), 'skill': (1, 13), 'asked': (2, 32)},
        'grounder': {'pixels': (1, 192, 256, 3), 'text': (1, 128), 'heat': (1, 2, 48, 64)},
        'closeup': {'crops': (2, 48, 48, 3), 'asked': (2, 32), 'point': (2, 2), 'height': (2,),
                    'yaw': (2, 12)},
        'head': {'state': (1, 10), 'points': (1, 12), 'skill': (1, 13), 'phase': (1, 9),
                 'elapsed': (1,), 'chunk': (1, 10, 6), 'next_phase': (1, 9), 'done': (1,)}}


PROGRAM = """
import sys
from pathlib import Path
sys.modules['torch'] = sys.modules['safetensors'] = None
import lam_ws.models
lam_ws.models.share = lambda: Path(sys.argv[1])
from dataclasses import replace
from lam_ws.policy.policy import load_policy
from lam_ws.site import load_site
from lam_ws.types import Frame, Goal, JointState, Observation
import numpy as np
site = load_site('sim_bench')
site = replace(site, policy=replace(site.policy, backend='onnx', model='tiny'))
policy = load_policy(site)
policy.reset(Goal('pick_place', 'cube', 'red', 'black', 'put the red cube in the black bin'))
camera = next(camera for camera in site.cameras if camera.name == 'front').model()
pixels = np.zeros((camera.height, camera.width, 3), np.uint8)
joints = JointState(0.0, site.arm.names, site.arm.home, np.zeros(site.arm.axes))
chunk = policy.act(Observation(0.0, joints, {'front': Frame(0.0, camera, pixels)}))
engines = {name.split('.')[0] for name, module in sys.modules.items() if module is not None}
print(chunk.phase, engines & {'torch', 'transformers', 'safetensors', 'onnx', 'onnxruntime'})
"""


def test_it_acts_where_there_is_no_torch(exported):
    """Pins the point of it: a node that needs neither torch nor what wrote the graphs."""
    done = subprocess.run([sys.executable, '-W', 'error', '-c', PROGRAM, str(exported)],
                          capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    phase, engines = done.stdout.split(maxsplit=1)
    assert phase != 'search' and engines.strip() == "{'onnxruntime'}"
    assert done.stderr == ''


@pytest.mark.parametrize(('fault', 'words'), [
    ('altered', 'head.onnx: the graph was altered: sha256 is'),
    ('missing', 'grounder.onnx: the graph is missing'),
    ('none', 'tiny has not been exported: no manifest.yaml in .* lam export --onnx'),
    ('stale', 'exported from other weights: .* make it anew with: lam export'),
    ('other', 'exported from lam_large, not from tiny'),
    ('arm', 'manifest.yaml: made for ur5e, not for fr3'),
    ('site', 'tiny/model.yaml: made for fr3, not for ur5e'),
    ('size', "images of 320 x 192 px, camera 'front' .* gives 256 x 192"),
    ('junk', 'text.onnx cannot be used'),
])
def test_what_does_not_fit_is_refused_by_name(site, exported, tmp_path, monkeypatch, fault,
                                              words):
    """Pins: altered or stale graphs, or those of another arm, would move this one."""
    from hashlib import sha256
    from shutil import copytree

    from lam_ws.policy.onnx import OnnxPolicy
    copytree(exported, tmp_path / 'share')
    monkeypatch.setattr('lam_ws.models.share', lambda: tmp_path / 'share')
    folder = tmp_path / 'share' / 'models' / 'tiny' / 'onnx'
    manifest = yaml.safe_load((folder / 'manifest.yaml').read_text())
    manifest.update({'stale': {'weights': '0' * 64}, 'other': {'name': 'lam_large'},
                     'arm': {'arms': ['ur5e']}, 'size': {'width': 320}}.get(fault, {}))
    if fault == 'altered':
        graph = bytearray((folder / 'head.onnx').read_bytes())
        graph[len(graph) // 2] ^= 1
        (folder / 'head.onnx').write_bytes(graph)
    elif fault == 'missing':
        (folder / 'grounder.onnx').unlink()
    elif fault == 'junk':
        (folder / 'text.onnx').write_bytes(b'no graph')
        manifest['onnx']['text'] = sha256(b'no graph').hexdigest()
    (folder / 'manifest.yaml').write_text(yaml.safe_dump(manifest))
    if fault == 'none':
        (folder / 'manifest.yaml').unlink()
    if fault == 'site':
        site = replace(site, arm=load_site('sim_bench_ur5e').arm)
    with pytest.raises(CheckpointError, match=words):
        OnnxPolicy(site)


def test_a_folder_that_no_policy_looks_in_is_not_measured(tmp_path, capsys):
    """Pins: the figures of another export, printed beside this one's digests."""
    assert cli.main(['export', '--onnx', '--measure', '--out', str(tmp_path)]) == 2
    assert 'default folder' in capsys.readouterr().err and not list(tmp_path.iterdir())


def test_what_a_start_costs_is_measured_in_this_process(exported, monkeypatch):
    """Pins the figures of `--measure` that come from processes of their own."""
    from lam_ws.bench.onnx import start
    monkeypatch.setattr('lam_ws.models.share', lambda: exported)
    found = start('sim_bench', 'onnx', 'tiny')
    assert found['cpu_s'] > 0.1 and 30.0 < found['resident_mb'] < 4000.0


def test_a_site_check_looks_at_the_graphs(exported, tmp_path, monkeypatch):
    """Pins: `lam check` passes a site whose policy will not load."""
    from lam_ws.testing import site as testing
    probes = {name: probe for _, name, probe in testing._probes(
        replace(SITE, policy=replace(SITE.policy, backend='onnx', model='tiny')))}
    monkeypatch.setattr('lam_ws.models.share', lambda: exported)
    probes['ONNX graphs of tiny']()
    (tmp_path / 'models').mkdir()
    monkeypatch.setattr('lam_ws.models.share', lambda: tmp_path)
    with pytest.raises(CheckpointError):
        probes['ONNX graphs of tiny']()
