"""`lam identify`: how late and how far behind an arm follows its commands, found in recordings.

Recordings of an arm in motion enter; a table, a picture and the lines for `sim: drive` of a site
leave. With --replay other recordings are played to the simulated cell, with these drives and
without, to see whether it does come nearer. A joint that hardly moved is refused: exit status 1.
"""
from argparse import Namespace
from collections.abc import Sequence
import json
from pathlib import Path
from typing import Any, TYPE_CHECKING

from lam_ws.verbs import clean_stdout, parser, print_json
from lam_ws.verbs.progress import track
from lam_ws.verbs.versions import versions

if TYPE_CHECKING:
    from lam_ws.identify.identify import Estimate, Identified


def main(arguments: Sequence[str]) -> int:
    """Identify, write and print."""
    options = parser('identify', 'Find in recordings how the arm follows its commands.')
    options.add_argument('recordings', nargs='+', type=Path, metavar='EPISODE.mcap',
                         help='in which every joint is moved')
    options.add_argument('--out', type=Path, metavar='FOLDER',
                         help='default: out/identify/ and the name of the first recording')
    options.add_argument('--replay', nargs='+', type=Path, default=[], metavar='EPISODE.mcap',
                         help='compare the simulated cell with these recordings; needs --site')
    options.add_argument('--site', help='name or .yaml file of the site of --replay')
    options.add_argument('--seed', type=int, default=0, help='of the intervals')
    given = options.parse_args(arguments)
    if given.replay and given.site is None:
        options.error('--replay needs --site')
    from lam_ws.identify.identify import identify
    from lam_ws.identify.picture import draw
    from lam_ws.identify.track import read_tracks
    tracks = [one for path in track(given.recordings, len(given.recordings), 'recordings')
              for one in read_tracks(path)]
    found = identify(tracks, given.seed)
    folder = given.out or Path('out/identify') / given.recordings[0].stem
    result: dict[str, Any] = {
        'recordings': [path.name for path in given.recordings], **described(found),
        'seed': given.seed, 'versions': versions()}
    if given.replay and not found.faults:
        with clean_stdout():
            result['replay'] = _replayed(given, found)
    draw(tracks, found, folder / 'identify.png')
    (folder / 'identify.json').write_text(
        json.dumps(result, ensure_ascii=False, allow_nan=False, indent=2) + '\n',
        encoding='utf-8')
    if not found.faults:
        (folder / 'drive.yaml').write_text(snippet(found), encoding='utf-8')
    _tell(given, result, found, folder)
    return 1 if found.faults else 0


def described(found: 'Identified') -> dict[str, Any]:
    """Return what was found as JSON: s and rad, intervals of 95 %."""
    joints = [{'name': joint.name, 'fault': joint.fault, 'delay_s': _interval(joint.delay_s),
               'time_constant_s': _interval(joint.time_constant_s),
               'late_s': _interval(joint.late_s), 'offset_rad': joint.offset_rad,
               'span_rad': joint.span_rad, 'commanded_rms_rad': joint.plain_rad,
               'residual_rms_rad': joint.residual_rad} for joint in found.joints]
    drive = None if found.delay_s is None else {
        'delay_s': _interval(found.delay_s),
        'time_constant_s': [_interval(lag) for lag in found.time_constant_s],
        'residual_rms_rad': list(found.residual_rad)}
    return {'seconds': round(found.seconds, 3), 'joints': joints, 'drive': drive}


def snippet(found: 'Identified') -> str:
    """Return the lines of a site, below `sim`."""
    settings = found.settings()
    assert settings is not None
    lags = ', '.join(f'{lag:g}' for lag in settings.time_constant_s)
    return f'sim:\n  drive:\n    delay_s: {settings.delay_s:g}\n' \
           f'    time_constant_s: [{lags}]\n'


def _interval(one: 'Estimate') -> dict[str, float]:
    return {'value': one.value, 'low': one.low, 'high': one.high}


def _replayed(given: Namespace, found: 'Identified') -> list[dict[str, Any]]:
    """Return for each recording how far the simulated arm was from it."""
    from lam_ws.identify.replay import replay
    from lam_ws.identify.track import read_tracks
    from lam_ws.site import load_site
    site, rows = load_site(given.site), []
    for path in track(given.replay, len(given.replay), 'replays'):
        for number, one in enumerate(read_tracks(path)):
            plain = replay(one, site, None).rms
            driven = replay(one, site, found.settings()).rms
            rows.append({'recording': path.name, 'stretch': number,
                         'seconds': round(float(one.told_s[-1] - one.told_s[0]), 3),
                         'without_rms_rad': plain.tolist(), 'with_rms_rad': driven.tolist()})
    return rows


def _tell(given: Namespace, result: dict[str, Any], found: 'Identified', folder: Path) -> None:
    """Print it."""
    if given.json:
        print_json(result)
        return
    print(f'{"joint":<14}delay, ms            lag, ms              both, ms             '
          'left over, mrad (commanded)')
    for joint in found.joints:
        numbers = ''.join(f'{_milliseconds(one):<21}' for one in
                          (joint.delay_s, joint.time_constant_s, joint.late_s))
        print(f'{joint.name:<14}{numbers}{1000 * joint.residual_rad:.2f} '
              f'({1000 * joint.plain_rad:.2f})')
    for fault in found.faults:
        print(f'refused: {fault}')
    for row in result.get('replay', ()):
        print(f'{row["recording"]}, {row["seconds"]:g} s in the simulated cell, apart by '
              f'{_mrad(row["with_rms_rad"])} mrad; without drives {_mrad(row["without_rms_rad"])}')
    if not found.faults:
        print('\n' + snippet(found))
    print(folder / 'identify.png')


def _milliseconds(one: 'Estimate') -> str:
    low, value, high = (1000 * number for number in (one.low, one.value, one.high))
    return f'{value:.1f} ({low:.1f}..{high:.1f})'


def _mrad(values: Sequence[float]) -> str:
    return ' '.join(f'{1000 * value:.2f}' for value in values)
