"""Optics and mount against a known camera that takes pictures of the board, and what is refused.

What is measured is printed; `pytest -s` shows it.
"""
from board_pictures import DISTORTION, HEIGHT, K, mounted, poses, rays, take, undistorted, WIDTH
import cv2
from lam_ws.cameras.board import Board, Corners
from lam_ws.cameras.hand_eye import mount, straight
from lam_ws.cameras.intrinsics import optics
from lam_ws.errors import CameraError
from lam_ws.geometry import Chain, inverse
from lam_ws.site import load_arm
import numpy as np
import pytest

BOARD = Board()
ARM = load_arm('fr3')
CHAIN, HOME = Chain(ARM), np.array(ARM.home[:-1])
WAYS = rays()


def found(X_views, seed, **more):
    """Return the corners in pictures of these views, by name."""
    rng = np.random.default_rng(seed)
    seen = {f'{i:03}.png': BOARD.find(take(BOARD, X, rng, WAYS, **more))
            for i, X in enumerate(X_views)}
    return {name: corners for name, corners in seen.items() if corners is not None}


@pytest.fixture(scope='module')
def good():
    """Return the corners of a good set of pictures."""
    return found(poses(BOARD, np.random.default_rng(1), 24), 11)


def test_optics_are_found(good, capsys):
    """Pins focal length, centre and distortion: by where a straight ray ends up, in px."""
    one = optics(good, WIDTH, HEIGHT)
    assert not one.faults() and len(one.residuals) == len(good) == 24
    ends = np.array([[u, v] for u in (60.0, 320.0, 580.0) for v in (50.0, 240.0, 430.0)])
    off = np.abs(undistorted(ends) - undistorted(ends, one.K, one.distortion)).max() * K[0, 0]
    with capsys.disabled():
        print(f'\noptics: rms {one.rms:.3f} px, left out {one.held_out:.3f} px; focal length off '
              f'by {abs(one.K[0, 0] - K[0, 0]):.3f} px of {K[0, 0]:g}, centre by '
              f'{np.abs(one.K[:2, 2] - K[:2, 2]).max():.2f} px, rays by {off:.2f} px at most')
    assert off < 1.0 and abs(one.K[0, 0] / K[0, 0] - 1.0) < 0.002
    assert one.rms < 0.2 and one.held_out < 0.25 and one.spread < 0.002


def test_a_picture_that_disagrees_with_all_others_is_left_out(good):
    """Pins one false picture in a good set: it must not bend the optics."""
    spoilt = dict(good)
    name = sorted(good)[3]
    view = good[name]
    spoilt[name] = Corners(view.ids, view.pixels + np.outer(
        np.sin(3.0 * np.arange(len(view.ids))), [6.0, -4.0]), view.points)
    one = optics(spoilt, WIDTH, HEIGHT)
    assert one.dropped == (name,) and not one.faults()


@pytest.mark.parametrize(('views', 'noise', 'words'), [
    ({'count': 8}, 3.0, 'are needed'),
    ({'count': 24, 'spread': 0.0}, 3.0, 'in the corners and at the edges')])
def test_poor_pictures_are_refused(views, noise, words):
    """Pins too few, and the middle of the image alone."""
    seen = found(poses(BOARD, np.random.default_rng(4), **views), 5, noise=noise)
    try:
        faults = ' '.join(optics(seen, WIDTH, HEIGHT).faults())
    except CameraError as error:
        faults = str(error)
    assert words in faults


def test_boards_from_the_front_alone_are_refused(capsys):
    """Pins why tilt is judged by itself: residuals and uncertainty say that all is well."""
    seen = found(poses(BOARD, np.random.default_rng(1), 24, tilt=0.02, near=0.45, far=0.5), 1)
    one = optics(seen, WIDTH, HEIGHT)
    wrong = abs(one.K[0, 0] / K[0, 0] - 1.0)
    with capsys.disabled():
        print(f'\nfrom the front: focal length off by {100 * wrong:.0f} %, uncertainty '
              f'{100 * one.spread:.4f} %, rms {one.rms:.3f} px')
    assert wrong > 0.1 and one.spread < 0.001 and one.rms < 0.2
    assert 'too little tilted' in ' '.join(one.faults())


def test_a_board_that_is_bent_is_refused(good):
    """Pins the residuals: corners that are not where the print says."""
    rng = np.random.default_rng(6)
    bent = {name: Corners(view.ids, view.pixels + rng.normal(0.0, 1.2, view.pixels.shape),
                          view.points) for name, view in good.items()}
    assert 'keep it flat' in ' '.join(optics(bent, WIDTH, HEIGHT).faults())


@pytest.mark.parametrize('parent', ['tcp', 'base'])
def test_a_mount_is_found(parent, capsys):
    """Pins both kinds of hand-eye calibration, through pictures with distortion."""
    truth, joints, views = mounted(BOARD, CHAIN, HOME, np.random.default_rng(2), 18, parent)
    seen = {name: straight(view, K, DISTORTION) for name, view in found(views, 7).items()}
    tools = {f'{i:03}.png': CHAIN.forward(q) for i, q in enumerate(joints)}
    one = mount(seen, tools, K, parent)
    error = inverse(truth) @ one.X_ParentCamera
    turn = np.degrees(np.linalg.norm(cv2.Rodrigues(error[:3, :3])[0]))
    place = np.linalg.norm(error[:3, 3])
    with capsys.disabled():
        print(f'\nmount on {parent}: rms {one.rms:.3f} px; off by {1e3 * place:.2f} mm and '
              f'{turn:.3f} deg')
    assert not one.faults() and place < 0.5e-3 and turn < 0.1 and one.rms < 0.2


def test_joints_with_an_error_of_a_real_arm_are_told(capsys):
    """Pins what the numbers say when the arm is not quite where it says it is."""
    rng = np.random.default_rng(3)
    truth, joints, views = mounted(BOARD, CHAIN, HOME, rng, 18, 'tcp')
    seen = {name: straight(view, K, DISTORTION) for name, view in found(views, 7).items()}

    def off_by(rad):
        tools = {f'{i:03}.png': CHAIN.forward(q + rng.normal(0.0, rad, q.shape))
                 for i, q in enumerate(joints)}
        return mount(seen, tools, K, 'tcp')
    little, much = off_by(0.0003), off_by(0.01)
    error = np.linalg.norm((inverse(truth) @ little.X_ParentCamera)[:3, 3])
    with capsys.disabled():
        print(f'\njoints off by 0.3 mrad: rms {little.rms:.2f} px, {1e3 * little.off:.2f} mm '
              f'apart, camera off by {1e3 * error:.2f} mm; by 10 mrad: {much.rms:.1f} px')
    assert not little.faults() and error < 1e-3
    assert 'do not belong together' in ' '.join(much.faults())


@pytest.mark.parametrize(('count', 'turning', 'words'), [
    (6, 0.5, 'are needed'), (14, 0.0, 'about a second axis')])
def test_poor_views_are_refused(count, turning, words):
    """Pins too few views, and a tool that only moved without turning."""
    _, joints, views = mounted(BOARD, CHAIN, HOME, np.random.default_rng(2), count, 'tcp')
    tools = [CHAIN.forward(q) for q in joints]
    if not turning:
        for T in tools:
            T[:3, :3] = tools[0][:3, :3]
        views = [views[0] + np.pad(np.zeros((3, 3)), ((0, 1), (0, 1))) for _ in tools]
        for i, X in enumerate(views):
            X[:3, 3] += [0.004 * i, -0.003 * i, 0.002 * i]
    seen = {name: straight(view, K, DISTORTION) for name, view in found(views, 7).items()}
    with pytest.raises(CameraError, match=words):
        mount(seen, {f'{i:03}.png': T for i, T in enumerate(tools)}, K, 'tcp')


def test_a_picture_is_made_straight():
    """Pins what the stack sees: a pinhole camera of the same K, to a fraction of a pixel."""
    from lam_ws.cameras.rectify import Rectifier
    rng = np.random.default_rng(8)
    X = poses(BOARD, rng, 1, near=0.3, far=0.3)[0]
    bent = take(BOARD, X, rng, WAYS, noise=0.0)
    made = BOARD.find(Rectifier(K, DISTORTION, WIDTH, HEIGHT)(bent))
    points = made.points @ X[:3, :3].T + X[:3, 3]
    wanted = (points @ K.T)[:, :2] / points[:, 2:]
    assert np.abs(made.pixels - wanted).mean() < 0.15
    crooked = BOARD.find(bent)
    points = crooked.points @ X[:3, :3].T + X[:3, 3]
    assert np.abs(crooked.pixels - (points @ K.T)[:, :2] / points[:, 2:]).max() > 2.0
    with pytest.raises(CameraError, match='640 x 480'):
        Rectifier(K, DISTORTION, WIDTH, HEIGHT)(bent[:400])
