"""A running cell with a real arm, or the counterpart of one: begun, broken, and watched."""
from dataclasses import dataclass
import time

from lam_ws.nodes import nodes
from lam_ws.nodes.session import Session
from lam_ws.nodes.witness import Witness
from lam_ws.types import Instruction
from std_srvs.srv import Trigger

ORDER = Instruction('빨간 볼조인트를 격리함에 넣어', 'ko', 'test')


@dataclass
class Running:
    """A cell with a real arm, its controller, and who watches."""

    session: Session
    peer: object
    witness: Witness
    handle: object = None
    order: Instruction = ORDER

    def result(self, timeout_s):
        """Return what came of the order."""
        return self.session.client.wait(self.handle.get_result_async(), timeout_s).result

    def begin(self, seed=1):
        """Lay the parts out anew, recover, arm, ask for motion; wait until the arm moves."""
        client = self.session.client
        self.until(lambda: self.recover()[0], 10.0)
        self.session.reset(seed)
        client.arm()
        self.handle = client.wait(client.send(self.order), 5.0)
        assert self.handle.accepted
        self.until(lambda: self.witness.speed > 0.1, 20.0)

    def recover(self):
        """Ask the arm to recover."""
        return self.session.client.recover()

    def until(self, holds, timeout_s=5.0):
        """Turn until something holds; return how long it took, s."""
        began_s = time.monotonic()
        while not holds():
            assert time.monotonic() - began_s < timeout_s, (
                self.session.client.guard, self.witness.speed, self.witness.said[-3:])
            self.session.client.turn()
        return time.monotonic() - began_s

    def stops_for(self, *reasons):
        """Wait for a stop of one of the reasons; return after what time, s."""
        client = self.session.client
        passed_s = self.until(lambda: client.guard.state in ('stopping', 'stopped'))
        assert client.guard.reason in reasons, client.guard
        assert self.result(5.0).reason == f'guard_{client.guard.reason}'
        return passed_s

    def stays(self):
        """Let reset and arm be tried without `recover`: nothing moves."""
        client = self.session.client
        self.until(lambda: client.guard.state == 'stopped')
        began_s = time.monotonic()
        client.clear()
        client.call(Trigger, nodes.ARM, Trigger.Request())
        client.turn_for(0.5)
        assert client.guard.state not in ('armed', 'running'), client.guard
        assert self.witness.strayed(began_s + 0.2) < 0.02
