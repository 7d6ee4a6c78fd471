"""Fixtures as built: they stand where they say, move as they should, and are seen as one."""
from collections.abc import Iterator
from dataclasses import replace

from lam_ws.geometry import pose
from lam_ws.sim.fixtures import (
    BELT,
    fixture_kind,
    KINDS,
    PRESS,
    PRESSED,
    SHAFT,
    STRIPE,
    TURN,
)
from lam_ws.sim.scene import catalogue, Fixture, Part, TableSpec
from lam_ws.site import load_site
import numpy as np
import pytest

pytestmark = pytest.mark.sim
pybullet = pytest.importorskip('pybullet')
from lam_ws.sim.bodies import add_part  # noqa: E402
from lam_ws.sim.building import (  # noqa: E402
    add_table,
    BuiltFixture,
    COMPOUND,
    NEAR,
    SAMPLES,
)

SITE = load_site('sim_bench')
STEP_S = 1 / SITE.sim.physics_hz
AT, YAW = (0.48, -0.12), 0.4
RGB = (0.8, 0.1, 0.1)


class Bench:
    """A table in both clients."""

    def __init__(self, pair):
        self.pair = pair
        add_table(pair, TableSpec(), RGB)

    def build(self, kind, value=0.0, yaw=YAW):
        """Return a fixture that was built on it."""
        return BuiltFixture(self.pair, Fixture(kind, 'red', AT, yaw, RGB, value))

    def lay(self, kind, xy, z=0.0, size=None):
        """Return a part of the catalogue that was laid there."""
        drawn = catalogue()[kind]
        return add_part(self.pair[0], Part(kind, 'red', drawn.shape, size or drawn.size, xy, 0.0,
                                           RGB, 0.08, 0.7, z=z))

    def run(self, seconds, built=None, force=None):
        """Let time pass; `force` is applied to what moves: a function of body and client."""
        for _ in range(round(seconds / STEP_S)):
            if built is not None:
                built.before_step()
            if force is not None:
                force(built.state()['moving'], self.pair[0])
            pybullet.stepSimulation(physicsClientId=self.pair[0])

    def under(self, xy, client=0):
        """Return the body and the height m that a ray from above meets at `xy`."""
        hit = pybullet.rayTest([*xy, 0.5], [*xy, -0.05], physicsClientId=self.pair[client])[0]
        return hit[0], hit[3][2]


@pytest.fixture
def bench() -> Iterator[Bench]:
    """Return an empty table."""
    pair = pybullet.connect(pybullet.DIRECT), pybullet.connect(pybullet.DIRECT)
    pybullet.setGravity(0, 0, -9.81, physicsClientId=pair[0])
    pybullet.setPhysicsEngineParameter(fixedTimeStep=STEP_S, numSolverIterations=40,
                                       physicsClientId=pair[0])
    yield Bench(pair)
    for client in pair:
        pybullet.disconnect(client)


def push_down(newton):
    """Return a force on a button's cap."""
    def force(body, client):
        pybullet.applyExternalForce(body, 0, [0, 0, -newton], [0, 0, 0], pybullet.LINK_FRAME,
                                    physicsClientId=client)
    return force


@pytest.mark.parametrize('kind', KINDS)
@pytest.mark.parametrize('yaw', [0.0, 0.7, -2.0])
def test_a_point_is_on_the_body_where_it_was_built(bench, kind, yaw):
    """Pins place and heading of what is named against what is touched."""
    built = bench.build(kind, 0.06 if kind == 'belt' else 0.0, yaw)
    table = bench.under((0.2, 0.4))[1]
    for point in built.state()['points']:
        _, height = bench.under(point['position'][:2])
        below = 0.008 if point['kind'] == 'lever' else 0.001   # it is pushed at its side
        if any(one.hard for one in fixture_kind(kind).solids):
            assert -1e-5 < height - point['position'][2] < below
        else:
            assert height == pytest.approx(table, abs=1e-6)
        assert point['yaw'] == pytest.approx(yaw) and point['colour'] == 'red'


@pytest.mark.parametrize('value', [0.0, 0.5, TURN])
def test_the_point_of_a_lever_turns_with_it(bench, value):
    """Pins: a lever that is asked for where it stood when it was closed."""
    built = bench.build('clamp', value)
    lever, pivot = built.state()['points']
    body, height = bench.under(lever['position'][:2])
    assert body == built.state()['moving']
    assert 0 < height - lever['position'][2] < 0.008
    assert lever['yaw'] == pytest.approx(YAW + value)
    offset = np.subtract(lever['position'], pivot['position'])
    assert np.arctan2(offset[1], offset[0]) == pytest.approx(YAW + value)
    np.testing.assert_allclose(pivot['position'][:2], AT)


def test_a_button_is_pressed_and_springs_back(bench):
    """Pins the whole travel, the memory of it, and that a touch alone does not count."""
    built = bench.build('button')
    built.notice(np.zeros(3))
    assert built.most == pytest.approx(0.0, abs=1e-4)
    bench.run(0.4, built, push_down(15.0))
    built.notice(np.zeros(3))
    assert PRESSED < built.value() < PRESS + 1e-3
    assert built.state()['points'][0]['position'][2] == pytest.approx(0.05 - built.value())
    bench.run(0.6, built)
    built.notice(np.zeros(3))
    assert built.value() < 0.001
    assert built.most > PRESSED


def test_a_button_bears_a_part_that_lies_on_it(bench):
    """Pins that weight alone presses nothing."""
    built = bench.build('button')
    bench.lay('bearing', AT, 0.05)
    bench.run(0.5, built)
    assert built.value() < 0.002


@pytest.mark.parametrize('value', [0.0, 0.6, TURN])
def test_a_lever_stays_where_it_is_put(bench, value):
    """Pins: a clamp that falls shut by itself makes successes of what was not done."""
    built = bench.build('clamp')
    built.set(value)
    bench.run(1.0)
    assert built.value() == pytest.approx(value, abs=0.01)


@pytest.mark.parametrize(('torque', 'moves'), [(0.03, False), (0.6, True), (-0.6, False)])
def test_a_lever_gives_way_to_a_push_up_to_its_end(bench, torque, moves):
    """Pins friction and both ends of the joint."""
    built = bench.build('clamp')

    def turn(body, client):
        pybullet.applyExternalTorque(body, 0, [0, 0, torque], pybullet.WORLD_FRAME,
                                     physicsClientId=client)
    bench.run(1.0, built, turn)
    assert built.value() == pytest.approx(TURN if moves else 0.0, abs=0.03)


@pytest.mark.parametrize(('speed', 'yaw'), [(0.05, 0.0), (0.09, 0.0), (0.07, 0.3)])
def test_a_belt_carries_at_its_speed_along_its_y(bench, speed, yaw):
    """Pins the speed that belief and key points reckon with; beside it nothing moves."""
    built = bench.build('belt', speed, yaw)
    along = np.array([-np.sin(yaw), np.cos(yaw)])
    carried = bench.lay('cube', tuple(AT - 0.2 * along), BELT[2])
    beside = bench.lay('cube', (AT[0] - 0.25, AT[1]))
    bench.run(0.5, built)
    before = [np.array(one.state()['position']) for one in (carried, beside)]
    bench.run(2.0, built)
    way, none = (np.array(one.state()['position']) - was
                 for one, was in zip((carried, beside), before, strict=True))
    np.testing.assert_allclose(way[:2], 2.0 * speed * along, atol=0.05 * 2.0 * speed)
    assert abs(way[2]) < 1e-3 and np.abs(none).max() < 1e-3
    assert built.state()['speed'] == speed and built.active


def test_a_body_of_too_many_boxes_is_built_in_pieces(bench):
    """Pins: PyBullet crashes, without a word, on the seventeenth box of a body."""
    assert len([one for one in fixture_kind('socket').solids if one.hard]) > COMPOUND
    before = [pybullet.getNumBodies(physicsClientId=client) for client in bench.pair]
    bench.build('socket')
    after = [pybullet.getNumBodies(physicsClientId=client) for client in bench.pair]
    assert [now - then for now, then in zip(after, before, strict=True)] == [2, 2]
    c, s = np.cos(YAW), np.sin(YAW)
    walls = [bench.under((AT[0] + c * x - s * y, AT[1] + s * x + c * y))[1]
             for x, y in 0.019 * np.array([(np.cos(a), np.sin(a))
                                           for a in 2 * np.pi * np.arange(12) / 12])]
    assert min(walls) > 0.012                      # no wall was lost between the pieces
    assert bench.under(AT)[1] == pytest.approx(0.003)


@pytest.mark.parametrize(('aside', 'seated'), [(0.0, True), (0.004, True), (0.05, False)])
def test_a_shaft_slides_into_its_socket(bench, aside, seated):
    """Pins hole and lead-in in the physics; a shaft beside the socket is not in it."""
    bench.build('socket')
    size = catalogue()['shaft'].size
    shaft = bench.lay('shaft', (AT[0] + aside, AT[1]), 0.028 if aside < 0.01 else 0.0)
    bench.run(1.0)
    at = np.array(shaft.state()['position'])
    deep = at[2] - size[2] / 2 < 0.005 and np.hypot(*(at[:2] - AT)) < 0.002
    assert bool(deep) is seated
    assert SHAFT == size[0]


def test_a_part_in_a_crate_stays_in_it(bench):
    """Pins the floor and the four walls of the largest fixture."""
    built = bench.build('crate')
    part = bench.lay('cube', AT, 0.05)
    bench.run(0.5)
    at = np.array(part.state()['position'])
    assert at[2] == pytest.approx(0.004 + 0.02, abs=0.002)
    X = pose([*AT, 0], [0, 0, YAW])
    for local in ((0.123, 0.05), (-0.123, 0.05), (0.05, 0.123), (0.05, -0.123)):
        assert bench.under((X @ [*local, 0, 1])[:2])[1] == pytest.approx(0.04, abs=1e-6)
    assert not built.active


def wipe(built, shares, aside=0.0, height=0.014):
    """Lead the tool along a stripe; shares are -0.5 at its square end, 0.5 at the other."""
    X = pose([*AT, 0], [0, 0, YAW])
    for share in shares:
        built.notice((X @ [share * STRIPE, aside, height, 1.0])[:3])
    return built.most


def test_a_stripe_counts_what_was_passed(bench):
    """Pins the share, from no touch at all to both ways."""
    along = np.linspace(-0.5, 0.5, 40)
    assert wipe(bench.build('stripe'), along) == 1.0
    assert wipe(bench.build('stripe'), along[::-1]) == 1.0
    half = 0.5 + NEAR / STRIPE   # the wiper reaches a little ahead
    assert wipe(bench.build('stripe'), along[:20]) == pytest.approx(half, abs=1.5 / SAMPLES)
    assert wipe(bench.build('stripe'), along, aside=NEAR + 0.002) == 0.0
    assert wipe(bench.build('stripe'), along, height=0.03) == 0.0
    there = bench.build('stripe')
    assert wipe(there, along[:20]) < 1.0 and wipe(there, along[20:]) == 1.0


@pytest.mark.parametrize('scene', ['panel', 'assembly', 'conveyor', 'crate', 'lines'])
def test_what_is_built_is_seen_as_in_one_picture(scene):
    """Pins that drawing what stands still only once changes no pixel, fixtures included."""
    from lam_ws.sim.building import add_bin
    from lam_ws.sim.camera import Light, render
    from lam_ws.sim.cell import Cell
    cell = Cell(replace(SITE, sim=replace(SITE.sim, scene=scene)), 5)
    spare = pybullet.connect(pybullet.DIRECT)
    try:
        model, draw, spec = cell.camera_models()['front'], cell.draw, cell._scene_spec
        composited = cell.render('front').pixels
        pair = spare, cell._client
        add_table(pair, spec.table, draw.table_rgb)
        for bin_ in draw.bins:
            add_bin(pair, spec.bins, bin_)
        for fixture in draw.fixtures:
            BuiltFixture(pair, fixture)
        error = np.array(draw.residual['front'])
        whole = render(cell._client, model, model.X_ParentCamera @ pose(error[:3], error[3:]),
                       Light(draw.light, draw.ambient)).rgb
    finally:
        pybullet.disconnect(spare)
        cell.close()
    assert np.array_equal(composited, whole)
    assert np.ptp(whole) > 100
