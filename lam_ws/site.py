"""One site as one frozen value: everything a run needs to know about where it runs.

config/sites/<name>.yaml and the files it names (arm, policy, task) enter; a checked `Site`
leaves. One hop deep, no inheritance: what the files say is what runs.
"""
from dataclasses import dataclass
import math
from pathlib import Path
from typing import TypeVar

from lam_ws.adapter_file import AdapterFile, SIMULATED
from lam_ws.arm_file import ArmFile
from lam_ws.camera_file import CameraFile
from lam_ws.configuration import load, locate, read
from lam_ws.console_file import ConsoleSettings
from lam_ws.errors import ConfigurationError
from lam_ws.geometry import Chain
from lam_ws.language_model_file import LanguageModelSettings
from lam_ws.plc_file import PlcSettings
from lam_ws.robot import ArmSpec
from lam_ws.site_files import (
    DriveSettings,
    Limits,
    PolicySettings,
    RecordSettings,
    SimSettings,
    SiteFile,
    StopSettings,
    TaskSettings,
)
from lam_ws.source import Source
from lam_ws.types import Array, CameraModel, freeze_fields
import numpy as np

__all__ = ['CameraSpec', 'ConsoleSettings', 'DriveSettings', 'examine', 'Limits', 'load_arm',
           'load_site', 'PlcSettings', 'PolicySettings', 'RecordSettings', 'SimSettings', 'Site',
           'StopSettings', 'TaskSettings']
HEARTBEATS = 2.5   # image periods that a node may be silent: one lost, and half of one late
T = TypeVar('T')


@dataclass(frozen=True)
class CameraSpec:
    """A camera as the site mounts it.

    Attributes:
        name: Camera name, also its topic namespace.
        parent: 'base' or 'tcp'.
        width: px.
        height: px.
        K: [3, 3] intrinsics, px.
        X_ParentCamera: [4, 4] optical frame (x right, y down, z forward) in the parent, m.
        rate_hz: Frames a second.
        distortion: k1, k2, p1, p2, k3 that images have before they are made straight, or empty.
        source: Where images come from, as in `camera_file.CameraFile`.
    """

    name: str
    parent: str
    width: int
    height: int
    K: Array
    X_ParentCamera: Array
    rate_hz: float
    distortion: tuple[float, ...] = ()
    source: str = ''

    def __post_init__(self) -> None:
        freeze_fields(self, 'K', 'X_ParentCamera')

    @property
    def fov_deg(self) -> float:
        """Vertical field of view, deg."""
        return math.degrees(2.0 * math.atan(0.5 * self.height / float(self.K[1, 1])))

    def model(self) -> CameraModel:
        """Return the pinhole model of the images that the stack sees."""
        return CameraModel(self.name, self.width, self.height, self.K, self.parent,
                           self.X_ParentCamera)


@dataclass(frozen=True)
class Site:
    """Where and with what a run happens.

    Attributes:
        name: Site name, also that of its file.
        path: The file it was read from.
        namespace: ROS namespace of the cell, '' for none.
        arm: Joints, limits, geometry.
        adapter: How the arm is reached, None where the simulated cell is the arm.
        cameras: Every camera of the cell.
        policy: Which policy runs.
        perception: Folder in models/ of the scene estimator.
        knowledge: Folder in config/knowledge/.
        task: Done, retry and time-out rules.
        limits: What the guard enforces.
        sim: The simulated cell, None on hardware.
        record: Where episodes go, None to record nothing.
        language_model: Who may propose what an operator meant, None to ask nobody.
        stop: What stops it besides its operator.
        console: Where the operator's page is served, None for no page.
        plc: The cell's PLC and its signals, None for none.
    """

    name: str
    path: Path
    namespace: str
    arm: ArmSpec
    adapter: AdapterFile | None
    cameras: tuple[CameraSpec, ...]
    policy: PolicySettings
    perception: str
    knowledge: str
    task: TaskSettings
    limits: Limits
    sim: SimSettings | None
    record: RecordSettings | None
    language_model: LanguageModelSettings | None = None
    stop: StopSettings = StopSettings()
    console: ConsoleSettings | None = None
    plc: PlcSettings | None = None

    @property
    def heartbeat_s(self) -> float:
        """For how long, in s, who takes part in motion may be silent before the arm holds."""
        return HEARTBEATS / min(camera.rate_hz for camera in self.cameras)

    @property
    def moves(self) -> dict[str, float]:
        """What it moves with: max_speed_m_s of the tool, max_force_n of the fingers."""
        return {'max_speed_m_s': self.limits.tool_speed, 'max_force_n': self.arm.gripper_force}


def load_site(name_or_path: str | Path) -> Site:
    """Return the checked site of that name (config/sites/<name>.yaml) or path (ends in .yaml).

    Raises:
        ConfigurationError: The first fault of the site or of a file it names.
    """
    site, faults = examine(name_or_path)
    if site is None:
        raise faults[0]
    return site


def load_arm(name: str) -> ArmSpec:
    """Return the arm of config/arms/<name>.yaml.

    Raises:
        ConfigurationError: No such arm (carries the nearest), or the file's first fault.
    """
    return load(locate('config/arms', name), ArmFile).spec()


def examine(name_or_path: str | Path) -> tuple[Site | None, list[ConfigurationError]]:
    """Return the site, None if it has faults, and every fault found in it and in its files."""
    try:
        path = _path(name_or_path)
    except ConfigurationError as error:
        return None, [error]
    file, source = read(path, SiteFile)
    if file is None:
        return None, source.faults
    faults: list[ConfigurationError] = []
    arm = _named(source, 'arm.model', file.arm.model, 'config/arms', ArmFile, faults)
    adapter = None if file.arm.adapter == SIMULATED else _named(
        source, 'arm.adapter', file.arm.adapter, 'config/adapters', AdapterFile, faults)
    policy = _named(source, 'policy', file.policy, 'config/policies', PolicySettings, faults)
    task = _named(source, 'task', file.task, 'config/tasks', TaskSettings, faults)
    spec = arm.spec() if arm is not None else None
    if file.name != path.stem:
        source.report('name', f'must be the name of the file, {path.stem!r}, '
                              f'found {file.name!r}')
    if spec is not None:
        _check_home(source, spec, file.limits)
        if file.sim is not None and file.sim.drive is not None \
                and len(file.sim.drive.time_constant_s) != spec.axes - 1:
            source.report('sim.drive.time_constant_s',
                          f'needs {spec.axes - 1} entries, one for each joint of {spec.name}, '
                          f'found {len(file.sim.drive.time_constant_s)}')
        if policy is not None and policy.remote is not None:
            cameras = tuple(camera.name for camera in file.cameras)
            for misfit in policy.remote.misfits(spec, cameras):
                source.report('policy', f'{policy.name}: {misfit}')
    faults = source.faults + faults
    if faults or spec is None or policy is None or task is None:
        return None, faults
    return Site(file.name, path, file.namespace, spec, adapter,
                tuple(map(_camera, file.cameras)), policy, file.perception, file.knowledge,
                task, file.limits, file.sim, file.record, file.language_model,
                file.stop, file.console, file.plc), []


def _path(name_or_path: str | Path) -> Path:
    """Return the file of a site given by name or by path."""
    if Path(name_or_path).suffix in ('.yaml', '.yml'):
        return Path(name_or_path)
    return locate('config/sites', str(name_or_path))


def _named(source: Source, key: str, name: str, folder: str, kind: type[T],
           faults: list[ConfigurationError]) -> T | None:
    """Return the file that the site names under `key`; add its faults."""
    try:
        path = source.path.parent / name if name.endswith('.yaml') else locate(folder, name)
        name = path.stem
    except ConfigurationError as error:
        source.report(key, f'{error.path}: {error.message}', error.nearest)
        return None
    value, part = read(path, kind)
    if not part.faults and getattr(value, 'name', name) != name:
        part.report('name', f'must be the name of the file, {name!r}')
    faults += part.faults
    return value


def _check_home(source: Source, arm: ArmSpec, limits: Limits) -> None:
    """Report a home pose that the guard would refuse, by the tool and the joints that move."""
    chain, home = Chain(arm), arm.home[:-1]
    points = chain.origins(home)
    tcp, moving = points[-1], np.abs(points - chain.origins(home + 0.5)).max(1) > 1e-6
    lower = np.maximum(limits.workspace_lower, [-np.inf, -np.inf, limits.table_z])
    if not ((lower <= tcp) & (tcp <= limits.workspace_upper)).all():
        place = ', '.join(f'{value:.3f}' for value in tcp)
        source.report('limits', f'the home pose of {arm.name} puts the tool at [{place}] m, '
                                f'outside the workspace')
    for i, zone in enumerate(limits.keep_out):
        outside = np.linalg.norm(points - np.clip(points, zone.lower, zone.upper), axis=1)
        inside = moving & (outside < np.array([*arm.link_radius, arm.tool.radius]))
        if inside.any():
            where = (*arm.names[:-1], 'the tool')[int(inside.argmax())]
            source.report(f'limits.keep_out[{i}]', f'the home pose of {arm.name} puts {where} '
                                                   f'into it')


def _camera(file: CameraFile) -> CameraSpec:
    """Return a camera's pose and optics as the program reads them."""
    return CameraSpec(file.name, file.parent, file.width, file.height, file.K(),
                      file.X_ParentCamera(), file.rate_hz, file.distortion, file.source)
