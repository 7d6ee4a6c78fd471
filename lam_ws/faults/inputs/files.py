"""Spoilt files of every kind that a person or another program can hand in.

A case enters; how many mutants of a sound file were refused in one line, how many were accepted,
and what went wrong leave. Wrong is an exception that is no `LamError`, an accepted file in which
a second reader finds a number that could hurt (`witness`), and a file that keeps its reader busy.
"""
from collections.abc import Callable
from dataclasses import dataclass, field
from io import FileIO
import math
from pathlib import Path
import random
import shutil
import tempfile
import time

from lam_ws.arm_file import ArmFile
from lam_ws.configuration import load, locate
from lam_ws.errors import CheckpointError, LamError
from lam_ws.faults.faults import Case, Seen
from lam_ws.faults.inputs.mutants import mutated
from lam_ws.faults.inputs.second_reader import unsafe
from lam_ws.models import check_weights, model_folder, ModelCard
from lam_ws.resources import share
from lam_ws.sim.scene import Catalogue, SceneSpec
from lam_ws.sim.urdf import arm_urdf
from lam_ws.sim.urdf_check import check_urdf
from lam_ws.site import load_arm, load_site, PolicySettings, TaskSettings

MUTANTS, SHEETS, FLIPS = 500, 50, 100   # in one run of a case
SLOWEST_S = 5.0     # processor time for one file
ANY = ('idle',)     # files are read before anything moves
HERE = 'lam_ws.faults.inputs.files'


@dataclass(frozen=True)
class Kind:
    """A kind of file: a sound one of that name and content, and what reads it."""

    name: str
    content: Callable[[], bytes]
    read: Callable[[Path], object]


def _stored(folder: str, name: str) -> Callable[[], bytes]:
    return lambda: (share() / folder / name).read_bytes()


KINDS: dict[str, Kind] = {
    'urdf': Kind('arm.urdf', lambda: arm_urdf(load_arm('fr3')).encode(), check_urdf),
    'arm': Kind('fr3.yaml', lambda: locate('config/arms', 'fr3').read_bytes(),
                lambda path: load(path, ArmFile).spec()),
    'site': Kind('sim_demo.yaml', lambda: locate('config/sites', 'sim_demo').read_bytes(),
                 load_site),
    'task': Kind('task.yaml', lambda: locate('config/tasks', 'pick_place').read_bytes(),
                 lambda path: load(path, TaskSettings)),
    'policy': Kind('policy.yaml', lambda: locate('config/policies', 'remote').read_bytes(),
                   lambda path: load(path, PolicySettings)),
    'scene': Kind('scene.yaml', _stored('sim/scenes', 'conveyor.yaml'),
                  lambda path: load(path, SceneSpec)),
    'parts': Kind('parts.yaml', _stored('sim', 'parts.yaml'),
                  lambda path: load(path, Catalogue)),
    'card': Kind('model.yaml', _stored('models/scene_small', 'model.yaml'),
                 lambda path: load(path, ModelCard)),
}
FILE_CASES = (
    *(Case(27 if name != 'card' else 28, f'spoilt_{name}', 'Z', name,
           'refused in one line, or sound', 0.0, f'{HERE}:spoil', ANY, 3,
           quick=name in ('urdf', 'arm', 'site')) for name in KINDS),
    Case(29, 'spoilt_knowledge', 'Z', 'knowledge', 'refused with its row, or read as it stands',
         0.0, f'{HERE}:spoil_knowledge', ANY, 3),
    Case(28, 'flipped_weights', 'Z', 'weights', 'every flipped bit refused', 0.0,
         f'{HERE}:flip', ANY, 3, quick=True),
    Case(28, 'gadgets', 'Z', 'weights', 'refused, and nothing of them executed', 0.0,
         'lam_ws.faults.inputs.gadgets:refuse', ANY, 1, quick=True),
    Case(28, 'spoilt_frames', 'Z', 'policy server', 'refused or answered soundly, and it lives',
         0.0, 'lam_ws.faults.inputs.frames:spoil', ANY, 3),
)


@dataclass
class Tally:
    """What came of many files."""

    files: int = 0
    refused: int = 0
    wrong: list[str] = field(default_factory=list)

    def seen(self, what: str = 'mutants') -> Seen:
        """Return it as what a case saw: everything wrong counts as never stopped."""
        first = f'; {len(self.wrong)} WRONG, such as {self.wrong[0]}' if self.wrong else ''
        return Seen(f'{self.files} {what}: {self.refused} refused, '
                    f'{self.files - self.refused - len(self.wrong)} sound{first}',
                    math.inf if self.wrong else 0.0, not self.wrong)


def spoil(case: Case, phase: str, seed: int) -> Seen:
    """Read mutants of a sound file of the case's component."""
    kind, chance, tally = KINDS[case.component], random.Random(seed), Tally()
    sound = kind.content()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / kind.name
        path.write_bytes(sound)
        kind.read(path)
        for number in range(MUTANTS):
            path.write_bytes(mutated(sound, chance))
            _try(case.component, path, kind.read, f'{case.component} {seed}.{number}', tally)
    return tally.seen()


def _try(component: str, path: Path, read: Callable[[Path], object], what: str,
         tally: Tally) -> None:
    """Read one file and note what came of it."""
    tally.files += 1
    started = time.process_time()
    try:
        read(path)
        if hurt := unsafe(component, path.read_bytes().decode('utf-8-sig')):
            tally.wrong.append(f'{what} accepted: {hurt}')
    except LamError as error:
        if '\n' in str(error):
            tally.wrong.append(f'{what} refused in several lines')
        else:
            tally.refused += 1
    except Exception as error:   # whatever else comes out is what this is there to find
        tally.wrong.append(f'{what}: {type(error).__name__}: {str(error)[:100]}')
    if time.process_time() - started > SLOWEST_S:
        tally.wrong.append(f'{what} took too long')


def spoil_knowledge(case: Case, phase: str, seed: int) -> Seen:
    """Examine mistaken copies of a company's knowledge."""
    from lam_ws.knowledge.fuzzing import fuzz
    folder = share() / 'config' / 'knowledge' / 'hangyeol'
    inner = min(path.parent for path in folder.rglob('site.yaml'))
    *_, found = fuzz(inner, SHEETS, seed)
    return Tally(found.files, found.refused, found.wrong).seen('files')


def flip(case: Case, phase: str, seed: int) -> Seen:
    """Flip single bits of the weights of every model; the digest must tell each time."""
    chance, tally = random.Random(seed), Tally()
    names = sorted(path.parent.name for path in (share() / 'models').glob('*/model.yaml'))
    for name in names:
        folder = model_folder(name)
        card = load(folder / 'model.yaml', ModelCard)
        with tempfile.TemporaryDirectory() as scratch:
            copy = Path(shutil.copy(folder / card.weights, scratch))
            check_weights(Path(scratch), card)
            with copy.open('r+b', buffering=0) as stream:
                for _ in range(FLIPS):
                    place = chance.randrange(copy.stat().st_size)
                    kept = _change(stream, place, chance.randrange(8))
                    _refused(Path(scratch), card, f'{name}, byte {place}', tally)
                    stream.seek(place)
                    stream.write(kept)
            check_weights(Path(scratch), card)
    return tally.seen('single-bit flips')


def _change(stream: FileIO, place: int, bit: int) -> bytes:
    """Flip one bit of an open file; return the byte that was there."""
    stream.seek(place)
    kept = stream.read(1)
    stream.seek(place)
    stream.write(bytes([kept[0] ^ (1 << bit)]))
    return kept


def _refused(folder: Path, card: ModelCard, what: str, tally: Tally) -> None:
    tally.files += 1
    try:
        check_weights(folder, card)
        tally.wrong.append(f'{what} was not noticed')
    except CheckpointError:
        tally.refused += 1
