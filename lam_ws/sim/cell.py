"""The simulated cell: an `Arm` with cameras, on a table with parts and bins.

A `Command` enters once per control cycle and `advance` moves simulated time by that cycle;
joint states and camera frames leave. The parts' true poses leave only through `truth`, which
is for experts, data and scoring and never reaches perception or policy. Grasping is friction
between finger pads and part: nothing is ever attached.
"""
from dataclasses import asdict
from pathlib import Path
import tempfile
from typing import Any

from lam_ws.arm.arm import ArmStatus, check_command, Mode
from lam_ws.geometry import Chain, pose
from lam_ws.sim.backdrop import Backdrop
from lam_ws.sim.bodies import add_part, mount_arm
from lam_ws.sim.building import add_bin, add_table, BuiltFixture
from lam_ws.sim.camera import composite, Light, render, Shot
from lam_ws.sim.drawing import draw_scene
from lam_ws.sim.drive import Drive
from lam_ws.sim.scene import load_scene, SceneDraw, SceneSpec
from lam_ws.site import Site
from lam_ws.types import Array, CameraModel, Command, Frame, JointState
import numpy as np
import pybullet

_READY = ArmStatus(Mode.READY)
DEADLINE_CYCLES = 10   # cycles without a fresh command after which the arm brakes by itself


class Cell:
    """A cell in PyBullet, stepped by its caller.

    Args:
        site: The cell's site; `site.sim` and `site.cameras` are used.
        seed: Seed of the first scene.
        scene: What may stand in it, by default what the site's scene file says.
    """

    def __init__(self, site: Site, seed: int | None = None, scene: SceneSpec | None = None):
        self.site, self.spec = site, site.arm
        self.chain = Chain(site.arm)
        self.cycle_s = 1.0 / site.limits.control_hz
        steps = round(site.sim.physics_hz * self.cycle_s)
        # Share of a cycle's way that is left at the end of each physics step.
        self._left = np.arange(steps - 1, -1, -1)[:, None] / steps
        self._scene_spec = scene or load_scene(site.sim.scene)
        self._scene_name = '' if scene else site.sim.scene
        self._client = pybullet.connect(pybullet.DIRECT)
        self._still = pybullet.connect(pybullet.DIRECT)
        self._folder = tempfile.TemporaryDirectory(prefix='lam_cell_')
        self.draw: SceneDraw
        self.reset(site.sim.seed if seed is None else seed)

    def reset(self, seed: int, draw: SceneDraw | None = None) -> None:
        """Build a fresh scene from `seed`, or exactly `draw`; time starts at 0 again."""
        cameras = tuple(camera.name for camera in self.site.cameras)
        joints = self.chain.joints
        self.draw = draw or draw_scene(self._scene_spec, seed, cameras, joints,
                                       self.site.sim.randomise)
        for client in (self._client, self._still):
            pybullet.resetSimulation(physicsClientId=client)
            pybullet.setGravity(0, 0, -9.81, physicsClientId=client)
        pybullet.setPhysicsEngineParameter(
            fixedTimeStep=1.0 / self.site.sim.physics_hz, numSolverIterations=40,
            deterministicOverlappingPairs=1, physicsClientId=self._client)
        home = self.spec.home.copy()
        home[:joints] += self.draw.arm_offset
        self._arm = mount_arm(self._client, self.spec, Path(self._folder.name), home)
        self._populate()
        self._models = {camera.name: self._model(camera.model()) for camera in self.site.cameras}
        self._background: dict[str, Shot] = {}
        self._cycles = 0
        self._age = 0
        self._target, self._speed = home, np.zeros(self.spec.axes)
        self._reached = home   # the target of the last cycle
        self._measured: JointState | None = None
        drive = self.site.sim.drive
        self._drive = Drive(drive, home, 1.0 / self.site.sim.physics_hz) if drive else None
        self._settle(home)

    def stage(self, scene: str) -> None:
        """Draw scenes from another file of sim/scenes from the next reset on."""
        if scene != self._scene_name:
            self._scene_spec, self._scene_name = load_scene(scene), scene

    def _populate(self) -> None:
        """Put table, bins, parts and clutter into both clients."""
        pair = (self._client, self._still)
        table = self._scene_spec.table
        self._backdrop = Backdrop(self._still, add_table(pair, table, self.draw.table_rgb), table,
                                  self._light())
        self._bins = [add_bin(pair, self._scene_spec.bins, bin_) for bin_ in self.draw.bins]
        self._fixtures = [BuiltFixture(pair, fixture) for fixture in self.draw.fixtures]
        self._active = [one for one in self._fixtures if one.active]
        self._parts = [add_part(self._client, part) for part in self.draw.parts]
        for part in self.draw.clutter:
            add_part(self._client, part)

    def _settle(self, home: Array) -> None:
        """Let parts come to rest before time 0."""
        self._arm.drive(home.tolist(), [0.0] * self.spec.axes)
        for _ in range(200 if self._scene_spec.parts.heap else 40):
            pybullet.stepSimulation(physicsClientId=self._client)

    @property
    def now_s(self) -> float:
        """Simulated time, s."""
        return self._cycles * self.cycle_s

    def connect(self) -> None:
        """Do nothing: a simulated arm is there."""

    def recover(self) -> None:
        """Do nothing: a simulated arm has no faults."""

    def status(self) -> ArmStatus:
        """Return that it follows."""
        return _READY

    def read(self) -> JointState:
        """Return the measured joints at the current simulated time."""
        if self._measured is None:   # whoever asks again before time moves gets the same
            self._measured = JointState(self.now_s, self.spec.names, *self._arm.measure())
        return self._measured

    def stream(self, command: Command) -> Command:
        """Take the target of the next cycle.

        Raises:
            ArmError: Names or shape are not this arm's, or a value is not finite.
        """
        check_command(command, self.spec)
        self._target, self._speed = command.position, command.velocity
        self._age = 0
        return command

    def stop(self) -> None:
        """Brake within the arm's acceleration limits from the next cycle on."""
        self._age = DEADLINE_CYCLES

    def advance(self, cycles: int = 1) -> None:
        """Move simulated time on by `cycles` control cycles."""
        for _ in range(cycles):
            if self._age >= DEADLINE_CYCLES:
                self._brake()
            self._age += 1
            # The way there is spread over the physics steps: a target that jumped once a cycle
            # would be reached early, and the speed measured at the end too low.
            targets = self._target - (self._target - self._reached) * self._left
            for target in targets:
                self._follow(target)
                for fixture in self._active:
                    fixture.before_step()
                pybullet.stepSimulation(physicsClientId=self._client)
            self._reached = self._target
            self._cycles += 1
            self._measured = None
            if self._active:
                tool = self.chain.forward(self.read().position[:-1])[:3, 3]
                for fixture in self._active:
                    fixture.notice(tool)

    def _follow(self, target: Array) -> None:
        """Tell the motors where to be at the end of this physics step."""
        if self._drive is None:
            self._arm.drive(target.tolist(), self._speed.tolist())
        else:
            late, speed = self._drive.step(target)
            self._arm.drive(late.tolist(), speed.tolist())

    def _brake(self) -> None:
        """Replace the target by one cycle of full deceleration."""
        slower = self.spec.limits.acceleration * self.cycle_s
        speed = np.sign(self._speed) * np.maximum(np.abs(self._speed) - slower, 0.0)
        self._target = self._target + 0.5 * (self._speed + speed) * self.cycle_s
        self._speed = speed

    def camera_models(self) -> dict[str, CameraModel]:
        """Return the calibrated cameras of this scene by name."""
        return dict(self._models)

    def _model(self, model: CameraModel) -> CameraModel:
        """Return `model` at the place where this cell mounted and calibrated it."""
        error = np.array(self.draw.mount[model.name])
        return CameraModel(model.name, model.width, model.height, model.K, model.parent,
                           model.X_ParentCamera @ pose(error[:3], error[3:]))

    def render(self, name: str) -> Frame:
        """Return what camera `name` sees now."""
        model = self._models[name]
        return Frame(self.now_s, model, composite(*self.shoot(model)))

    def true_camera(self, model: CameraModel) -> Array:
        """Return where in its parent `model` truly is [4, 4] m; its calibration is a bit off."""
        error = np.array(self.draw.residual[model.name])
        return model.X_ParentCamera @ pose(error[:3], error[3:])

    def shoot(self, model: CameraModel) -> tuple[Shot, Shot]:
        """Return what `model` sees of what stands still and of what moves, for labels."""
        X = self.true_camera(model)
        if model.parent == 'tcp':
            X = self.chain.forward(self.read().position[:-1]) @ X
            still = self._backdrop.paint(model, X)
        else:
            if model.name not in self._background:
                self._background[model.name] = self._backdrop.shoot(model, X)
            still = self._background[model.name]
        return still, render(self._client, model, X, self._light())

    def _light(self) -> Light:
        return Light(self.draw.light, self.draw.ambient)

    def place_arm(self, position: Array) -> None:
        """Put the arm at `position` [n] at once; for stills and tests, never while running."""
        self._arm.place(position)
        self._measured = None
        self._target, self._speed = np.array(position, float), np.zeros(self.spec.axes)
        self._reached = self._target
        if self._drive is not None:
            self._drive.rest(self._target)

    def place_part(self, index: int, X_BasePart: Array) -> None:
        """Put part `index` at a pose [4, 4] m at once; for stills and tests."""
        self._parts[index].place(X_BasePart)

    def set_fixture(self, index: int, value: float) -> None:
        """Put the hinge of fixture `index` at `value` rad or m at once; for stills and tests."""
        self._fixtures[index].set(value)

    def truth(self) -> dict[str, Any]:
        """Return the true state: parts and bins with poses, contacts; never for the policy."""
        parts = [{'kind': part.kind, 'colour': part.colour, 'size': list(part.size),
                  'shape': part.shape, 'grip': asdict(part.grip), 'body': body.body,
                  **body.state()}
                 for part, body in zip(self.draw.parts, self._parts, strict=True)]
        bins = [{'colour': bin_.colour, 'body': still, 'position': [*bin_.xy, 0.0],
                 'yaw': bin_.yaw, 'inner': list(self._scene_spec.bins.inner),
                 'height': self._scene_spec.bins.height}
                for bin_, still in zip(self.draw.bins, self._bins, strict=True)]
        fixtures = [fixture.state() for fixture in self._fixtures]
        return {'stamp_s': self.now_s, 'parts': parts, 'bins': bins, 'fixtures': fixtures}

    def contact_force(self) -> float:
        """Return the largest force between the arm or a gripped part and another body now, N.

        Normal forces of PyBullet's last physics step, added up for each body that is touched. A
        part that both fingers touch is gripped: the grip does not count, what the part meets
        does, the table that it is taken from included.
        """
        arm, left, right = self._arm.body, *self._arm.fingers
        touched = pybullet.getContactPoints(bodyA=arm, physicsClientId=self._client)
        if not touched:
            return 0.0
        by_link = {finger: {row[2] for row in touched if row[3] == finger}
                   for finger in (left, right)}
        gripped = by_link[left] & by_link[right] & {part.body for part in self._parts}
        forces: dict[int, float] = {}
        for holder in (arm, *gripped):
            rows = touched if holder == arm else pybullet.getContactPoints(
                bodyA=holder, physicsClientId=self._client)
            for row in rows:
                if row[2] != arm and row[2] not in gripped:
                    forces[row[2]] = forces.get(row[2], 0.0) + row[9]
        return max(forces.values(), default=0.0)

    def close(self) -> None:
        """Disconnect both clients and remove the generated URDF."""
        for client in (self._client, self._still):
            if pybullet.isConnected(client):
                pybullet.disconnect(client)
        self._folder.cleanup()
