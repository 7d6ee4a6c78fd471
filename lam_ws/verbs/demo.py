"""`lam demo [INSTRUCTION]`: the whole cell on one sentence, and what is left to look at.

A sentence and a seed enter, with a scene or a task of the suite if wished; the real nodes start
as processes, carry it out and go away again; out/demo/ leaves: the recording, a film, a report
that opens offline and result.json.
"""
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
import shutil
import sys
import time
from typing import Any

from lam_ws import __version__
from lam_ws.errors import ConfigurationError, InstructionError, LamError
from lam_ws.evaluation.reading import inventory
from lam_ws.sim.drawing import draw_scene
from lam_ws.sim.scene import load_scene
from lam_ws.sim.tasks.suite import load_task, TASKS
from lam_ws.site import load_site, Site
from lam_ws.types import Instruction, Plan
from lam_ws.verbs import parser, print_json

INSTRUCTION = '3번 공정에서 나온 불량 볼조인트를 격리함에 넣어'
PACKAGES = ('ros-jazzy-rclpy', 'ros-jazzy-rmw-fastrtps-cpp', 'lam-interfaces', 'torch', 'numpy',
            'pybullet', 'ruckig')


def main(arguments: Sequence[str]) -> int:
    """Run the demonstration."""
    options = parser('demo', 'Run the real graph in the simulated cell on one instruction.')
    options.add_argument('text', nargs='?', metavar='INSTRUCTION',
                         help=f'what to do, in Korean or English (default: {INSTRUCTION})')
    options.add_argument('--instruction', metavar='TEXT', help='the same, as an option')
    options.add_argument('--scene', default='', metavar='SCENE',
                         help="scene file in sim/scenes (default: the site's)")
    options.add_argument('--task', choices=tuple(TASKS), help='a task of the factory suite in its '
                         'scene, with a sentence of its own')
    options.add_argument('--seed', type=int, help="seed of the scene (default: the site's)")
    options.add_argument('--site', default='sim_sort', help='name or .yaml file of a site')
    options.add_argument('--out', type=Path, default=Path('out/demo'), help='folder to write')
    given = options.parse_args(arguments)
    if given.text is not None and given.instruction is not None:
        options.error('give the instruction once')
    said = [text for text in (given.text, given.instruction) if text is not None]
    text = (said or [INSTRUCTION])[0]
    if given.task is not None and (given.scene or said):
        options.error('a task has a scene and a sentence of its own')
    site = _demonstrable(load_site(given.site))
    seed = site.sim.seed if given.seed is None else given.seed
    if seed < 0:
        options.error('--seed must not be negative')
    instruction = Instruction(text)
    stage = given.scene or site.sim.scene
    # A sentence nobody understands starts nothing.
    plan = None if given.task else _understood(site, instruction, stage, seed)
    started = time.monotonic()
    result, recording = _run(site, instruction, plan, seed, stage, given.task,
                             given.out)
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


def _understood(site: Site, instruction: Instruction, scene: str, seed: int) -> Plan:
    """Return the plan, with what the scene will show where the words alone leave a choice."""
    from lam_ws.grounding.grounding import load_grounder
    grounder = load_grounder(site.knowledge, site.moves)
    try:
        return grounder.ground(instruction, None)
    except InstructionError as refusal:
        if not refusal.reason.startswith('ambiguous'):
            raise
        drawn = draw_scene(load_scene(scene), seed, tuple(camera.name for camera in site.cameras),
                           site.arm.axes - 1, site.sim.randomise)
        return grounder.ground(instruction, inventory(drawn))


def _run(site: Site, instruction: Instruction, plan: Plan | None, seed: int, scene: str,
         task: str | None, out: Path) -> tuple[dict[str, Any], Path | None]:
    """Return result.json's content and the recording, None when there is none."""
    from lam_ws.nodes.session import NodeDied, Session
    from lam_ws.verbs.progress import Progress

    result: dict[str, Any] = {
        'success': False, 'instruction': instruction.text, 'language': '', 'plan': [],
        'reason': '', 'text': '', 'site': site.name, 'scene': scene, 'seed': seed,
        'seconds': {'setup': 0.0, 'run': 0.0}, 'processes': {}, 'resident_mb': 0.0, 'episode': '',
        'citations': [], 'versions': _versions()}
    if plan is not None:
        result.update(language=plan.language, plan=[vars(step) for step in plan.steps],
                      citations=list(plan.citations))
    with Progress(sys.stderr) as progress:
        progress.say('starting the nodes')
        try:
            with Session(site, logs=out / 'log') as cell:
                result['seconds']['setup'] = round(cell.setup_s, 3)
                result['processes'] = cell.processes
                progress.say(f'READY in {cell.setup_s:.1f} s')
                if task is None:
                    cell.reset(seed, scene)
                else:
                    instruction = _draw(cell, task, seed, result)
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


def _draw(cell: Any, task: str, seed: int, result: dict[str, Any]) -> Instruction:
    """Lay out the scene of a task and return a sentence for it; note both in the result."""
    from lam_ws.evaluation.suite import draw_suite_case
    from lam_ws.nodes.suite import Stage
    suite = load_task(task)
    stage: Any = Stage(cell, suite.scene)
    case = draw_suite_case(stage, suite, seed, 'seen')
    result.update(instruction=case.text, language=case.language, plan=[vars(case.goal)],
                  scene=suite.scene, task=task)
    return Instruction(case.text, case.language)


def _write(result: dict[str, Any], recording: Path | None, out: Path) -> list[Path]:
    """Write what there is to look at and return the files."""
    from lam_ws.report.report import write_result

    out.mkdir(parents=True, exist_ok=True)
    for name in ('episode.mcap', 'episode.mp4', 'report.html'):
        (out / name).unlink(missing_ok=True)
    files = [write_result(result, out)]
    if recording is None:
        print('lam demo: there is no recording of this run', file=sys.stderr)
        return files
    from lam_ws.record.film import write_film
    from lam_ws.record.reader import read_episode
    from lam_ws.report.page import write_report
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
    for citation in result['citations']:
        print(f'  because of {citation}')
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
