"""What the ROS graph costs: images between two processes, and the whole stack started.

Names of promises enter, what was measured on real processes leaves; see lam_ws.bench.
"""
from collections.abc import Callable, Collection
import json
import os
from pathlib import Path
import subprocess
import sys
from tempfile import TemporaryDirectory
import time
from typing import Any

from lam_ws.bench.bench import Measured
from lam_ws.errors import LamError
from lam_ws.grounding.sentences import sample_sentence
from lam_ws.nodes.environment import environment, free_domain
from lam_ws.nodes.session import Session
from lam_ws.nodes.supervisor import Supervisor
from lam_ws.site import load_site, Site
from lam_ws.types import Instruction
import numpy as np
import yaml

SECONDS, RATE_HZ = 10.0, 30.0   # of the image stream
SITE, SEED = 'sim_bench', 7
SAMPLE_S = 1.0                  # between two looks at the memory
_ENDING_S = 60.0                # the longest a stream may take with start and end


def image_transport(wanted: Collection[str], say: Callable[[str], None],
                    seconds: float = SECONDS) -> dict[str, Measured]:
    """Measure how many frames get lost on the way, and the median age of the others in ms."""
    sent, ages_ms = _stream(round(seconds * RATE_HZ))
    lost = sent['sent'] - len(ages_ms)
    middle, late = np.quantile(ages_ms, (0.5, 0.95)) if len(ages_ms) else (np.nan, np.nan)
    method = (f'640 x 480 rgb8 at {RATE_HZ:g} Hz for {seconds:g} s from one process to another '
              'over DDS with config/fastdds.xml, reliable writer, best-effort reader of depth 10, '
              'both with precedence over other processes where that is permitted')
    return {
        'image_transport_lost': Measured(lost, f'{method}; {len(ages_ms)} of {sent["sent"]} '
                                               'arrived'),
        'image_transport_latency': Measured(float(middle), (
            f'{method}; wall time from pixels before they become a message to pixels that can '
            f'be read, median; 95th percentile {late:.1f} ms, sender late by up to '
            f'{sent["late_ms"]:.1f} ms'))}


def _stream(frames: int) -> tuple[dict[str, Any], list[float]]:
    """Return what the sending process says of itself, and the age of each frame in ms."""
    with free_domain() as domain:
        variables = environment(domain)
        children = {role: subprocess.Popen(
            [sys.executable, '-m', 'lam_ws.nodes.bench_images', role, str(frames), str(RATE_HZ)],
            env=variables, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, process_group=0)
            for role in ('subscribe', 'publish')}
        try:
            said = {role: child.communicate(timeout=_ENDING_S + frames / RATE_HZ)[0]
                    for role, child in reversed(children.items())}
        except subprocess.TimeoutExpired as late:
            raise LamError('the image stream does not end') from late
        finally:
            for child in children.values():
                child.kill()
                child.wait()
            Supervisor((), domain).clean()
    if any(child.returncode for child in children.values()):
        raise LamError('the image stream could not be set up; its processes say why')
    ages = json.loads(said['subscribe'])['ages_ms']
    return json.loads(said['publish']), list(ages.values())


def stack(wanted: Collection[str], say: Callable[[str], None]) -> dict[str, Measured]:
    """Measure the start of all nodes in s, and the memory they hold while they work in GB."""
    with TemporaryDirectory(prefix='lam_bench_') as folder:
        site, began_s = _own_copy(Path(folder)), time.process_time()
        with Session(site, logs=Path(folder) / 'log') as cell:
            cpu_s = time.process_time() - began_s + sum(map(_cpu_s, cell.processes.values()))
            say(f'READY in {cell.setup_s:.1f} s')
            found = {'ready': Measured(cell.setup_s, (
                f'wall time from the start of the {len(cell.processes)} processes of site '
                f'{SITE} to the last node active, one start; {cpu_s:.1f} CPU s of all '
                'processes together, the starting one included'))}
            if 'resident' in wanted:
                found['resident'] = _memory(cell)
    return found


def _own_copy(folder: Path) -> Site:
    """Return the site, recording into `folder` instead of among the operator's recordings."""
    content = yaml.safe_load(load_site(SITE).path.read_text(encoding='utf-8'))
    content['record']['folder'] = str(folder / 'episodes')
    path = folder / f'{SITE}.yaml'
    path.write_text(yaml.safe_dump(content, sort_keys=False), encoding='utf-8')
    return load_site(path)


def _memory(cell: Session) -> Measured:
    """Return the most memory the nodes held while they carried out an instruction."""
    samples, looked_s = [_resident(cell.processes)], time.monotonic()

    def look(feedback: object) -> None:
        nonlocal looked_s
        if time.monotonic() - looked_s > SAMPLE_S:
            samples.append(_resident(cell.processes))
            looked_s = time.monotonic()

    truth = cell.reset(SEED)
    part, bin_ = truth['parts'][0], truth['bins'][0]
    text = sample_sentence(part['kind'], part['colour'], bin_['colour'], 'ko',
                           np.random.default_rng(SEED), 'train')
    cell.arm()
    outcome = cell.instruct(Instruction(text, 'ko'), look)
    samples.append(_resident(cell.processes))
    most = max(samples, key=lambda sample: sum(sample.values()))
    shares = ', '.join(f'{name} {1e3 * share:.0f}' for name, share in most.items())
    end = 'carried out' if outcome.success else f'ended as {outcome.reason}'
    return Measured(sum(most.values()), (
        f'proportional set size (smaps_rollup) of the {len(most)} node processes of site {SITE}, '
        f'summed: the largest of {len(samples)} samples from READY to the end of one '
        f'instruction, which was {end}; in MB: {shares}'))


def _resident(processes: dict[str, int]) -> dict[str, float]:
    """Return each process's memory in GB; pages that several share are divided among them."""
    found = {}
    for name, pid in processes.items():
        lines = Path(f'/proc/{pid}/smaps_rollup').read_text().splitlines()
        found[name] = next(int(line.split()[1]) for line in lines
                           if line.startswith('Pss:')) * 1024 / 1e9
    return found


def _cpu_s(pid: int) -> float:
    """Return the CPU time that a process has used so far, s."""
    fields = Path(f'/proc/{pid}/stat').read_text().rsplit(')', 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf('SC_CLK_TCK')
