"""`lam calibrate` from pictures to lines of a site, and what it refuses."""
import json

from board_pictures import DISTORTION, HEIGHT, K, mounted, poses, rays, take, WIDTH
from lam_ws import cli
from lam_ws.cameras.board import Board
from lam_ws.cameras.views import Views
from lam_ws.geometry import Chain, inverse, pose
from lam_ws.record.image import png
from lam_ws.resources import share
from lam_ws.site import load_arm, load_site
import numpy as np
import pytest
import yaml

BOARD = Board()


def photograph(folder, X_views, seed=1):
    """Write pictures of the board to a folder."""
    rng, ways = np.random.default_rng(seed), rays()
    folder.mkdir(parents=True, exist_ok=True)
    for i, X in enumerate(X_views):
        (folder / f'{i:03}.png').write_bytes(png(take(BOARD, X, rng, ways)))
    return folder


@pytest.fixture(scope='module')
def optics(tmp_path_factory):
    """Return the folder in which `lam calibrate intrinsics` left what it found."""
    folder = tmp_path_factory.mktemp('optics')
    pictures = photograph(folder / 'pictures', poses(BOARD, np.random.default_rng(1), 24))
    assert cli.main(['calibrate', 'intrinsics', str(pictures), '--out', str(folder)]) == 0
    return folder


def site_file(folder, **camera):
    """Return the file of a site whose front camera has these keys."""
    content = yaml.safe_load((share() / 'config/sites/sim_bench.yaml').read_text())
    front = content['cameras'][0]
    for key in ('fov_deg', 'eye', 'target'):
        del front[key]
    front.update(width=WIDTH, height=HEIGHT, xyz=[0.0, 0.0, 0.0], rpy=[0.0, 0.0, 0.0], **camera)
    path = folder / 'sim_bench.yaml'
    path.write_text(yaml.safe_dump(content, sort_keys=False))
    return path


def test_the_board_is_written(tmp_path, capsys):
    """Pins both files, and the width to measure."""
    assert cli.main(['calibrate', 'board', '--out', str(tmp_path), '--json']) == 0
    told = json.loads(capsys.readouterr().out)
    assert told['width_mm'] == 240.0
    assert (tmp_path / 'board.pdf').is_file() and (tmp_path / 'board.png').is_file()


def test_the_lines_are_those_of_a_site(optics, tmp_path):
    """Pins that what is written can be pasted, and is what the stack then goes by."""
    lines = yaml.safe_load((optics / 'optics.yaml').read_text())
    site = load_site(site_file(tmp_path, **lines))
    camera = site.cameras[0]
    assert abs(camera.model().K[0, 0] / K[0, 0] - 1.0) < 0.002
    assert np.abs(camera.K[:2, 2] - K[:2, 2]).max() < 1.0 and len(camera.distortion) == 5
    told = json.loads((optics / 'optics.json').read_text())
    assert not told['faults'] and told['pictures'] == 24
    assert (optics / 'optics_residuals.png').read_bytes().startswith(b'\x89PNG')


@pytest.mark.parametrize('parent', ['tcp', 'base'])
def test_a_mount_becomes_lines_of_a_site(optics, tmp_path, parent):
    """Pins hand-eye from files alone: pictures, views.json and the optics found before."""
    arm = load_arm('fr3')
    truth, joints, views = mounted(BOARD, Chain(arm), np.array(arm.home[:-1]),
                                   np.random.default_rng(2), 16, parent)
    folder = photograph(tmp_path / 'views', views, 7)
    Views(arm.names[:-1], False, {f'{i:03}.png': tuple(map(float, q))
                                  for i, q in enumerate(joints)}).write(folder)
    lines = yaml.safe_load((optics / 'optics.yaml').read_text())
    site = site_file(tmp_path, parent=parent, **lines)
    command = ['calibrate', 'hand-eye', str(folder), '--site', str(site), '--camera', 'front',
               '--out', str(tmp_path)]
    assert cli.main(command) == 0
    made = yaml.safe_load((tmp_path / 'mount.yaml').read_text())
    off = inverse(truth) @ pose(made['xyz'], made['rpy'])
    assert np.linalg.norm(off[:3, 3]) < 1e-3
    assert cli.main([*command, '--optics', str(optics / 'optics.json')]) == 0
    (folder / '003.png').write_bytes((folder / '009.png').read_bytes())
    (folder / '004.png').write_bytes((folder / '008.png').read_bytes())
    assert cli.main(command) == 1   # pictures and joints do not belong together
    assert not (tmp_path / 'mount.yaml').exists()


def test_what_is_poor_leaves_no_lines(tmp_path, capsys):
    """Pins status 1, the faults, and a picture to look at."""
    folder = photograph(tmp_path / 'pictures', poses(BOARD, np.random.default_rng(4), 14,
                                                     spread=0.1))
    assert cli.main(['calibrate', 'intrinsics', str(folder), '--out', str(tmp_path)]) == 1
    assert 'refused: corners were seen in' in capsys.readouterr().err
    assert not (tmp_path / 'optics.yaml').exists()
    assert (tmp_path / 'optics_residuals.png').is_file()


@pytest.mark.parametrize(('content', 'words'), [
    ('{', 'is no list of views'), ('[]', 'is no list of views'),
    ('{"joints": ["a"], "straight": true, "views": []}', "has the joints ['a']"),
    ('{"joints": NAMES, "straight": 1, "views": []}', 'has the joints'),
    ('{"joints": NAMES, "straight": true, "views": [{"file": "x", "position": [1]}]}',
     'no sound joints'),
    ('{"joints": NAMES, "straight": true, "views": [{"file": "../x", "position": SEVEN}]}',
     'no sound joints'),
    ('{"joints": NAMES, "straight": true, "views": [{"file": "x", "position": NANS}]}',
     'no sound joints')])
def test_a_list_of_views_that_is_none_is_refused(tmp_path, capsys, content, words):
    """Pins files made by hand."""
    names = json.dumps(list(load_arm('fr3').names[:-1]))
    (tmp_path / 'views.json').write_text(
        content.replace('NAMES', names).replace('SEVEN', str([0.0] * 7)).replace(
            'NANS', '[NaN, 0, 0, 0, 0, 0, 0]'))
    site = site_file(tmp_path, focal=[520.0, 520.0], centre=[320.0, 240.0])
    assert cli.main(['calibrate', 'hand-eye', str(tmp_path), '--site', str(site), '--camera',
                     'front']) == 2
    assert words in capsys.readouterr().err


@pytest.mark.parametrize(('arguments', 'words'), [
    (['nonsense'], 'no kind'), (['hand-eye', '.', '--site', 'sim_bench', '--camera', 'frnt'],
                                "did you mean 'front'"),
    (['intrinsics', '/dev/video97'], 'no camera at'), (['intrinsics', '7', '--size', 'big'],
                                                       '--size is like'),
    (['board', '--columns', '99'], '3 to 30')])
def test_what_makes_no_sense_is_refused_in_one_line(tmp_path, capsys, arguments, words):
    """Pins status 2."""
    more = ['--out', str(tmp_path)] if arguments[0] != 'nonsense' else []
    assert cli.main(['calibrate', *arguments, *more]) == 2
    assert words in capsys.readouterr().err


def test_distortion_is_what_bends_pictures():
    """Pins that the truth of these tests has some: 20 px in the corner."""
    corner = np.array([[5.0, 5.0]])
    from board_pictures import undistorted
    bent = undistorted(corner) - (corner - K[:2, 2]) / [K[0, 0], K[1, 1]]
    assert np.abs(bent).max() * K[0, 0] > 20.0 and any(DISTORTION)
