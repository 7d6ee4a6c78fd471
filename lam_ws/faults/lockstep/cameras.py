"""Cameras that freeze, fall silent, show nothing, send another size, or change places.

A case, a phase and a seed enter; what the stack made of it leaves: how soon the arm was brought
to rest, and how many spoilt frames perception or policy took for good ones.
"""
from collections.abc import Callable, Mapping
from dataclasses import replace

from lam_ws.errors import ObservationError
from lam_ws.faults.faults import Case, Seen
from lam_ws.faults.lockstep.breaking import Fault
from lam_ws.faults.lockstep.rehearsal import SITE, stand
from lam_ws.faults.lockstep.seeing import held
from lam_ws.perception.perception import CameraMonitor, FROZEN_FRAMES, synchronise
from lam_ws.site import load_site, Site
from lam_ws.types import CameraHealth, CameraModel, Frame, JointState
import numpy as np

FRONT, WRIST = 'front', 'wrist'


class Spoilt(Fault):
    """One camera sends something else than it sees.

    Args:
        camera: Its name.
        alter: What becomes of a frame.
    """

    def __init__(self, camera: str, alter: Callable[[Frame], Frame]):
        self._camera, self._alter = camera, alter

    def frames(self, frames: Mapping[str, Frame]) -> Mapping[str, Frame]:
        """Return the frames, that of the camera altered."""
        return {**frames, self._camera: self._alter(frames[self._camera])}


class Kept(Fault):
    """One camera goes on to send what it saw last, with new stamps or with the old one."""

    def __init__(self, camera: str, stamped: bool):
        self._camera, self._stamped = camera, stamped
        self._last: Frame | None = None

    def frames(self, frames: Mapping[str, Frame]) -> Mapping[str, Frame]:
        """Return the frames, that of the camera as it was first."""
        now = frames[self._camera]
        if self._last is None:
            self._last = now
            return frames
        return {**frames, self._camera: replace(self._last, stamp_s=now.stamp_s)
                if self._stamped else self._last}


class Missing(Fault):
    """One camera sends nothing at all."""

    def __init__(self, camera: str):
        self._camera = camera

    def frames(self, frames: Mapping[str, Frame]) -> Mapping[str, Frame]:
        """Return the frames of the others."""
        return {name: frame for name, frame in frames.items() if name != self._camera}


class Swapped(Fault):
    """Two cameras have changed places at their plugs."""

    def frames(self, frames: Mapping[str, Frame]) -> Mapping[str, Frame]:
        """Return the frames, each under the other's name."""
        return {FRONT: frames[WRIST], WRIST: frames[FRONT]}


def _filled(value: int) -> Callable[[Frame], Frame]:
    return lambda frame: replace(frame, pixels=np.full_like(frame.pixels, value))


def _narrow(frame: Frame) -> Frame:
    return replace(frame, pixels=frame.pixels[:, :-8].copy())


def _other_optics(frame: Frame) -> Frame:
    K = frame.camera.K * np.array([[1.1, 1.0, 1.0], [1.0, 1.1, 1.0], [1.0, 1.0, 1.0]])
    return replace(frame, camera=replace(frame.camera, K=K))


FAULTS: dict[str, Callable[[], Fault]] = {
    'camera_frozen_front': lambda: Kept(FRONT, stamped=True),
    'camera_frozen_wrist': lambda: Kept(WRIST, stamped=True),
    'camera_silent': lambda: Kept(FRONT, stamped=False),
    'camera_lost': lambda: Missing(WRIST),
    'camera_black': lambda: Spoilt(FRONT, _filled(2)),
    'camera_saturated': lambda: Spoilt(WRIST, _filled(254)),
    'camera_size': lambda: Spoilt(FRONT, _narrow),
    'camera_swapped': Swapped,
    'camera_optics': lambda: Spoilt(FRONT, _other_optics),
}
REASONS = {'camera_frozen_front': 'frozen_camera', 'camera_frozen_wrist': 'frozen_camera',
           'camera_silent': 'stale_camera', 'camera_lost': 'missing_camera',
           'camera_black': 'black_camera', 'camera_saturated': 'saturated_camera',
           'camera_size': 'wrong_size', 'camera_swapped': 'wrong_size',
           'camera_optics': 'wrong_camera'}


def lockstep(case: Case, phase: str, seed: int) -> Seen:
    """Break a camera in an episode: the task gives up in time, and the arm comes to rest."""
    run = stand().rehearse(FAULTS[case.name](), phase, seed, case.fault)
    return held(run, REASONS[case.name])


def leak(case: Case, phase: str, seed: int) -> Seen:
    """Break a camera in an episode and count the spoilt frames that were taken for good."""
    name = case.name.removesuffix('_leak')
    run = stand().rehearse(FAULTS[name](), phase, seed, case.fault)
    seen = held(run, REASONS[name])
    return Seen(f'{seen.observed}; {run.leaked} frames let through', run.leaked, seen.right)


def freeze_alone(case: Case, phase: str, seed: int) -> Seen:
    """Show the monitor of a camera one image again and again; the frames that it takes count."""
    rng = np.random.default_rng(seed)
    site = load_site(SITE)
    model = site.cameras[0].model()
    monitor = CameraMonitor(model.width, model.height)
    live = int(rng.integers(3, 30))
    for k in range(live):
        _watch(monitor, model, 0.1 * k, rng.integers(60, 200, (model.height, model.width, 3)))
    last = rng.integers(60, 200, (model.height, model.width, 3))
    _watch(monitor, model, 0.1 * live, last)
    for k in range(1, 10):
        if _watch(monitor, model, 0.1 * (live + k), last) is CameraHealth.FROZEN:
            tick = site.limits.control_hz / site.cameras[0].rate_hz
            return Seen(f'frozen after {k} of {FROZEN_FRAMES} frames', k * tick,
                        k == FROZEN_FRAMES)
    return Seen('taken for alive', 10.0 * 10, False)


def _watch(monitor: CameraMonitor, model: CameraModel, stamp_s: float,
           pixels: np.ndarray) -> CameraHealth:
    return monitor.check(Frame(stamp_s, model, pixels.astype(np.uint8)))


def spoilt_sets(case: Case, phase: str, seed: int) -> Seen:
    """Hand spoilt sets of frames to the check in front of perception; those let through count."""
    rng, site = np.random.default_rng(seed), load_site(SITE)
    joints = JointState(1.0, site.arm.names, site.arm.home, 0.0 * site.arm.home)
    through, refusals, sets = 0, set(), 300
    for _ in range(sets):
        frames = {camera.name: _random_frame(camera.model(), rng) for camera in site.cameras}
        spoilt = _spoil(frames, site, rng)
        try:
            synchronise(site, joints, spoilt, 1.0)
            through += 1
        except ObservationError as refusal:
            refusals.add(refusal.reason)
    return Seen(f'{through} of {sets} let through; {", ".join(sorted(refusals))}', through, True)


def _random_frame(model: CameraModel, rng: np.random.Generator) -> Frame:
    return Frame(1.0, model, rng.integers(40, 220, (model.height, model.width, 3), np.uint8))


def _spoil(frames: dict[str, Frame], site: Site,
           rng: np.random.Generator) -> dict[str, Frame]:
    """Return the set with one thing wrong, another each time."""
    name = str(rng.choice(list(frames)))
    frame = frames[name]
    height, width = frame.pixels.shape[:2]
    match int(rng.integers(10)):
        case 0:
            return {key: kept for key, kept in frames.items() if key != name}
        case 1:
            bad = replace(frame, pixels=np.full_like(frame.pixels, rng.integers(8)))
        case 2:
            bad = replace(frame, pixels=np.full_like(frame.pixels, rng.integers(251, 256)))
        case 3:
            cut = int(rng.integers(1, min(height, width)))
            bad = replace(frame, pixels=frame.pixels[:height - cut])
        case 4:
            bad = replace(frame, pixels=frame.pixels.transpose(1, 0, 2)[:height - 1])
        case 5:
            bad = replace(frame, pixels=frame.pixels[..., :int(rng.integers(1, 3))])
        case 6:
            bad = replace(frame, pixels=frame.pixels.reshape(-1))
        case 7:
            late = rng.choice([-1.0, 1.0]) * rng.uniform(0.21, 1e4)
            bad = replace(frame, stamp_s=1.0 + float(late))
        case 8:
            other = next(camera for camera in site.cameras if camera.name != name).model()
            bad = replace(frame, camera=other)
        case _:
            spoilt = frame.camera.K.copy()
            spoilt[rng.integers(2), rng.integers(3)] = rng.choice([np.nan, np.inf, -50.0, 1e9])
            bad = replace(frame, camera=replace(frame.camera, K=spoilt))
    return {**frames, name: bad}
