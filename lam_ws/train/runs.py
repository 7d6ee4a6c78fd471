"""The trainings from beginning to end, each a page: load, fit, keep; at last assemble.

Data folders enter; rows of losses leave as they come, and a packaged model at the end. Each part
of the policy is taught by itself and kept in a file of its own, so that parts can be taught at
the same time, one alone can be taught anew, and a broken training goes on where it was.
"""
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
import time
from typing import Any

from lam_ws.errors import ConfigurationError
from lam_ws.grounding.roles.symbols import SEES
from lam_ws.perception.naming import SceneModel
from lam_ws.policy.model import LamNetwork
from lam_ws.train import perception as seeing
from lam_ws.train import policy as acting
from lam_ws.train import roles as reading
from lam_ws.train.asking import Sentences
from lam_ws.train.checkpoint import weights_of
from lam_ws.train.closeup import fit_closeup
from lam_ws.train.marked import read_marked
from lam_ws.train.naming import fit_names
from lam_ws.train.package import Log, package, write_config
from safetensors.torch import load_file, save_file
import torch
from torch import nn

SENTENCES, TEXT_STEPS, HEAD_STEPS = 60000, 1500, 30000
# Each part of perception and of the policy, and what of its network it teaches. The grounder
# needs the text, and starts from what finds.
EYES: Mapping[str, tuple[str, ...]] = {'finding': ('scene',), 'naming': ('names',)}
PARTS: Mapping[str, tuple[str, ...]] = {
    'text': ('text', 'attributes'), 'grounder': ('vision', 'grounder'),
    'closeup': ('closeup',), 'head': ('head',)}
DRAFT = {'draft': ('head',)}   # a first head, taught by demonstrations alone, to be corrected
EPOCHS = {'finding': 7, 'naming': 8, 'grounder': 2, 'closeup': 2,   # passes over the stills
          'letters': 30, 'words': 30}   # and over the sentences


@dataclass(frozen=True)
class Run:
    """One training.

    Attributes:
        folder: Where it keeps checkpoints, finished parts and its log.
        seed: Of everything drawn.
        stills: Folders of stills.
        demos: Files of demonstrations.
        corrections: Files of what the expert would have done instead of a draft.
        epochs: Passes over the stills, by the name of the training.
    """

    folder: Path
    seed: int
    stills: Sequence[Path] = ()
    demos: Sequence[Path] = ()
    corrections: Sequence[Path] = ()
    epochs: Mapping[str, int] | None = None

    def passes(self, name: str) -> int:
        """Return how often the training `name` sees every still."""
        return {**EPOCHS, **(self.epochs or {})}[name]

    def logged(self, stage: str, rows: Iterator[dict[str, float]]) -> Iterator[dict[str, Any]]:
        """Yield `rows` with their stage and the CPU s of this start, and write them down."""
        log, started = Log(self.folder / f'{stage}.jsonl'), time.process_time()
        for row in rows:
            whole = {'stage': stage, **row, 'cpu_s': round(time.process_time() - started, 1)}
            log.add(whole)
            yield whole


def use_threads(count: int) -> None:
    """Let torch compute on `count` cores; one is the fastest for CPU time."""
    torch.set_num_threads(count)


def perception(run: Run, out: Path) -> Iterator[dict[str, Any]]:
    """Teach both networks of perception, unless they are finished; package models/scene_small."""
    for name in EYES:
        yield from part(run, name, out)
    assemble_eyes(run, out)


def part(run: Run, name: str, eyes: Path) -> Iterator[dict[str, Any]]:
    """Teach one of EYES, PARTS or DRAFT, unless it is finished; the run's folder has it then.

    Args:
        run: The training.
        name: A key of one of them.
        eyes: File with the weights of perception, from which the grounder's image tower starts.
    """
    if (run.folder / f'{name}.safetensors').exists():
        return
    torch.manual_seed(run.seed)
    whole = SceneModel() if name in EYES else LamNetwork()
    yield from run.logged(name, _rows(run, name, whole, eyes))
    weights = {f'{child}.{key}': value.contiguous() for child in {**EYES, **PARTS, **DRAFT}[name]
               for key, value in getattr(whole, child).state_dict().items()}
    unfinished = run.folder / f'{name}.part'
    save_file(weights, unfinished)
    unfinished.replace(run.folder / f'{name}.safetensors')


def _rows(run: Run, name: str, whole: Any, eyes: Path) -> Iterator[dict[str, float]]:
    """Yield the losses of a part of the SceneModel or LamNetwork `whole`, which learns it."""
    if name == 'text':
        yield from acting.fit_text(whole.train(), _sentences(run), TEXT_STEPS, run.seed)
    elif name in ('draft', 'head'):
        shown = [*run.demos, *(run.corrections if name == 'head' else ())]
        yield from acting.fit_head(whole, acting.Demos(shown), HEAD_STEPS, run.seed)
    else:
        stills = seeing.Stills(list(run.stills))
        given = run.folder, run.passes(name), run.seed
        if name == 'grounder':
            take(whole, run.folder / 'text.safetensors')
            seen = SceneModel()
            take(seen, eyes)
            acting.adopt_vision(whole, seen.scene)
            yield from acting.fit_grounder(whole.eval(), stills, _sentences(run), *given)
        elif name == 'closeup':
            yield from fit_closeup(whole, stills, *given)
        elif name == 'naming':
            yield from fit_names(whole.names, stills, *given)
        else:
            yield from seeing.fit(whole.scene, stills, *given)


def assemble_eyes(run: Run, out: Path) -> None:
    """Package the finished networks of perception as models/scene_small.

    Raises:
        ConfigurationError: One of them is not finished.
    """
    model = SceneModel()
    logs = _assembled(model, run, EYES)
    package(model, out, 'scene', (),
            'What is where in the cells of the suite, from the fixed camera.',
            {'stills': len(seeing.Stills(list(run.stills))),
             'epochs': {name: run.passes(name) for name in EYES},
             'training_cpu_s': {name: round(log.cpu_s()) for name, log in logs.items()}}, {})
    Log.draw_all(list(logs.values()), out / 'learning.png')


def policy(run: Run, eyes: Path, out: Path) -> Iterator[dict[str, Any]]:
    """Teach every part that is not finished, then package them as models/lam_small."""
    for name in PARTS:
        yield from part(run, name, eyes)
    assemble(run, out)


def assemble(run: Run, out: Path, draft: bool = False) -> None:
    """Package the finished parts as models/lam_small, or with the first head as a draft.

    Args:
        run: The training.
        out: Folder of the model.
        draft: Take the first head.

    Raises:
        ConfigurationError: One of them is not finished.
    """
    model = LamNetwork()
    logs = _assembled(model, run, [*PARTS][:-1] + [*DRAFT] if draft else PARTS)
    write_config(model, out)
    package(model, out, 'policy', ('fr3', 'ur5e'),
            'The skills of the factory suite by one instruction; Korean and English.',
            {'sentences': SENTENCES, 'epochs': {name: run.passes(name)
                                                for name in ('grounder', 'closeup')},
             'training_cpu_s': {name: round(log.cpu_s()) for name, log in logs.items()}}, {})
    Log.draw_all(list(logs.values()), out / 'learning.png')


def _assembled(whole: nn.Module, run: Run, parts: Iterable[str]) -> dict[str, Log]:
    """Put finished parts together in `whole`; return the log of each."""
    for name in parts:
        take(whole, run.folder / f'{name}.safetensors')
    return {name: Log(run.folder / f'{name}.jsonl') for name in parts}


def roles(run: Run, out: Path) -> Iterator[dict[str, Any]]:
    """Teach the readers of models/roles_small what they do not know yet, then package them.

    Args:
        run: The training.
        out: Folder of the model; its sentences/*.txt are what is learnt.
    """
    sentences = [one for path in sorted((out / 'sentences').glob('*.txt'))
                 for one in read_marked(path)]
    for sees in SEES:
        if not (run.folder / f'{sees}.safetensors').exists():
            yield from run.logged(sees, reading.teach(sentences, sees, run.folder / f'{sees}.pt',
                                                      run.seed, run.passes(sees)))
            (run.folder / f'{sees}.pt').rename(run.folder / f'{sees}.safetensors')
    readers = nn.ModuleDict({sees: reading.RoleNet(sees) for sees in SEES})
    for sees, reader in readers.items():
        reader.load_state_dict(weights_of(run.folder / f'{sees}.safetensors'))
    logs = {sees: Log(run.folder / f'{sees}.jsonl') for sees in SEES}
    package(readers, out, 'roles', (),
            'What part each thing plays in a sentence; Korean and English.',
            {'sentences': len(sentences), 'epochs': {sees: run.passes(sees) for sees in SEES},
             'training_cpu_s': {sees: round(log.cpu_s()) for sees, log in logs.items()}}, {})
    Log.draw_all(list(logs.values()), out / 'learning.png')


def forget(run: Run, name: str) -> None:
    """Have a part taught anew."""
    for path in run.folder.glob(f'{name}.*'):
        path.unlink()


def _sentences(run: Run) -> Sentences:
    return Sentences(SENTENCES, run.seed + 1)


def take(whole: nn.Module, path: Path) -> None:
    """Put what a file holds into a network and leave the rest of it as it is.

    Raises:
        ConfigurationError: There is no such file: the part is not finished.
    """
    if not path.exists():
        model = 'perception' if path.stem in EYES else 'policy'
        raise ConfigurationError(f"the part '{path.stem}' has not been taught; teach it with: "
                                 f'lam train {model} --part {path.stem}', path)
    whole.load_state_dict(load_file(path), strict=False)
