"""`lam shadow TEXT --site SITE`: what the policy would do in a running cell, without doing it.

A sentence and a cell that runs, or a recording of one, enter; a page, a picture and the numbers
behind them leave. Nothing is published that could move an arm. Ctrl-C keeps what there is.
"""
from argparse import Namespace
from collections.abc import Iterator, Sequence
import json
import os
from pathlib import Path
import time
from typing import Any, TYPE_CHECKING

from lam_ws.errors import ConfigurationError
from lam_ws.site import load_site, Site
from lam_ws.types import Instruction
from lam_ws.verbs import clean_stdout, parser, print_json
from lam_ws.verbs.progress import follow
from lam_ws.verbs.versions import versions

if TYPE_CHECKING:
    from lam_ws.shadow.shadow import Shadow, Watch

_TURN_S = 0.05


def main(arguments: Sequence[str]) -> int:
    """Watch, compare and write."""
    given = _parse(arguments)
    site, text = _known(given)
    from lam_ws.pipeline import Pipeline
    from lam_ws.shadow.shadow import Shadow
    with clean_stdout():
        shadow = Shadow(Pipeline(site), Instruction(text, given.language))
    name = given.episode.stem if given.episode else time.strftime('%Y%m%d_%H%M%S')
    source = str(given.episode) if given.episode else f'{site.name}, domain {given.domain}'
    interrupted = _watch(given, site, shadow)
    result, files = write(shadow.watch, site, given.out / name, source, interrupted)
    if given.json:
        print_json(result)
    else:
        _tell(result, files)
    return 1 if result['reason'] or not result['chunks'] else 0


def _parse(arguments: Sequence[str]) -> Namespace:
    options = parser('shadow', 'Say what the policy would do in a running cell, or would have '
                               'done in a recording; nothing moves.')
    options.add_argument('text', metavar='TEXT', nargs='?', default='',
                         help='what it is told; of a recording by default what was said then')
    options.add_argument('--site', help='name in config/sites, or a .yaml file; by default that '
                                        'of the recording')
    options.add_argument('--episode', type=Path, metavar='FILE.mcap',
                         help='a recording with frames, instead of a running cell')
    options.add_argument('--seconds', type=float, default=30.0,
                         help='how long a running cell is watched (default: 30)')
    options.add_argument('--language', choices=('auto', 'ko', 'en'), default='auto')
    options.add_argument('--domain', type=int, default=int(os.environ.get('ROS_DOMAIN_ID', '0')),
                         help='ROS domain (default: ROS_DOMAIN_ID, else 0)')
    options.add_argument('--out', type=Path, default=Path('out/shadow'), metavar='FOLDER')
    given = options.parse_args(arguments)
    if given.episode is None and not (given.text and given.site):
        options.error('a running cell needs TEXT and --site; a recording --episode')
    if not 0.1 <= given.seconds <= 86_400.0:
        options.error(f'--seconds must be 0.1 to 86400, found {given.seconds:g}')
    return given


def _known(given: Namespace) -> tuple[Site, str]:
    """Return the site, and what is said to the shadow."""
    if given.episode is None:
        return load_site(given.site), given.text
    from lam_ws.record.shelf import card as read_card
    card = read_card(given.episode)
    text, site = given.text or card.instruction, given.site or card.site
    if not text or not site:
        raise ConfigurationError('does not say what was asked or where; give TEXT and --site',
                                 given.episode)
    return load_site(site), text


def _watch(given: Namespace, site: Site, shadow: 'Shadow') -> bool:
    """Let the shadow hear all there is; return whether it was interrupted."""
    from lam_ws.nodes.environment import enter
    from lam_ws.nodes.supervisor import Interruption
    enter(given.domain)
    with Interruption() as signals:
        heard = _played(given.episode, site, shadow) if given.episode \
            else _lived(given, site, shadow)
        rows = ({'share': share, 'stage': f'{len(shadow.watch.chunks)} chunks'}
                for share in heard)
        for _ in follow(rows, 'shadow'):
            if signals.noted or shadow.over:
                break
        return bool(signals.noted)


def _played(path: Path, site: Site, shadow: 'Shadow') -> Iterator[float]:
    """Play a recording to the shadow; yield the share that is over."""
    from lam_ws.nodes.shadowing import Hearing, Playback
    from lam_ws.record.streams import Bag
    with Bag(path) as bag:
        playback = Playback(bag, site)
        Hearing(playback, shadow, lambda: playback.now_s)
        for passed_s in playback.play():
            yield min(passed_s / max(bag.seconds, 1e-9), 1.0)


def _lived(given: Namespace, site: Site, shadow: 'Shadow') -> Iterator[float]:
    """Listen to a cell; yield the share of the time that is over."""
    from lam_ws.nodes.joining import joined
    from lam_ws.nodes.security import SHADOW
    from lam_ws.nodes.shadowing import listen, SILENT_S, SilentCell
    with joined(site, given.domain, SHADOW) as (node, executor):
        listen(node, site, shadow, time.monotonic)
        began_s = time.monotonic()
        while (passed_s := time.monotonic() - began_s) < given.seconds:
            executor.spin_once(timeout_sec=_TURN_S)
            seen = shadow.watch.views or shadow.watch.blind
            if not seen and passed_s > SILENT_S:
                raise SilentCell(f'no cell of site {site.name} shows anything on domain '
                                 f'{given.domain}; start one with `lam run --site {site.name}`')
            yield passed_s / given.seconds


def write(watch: 'Watch', site: Site, folder: Path, source: str,
          interrupted: bool) -> tuple[dict[str, Any], list[Path]]:
    """Write page, picture and numbers of a watch; return the numbers and the files."""
    from lam_ws.report.shadow import Series, write_shadow
    from lam_ws.shadow.comparing import compared, measured
    from lam_ws.shadow.picture import draw, ways
    result = {'source': source, 'site': site.name, 'interrupted': interrupted,
              **compared(watch, site.arm), 'versions': versions()}
    times, rows, begin_s = measured(watch, site.arm)
    until_s, stamps = site.policy.replan_s, [one.chunk.stamp_s for one in watch.chunks]
    wanted = ways(stamps, [one.chunk.times for one in watch.chunks],
                  [one.chunk.position for one in watch.chunks], begin_s, until_s)
    guarded = ways(stamps, [one.verdict.times for one in watch.chunks],
                   [one.verdict.position for one in watch.chunks], begin_s, until_s)
    page = write_shadow(result, Series(site.arm.names, times, rows, wanted, guarded,
                                       watch.stills, begin_s), folder)
    drawn = draw(site.arm.names, (times, rows), guarded, result, folder / 'shadow.png')
    numbers = folder / 'shadow.json'
    numbers.write_text(json.dumps(result, ensure_ascii=False, allow_nan=False, indent=2) + '\n',
                       encoding='utf-8')
    return result, [page, numbers, drawn]


def _tell(result: dict[str, Any], files: Sequence[Path]) -> None:
    """Print the most important of it."""
    if result['reason']:
        print(f'{result["text"]} [{result["reason"]}]')
    for goal in result['goals']:
        own = goal['own']
        differs = goal.get('different')
        agrees = 'no task in the cell' if differs is None else \
            'as the cell' if not differs else 'the cell differs in ' + ', '.join(differs)
        print(f'{goal["time_s"]:7.1f} s  {own["skill"]} {own["colour"]} {own["kind"]} '
              f'{own["destination"]}: {agrees}')
    verdicts = result['verdicts']
    print(f'{len(result["chunks"])} chunks: ' + ', '.join(
        f'{word} {verdicts[word]}' for word in ('passed', 'limited', 'refused', 'stopped')))
    for after, errors in result['errors'].items():
        near, still = errors['guarded'], errors['standing']
        if near['count']:
            print(f'after {after} s: worst joint {_mrad(near)}, tool {_mm(near)}; '
                  f'an arm that stands still {_mrad(still)}, {_mm(still)}')
    same = result['same_as_commander']
    if same['chunks']:
        print(f'{same["chunks"]} chunks for the same view as the commander: at most '
              f'{1000 * same["max_rad"]:.3g} mrad apart')
    print('\n'.join(map(str, files)))


def _mrad(spread: dict[str, Any]) -> str:
    return f'{1000 * spread["arm_rad"]["median"]:.1f} mrad'


def _mm(spread: dict[str, Any]) -> str:
    return f'{1000 * spread["tool_m"]["median"]:.1f} mm'
