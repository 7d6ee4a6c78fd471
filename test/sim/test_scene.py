"""Scenes as drawn: the same seed the same scene, everything where and what the file allows."""
from typing import get_args

from lam_ws.configuration import load
from lam_ws.errors import ConfigurationError
from lam_ws.resources import share
from lam_ws.sim import scene_rules
from lam_ws.sim.drawing import draw_scene, PAINTS
from lam_ws.sim.scene import Catalogue, catalogue, load_scene, SceneSpec
import numpy as np
import pytest

CAMERAS = ('front', 'wrist')
SEEDS = range(60)


@pytest.fixture(scope='module')
def spec():
    """Return the checked scene file of the bench."""
    return load_scene('bench')


@pytest.fixture(scope='module')
def draws(spec):
    """Return the first scenes of the bench."""
    return [draw_scene(spec, seed, CAMERAS, 7) for seed in SEEDS]


def test_a_seed_is_a_scene(spec, draws):
    """Pins that nothing but the arguments decides, and that seeds differ."""
    assert [draw_scene(spec, seed, CAMERAS, 7) for seed in SEEDS] == draws
    assert len({str(draw.to_dict()) for draw in draws}) == len(draws)


def test_parts_can_be_told_apart_and_gripped(spec, draws):
    """Pins that an instruction has one meaning and open fingers fit beside each part."""
    for draw in draws:
        assert len({(part.kind, part.colour) for part in draw.parts}) == len(draw.parts)
        things = [*draw.parts, *draw.clutter]
        assert spec.parts.count[0] <= len(draw.parts) <= spec.parts.count[1]
        places = np.array([thing.xy for thing in things])
        assert (places >= spec.parts.zone.lower).all() and (places <= spec.parts.zone.upper).all()
        apart = np.linalg.norm(places[:, None] - places, axis=-1)
        assert (apart[~np.eye(len(things), dtype=bool)] >= spec.parts.spacing).all()


def test_every_part_and_bin_comes_up(spec, draws):
    """Pins that no kind, colour or side of a bin is left out of training by accident."""
    seen = {(part.kind, part.colour) for draw in draws for part in draw.parts}
    assert seen == {(kind, colour) for kind in spec.parts.kinds for colour in spec.parts.colours}
    sides = {(bin_.colour, bin_.xy[1] > 0) for draw in draws for bin_ in draw.bins}
    assert sides == {(colour, side) for colour in spec.bins.colours for side in (True, False)}


def test_both_bins_stand_on_opposite_sides(draws):
    """Pins that an instruction for either bin can be carried out in every scene."""
    for draw in draws:
        assert {bin_.colour for bin_ in draw.bins} == {'black', 'white'}
        assert draw.bins[0].xy[1] * draw.bins[1].xy[1] < 0


def test_sizes_and_physics_stay_in_their_ranges(spec, draws):
    """Pins mass, friction and size against a typing slip in the draw."""
    for part in (part for draw in draws for part in draw.parts):
        assert spec.parts.mass[0] <= part.mass <= spec.parts.mass[1]
        assert spec.parts.friction[0] <= part.friction <= spec.parts.friction[1]
        scale = np.array(part.size) / catalogue()[part.kind].size
        assert np.ptp(scale) < 1e-9
        assert spec.parts.scale[0] <= scale[0] <= spec.parts.scale[1]


def test_without_randomisation_only_places_differ(spec):
    """Pins that a plain scene keeps colours, light, cameras and the arm as drawn."""
    plain = draw_scene(spec, 4, CAMERAS, 7, randomise=False)
    assert plain.light == (0.0, 0.0, 1.0) and plain.arm_offset == (0.0,) * 7
    assert all(set(error.values()) == {(0.0,) * 6} for error in (plain.mount, plain.residual))
    assert all(part.rgb == PAINTS[part.colour] for part in plain.parts)


def test_an_unknown_scene_is_named():
    """Pins that a missing scene is a fault of configuration, with the name in it."""
    with pytest.raises(ConfigurationError, match='bensch'):
        load_scene('bensch')


@pytest.mark.parametrize('old, new, line', [
    ('kinds:', 'mass: [-0.1, 0.1]\n  kinds:', 5), ('kinds:', 'mass: [0.2, 0.1]\n  kinds:', 5),
    ('kinds:', 'scale: [0.0, 1.0]\n  kinds:', 5), ('kinds:', 'spacing: 1e308\n  kinds:', 5),
    ('count: [3, 5]', 'count: [3, 5000000]', 6), ('count: [3, 5]', 'count: [5, 3]', 6),
    ('lower: [0.37,', 'lower: [0.70,', 7), ('[black, white]', '[black, pink]', 8),
    ('[black, white]}', '[black, white], wall: -0.1}', 8),
    ('bins:', 'fixtures: [{kind: button, colours: [red], count: [1, 1], lower: [9, 0], '
              'upper: [9, 0]}]\nbins:', 8)])
def test_a_scene_that_cannot_be_is_refused_at_its_line(tmp_path, old, new, line):
    """Pins what reached the physics before: negative masses, sizes and counts without end."""
    text = (share() / 'sim' / 'scenes' / 'bench.yaml').read_text()
    assert old in text
    (tmp_path / 'scene.yaml').write_text(text.replace(old, new, 1))
    with pytest.raises(ConfigurationError) as refusal:
        load(tmp_path / 'scene.yaml', SceneSpec)
    assert refusal.value.line == line


@pytest.mark.parametrize('old, new', [
    ('size: [0.040', 'size: [-0.040'), ('size: [0.040', 'size: [1e308'),
    ('width: 0.040', 'width: 0'), ('turns: 0', 'turns: -1')])
def test_a_part_that_cannot_be_is_refused(tmp_path, old, new):
    """Pins shapes without extent, which PyBullet builds."""
    text = (share() / 'sim' / 'parts.yaml').read_text()
    assert old in text
    (tmp_path / 'parts.yaml').write_text(text.replace(old, new, 1))
    with pytest.raises(ConfigurationError):
        load(tmp_path / 'parts.yaml', Catalogue)


def test_a_fixture_that_nobody_builds_is_refused(tmp_path, monkeypatch):
    """Pins a KeyError while the cell is built, where the file could have been refused."""
    folder = tmp_path / 'sim' / 'scenes'
    folder.mkdir(parents=True)
    text = (share() / 'sim' / 'scenes' / 'panel.yaml').read_text()
    (folder / 'panel.yaml').write_text(text.replace('kind: button', 'kind: buton', 1))
    catalogue()   # read from where it is
    monkeypatch.setattr('lam_ws.sim.scene.share', lambda: tmp_path)
    with pytest.raises(ConfigurationError, match="did you mean 'button'"):
        load_scene('panel')


def test_every_paint_of_a_scene_is_known():
    """Pins a colour that a file may name and the drawing does not have."""
    assert set(get_args(scene_rules.Paint)) == set(PAINTS)
