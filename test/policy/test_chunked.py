"""The backends `act`, `flow`, `keypoint` at a site: the contract, every misfit by its name."""
from dataclasses import replace

from lam_ws import models
from lam_ws.embodiment import Picture, Signal
from lam_ws.errors import CheckpointError, ObservationError
from lam_ws.policy.delay import Delayed, Rtc
from lam_ws.policy.embodiment import Units
from lam_ws.policy.policy import load_policy
from lam_ws.site import load_site, PolicySettings
from lam_ws.testing import check_policy
from lam_ws.types import ActionChunk, Frame, Goal, JointState, Observation
import numpy as np
import pytest

pytestmark = [pytest.mark.train, pytest.mark.sim]
pytest.importorskip('torch')
pytest.importorskip('pybullet')
pytest.importorskip('pyarrow')
from lam_ws.dataset.dataset import Episode  # noqa: E402
from lam_ws.dataset.writer import Writer  # noqa: E402
from lam_ws.policy.chunked import check_fit, columns, misfits  # noqa: E402
from lam_ws.policy.chunking.config import Sizes  # noqa: E402
from lam_ws.train.imitation import imitate, Imitation  # noqa: E402
from lam_ws.train.recording import embodiment_of  # noqa: E402

SITE = load_site('sim_bench')
BODY = embodiment_of(SITE)
GOAL = Goal('press', 'button', 'red', '', '빨간 버튼을 눌러 줘', '')
TINY = Sizes(horizon=12, pixels=32, width=32, heads=2, encoder=1, decoder=1, euler=4)


@pytest.fixture(scope='module')
def share(tmp_path_factory):
    """Return a folder with models of every kind that never leave the neighbourhood of home."""
    place, rng = tmp_path_factory.mktemp('share'), np.random.default_rng(0)
    degrees = replace(BODY, action=(
        Signal('fr3_gripper', 'mm'), *(Signal(one.name, 'deg') for one in BODY.state[:-1])))
    for name, body in (('plain', BODY), ('degrees', degrees),
                       ('other', replace(BODY, robot='ur5e'))):
        writer = Writer(place / 'sets' / name, body)
        home = np.array(SITE.arm.home)
        home[-1] = 0.04
        near = home + 0.002 * rng.normal(size=(6, SITE.arm.axes))
        wanted = np.stack([Units(SITE.arm, columns(body.action)).send(row) for row in near])
        writer.add(Episode('press', near, wanted, {
            camera.name: np.full((6, camera.height, camera.width, 3), 90, np.uint8)
            for camera in body.cameras}))
        writer.flush()
    for kind, name in (('act', 'plain'), ('flow', 'plain'), ('keypoint', 'plain'),
                       ('act', 'degrees'), ('act', 'other')):
        out = place / 'models' / f'{kind}_{name}'
        list(imitate(Imitation(kind, place / 'sets' / name, out, place / 'runs' / out.name, 20,
                               batch=8, sizes=TINY), lambda: False))
    return place


@pytest.fixture
def policy(share, monkeypatch):
    """Return a function that loads a policy with one of the models."""
    monkeypatch.setattr(models, 'share', lambda: share)

    def load(model, backend=None, **changes):
        settings = PolicySettings(**{'name': 'x', 'backend': backend or model.split('_')[0],
                                     'replan_s': 0.5, 'horizon': 10, 'model': model, **changes})
        return load_policy(replace(SITE, policy=settings))
    return load


def observation(now_s=0.0, light=90):
    """Return what the arm at home sees."""
    home = np.array(SITE.arm.home)
    home[-1] = 0.04
    frames = {camera.name: Frame(now_s, camera.model(), np.full(
        (camera.height, camera.width, 3), light, np.uint8)) for camera in SITE.cameras}
    return Observation(now_s, JointState(now_s, SITE.arm.names, home, np.zeros(SITE.arm.axes)),
                       frames)


@pytest.mark.parametrize('model', ['act_plain', 'flow_plain', 'keypoint_plain', 'act_degrees'])
def test_the_contract_of_a_policy_is_kept(policy, model):
    """Pins chunks, refusals and repeatability of all backends, and units of other datasets."""
    loaded = policy(model)
    check_policy(loaded, GOAL, [observation(), observation(0.5, 120)], SITE.arm)
    loaded.reset(GOAL)
    chunk = loaded.act(observation())
    assert chunk.position.shape == (10, 8) and chunk.times[0] == pytest.approx(0.1)
    assert np.abs(chunk.position - observation().joints.position).max() < 0.05


@pytest.mark.parametrize(('model', 'changes', 'words'), [
    ('act_other', {}, 'made for ur5e, not for fr3'),
    ('act_plain', {'backend': 'flow'}, "the backend 'flow' needs one of its own"),
    ('act_plain', {'horizon': 13}, 'its chunks have 12 actions, horizon of the settings is 13'),
    ('act_plain', {'point_s': 0.05}, 'its actions are 0.1 s apart'),
])
def test_a_wrong_embodiment_is_refused_by_name(policy, model, changes, words):
    """Pins arm, kind, horizon and rate."""
    with pytest.raises(CheckpointError, match=words):
        policy(model, **changes)


@pytest.mark.parametrize(('body', 'words'), [
    (replace(BODY, cameras=(*BODY.cameras, Picture('ceiling', 64, 64))),
     "needs the camera 'ceiling', the site has front, wrist"),
    (replace(BODY, cameras=(Picture('front', 128, 96),)),
     "'front' has 128 x 96 px, the site's 256"),
    (replace(BODY, state=BODY.state[:-1]), 'its state lacks fr3_gripper of fr3'),
    (replace(BODY, action=(*BODY.action, Signal('base', 'm'))), "has 'base', which is no joint"),
    (replace(BODY, state=(*BODY.state[:-1], Signal('fr3_gripper', 'rad'))), "in 'rad', it can be"),
    (replace(BODY, action=tuple(Signal(one.name) for one in BODY.action)), 'no known unit'),
])
def test_every_misfit_is_one_sentence(body, words):
    """Pins cameras, sizes, joints and units, each by name."""
    assert any(words in line for line in misfits(body, 16, SITE)), list(misfits(body, 16, SITE))
    assert not list(misfits(BODY, 16, SITE))


def test_a_flow_is_told_what_it_follows_on_from(policy):
    """Pins real-time chunking through its wrapper: from the second late answer on."""
    inner = policy('flow_plain')
    told, follow_on = [], inner.follow_on
    inner.follow_on = lambda played, frozen_s: (told.append(frozen_s), follow_on(played, frozen_s))
    late = Rtc(Delayed(inner, 0.2))
    late.reset(GOAL)
    chunks = [late.act(observation(0.1 * tick)) for tick in range(12)]
    assert sum(chunk is not None for chunk in chunks) >= 3
    assert told and told[-1] == pytest.approx(0.2)


def test_a_flow_goes_on_where_the_played_chunk_goes(policy):
    """Pins the guidance in joint space: its first targets lie nearer to what is played."""
    loaded = policy('flow_plain')
    loaded.reset(GOAL)
    free = loaded.act(observation())
    shifted = ActionChunk(-0.5, free.names, 0.1 * np.arange(1, 21),
                          np.tile(free.position[0] + 0.004, (20, 1)))
    loaded.follow_on(shifted, 0.3)
    led, again = loaded.act(observation()), loaded.act(observation())
    wanted = shifted.position[:3, :-1]
    assert np.abs(led.position[:3, :-1] - wanted).mean() \
        < 0.7 * np.abs(free.position[:3, :-1] - wanted).mean()
    assert np.array_equal(again.position, free.position)   # what was told holds for one answer
    loaded.follow_on(shifted, 5.0)
    assert np.array_equal(loaded.act(observation()).position, free.position)


def test_lam_check_names_a_model_that_does_not_fit(share, monkeypatch):
    """Pins that a misfit is found before anything starts, and without torch."""
    monkeypatch.setattr(models, 'share', lambda: share)
    check_fit('act_plain', 'act', SITE)
    with pytest.raises(CheckpointError, match='horizon of the settings is 40'):
        check_fit('act_plain', 'act', replace(SITE, policy=replace(SITE.policy, horizon=40)))


def test_a_missing_camera_is_no_guess(policy):
    """Pins the reason code that the node passes on."""
    loaded = policy('act_plain')
    loaded.reset(GOAL)
    seen = observation()
    with pytest.raises(ObservationError, match='wrist'):
        loaded.act(replace(seen, frames={'front': seen.frames['front']}))
