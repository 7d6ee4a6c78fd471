"""The yardstick from outside: its tables, and its three steps on one task."""
from importlib.util import find_spec
import json

from lam_ws.errors import CheckpointError, ConfigurationError
from lam_ws.metaworld.metaworld import BODY, ENVIRONMENT, GROUPS, known, summarise, TASKS
import numpy as np
import pytest


def test_the_tables_are_the_published_ones():
    """Pins fifty tasks in groups of 28, 11, 6 and 5, each with a sentence of its own."""
    assert [len(group) for group in GROUPS.values()] == [28, 11, 6, 5]
    assert len(TASKS) == 50 and len(set(TASKS.values())) == 50


def test_tasks_are_named_alone_or_by_group():
    """Pins the choice of tasks, and the nearest name of one that is not there."""
    assert known([]) == list(TASKS)
    assert known(['very-hard', 'reach', 'shelf-place']) == [*GROUPS['very hard'], 'reach']
    with pytest.raises(ConfigurationError, match="did you mean 'reach'"):
        known(['reech'])


def test_the_mean_is_that_of_the_groups_and_only_of_all():
    """Pins: a mean over tasks would be one over easy ones mostly."""
    rates = {'easy': 10, 'medium': 5, 'hard': 0, 'very hard': 2}
    all_of_them = {task: rates[name] for name, group in GROUPS.items() for task in group}
    found = summarise(all_of_them, 10)
    assert found['complete'] and found['mean_of_groups'] == pytest.approx(1.7 / 4)
    part = summarise({'reach': 10, 'push': 4}, 10)
    assert not part['complete'] and part['mean_of_groups'] is None
    assert part['groups']['hard'] == {'tasks': 1, 'of': 6, 'rate': 0.4}
    assert part['groups']['medium']['rate'] is None


@pytest.fixture(scope='module')
def packages():
    """Skip where the extra is not installed; MuJoCo is imported by who says how it draws."""
    if not all(map(find_spec, ('metaworld', 'mujoco', 'torch', 'pyarrow'))):
        pytest.skip('the extra metaworld is not installed')


@pytest.mark.train
def test_an_expert_is_seen_to_succeed(packages):
    """Pins that a seed is a layout, and that what is recorded is pixels, hand and actions."""
    from lam_ws.metaworld.demonstrations import demonstrate

    first, other, again = demonstrate('reach', [1, 2, 1])
    count = len(first.state)
    assert first.state.shape == (count, 4) and first.action.shape == (count, 16)
    assert first.environment.shape == (count, len(ENVIRONMENT))
    for camera in BODY.cameras:
        picture = first.frames[camera.name]
        assert picture.shape == (count, camera.height, camera.width, 3) and picture.std() > 10
        assert np.array_equal(picture, again.frames[camera.name])
        assert not np.array_equal(picture[0], other.frames[camera.name][0])
    assert np.array_equal(first.state, again.state)
    assert np.abs(first.action).max() <= 1.0 and first.sentence == TASKS['reach']


@pytest.mark.train
def test_the_three_steps_go_on_where_they_were(packages, tmp_path, capsys):
    """Pins collect, train and evaluate on one task, each a second time for nothing."""
    from lam_ws.dataset.reader import Dataset
    from lam_ws.metaworld.evaluating import check_body
    from lam_ws.policy.chunking.chunker import Chunker
    from lam_ws.verbs.metaworld import main

    call = ['--tasks', 'door-close', '--policy', 'act', '--folder', str(tmp_path / 'set'),
            '--out', str(tmp_path / 'model'), '--runs', str(tmp_path / 'runs'), '--demos', '2',
            '--episodes', '1', '--steps', '2', '--batch', '4', '--workers', '1', '--json']
    assert main(call) == 0
    found = json.loads(capsys.readouterr().out)
    assert found['demonstrations'] == 2 and found['training_step'] == 2
    assert set(found['tasks']) == {'door-close'} and found['mean_of_groups'] is None
    read = Dataset(tmp_path / 'set')
    assert read.body == BODY and read.info.environment == ENVIRONMENT
    assert all(found[f'{step}_cpu_s'] > 0.0 for step in ('collect', 'train', 'evaluate'))
    kept = (tmp_path / 'model/metaworld.json').read_text()
    assert main(['evaluate', *call]) == 0
    assert (tmp_path / 'model/metaworld.json').read_text() == kept
    chunker = Chunker(tmp_path / 'model')
    check_body(chunker, tmp_path / 'model', 4)
    with pytest.raises(CheckpointError, match='5 cannot be played'):
        check_body(chunker, tmp_path / 'model', 5)


def test_pushes_are_not_what_is_recorded():
    """Pins that the hand is pushed, the gripper is not; without pushes what is wanted is taken."""
    from lam_ws.metaworld.demonstrations import Pushes

    wanted = np.array([0.2, -0.1, 0.0, 1.0])
    calm = Pushes(np.random.default_rng(0), 0.0)
    assert np.array_equal(calm.push(wanted), wanted)
    spreads = []
    for seed in range(20):   # an episode may tremble little
        rough = Pushes(np.random.default_rng(seed), 1.0)
        taken = np.stack([rough.push(wanted) for _ in range(200)])
        assert (taken[:, 3] == 1.0).all()
        spreads.append(taken[:, :3].std(0).mean())
    assert np.mean(spreads) > 0.2 and np.min(spreads) < 0.5 * np.mean(spreads)
    assert np.array_equal(wanted, [0.2, -0.1, 0.0, 1.0])


@pytest.mark.train
def test_a_camera_looks_where_it_is_told(packages):
    """Pins MuJoCo's convention: along -z, x to the right, the top upwards."""
    from lam_ws.metaworld.drawing import looking
    import mujoco

    rotation = np.zeros(9)
    mujoco.mju_quat2Mat(rotation, looking(np.array([0.0, 2.0, -2.0])))
    right, up, back = rotation.reshape(3, 3).T
    np.testing.assert_allclose(right, [1.0, 0.0, 0.0], atol=1e-9)
    np.testing.assert_allclose(up, [0.0, 0.5 ** 0.5, 0.5 ** 0.5], atol=1e-9)
    np.testing.assert_allclose(back, [0.0, -0.5 ** 0.5, 0.5 ** 0.5], atol=1e-9)


@pytest.mark.train
@pytest.mark.parametrize('task', ['push', 'reach'])
def test_the_goal_is_drawn(packages, task):
    """Pins that a goal is seen: where it is a mark without a body, pictures must show it."""
    from lam_ws.metaworld.world import World

    world = World(task)
    world.reset(3)
    world.act(np.zeros(4))
    seen = world.look()
    world._env.model.site_rgba[world._env.model.site('goal').id, 3] = 0.0
    hidden = world.look()
    world.close()
    for name in seen:
        assert 20 < (seen[name] != hidden[name]).any(-1).sum() < 2000
