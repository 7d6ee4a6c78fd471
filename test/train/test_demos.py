"""Demonstrations, and the corrections of what the policy does."""
import shutil

import pytest

pytestmark = pytest.mark.train
pytest.importorskip('torch')
pytest.importorskip('pybullet')
from lam_ws.models import model_folder  # noqa: E402
from lam_ws.policy.native import NativePolicy  # noqa: E402
from lam_ws.policy.sizes import POINTS, STATE  # noqa: E402
from lam_ws.policy.skills import NUMBER  # noqa: E402
from lam_ws.site import load_site  # noqa: E402
from lam_ws.train.demos import Draft, make_demos  # noqa: E402
from lam_ws.train.policy import Demos  # noqa: E402
import numpy as np  # noqa: E402
from safetensors.torch import load_file, save_file  # noqa: E402

SITE = load_site('sim_suite')


@pytest.fixture(scope='module')
def files(tmp_path_factory):
    """Return a demonstration of a press, and the same scene with the policy moving."""
    folder, made = tmp_path_factory.mktemp('demos'), {}
    for name, corrected in (('shown', False), ('corrected', True)):
        made[name] = folder / f'{name}.npz'
        assert list(make_demos(SITE, made[name], 1, 9_000_000, 'press', corrected)) == [(1, 1)]
    return made


def test_corrections_are_samples_like_demonstrations(files):
    """Pins that both go into one training, and that nothing half written is left behind."""
    shown, corrected = (dict(np.load(path)) for path in files.values())
    assert set(shown) == set(corrected)
    for rows in (shown, corrected):
        count = len(rows['phase'])
        assert rows['state'].shape == (count, STATE) and rows['points'].shape == (count, POINTS)
        assert rows['chunk'].shape == (count, 10, 6) and np.isfinite(rows['chunk']).all()
        assert set(rows['skill']) == {NUMBER['press']} and rows['done'][-1]
    assert corrected['taught'].all()
    assert len(Demos(list(files.values())).phase) == len(shown['phase']) + len(corrected['phase'])
    assert {path.suffix for path in files['shown'].parent.iterdir()} == {'.npz'}


def test_in_a_correction_the_policy_moves_and_the_expert_says_how(files):
    """Pins DAgger: the states are the policy's own, from which the expert would go another way."""
    shown, corrected = (dict(np.load(path)) for path in files.values())
    np.testing.assert_allclose(corrected['state'][0], shown['state'][0])
    count = min(len(shown['phase']), len(corrected['phase']))
    apart = np.linalg.norm(shown['state'][:count, :3] - corrected['state'][:count, :3], axis=1)
    assert apart.max() > 0.002
    moved = corrected['state'][1:, :3] - corrected['state'][:-1, :3]
    said = corrected['chunk'][:-1, 0, :3]
    assert np.linalg.norm(moved - said, axis=1).max() > 0.002


def test_a_draft_is_not_the_model_that_ships(tmp_path):
    """Pins that a whole training corrects its own first policy, wherever models/ is."""
    folder = tmp_path / 'draft'
    shutil.copytree(model_folder('lam_small'), folder)
    weights = load_file(folder / 'model.safetensors')
    weights['head.layers.6.bias'] += 1.0
    save_file(weights, folder / 'model.safetensors')
    draft, ships = Draft(SITE, folder).passes, NativePolicy(SITE).passes
    given = np.zeros(STATE), np.zeros(POINTS), np.eye(draft.sizes.skills)[0], \
        np.eye(draft.sizes.phases)[0], 0.0
    assert draft.head(*given)[2] == pytest.approx(ships.head(*given)[2] + 1.0, abs=1e-4)
