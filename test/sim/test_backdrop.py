"""The painted table: the picture, depth and bodies of the rendered one, and when to render it."""
from dataclasses import replace

from lam_ws.site import load_site
import numpy as np
import pytest

pytestmark = pytest.mark.sim
pybullet = pytest.importorskip('pybullet')
from lam_ws.sim.backdrop import Backdrop  # noqa: E402
from lam_ws.sim.camera import composite, level_depth, Light, render  # noqa: E402
from lam_ws.sim.cell import Cell  # noqa: E402

SITE = load_site('sim_bench')
SPREAD = np.array([0.5, 0.5, 0.5, 0.5, 0.3, 0.3, 0.5])   # rad around the arm's rest pose
LEAST = 0.999   # share of the pixels that must agree to 1 of 255


def scene(name, seed):
    """Return a cell with that scene."""
    return Cell(replace(SITE, sim=replace(SITE.sim, scene=name)), seed)


def strew(cell, rng):
    """Put the arm somewhere over the table; return its camera and where that is."""
    position = cell.spec.home.copy()
    position[:-1] += rng.uniform(-1, 1, len(SPREAD)) * SPREAD
    cell.place_arm(position)
    model = cell.camera_models()['wrist']
    return model, cell.chain.forward(position[:-1]) @ cell.true_camera(model)


@pytest.mark.parametrize('name', ['assembly', 'bench', 'conveyor', 'crate', 'handover', 'kitting',
                                  'lines', 'panel', 'quarantine', 'stacking'])
def test_a_painted_table_is_the_rendered_table(name):
    """Pins pictures that weights were trained on, and the depths and bodies of their labels."""
    rng, cell = np.random.default_rng(4), scene(name, 0)
    try:
        for seed in range(3):
            cell.reset(seed)
            for _ in range(3):
                model, X = strew(cell, rng)
                moving = render(cell._client, model, X, cell._light())
                painted, drawn = cell._backdrop.paint(model, X), cell._backdrop.shoot(model, X)
                off = np.abs(composite(painted, moving).astype(int) - composite(drawn, moving))
                assert (off <= 1).all(2).mean() >= LEAST
                assert (painted.body == drawn.body).mean() >= LEAST
                assert (np.abs(painted.depth - drawn.depth) < 1e-6).mean() >= LEAST
                assert (drawn.body == cell._backdrop._body).any()
                front = cell._models['front']
                assert cell.shoot(front)[0].depth is cell.shoot(front)[0].depth
    finally:
        cell.close()


def test_a_fixed_camera_sees_the_table_after_a_moving_one():
    """Pins: a camera on the tool takes the table away, and the fixed one finds none."""
    cell = scene('bench', 5)
    try:
        first = cell.render('front').pixels
        cell.reset(5)
        for _ in range(2):
            cell.render('wrist')
        assert np.array_equal(cell.render('front').pixels, first)
    finally:
        cell.close()


def test_painting_does_not_depend_on_what_was_drawn_before():
    """Pins: the first picture of a scene differs from the second of the same place."""
    cell = scene('lines', 2)
    try:
        first, second = cell.render('wrist').pixels, cell.render('wrist').pixels
        strew(cell, np.random.default_rng(1))
        cell.render('wrist')
        cell.reset(2)
        assert np.array_equal(first, second)
        assert np.array_equal(first, cell.render('wrist').pixels)
    finally:
        cell.close()


@pytest.mark.parametrize(('eye', 'above'), [
    ((0.5, 0.0, 0.4), True), ((0.5, 0.0, -0.4), False), ((1.2, 0.0, 0.4), False),
    ((0.5, -0.7, 0.4), False)])
def test_a_table_whose_sides_show_is_rendered(eye, above, monkeypatch):
    """Pins: beside or below the table its sides are left out."""
    cell = scene('bench', 1)
    try:
        model, X = cell.camera_models()['wrist'], np.diag([1.0, -1.0, -1.0, 1.0])
        X[:3, 3] = eye
        asked = []
        monkeypatch.setattr(Backdrop, '_render', lambda self, *given: asked.append(given[2]) or
                            render(self._client, *given[:2], self._light))
        cell._backdrop.paint(model, X)
        assert (False in asked) is above and asked[0] is True
    finally:
        cell.close()


def test_a_table_that_was_never_seen_is_not_painted():
    """Pins: a camera that looks away from the table gives it a colour of its own."""
    cell = scene('bench', 1)
    try:
        model, X = cell.camera_models()['wrist'], np.eye(4)
        X[:3, 3] = 0.5, 0.0, 0.4   # looks up
        shot = cell._backdrop.paint(model, X)
        assert (shot.body == -1).all() and cell._backdrop._colour is None
        assert not np.isfinite(level_depth(model, X, (0.45, 0.0), (1.1, 1.3))).any()
    finally:
        cell.close()


def test_the_depth_of_a_level_rectangle_is_the_buffer_of_the_renderer():
    """Pins the sampled corner of a pixel, and edges to the pixel, for tilted views."""
    client = pybullet.connect(pybullet.DIRECT)
    rng, cell = np.random.default_rng(3), scene('bench', 1)
    try:
        half = [0.1, 0.15, 0.01]
        seen = pybullet.createVisualShape(pybullet.GEOM_BOX, halfExtents=half,
                                          physicsClientId=client)
        pybullet.createMultiBody(0, -1, seen, [0.5, 0.0, -half[2]], physicsClientId=client)
        for _ in range(20):
            model, X = strew(cell, rng)
            X[:3, 3] = 0.5 + rng.uniform(-0.09, 0.09), rng.uniform(-0.14, 0.14), 0.3
            found = render(client, model, X, Light((0.0, 0.0, 1.0), 0.5))
            depth = level_depth(model, X, (0.5, 0.0), (0.2, 0.3))
            assert ((found.body == 0) == np.isfinite(depth)).mean() >= LEAST
            both = (found.body == 0) & np.isfinite(depth)
            np.testing.assert_allclose(depth[both], found.depth[both], atol=3e-7)
    finally:
        cell.close()
        pybullet.disconnect(client)
