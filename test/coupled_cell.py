"""The seeing half of a real arm in tests: a simulated cell that follows it, with task and policy.

    python test/coupled_cell.py SITE SEED < joints > chunks

Lines of JSON enter: what the arm measured and what its gripper was told; the simulated arm goes
there too, in real time, so its pictures and its parts are those of the real arm's cell. What the
policy wants leaves, as lines of JSON, one for each control cycle in which there is something to
say; each episode begins where the arm stands. The guard is on the other side.
"""
import json
import os
import sys
import threading
import time

from lam_ws.episode import Episode
from lam_ws.evaluation.evaluation import Conditions, draw_case, judge
from lam_ws.pipeline import Pipeline
from lam_ws.safety.safety import GuardDecision, GuardState, Request
from lam_ws.sim.cell import Cell
from lam_ws.site import load_site
from lam_ws.types import Command, Instruction, JointState
import numpy as np


class Follower(Cell):
    """A cell whose arm goes where another one is; time is real."""

    def __init__(self, site, seed):
        self.heard, self.began_s = None, 0.0
        super().__init__(site, seed)

    def listen(self):
        """Read lines until there are no more; the newest counts."""
        for line in sys.stdin:
            self.heard = json.loads(line)
        os._exit(0)

    def begin(self, seed):
        """Lay out a scene around the arm as it stands."""
        super().reset(seed)
        self.place_arm(np.array(self.heard['position']))
        self.began_s = time.monotonic()

    def read(self):
        """Return what the other arm measured; the fingers are the simulated ones."""
        if self._measured is None:
            mine, there = super().read(), self.heard
            if there is None:
                return mine
            self._measured = JointState(
                self.now_s, self.spec.names, [*there['position'][:-1], mine.position[-1]],
                [*there['velocity'][:-1], mine.velocity[-1]])
        return self._measured

    def advance(self, cycles=1):
        """Follow for some cycles; wait where that was quicker than the clock."""
        for _ in range(cycles):
            there = self.heard
            self.stream(Command(self.now_s, self.spec.names,
                                [*there['position'][:-1], there['opening']],
                                [*there['velocity'][:-1], 0.0]))
            super().advance()
            time.sleep(max(self.began_s + self.now_s - time.monotonic(), 0.0))


class Seeing(Episode):
    """An episode whose guard and arm are elsewhere."""

    def _cycle(self, chunk, handled, request=Request.NONE, claim=None):
        if chunk is not None or claim is not None or request is not Request.NONE:
            began_s = self.cell.began_s
            self._say(request=request.value, handled=handled,
                      claim=None if claim is None else began_s + claim.stamp_s,
                      chunk=None if chunk is None else {
                          'stamp_s': began_s + chunk.stamp_s, 'times': chunk.times.tolist(),
                          'position': chunk.position.tolist(), 'done': chunk.done})
        self.cell.advance()
        heard = self.cell.heard
        return GuardDecision(None, GuardState(heard['state']), heard['reason'])

    def _say(self, **said):
        print(json.dumps(said), flush=True)


def main():
    """Run one episode after the other until there is nobody to tell."""
    site, seed = load_site(sys.argv[1]), int(sys.argv[2])
    os.nice(10)   # whoever answers an arm within a millisecond goes first
    cell = Follower(site, seed)
    pipeline = Pipeline(site)
    threading.Thread(target=cell.listen, daemon=True).start()
    while cell.heard is None:
        time.sleep(0.01)
    while True:
        pipeline.restart()
        cell.begin(seed)
        case = draw_case([(part.kind, part.colour) for part in cell.draw.parts], seed,
                         Conditions())
        before = cell.truth()
        outcome = Seeing(cell, pipeline).run(Instruction(case.text, case.language))
        verdict = judge(case, site.arm.name, before, cell.truth(), outcome.phase, outcome.reason,
                        outcome.seconds, outcome.attempts)
        print(json.dumps({'episode': seed, 'success': verdict.success, 'cause': verdict.cause,
                          'seconds': round(outcome.seconds, 2)}), flush=True)
        seed += 1


if __name__ == '__main__':
    main()
