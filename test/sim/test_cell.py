"""The simulated cell: deterministic, drawn right, kinematically true, and safe when left alone."""
from dataclasses import replace

from lam_ws.errors import ArmError
from lam_ws.geometry import Chain, pose
from lam_ws.site import load_site
from lam_ws.types import Command
import numpy as np
import pytest

pytestmark = pytest.mark.sim

SEED = 11


@pytest.fixture(scope='module', params=['sim_bench', 'sim_bench_ur5e'])
def shared(request):
    """Return one cell for each arm, shared by the tests of this file."""
    from lam_ws.sim.cell import Cell
    made = Cell(load_site(request.param), seed=SEED)
    yield made
    made.close()


@pytest.fixture
def cell(shared):
    """Return that cell in the state in which a run begins."""
    shared.reset(SEED)
    return shared


def push(cell, speed, cycles):
    """Turn the last arm joint at `speed` rad/s for some cycles, with a fresh command in each."""
    position, velocity = cell.read().position.copy(), np.zeros(cell.spec.axes)
    velocity[-2] = speed
    for _ in range(cycles):
        position[-2] += speed * cell.cycle_s
        cell.stream(Command(cell.now_s, cell.spec.names, position, velocity))
        cell.advance()


def speed(cell):
    """Return how fast the last arm joint really moves, rad/s: the way made in ten cycles."""
    before = cell.read().position[-2]
    push(cell, 0.5, 10)
    return (cell.read().position[-2] - before) / (10 * cell.cycle_s)


def history(cell, seed):
    """Return everything that can be measured along one run with given commands."""
    cell.reset(seed)
    seen = []
    for _ in range(3):
        push(cell, 0.4, 10)
        state = cell.read()
        seen.append([*state.position, *state.velocity, *state.effort]
                    + [value for part in cell.truth()['parts']
                       for value in (*part['position'], *part['quaternion'])])
    return np.array(seen), cell.render('front').pixels, cell.render('wrist').pixels


def test_the_same_seed_and_commands_give_the_same_run(cell):
    """Pins bit-identical joints, parts and pictures, in one cell and in another."""
    from lam_ws.sim.cell import Cell
    first = history(cell, SEED)
    other = Cell(cell.site, seed=3)
    try:
        again = [history(cell, SEED), history(other, SEED)]
    finally:
        other.close()
    for run in again:
        for values, expected in zip(run, first, strict=True):
            assert np.array_equal(values, expected)


def test_another_seed_gives_another_scene(cell):
    """Pins that the comparison above can fail."""
    assert not np.array_equal(history(cell, SEED)[1], history(cell, SEED + 1)[1])


def test_resetting_starts_time_anew(cell):
    """Pins that stamps count from the reset, by whole control cycles."""
    push(cell, 0.2, 7)
    assert cell.now_s == pytest.approx(0.07)
    cell.reset(SEED)
    assert cell.now_s == 0.0 and cell.read().stamp_s == 0.0


def together(cell, name):
    """Return what camera `name` sees with everything in one client, drawn in one pass."""
    from lam_ws.sim.building import add_bin, add_table
    from lam_ws.sim.camera import Light, render
    import pybullet
    draw, model = cell.draw, cell.camera_models()[name]
    spec, error = cell._scene_spec, np.array(draw.residual[name])
    X = model.X_ParentCamera @ pose(error[:3], error[3:])
    if model.parent == 'tcp':
        X = Chain(cell.spec).forward(cell.read().position[:-1]) @ X
    spare = pybullet.connect(pybullet.DIRECT)
    try:
        pair = (spare, cell._client)
        add_table(pair, spec.table, draw.table_rgb)
        for bin_ in draw.bins:
            add_bin(pair, spec.bins, bin_)
        return render(cell._client, model, X, Light(draw.light, draw.ambient)).rgb
    finally:
        pybullet.disconnect(spare)


@pytest.mark.parametrize('camera', ['front', 'wrist'])
def test_a_composited_picture_is_the_whole_picture(cell, camera):
    """Pins that drawing what stands still only once changes no pixel."""
    push(cell, 0.3, 20)
    composited = cell.render(camera).pixels
    assert np.array_equal(composited, together(cell, camera))
    assert np.ptp(composited) > 100


def test_a_measurement_is_taken_anew_whenever_the_arm_may_have_moved(cell):
    """Pins: joints of a cycle ago are handed out as those of now."""
    first = cell.read()
    assert cell.read() is first
    push(cell, 0.5, 1)
    moved = cell.read()
    assert moved.stamp_s == cell.now_s and moved.position[-2] != first.position[-2]
    cell.place_arm(cell.spec.home)
    placed = cell.read()
    assert np.array_equal(placed.position, cell.spec.home) and not placed.velocity.any()
    cell.reset(SEED)
    assert np.array_equal(cell.read().position, first.position) and cell.read().stamp_s == 0.0


def test_frames_have_the_size_and_stamp_they_promise(cell):
    """Pins shape, type and stamp of what perception is given."""
    cell.advance(3)
    for spec in cell.site.cameras:
        frame = cell.render(spec.name)
        assert frame.pixels.shape == (spec.height, spec.width, 3)
        assert frame.pixels.dtype == np.uint8
        assert frame.stamp_s == cell.now_s


def test_kinematics_agree_with_the_physics(cell):
    """Pins the DH table against the loaded URDF, for poses all over the joint ranges."""
    import pybullet
    rng = np.random.default_rng(5)
    limits, client, body = cell.spec.limits, cell._arm.client, cell._arm.body
    names = [pybullet.getJointInfo(body, i, physicsClientId=client)[12].decode()
             for i in range(pybullet.getNumJoints(body, physicsClientId=client))]
    for _ in range(20):
        q = rng.uniform(limits.lower, limits.upper)
        cell.place_arm(q)
        place, turn = pybullet.getLinkState(body, names.index('tcp'), physicsClientId=client,
                                            computeForwardKinematics=True)[4:6]
        X = Chain(cell.spec).forward(q[:-1])
        R = np.reshape(pybullet.getMatrixFromQuaternion(turn), (3, 3))
        np.testing.assert_allclose(place, X[:3, 3], atol=1e-6)
        np.testing.assert_allclose(R, X[:3, :3], atol=1e-6)


def test_it_brakes_by_itself_when_commands_cease(cell):
    """Pins the arm's own dead-line: it follows on for ten cycles at most, then comes to rest."""
    from lam_ws.sim.cell import DEADLINE_CYCLES
    push(cell, 0.5, 20)
    assert speed(cell) == pytest.approx(0.5, abs=0.05)
    before = cell.read().position[-2]
    cell.advance(DEADLINE_CYCLES + 30)
    assert np.abs(cell.read().velocity[:-1]).max() < 0.02
    here = cell.read().position
    assert here[-2] - before < 0.5 * (DEADLINE_CYCLES + 30) * cell.cycle_s
    cell.advance(100)
    np.testing.assert_allclose(cell.read().position, here, atol=2e-3)


def test_hold_brakes_at_once(cell):
    """Pins that hold does not wait for the dead-line, and a fresh command ends it."""
    push(cell, 0.5, 30)
    cell.stop()
    before = cell.read().position[-2]
    cell.advance(20)
    assert abs(cell.read().velocity[-2]) < 0.02
    assert cell.read().position[-2] - before < 0.5 * 12 * cell.cycle_s
    push(cell, 0.5, 20)
    assert speed(cell) == pytest.approx(0.5, abs=0.05)


@pytest.mark.parametrize('spoil', [
    lambda sent: replace(sent, names=sent.names[::-1]),
    lambda sent: replace(sent, names=sent.names[:-1], position=sent.position[:-1]),
    lambda sent: replace(sent, position=sent.position[:-1]),
    lambda sent: replace(sent, velocity=np.zeros((2, len(sent.names)))),
    lambda sent: replace(sent, position=np.full(len(sent.names), np.nan)),
    lambda sent: replace(sent, velocity=np.full(len(sent.names), np.inf)),
], ids=['order', 'joint_missing', 'position_short', 'velocity_shape', 'nan', 'infinite'])
def test_send_refuses_what_cannot_be_meant(cell, spoil):
    """Pins that a malformed command is an error and changes nothing of what is under way."""
    good = Command(cell.now_s, cell.spec.names, cell.read().position,
                   np.zeros(cell.spec.axes))
    before = cell._target.copy()
    with pytest.raises(ArmError):
        cell.stream(spoil(good))
    assert np.array_equal(cell._target, before)
    assert cell.stream(good) is good


def test_truth_speaks_of_what_was_drawn(cell):
    """Pins that scoring sees every part at rest on the table and both bins."""
    truth = cell.truth()
    assert [(part['kind'], part['colour']) for part in truth['parts']] \
        == [(part.kind, part.colour) for part in cell.draw.parts]
    for part, drawn in zip(truth['parts'], cell.draw.parts, strict=True):
        np.testing.assert_allclose(part['position'][:2], drawn.xy, atol=2e-3)
        assert part['position'][2] == pytest.approx(drawn.size[2] / 2, abs=2e-3)
    assert {bin_['colour'] for bin_ in truth['bins']} == {'black', 'white'}
