"""What may stand in config/sites/*.yaml and in the files of policies and tasks, key by key.

Checked files leave and feed `site.load_site`. Every rule within one file stands here; that of
an arm is arm_file.py.
"""
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Literal

from lam_ws.adapter_file import SIMULATED
from lam_ws.camera_file import CameraFile
from lam_ws.console_file import ConsoleSettings
from lam_ws.keep_out import Corner, KeepOut, ZONES
from lam_ws.language_model_file import LanguageModelSettings
from lam_ws.plc_file import PlcSettings
from lam_ws.remote_file import RemoteSettings
from lam_ws.rules import Identifier, Length, Pattern, Range, Share

Fault = tuple[str, str]  # key, message
Namespace = Annotated[str, Pattern(r'([a-z][a-z0-9_]*(/[a-z][a-z0-9_]*)*)?',
                                   'lower-case ROS names joined by /')]
Folder = Annotated[str, Pattern(r'[^\s\0][^\n\r\0]*', 'a folder')]
OWN_POINT_S = 0.1   # s between the targets of the project's own policies


@dataclass(frozen=True)
class Limits:
    """What the guard enforces at a site, on top of the arm's own limits.

    Attributes:
        velocity_scale: Share of the arm's joint speeds that is allowed, 0..1.
        acceleration_scale: The same for joint acceleration.
        jerk_scale: The same for joint jerk.
        workspace_lower: [3] m, smallest TCP coordinates in the base frame.
        workspace_upper: [3] m, largest TCP coordinates in the base frame.
        table_z: m, height of the table plane that nothing may pass; 0.0 is a height.
        tool_speed: m/s, largest speed of the TCP.
        stale_joints_s: s, oldest joint state that may be answered.
        stale_frames_s: s, oldest camera frame that may reach the policy.
        stale_chunk_s: s, oldest action chunk that may be followed.
        control_hz: Control cycles a second.
        keep_out: Boxes that tool and links stay out of.
        effort_scale: Share of the arm's joint torques at which it stops, 0..1; None to watch
            none.
    """

    velocity_scale: Share
    acceleration_scale: Share
    jerk_scale: Share
    workspace_lower: Corner
    workspace_upper: Corner
    table_z: Annotated[float, Range(-10.0, 10.0)]
    tool_speed: Annotated[float, Range(above=0.0, upper=10.0)]
    stale_joints_s: Annotated[float, Range(above=0.0, upper=2.0)]
    stale_frames_s: Annotated[float, Range(above=0.0, upper=10.0)]
    stale_chunk_s: Annotated[float, Range(above=0.0, upper=10.0)]
    control_hz: Annotated[float, Range(10.0, 1000.0)] = 100.0
    keep_out: Annotated[tuple[KeepOut, ...], Length(0, ZONES)] = ()
    effort_scale: Share | None = 1.0

    def contradictions(self) -> Iterator[Fault]:
        """Yield what would leave no room to move or no time to measure."""
        for axis, low, high in zip('xyz', self.workspace_lower, self.workspace_upper,
                                   strict=True):
            if low >= high:
                yield 'workspace_lower', f'{axis} must be less than that of workspace_upper ' \
                                         f'= {high:g}, found {low:g}'
        if self.table_z >= self.workspace_upper[2]:
            yield 'table_z', f'lies above the workspace, whose top is ' \
                             f'{self.workspace_upper[2]:g}'
        if self.stale_joints_s < 1.0 / self.control_hz:
            yield 'stale_joints_s', f'is less than one control cycle of ' \
                                    f'{1.0 / self.control_hz:g} s'
        names = [zone.name for zone in self.keep_out]
        for i, name in enumerate(names):
            if name in names[:i]:
                yield f'keep_out[{i}].name', f'{name!r} stands twice'


@dataclass(frozen=True)
class StopSettings:
    """What stops the cell besides its operator.

    Attributes:
        heartbeat_s: s, longest silence of the topic `estop`; None where nothing publishes it.
        file: While this file is there the arm does not move; '' for none.
    """

    heartbeat_s: Annotated[float, Range(above=0.0, upper=2.0)] | None = None
    file: Annotated[str, Pattern(r'(/[^\n\r\0]*)?', 'an absolute path')] = ''


@dataclass(frozen=True)
class DriveSettings:
    """How a simulated arm follows what it is told; `lam identify` finds the numbers.

    Attributes:
        delay_s: s, from a command to the moment at which anything of it is done.
        time_constant_s: [n - 1] s, first-order lag of each arm joint; the gripper has none.
    """

    delay_s: Annotated[float, Range(0.0, 0.5)]
    time_constant_s: Annotated[tuple[float, ...], Range(0.0, 1.0)]


@dataclass(frozen=True)
class SimSettings:
    """The simulated cell: scene file, clock, seed, physics steps a second, randomisation, drive.

    Without a drive the simulated arm is where it is told to be at the end of each cycle.
    """

    scene: Identifier
    clock: Literal['lockstep', 'wall']
    seed: Annotated[int, Range(0, 2 ** 31 - 1)] = 0
    physics_hz: Annotated[float, Range(100.0, 2000.0)] = 200.0
    randomise: bool = True
    drive: DriveSettings | None = None


@dataclass(frozen=True)
class RecordSettings:
    """Where episodes go (relative to the working folder) and whether frames are kept."""

    folder: Folder = 'out/episodes'
    frames: bool = True


NameOrFile = Annotated[str, Pattern(r'[a-z][a-z0-9_]*|[A-Za-z0-9_./-]+\.yaml',
                                    'a name, or the path of a .yaml file')]


@dataclass(frozen=True)
class ArmChoice:
    """Which arm it is, of config/arms, and how it is reached: pybullet, or of config/adapters.

    Either may be a file of one's own instead: its path from the site's file, ending in .yaml.
    """

    model: NameOrFile
    adapter: NameOrFile = SIMULATED


@dataclass(frozen=True)
class SiteFile:
    """config/sites/<name>.yaml."""

    name: Identifier
    arm: ArmChoice
    policy: Identifier
    perception: Identifier
    knowledge: Annotated[str, Pattern(r'[a-z][a-z0-9_]*(/[a-z][a-z0-9_]*)*',
                                      'a folder below config/knowledge')]
    task: Identifier
    cameras: Annotated[tuple[CameraFile, ...], Length(1)]
    limits: Limits
    namespace: Namespace = ''
    sim: SimSettings | None = None
    record: RecordSettings | None = None
    language_model: LanguageModelSettings | None = None
    stop: StopSettings = StopSettings()
    console: ConsoleSettings | None = None
    plc: PlcSettings | None = None

    def contradictions(self) -> Iterator[Fault]:
        """Yield what the cameras, the control cycle and the simulator cannot share."""
        names = [camera.name for camera in self.cameras]
        cycle = self.limits.control_hz
        for i, camera in enumerate(self.cameras):
            if camera.name in names[:i]:
                yield f'cameras[{i}].name', f'{camera.name!r} stands twice'
            if self.sim is not None and (cycle / camera.rate_hz) % 1.0 > 1e-9:
                yield f'cameras[{i}].rate_hz', f'must divide control_hz = {cycle:g}, ' \
                                               f'found {camera.rate_hz:g}'
            if self.sim is not None and camera.source:
                yield f'cameras[{i}].source', 'is for cells without a sim section, whose images ' \
                                              'are drawn'
        if self.arm.adapter == SIMULATED and self.sim is None:
            yield 'arm.adapter', f'{SIMULATED} needs a sim section'
        if self.arm.adapter != SIMULATED and self.sim is not None and self.sim.clock != 'wall':
            yield 'sim.clock', 'must be wall: a real arm waits for nobody'
        if self.arm.adapter != SIMULATED and self.sim is not None and self.sim.drive is not None:
            yield 'sim.drive', 'is of a simulated arm; this one has drives of its own'
        if self.sim is not None and (self.sim.physics_hz / cycle) % 1.0 > 1e-9:
            yield 'sim.physics_hz', f'must be a multiple of control_hz = {cycle:g}, ' \
                                    f'found {self.sim.physics_hz:g}'


@dataclass(frozen=True)
class TaskSettings:
    """When a task is done, retried or given up; config/tasks/<name>.yaml.

    Attributes:
        retries: Further attempts after the first.
        timeout_s: s, longest attempt.
        done_threshold: Done-probability of the policy that counts as done, 0..1.
        settle_s: s, for which policy and perception must agree that it is done; at least the
            policy's replan_s, so that no single answer decides.
    """

    retries: Annotated[int, Range(0, 10)]
    timeout_s: Annotated[float, Range(above=0.0, upper=3600.0)]
    done_threshold: Share
    settle_s: Annotated[float, Range(0.0, 3600.0)]


@dataclass(frozen=True)
class PolicySettings:
    """Which policy runs and how often it is asked; config/policies/<name>.yaml.

    Attributes:
        name: Name of the settings, also of the file.
        backend: 'native' (learned, weights in models/), 'onnx' (the same without torch, see
            `lam export`), 'act' or 'flow' (learned from any dataset, see `lam train --policy`),
            'expert' (scripted) or 'remote' (on another machine).
        replan_s: s between two chunks.
        horizon: Joint targets in one chunk.
        model: Folder in models/, None for a policy without weights.
        point_s: s between two joint targets.
        remote: Where the policy server is and what it calls things, None for the others.
    """

    name: Identifier
    backend: Literal['native', 'onnx', 'act', 'flow', 'expert', 'remote']
    replan_s: Annotated[float, Range(above=0.0, upper=60.0)]
    horizon: Annotated[int, Range(1, 1000)]
    model: Identifier | None = None
    point_s: Annotated[float, Range(above=0.0, upper=2.0)] = OWN_POINT_S
    remote: RemoteSettings | None = None

    def contradictions(self) -> Iterator[Fault]:
        """Yield a learned policy without weights, and what only one backend has."""
        if self.backend not in ('expert', 'remote') and self.model is None:
            yield 'backend', f'{self.backend} needs the key model, a folder in models/'
        if (self.backend == 'remote') != (self.remote is not None):
            yield 'backend', 'the section remote and the backend of this name go together'
        if self.backend == 'remote' and self.model is not None:
            yield 'model', 'the weights of a remote policy are on its server'
        if self.backend not in ('act', 'flow', 'remote') and self.point_s != OWN_POINT_S:
            yield 'point_s', f'must be {OWN_POINT_S:g} for {self.backend}, found {self.point_s:g}'
