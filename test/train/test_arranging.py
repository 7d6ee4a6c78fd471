"""Stills: what is labelled is where the picture shows it, and the same seed is the same still."""
from dataclasses import replace

from lam_ws.geometry import inverse, project
from lam_ws.site import load_site
import numpy as np
import pytest

pytestmark = [pytest.mark.train, pytest.mark.sim]
pytest.importorskip('torch')
pytest.importorskip('pybullet')
from lam_ws.perception.model import COLOURS, PARTS  # noqa: E402
from lam_ws.sim.camera import composite  # noqa: E402
from lam_ws.sim.cell import Cell  # noqa: E402
from lam_ws.sim.fixtures import PRESS, TURN  # noqa: E402
from lam_ws.sim.tasks.suite import scenes, staged  # noqa: E402
from lam_ws.sim.truth import things  # noqa: E402
from lam_ws.train.arranging import rearrange  # noqa: E402
from lam_ws.train.stills import (  # noqa: E402
    CAMERA,
    KINDS,
    label_arrays,
    make_stills,
    PER_SCENE,
    THINGS,
    write_label,
)

SITE = load_site('sim_bench')
SEEDS = (2, 9)


@pytest.fixture(scope='module', params=tuple(scenes()))
def cell(request):
    """Return a cell with each scene of the suite."""
    made = Cell(staged(SITE, request.param), 0)
    yield made
    made.close()


def arranged(cell, seed):
    """Return truth, arm, picture and label of one arrangement."""
    cell.reset(seed)
    rearrange(cell, np.random.default_rng(seed))
    model = cell.camera_models()[CAMERA]
    still, moving = cell.shoot(model)
    labels = label_arrays(1)
    write_label(labels, 0, cell, model, still, moving)
    return cell.truth(), cell.read().position, composite(still, moving), labels


def fixed(truth):
    """Return a truth without the numbers of its bodies, for comparison."""
    return {key: [{name: value for name, value in one.items() if name not in ('body', 'moving')}
                  for one in truth[key]] for key in ('parts', 'bins', 'fixtures')}


def test_a_seed_is_a_still(cell):
    """Pins that a broken run can go on where it was: nothing but the seed decides."""
    first, again, other = (arranged(cell, seed) for seed in (2, 2, 9))
    assert fixed(first[0]) == fixed(again[0]) != fixed(other[0])
    assert np.array_equal(first[1], again[1]) and not np.array_equal(first[1], other[1])
    assert np.array_equal(first[2], again[2])
    for name, values in first[3].items():
        np.testing.assert_array_equal(values, again[3][name])


def test_every_pixel_is_where_its_point_is_projected(cell):
    """Pins labels against what the true camera shows; half a pixel is 2 mm.

    A label from the calibrated camera would teach its error as noise.
    """
    for seed in SEEDS:
        truth, _, _, labels = arranged(cell, seed)
        model, there = cell.camera_models()[CAMERA], list(things(truth))
        X_CameraBase = inverse(cell.true_camera(model))
        assert len(there) <= THINGS
        for row, thing in enumerate(there):
            assert KINDS[labels['kind'][0, row]] == thing.kind
            assert COLOURS[labels['colour'][0, row]] == thing.colour
            for which in ('grip', 'surface'):
                point = getattr(thing, which)
                np.testing.assert_allclose(labels[which][0, row], point, atol=1e-6)
                pixel = project(model.K, X_CameraBase, point)
                np.testing.assert_allclose(labels[f'{which}_pixel'][0, row], pixel, atol=0.01)
            yaw = labels['yaw'][0, row]
            assert np.isnan(yaw) if thing.yaw is None else abs(yaw - thing.yaw) < 1e-5
            assert labels['turns'][0, row] == thing.turns
        assert (labels['kind'][0, len(there):] == -1).all()
        assert not labels['visible'][0, len(there):].any()


def test_a_visible_part_shows_at_its_pixel(cell):
    """Pins labels against the picture itself: the body's own pixels lie around its label."""
    seen = 0
    for seed in SEEDS:
        truth, _, _, labels = arranged(cell, seed)
        moving = cell.shoot(cell.camera_models()[CAMERA])[1]
        for row, part in enumerate(truth['parts']):
            if not labels['visible'][0, row]:
                continue
            seen += 1
            rows, columns = np.nonzero(moving.body == part['body'])
            u, v = labels['grip_pixel'][0, row]
            assert columns.min() - 3 < u < columns.max() + 3
            assert rows.min() - 3 < v < rows.max() + 3
    assert seen


def test_everything_stays_where_it_may_be(cell):
    """Pins hinges within their travel, and nothing through the table or out of the cell."""
    for seed in range(4):
        truth, position, _, _ = arranged(cell, seed)
        for one in truth['fixtures']:
            most = {'clamp': TURN, 'button': PRESS}.get(one['kind'], 0.0)
            assert -1e-9 <= one['value'] <= most + 1e-9
        for part in truth['parts']:
            assert part['position'][2] > 0.005
            assert 0.1 < part['position'][0] < 0.85 and abs(part['position'][1]) < 0.5
        limits = cell.spec.limits
        assert ((limits.lower - 1e-6 <= position) & (position <= limits.upper + 1e-6)).all()


def test_a_scene_without_parts_can_be_arranged(cell):
    """Pins: a draw that found no room for a part broke off a whole shard."""
    cell.reset(2)
    bare = replace(cell.draw, parts=(), clutter=())
    for seed in range(4):
        cell.reset(2, bare)
        rearrange(cell, np.random.default_rng(seed))
    assert cell.truth()['parts'] == []


def test_a_folder_of_stills_is_whole_and_takes_turns(tmp_path):
    """Pins what training reads: as many images as labels, each with the scene it shows."""
    chosen = tuple(scenes())[:2]
    count = 2 * PER_SCENE + 1
    assert list(make_stills(SITE, tmp_path, count, 40, chosen)) == list(range(1, count + 1))
    assert sorted(path.name for path in tmp_path.iterdir()) == ['images.npy', 'labels.npz']
    images, labels = np.load(tmp_path / 'images.npy'), dict(np.load(tmp_path / 'labels.npz'))
    assert len(images) == count and {len(values) for values in labels.values()} == {count}
    assert labels['scene'].tolist() == [0] * PER_SCENE + [1] * PER_SCENE + [0]
    assert set(labels) == set(label_arrays(0))
    assert all(np.ptp(image) > 100 for image in images)
    assert (labels['kind'] < len(KINDS)).all() and (labels['kind'].max(1) >= 0).all()
    assert (labels['kind'][labels['visible']] >= 0).all() and len(PARTS) < len(KINDS)
