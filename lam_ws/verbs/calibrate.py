"""`lam calibrate KIND`: what is needed for a real camera, from the board that is printed.

`board` writes it; `intrinsics` makes the optics of pictures of it; `views` takes pictures and
joints in a running cell; `hand-eye` says where the camera is mounted. Results leave as lines for
the site's `cameras:` and as JSON, with a picture of the residuals; what is poor is refused with
status 1, and no lines.
"""
import argparse
from collections.abc import Mapping, Sequence
import json
import os
from pathlib import Path
import sys
from typing import Any, TYPE_CHECKING

from lam_ws.errors import CameraError, ConfigurationError
from lam_ws.geometry import Chain, roll_pitch_yaw
from lam_ws.site import CameraSpec, load_site, Site
from lam_ws.source import nearest
from lam_ws.types import Array
from lam_ws.verbs import parser, print_json
import numpy as np

if TYPE_CHECKING:
    from lam_ws.cameras.board import Board, Corners

KINDS = {'board': 'write the board to print',
         'intrinsics': 'find focal length, centre and distortion',
         'views': 'take pictures of the board, with joints, in a running cell',
         'hand-eye': 'find where a camera is mounted'}


def main(arguments: Sequence[str]) -> int:
    """Do one step of a calibration."""
    kind = arguments[0] if arguments else ''
    if kind in ('-h', '--help'):
        rows = '\n'.join(f'  {name:<12} {text}' for name, text in KINDS.items())
        print(f'usage: lam calibrate KIND [options]     lam calibrate KIND --help\n\nkinds:\n'
              f'{rows}\n\nEach understands --json.')
        return 0
    if kind not in KINDS:
        raise ConfigurationError(f'no kind {kind!r} of lam calibrate; there are '
                                 + ', '.join(KINDS), nearest=nearest(kind, list(KINDS)))
    steps = {'board': _board, 'intrinsics': _intrinsics, 'views': _views, 'hand-eye': _hand_eye}
    return steps[kind](_options(kind).parse_args(arguments[1:]))


def _options(kind: str) -> argparse.ArgumentParser:
    options = parser(f'calibrate {kind}', KINDS[kind].capitalize() + '.')
    for name, count in (('--columns', 8), ('--rows', 6)):
        options.add_argument(name, type=int, default=count, metavar='N',
                             help=f'squares (default: {count})')
    for name, side in (('--square-mm', 30.0), ('--marker-mm', 22.0)):
        options.add_argument(name, type=float, default=side, metavar='MM',
                             help=f'side, as measured on the print (default: {side:g})')
    options.add_argument('--out', type=Path, default=Path('out/calibration'), metavar='FOLDER',
                         help='what is written goes here (default: out/calibration)')
    if kind in ('intrinsics', 'hand-eye'):
        options.add_argument('source', metavar='FOLDER', help='pictures of the board' + (
            ', or number or path of a device to take them from' if kind == 'intrinsics'
            else ' with views.json'))
    if kind == 'intrinsics':
        options.add_argument('--pictures', type=int, default=25, metavar='N',
                             help='of a device (default: 25)')
        options.add_argument('--size', default='640x480', metavar='WxH', help='of a device, px')
    if kind in ('views', 'hand-eye'):
        options.add_argument('--site', required=True, help='name in config/sites, or a .yaml file')
        options.add_argument('--camera', required=True, help='name in the site')
    if kind == 'views':
        options.add_argument('--domain', type=int,
                             default=int(os.environ.get('ROS_DOMAIN_ID', '0')))
    if kind == 'hand-eye':
        options.add_argument('--optics', type=Path, metavar='FILE',
                             help='optics.json of lam calibrate intrinsics (default: the site)')
    return options


def _made(given: argparse.Namespace) -> 'Board':
    from lam_ws.cameras.board import Board
    return Board(given.columns, given.rows, 1e-3 * given.square_mm, 1e-3 * given.marker_mm)


def _board(given: argparse.Namespace) -> int:
    from lam_ws.record.image import png
    board = _made(given)
    given.out.mkdir(parents=True, exist_ok=True)
    (given.out / 'board.png').write_bytes(png(board.picture()))
    board.write_pdf(given.out / 'board.pdf')
    width, height = (1e3 * side for side in board.size_m)
    _tell(given, {'pdf': str(given.out / 'board.pdf'), 'png': str(given.out / 'board.png'),
                  'width_mm': width, 'height_mm': height},
          f'{given.out / "board.pdf"}: print it at 100 %, glue it on something flat, and measure '
          f'that it is {width:g} mm wide')
    return 0


def _intrinsics(given: argparse.Namespace) -> int:
    from lam_ws.cameras.intrinsics import optics
    folder = Path(given.source) if Path(given.source).is_dir() else _collected(given)
    seen, (width, height), unread = _found(folder, _made(given))
    found = optics(seen, width, height)
    told = {'width': width, 'height': height, 'K': found.K.tolist(),
            'distortion': list(found.distortion), 'rms_px': found.rms,
            'held_out_px': found.held_out, 'focal_spread': found.spread,
            'covered': found.covered, 'lean': found.lean, 'pictures': len(found.residuals),
            'without_board': unread, 'dropped': list(found.dropped), 'faults': found.faults()}
    lines = _lines(focal=[found.K[0, 0], found.K[1, 1]], centre=[found.K[0, 2], found.K[1, 2]],
                   distortion=list(found.distortion))
    return _give(given, 'optics', told, lines, found.residuals, (width, height),
                 f'{len(found.residuals)} pictures, rms {found.rms:.3f} px, left out '
                 f'{found.held_out:.3f} px, focal length to {100 * found.spread:.3f} %')


def _hand_eye(given: argparse.Namespace) -> int:
    from lam_ws.cameras.hand_eye import mount, straight
    from lam_ws.cameras.views import read_views
    site = load_site(given.site)
    camera, folder = _camera(site, given.camera), Path(given.source)
    views = read_views(folder, site.arm.names[:-1])
    K, distortion = (camera.K, camera.distortion) if given.optics is None else _read(given.optics)
    seen, size, unread = _found(folder, _made(given))
    if size != (camera.width, camera.height):
        raise CameraError(f'{folder}: pictures are {size[0]} x {size[1]} px, the camera has '
                          f'{camera.width} x {camera.height}')
    if not views.straight:
        seen = {name: straight(view, K, distortion) for name, view in seen.items()}
    chain = Chain(site.arm)
    found = mount(seen, {name: chain.forward(np.array(position))
                         for name, position in views.positions.items()}, K, camera.parent)
    X = found.X_ParentCamera
    told = {'camera': camera.name, 'parent': camera.parent, 'X_ParentCamera': X.tolist(),
            'rms_px': found.rms, 'apart_m': found.off, 'spread_m': found.spread,
            'turn_rad': found.turn, 'pictures': len(found.residuals), 'without_board': unread,
            'faults': found.faults()}
    lines = _lines(xyz=X[:3, 3].tolist(), rpy=roll_pitch_yaw(X).tolist())
    return _give(given, 'mount', told, lines, found.residuals, size,
                 f'{camera.name} on {camera.parent}: {len(found.residuals)} pictures, rms '
                 f'{found.rms:.3f} px, {1e3 * found.off:.2f} mm apart')


def _views(given: argparse.Namespace) -> int:
    site = load_site(given.site)
    camera = _camera(site, given.camera)

    from lam_ws.nodes.environment import enter
    enter(given.domain)
    from lam_ws.nodes.viewing import take_views
    count = take_views(site, camera, _made(given), given.out, given.domain)
    _tell(given, {'folder': str(given.out), 'views': count}, f'{given.out}: {count} views')
    return 0


def _camera(site: Site, name: str) -> CameraSpec:
    for camera in site.cameras:
        if camera.name == name:
            return camera
    names = [camera.name for camera in site.cameras]
    raise ConfigurationError(f'no camera {name!r}; there are {", ".join(names)}', site.path,
                             nearest=nearest(name, names))


def _collected(given: argparse.Namespace) -> Path:
    """Take pictures from a device; return their folder."""
    from lam_ws.cameras.cameras import open_source
    from lam_ws.cameras.collecting import collect
    width, _, height = given.size.partition('x')
    if not (width.isdigit() and height.isdigit()):
        raise CameraError(f'--size is like 640x480, found {given.size!r}')
    source = open_source(given.source, int(width), int(height), 30.0)
    print('Show the board still, then elsewhere and tilted; Ctrl-C ends.', file=sys.stderr)
    try:
        collect(source, _made(given), given.out / 'pictures', given.pictures,
                lambda count, share: print(f'{count} of {given.pictures}, {100 * share:.0f} % of '
                                           'the image', file=sys.stderr))
    except KeyboardInterrupt:
        pass
    finally:
        source.close()
    return given.out / 'pictures'


def _found(folder: Path, board: 'Board'
           ) -> tuple[dict[str, 'Corners'], tuple[int, int], list[str]]:
    """Return corners by picture, the size of all pictures, and where no board was found."""
    from lam_ws.cameras.files import picture, pictures
    seen: dict[str, Corners] = {}
    unread, sizes = [], set()
    for path in pictures(folder):
        pixels = picture(path)
        sizes.add((pixels.shape[1], pixels.shape[0]))
        corners = board.find(pixels)
        if corners is None:
            unread.append(path.name)
        else:
            seen[path.name] = corners
    if len(sizes) > 1:
        raise CameraError(f'{folder}: pictures are of different sizes, {sorted(sizes)}')
    return seen, sizes.pop(), unread


def _read(path: Path) -> tuple[Array, tuple[float, ...]]:
    """Return K and distortion of an optics.json."""
    try:
        told = json.loads(path.read_text(encoding='utf-8'))
        K = np.array(told['K'], float).reshape(3, 3)
        distortion = tuple(float(value) for value in told['distortion'])
        faults = told['faults']
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise CameraError(f'{path}: is no optics of lam calibrate intrinsics: {error}') from error
    if faults or not np.isfinite(K).all():
        raise CameraError(f'{path}: these optics were refused')
    return K, distortion


def _lines(**keys: Sequence[float]) -> str:
    """Return lines for a camera of the site."""
    return ''.join(f'    {key}: [{", ".join(f"{value:.6g}" for value in values)}]\n'
                   for key, values in keys.items())


def _give(given: argparse.Namespace, name: str, told: dict[str, Any], lines: str,
          off: Mapping[str, Array], size: tuple[int, int], text: str) -> int:
    """Write and print what was found; return 1 where it is not good enough."""
    from lam_ws.cameras.pictures import residuals
    from lam_ws.record.image import png
    given.out.mkdir(parents=True, exist_ok=True)
    picture = given.out / f'{name}_residuals.png'
    picture.write_bytes(png(residuals(off, *size, text)))
    (given.out / f'{name}.json').write_text(json.dumps(told, indent=1) + '\n', encoding='utf-8')
    faults = told['faults']
    snippet = given.out / f'{name}.yaml'
    snippet.unlink(missing_ok=True)
    if not faults:
        snippet.write_text(lines, encoding='utf-8')
    for fault in faults:
        print(f'refused: {fault}', file=sys.stderr)
    _tell(given, {**told, 'residuals': str(picture)},
          f'{text}\n{lines if not faults else ""}residuals: {picture}')
    return 1 if faults else 0


def _tell(given: argparse.Namespace, told: dict[str, Any], text: str) -> None:
    if given.json:
        print_json(told)
    else:
        print(text)
