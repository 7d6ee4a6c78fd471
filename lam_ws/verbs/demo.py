"""`lam demo [INSTRUCTION]`: the whole cell on one sentence, and what is left to look at.

A sentence and a seed enter; the real nodes start as processes, carry it out and go away again;
out/demo/ leaves: the recording, a film, a report that opens offline and result.json.
"""
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
import shutil
import sys
import time
from typing import Any

from lam_ws import __version__
from lam_ws.errors import ConfigurationError, LamError
from lam_ws.site import load_site, Site
from lam_ws.types import Instruction, Plan
from lam_ws.verbs import parser, print_json

INSTRUCTION = '빨간 원통을 검은 상자에 넣어 줘'
PACKAGES = ('ros-jazzy-rclpy', 'ros-jazzy-rmw-fastrtps-cpp', 'lam-interfaces', 'torch', 'numpy',
            'pybullet', 'ruckig')


def main(arguments: Sequence[str]) -> int:
    """Run the demonstration."""
    options = parser('demo', 'Run the real graph in the simulated cell on one instruction.')
    options.add_argument('text', nargs='?', metavar='INSTRUCTION',
                         help=f'what to do, in Korean or English (default: {INSTRUCTION})')
    options.add_argument('--instruction', metavar='TEXT', help='the same, as an option')
    options.add_argument('--seed', type=int, help="seed of the scene (default: the site's)")
    options.add_argument('--site', default='sim_demo', help='name or .yaml file of a site')
    options.add_argument('--out', type=Path, default=Path('out/demo'), help='folder to write')
    given = options.parse_args(arguments)
    if given.text is not None and given.instruction is not None:
        options.error('give the instruction once')
    text = next((said for said in (given.text, given.instruction) if said is not None),
                INSTRUCTION)
    site = _demonstrable(load_site(given.site))
    instruction = Instruction(text)
    plan = _understood(site, instruction)   # a sentence nobody understands starts nothing
    seed = site.sim.seed if given.seed is None else given.seed
    if seed < 0:
        options.error('--seed must not be negative')
    started = time.monotonic()
    result, recording = _run(site, instruction, plan, seed, given.out)
    files = _write(result, recording, given.out)
    if given.json:
        print_json(result)
    else:
        _tell(result, files, time.monotonic() - started)
    return 0 if result['success'] else 1


def _demonstrable(site: Site) -> Site:
    if site.sim is None or site.record is None:
        raise ConfigurationError('a demonstration needs a simulated cell and a recording',
                                 site.path)
    return site


def _understood(site: Site, instruction: Instruction) -> Plan:
    from lam_ws.grounding.grammar import load_grounder
    return load_grounder(site.knowledge).ground(instruction, None)


def _run(site: Site, instruction: Instruction, plan: Plan, seed: int,
         out: Path) -> tuple[dict[str, Any], Path | None]:
    """Return result.json's content and the recording, None when there is none."""
    from lam_ws.nodes.session import NodeDied, Session
    from lam_ws.verbs.progress import Progress

    result: dict[str, Any] = {
        'success': False, 'instruction': instruction.text, 'language': plan.language,
        'plan': [vars(step) for step in plan.steps], 'reason': '', 'text': '',
        'site': site.name, 'seed': seed, 'seconds': {'setup': 0.0, 'run': 0.0},
        'processes': {}, 'resident_mb': 0.0, 'episode': '',
        'citations': list(plan.citations), 'versions': _versions()}
    with Progress(sys.stderr) as progress:
        progress.say('starting the nodes')
        try:
            with Session(site, logs=out / 'log') as cell:
                result['seconds']['setup'] = round(cell.setup_s, 3)
                result['processes'] = cell.processes
                progress.say(f'READY in {cell.setup_s:.1f} s')
                cell.reset(seed)
                cell.arm()
                outcome = cell.instruct(
                    instruction, lambda feedback: progress.show(feedback, cell.client.guard))
                result['resident_mb'] = round(cell.supervisor.resident_bytes() / 1e6, 1)
                result['seconds']['run'] = round(outcome.seconds, 3)
                progress.say('shutting down')
        except NodeDied as death:
            result.update(reason='node_died', text=str(death))
            return result, None
    result.update(success=outcome.success, reason=outcome.reason, text=outcome.text,
                  episode=outcome.episode, citations=list(outcome.citations))
    recording = Path(site.record.folder) / f'{outcome.episode}.mcap'
    return result, recording if recording.exists() else None


def _write(result: dict[str, Any], recording: Path | None, out: Path) -> list[Path]:
    """Write what there is to look at and return the files."""
    from lam_ws.console.console import write_result

    out.mkdir(parents=True, exist_ok=True)
    for name in ('episode.mcap', 'episode.mp4', 'report.html'):
        (out / name).unlink(missing_ok=True)
    files = [write_result(result, out)]
    if recording is None:
        print('lam demo: there is no recording of this run', file=sys.stderr)
        return files
    from lam_ws.console.report import write_report
    from lam_ws.record.film import write_film
    from lam_ws.record.reader import read_episode
    files.append(Path(shutil.copyfile(recording, out / 'episode.mcap')))
    episode = read_episode(files[-1])
    try:
        files.append(write_film(episode, out / 'episode.mp4'))
        files.append(write_report(episode, result, out))
    except LamError as error:
        print(f'lam demo: {error}', file=sys.stderr)
    return files


def _tell(result: dict[str, Any], files: list[Path], seconds: float) -> None:
    word = 'succeeded' if result['success'] else f"failed: {result['reason']}"
    print(f"{result['instruction']!r} {word} ({result['text']})")
    print(f"READY after {result['seconds']['setup']:.1f} s, carried out in "
          f"{result['seconds']['run']:.1f} s, {seconds:.1f} s altogether")
    for path in files:
        print(f'  {path}')


def _versions() -> dict[str, str]:
    found = {'lam_ws': __version__}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
