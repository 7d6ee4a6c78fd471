"""The whole training as jobs that wait for each other: from nothing to both models.

Folders and a seed enter; named jobs leave, each with the names of those it needs. Whoever runs
them may run as many at a time as there are cores: the result is the same.
"""
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
import time
from typing import Any

from lam_ws.train.runs import EYES, PARTS, Run
from lam_ws.train.shards import make, Shard, shards

OTHERS = 13   # one shard of stills in that many is made with the other arms as well


@dataclass(frozen=True)
class Job:
    """One piece of the training.

    Attributes:
        work: What is called, in a process of its own.
        given: Its arguments.
        needs: Names of the jobs that have to be done before.
        stage: What it belongs to, for the sums of the report.
    """

    work: Callable[..., Any]
    given: tuple[Any, ...]
    needs: Sequence[str]
    stage: str


def whole_training(site: str, others: Sequence[str], data: Path, run: Run, models: Path,
                   counts: Mapping[str, int | None]) -> dict[str, Job]:
    """Return all jobs by name; what stands earlier is the more urgent.

    Args:
        site: Name of the site the data are made on.
        others: Sites with other arms, of which there are a few stills: what the policy sees of
            the arm is not the same.
        data: Folder of stills and demonstrations.
        run: Folder, seed and epochs of the trainings; its data are filled in here.
        models: Folder in which the models are packaged.
        counts: How many stills and demonstrations, None for the usual numbers.
    """
    stills = shards('stills', site, data / 'stills', counts.get('stills'))
    few = stills[2::OTHERS]
    stills += [replace(shard, site=other, path=shard.path.with_name(f'{other}_{shard.path.name}'))
               for other in others for shard in few]
    demos = shards('demos', site, data / 'demos', counts.get('demos'))
    draft = run.folder / 'draft'
    mended = [replace(shard, policy=draft) for shard in shards(
        'corrections', site, data / 'corrections', counts.get('corrections'))]
    run = replace(run, stills=[shard.path for shard in stills],
                  demos=[shard.made for shard in demos],
                  corrections=[shard.made for shard in mended])
    seen, shown, corrected = ([_name(shard) for shard in part]
                              for part in (stills, demos, mended))
    jobs = {_name(shard): Job(make, (shard,), (), 'stills') for shard in stills}
    needs: dict[str, Sequence[str]] = {
        'finding': seen, 'text': (), 'grounder': ('text', 'finding'), 'naming': seen,
        'closeup': seen, 'draft': shown, 'head': shown + corrected}
    for name in needs:
        jobs[name] = Job(train, (name, run, run.folder / 'finding.safetensors'), needs[name], name)
    jobs |= {_name(shard): Job(make, (shard,), (), 'demos') for shard in demos}
    jobs['pupil'] = Job(train, ('pupil', run, draft), ('text', 'grounder', 'closeup', 'draft'),
                        'policy')
    jobs |= {_name(shard): Job(make, (shard,), ('pupil',), 'corrections') for shard in mended}
    jobs['perception'] = Job(train, ('perception', run, models / 'scene_small'), tuple(EYES),
                             'perception')
    jobs['policy'] = Job(train, ('policy', run, models / 'lam_small'), tuple(PARTS), 'policy')
    return jobs


def _name(shard: Shard) -> str:
    return f'{shard.kind}/{shard.path.name}'


def train(name: str, run: Run, path: Path) -> None:
    """Carry out one training, unless it is finished.

    Args:
        name: A part, or 'perception', 'pupil' or 'policy' to put parts together.
        run: The training.
        path: Folder of the model that is put together; for a part the weights of what finds.
    """
    from lam_ws.train import runs
    runs.use_threads(1)
    if name in ('policy', 'pupil'):
        runs.assemble(run, path, draft=name == 'pupil')
    elif name == 'perception':
        runs.assemble_eyes(run, path)
    else:
        for _ in runs.part(run, name, path):
            pass


def timed(job: Job) -> tuple[float, float]:
    """Carry out one job and return the CPU s and the s it took."""
    started, begun = time.process_time(), time.monotonic()
    job.work(*job.given)
    return time.process_time() - started, time.monotonic() - begun
