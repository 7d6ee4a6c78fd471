"""Recorded demonstrations: what is written was shown, and breaking off is no loss."""
from lam_ws.errors import ConfigurationError
from lam_ws.site import load_site
import numpy as np
import pytest

pytestmark = pytest.mark.sim
pytest.importorskip('pybullet')
pytest.importorskip('pyarrow')
from lam_ws.dataset.reader import Dataset  # noqa: E402
from lam_ws.train.recording import embodiment_of, ENDING, record_demos  # noqa: E402
from lam_ws.verbs.data.pixels import main  # noqa: E402

SITE = load_site('sim_bench')


def test_a_demonstration_is_one_that_can_be_followed():
    """Pins shapes, and that each action is where the arm is a tenth of a second later."""
    first, again = (next(record_demos(SITE, 'press', [7])) for _ in range(2))
    body = embodiment_of(SITE)
    count = len(first.state)
    assert first.state.shape == first.action.shape == (count, len(body.state))
    assert {name: shots.shape for name, shots in first.frames.items()} == {
        'front': (count, 192, 256, 3), 'wrist': (count, 128, 128, 3)}
    apart = np.abs(first.action[:-1] - first.state[1:])[:, :-1]
    assert np.median(apart) < 0.01 and apart.max() < 0.3   # rad; pushes are not taught
    assert np.abs(first.action[-ENDING:, :-1] - first.action[-1, :-1]).max() < 0.06
    assert np.array_equal(first.state, again.state) and first.sentence == again.sentence
    assert np.array_equal(first.frames['front'], again.frames['front'])


def test_a_recording_goes_on_where_it_was(tmp_path, capsys, monkeypatch):
    """Pins a folder that grows: the shards that are there are kept, the next ones added."""
    monkeypatch.setattr('lam_ws.verbs.data.pixels.SHARD', 1)
    call = ['demos', '--lerobot', str(tmp_path / 'set'), '--task', 'press', 'open_clamp',
            '--workers', '1', '--json', '--count']
    assert main([*call, '1']) == 0
    film = tmp_path / 'set/videos/observation.images.front/chunk-000/file-000.mp4'
    before = film.read_bytes()
    assert main([*call, '2']) == 0
    assert main([*call, '2']) == 0
    read = Dataset(tmp_path / 'set')
    assert read.info.episodes == 2 and len(read.sentences) == 2 and film.read_bytes() == before
    assert read.body == embodiment_of(SITE)
    assert sum(1 for _ in read.frames('wrist')) == len(read)
    assert '"good": 2' in capsys.readouterr().out


def test_another_recording_in_the_same_folder_is_refused(tmp_path):
    """Pins that two kinds of demonstrations are not mixed by a slip."""
    call = ['demos', '--lerobot', str(tmp_path / 'set'), '--count', '1', '--workers', '1']
    assert main([*call, '--task', 'press']) == 0
    with pytest.raises(ConfigurationError, match='was made with'):
        main([*call, '--task', 'press', '--seed', '3'])
    with pytest.raises(ConfigurationError, match="did you mean 'press'"):
        main([*call, '--task', 'pres'])
