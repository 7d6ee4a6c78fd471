"""A whole cell for the length of a `with` block: processes up, READY, used, gone.

A site enters; inside the block the cell is reset, armed, instructed and, for scoring, asked for
the truth. Afterwards no process and no shared memory of it is left, whatever happened inside.
"""
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from pathlib import Path
import time
from types import TracebackType
from typing import Any, Literal, Self

from lam_ws import graph
from lam_ws.errors import LamError
from lam_ws.nodes.environment import enter, free_domain
from lam_ws.nodes.restarts import Restarts
from lam_ws.nodes.supervisor import Death, Interruption, Supervisor
from lam_ws.site import load_site, Site
from lam_ws.types import Instruction

_BRAKING_S = 0.6      # what the arm gets to come to rest after a node died
_NEW_SCENE_S = 0.5    # until images of a cell that was laid out anew have become a scene


class NodeDied(LamError):
    """A node that motion depends on ended by itself; carries the `death` and its last words."""

    def __init__(self, death: Death, log: str):
        self.death, self.log = death, log
        super().__init__(str(death) + (f': {log.splitlines()[-1]}' if log else ''))


class Session:
    """The processes of a site's cell and one client of them.

    Args:
        site: Name, path or checked site.
        domain: ROS domain; None takes one that is free.
        logs: Folder for the nodes' logs; None leaves them on stderr.
        only: Nodes of the table to start; all of them when empty.
        without: Nodes of the table not to start, for example 'record'.
        deaths: What the death of a node means. 'end': where motion depends on it the arm brakes
            and NodeDied is raised. 'restart': the arm brakes just so, but what may rejoin is
            started again; an operator has to reset and arm. 'ignore': nothing; for whoever
            wants to see what the cell does by itself.
        console: Serve the console also where the site has no section of that name.

    Attributes:
        setup_s: Wall time from start to READY.
        processes: Process id of each node at READY.
    """

    def __init__(self, site: str | Site, domain: int | None = None, logs: Path | None = None,
                 only: Iterable[str] = (), without: Iterable[str] = (),
                 deaths: Literal['end', 'restart', 'ignore'] = 'end', console: bool = False):
        self.site = site if isinstance(site, Site) else load_site(site)
        self._domain, self._logs, self._deaths = domain, logs, deaths
        self._specs = graph.select(graph.nodes(self.site, console), only, without)
        self._stack = ExitStack()
        self.setup_s = 0.0
        self.processes: dict[str, int] = {}

    def __enter__(self) -> Self:
        started = time.monotonic()
        try:
            self._interruption = self._stack.enter_context(Interruption())
            domain = self._domain
            if domain is None:
                domain = self._stack.enter_context(free_domain())
            self._enter_graph(domain)
        except BaseException:
            self._stack.close()
            raise
        self.setup_s = time.monotonic() - started
        self.processes = self.supervisor.processes()
        self.supervisor.watch()
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None,
                 trace: TracebackType | None) -> None:
        self._stack.close()

    def _enter_graph(self, domain: int) -> None:
        enter(domain)
        self.supervisor = Supervisor(self._specs, domain, self._logs)
        self._stack.callback(self.supervisor.clean)    # once this process has left as well
        self._stack.callback(self.supervisor.stop)
        self.supervisor.start()      # they load while this process loads rclpy
        from lam_ws.nodes.client import connected
        from lam_ws.nodes.manager import BringUpError, Manager

        self.client = self._stack.enter_context(connected(self.site, domain, self._check))
        self._manager = Manager(self.client.node, self.client.executor, self._specs, self._check)
        self._restarts = Restarts(self.supervisor, self._manager)
        try:
            self._manager.bring_up()
        except BringUpError as failure:
            log = self.supervisor.log_tail(failure.name, 1)
            raise LamError(f'{failure}: {log}' if log else str(failure)) from None
        if self._has('task'):
            self.client.wait_for_cell(10.0)

    def reset(self, seed: int, scene: str = '') -> dict[str, Any]:
        """Lay the cell out anew from `seed`; the guard is disarmed afterwards.

        Args:
            seed: Seed of the scene.
            scene: Scene file in sim/scenes, '' for the site's own.
        """
        if self.site.sim is not None and self.site.sim.clock == 'lockstep':
            truth = self.client.reset_cell(seed, scene)   # the guard sees the stamps begin anew
            if self._has('perception'):
                self.client.wait_for_scene()   # or an instruction meets what was there before
            return truth
        # An arm that is put elsewhere must not be pulled back: the guard begins as after
        # power-up, from where it finds the arm.
        if self._has('guard'):
            self._manager.deactivate('guard')
        truth = self.client.reset_cell(seed, scene)
        self.client.turn_for(_NEW_SCENE_S)
        if self._has('guard'):
            self.client.guard = None   # what it said before it began anew
            self._manager.activate('guard')
        return truth

    def arm(self) -> None:
        """Permit motion."""
        self.client.arm()

    def instruct(self, instruction: Instruction,
                 heard: Callable[[Any], None] = lambda feedback: None,
                 answer: Callable[[str, Sequence[str]], str] | None = None) -> Any:
        """Carry out an instruction and return its `lam_ws.nodes.outcome.Outcome`."""
        return self.client.instruct(instruction, heard, answer)

    def truth(self) -> dict[str, Any]:
        """Return what the simulator knows; for scoring only."""
        return self.client.truth()

    def _has(self, name: str) -> bool:
        return any(spec.name == name for spec in self._specs)

    def _check(self) -> None:
        self._interruption.check()
        for death in self.supervisor.deaths():
            if self.processes and self._deaths == 'ignore':
                continue
            if self.processes and self._deaths == 'restart' and self._restarts.take(death):
                if death.spec.motion_critical:
                    self.client.ask_to_stop()
            elif death.spec.motion_critical or not self.processes:
                self._brake()
                raise NodeDied(death, self.supervisor.log_tail(death.spec.name))
        if self.processes and self._deaths == 'restart' and self._restarts.turn():
            self.processes = self.supervisor.processes()

    def _brake(self) -> None:
        """Ask the guard, if it is there, to stop; the arm's own dead-line does the rest."""
        client = getattr(self, 'client', None)
        if client is not None:
            client.ask_to_stop()
        deadline = time.monotonic() + _BRAKING_S
        while client is not None and time.monotonic() < deadline:
            client.executor.spin_once(timeout_sec=0.02)
