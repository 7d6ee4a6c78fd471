"""Demonstrations, and the corrections of what the policy does."""
import pytest

pytestmark = pytest.mark.train
pytest.importorskip('torch')
pytest.importorskip('pybullet')
from lam_ws.policy.sizes import POINTS, STATE  # noqa: E402
from lam_ws.policy.skills import NUMBER  # noqa: E402
from lam_ws.site import load_site  # noqa: E402
from lam_ws.train.demos import make_demos  # noqa: E402
from lam_ws.train.policy import Demos  # noqa: E402
import numpy as np  # noqa: E402

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
