"""Starts dead nodes of a running cell again, later each time, and gives up in the end.

Deaths enter, new processes leave, configured and active. Nothing moves by that: the guard was
told to stop when the node died, and an operator has to reset and arm. A node dies for a reason,
so the pause before each new start doubles, and one that keeps dying ends the run.
"""
import time

from lam_ws.errors import LamError
from lam_ws.graph import NodeSpec
from lam_ws.nodes.manager import BringUpError, Manager
from lam_ws.nodes.supervisor import Death, Supervisor

PAUSE_S = 0.25      # before the first new start
MOST = 5            # deaths within MEMORY_S after which a node is given up
MEMORY_S = 60.0


class Restarts:
    """The nodes that are to be started again.

    Args:
        supervisor: Starts the processes.
        manager: Configures and activates them; whoever it calls while it waits hands the deaths
            of that time to `take`.
    """

    def __init__(self, supervisor: Supervisor, manager: Manager):
        self._supervisor, self._manager = supervisor, manager
        self._died_s: dict[str, list[float]] = {}
        self._due: dict[str, tuple[float, NodeSpec]] = {}
        self._starting = ''

    def take(self, death: Death) -> bool:
        """Note a death; return whether the node will be started again."""
        name, now_s = death.spec.name, time.monotonic()
        if not death.spec.rejoins:
            return False
        recent = [at_s for at_s in self._died_s.get(name, []) if now_s - at_s < MEMORY_S]
        self._died_s[name] = [*recent, now_s]
        if len(recent) + 1 >= MOST:
            return False
        self._due[name] = now_s + PAUSE_S * 2 ** len(recent), death.spec
        if name == self._starting:
            raise _DiedAgain
        return True

    def turn(self) -> bool:
        """Start one node again if it is time to; return whether it works."""
        due = [name for name, (at_s, _) in self._due.items() if time.monotonic() >= at_s]
        if not due or self._starting:
            return False
        name = due[0]
        _, spec = self._due.pop(name)
        self._starting = name
        try:
            self._supervisor.start_one(spec)
            self._manager.bring_up_again(name)
            self._supervisor.watch()
        except _DiedAgain:
            return False
        except BringUpError as failure:
            log = self._supervisor.log_tail(name, 1)
            raise LamError(f'{failure}: {log}' if log else str(failure)) from None
        finally:
            self._starting = ''
        return True


class _DiedAgain(Exception):
    """The node that is being started died meanwhile; it is noted and comes again later."""
