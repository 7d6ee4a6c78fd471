"""Press: the button of a named colour, and no other."""
from lam_ws.sim.fixtures import PRESSED
from lam_ws.sim.tasks.task import home_pose, over_part, SimTask, untouched, Waypoint
from lam_ws.sim.truth import Truth
from lam_ws.types import Goal

TIP = 0.008     # m, how far the fingers reach beyond the tool centre point
DEPTH = 0.012   # m, of the tool below the button's top


class Press(SimTask):
    """A panel of buttons."""

    name = skill = 'press'
    scene = 'panel'
    kinds = ('button',)
    places = ()
    motion = (Waypoint(over_part(0.07), 0.0, rounding=0.004),
              Waypoint(over_part(TIP - DEPTH), 0.0, dwell=0.25, speed=0.4),
              Waypoint(over_part(0.09), 0.0, rounding=0.03),
              Waypoint(home_pose, None, rounding=0.01))

    def done(self, before: Truth, now: Truth, goal: Goal) -> bool:
        """Return whether this button was pressed all the way, and nothing else even touched."""
        pressed = {one['colour']: one['most'] - was['most'] for one, was in zip(
            now['fixtures'], before['fixtures'], strict=True) if one['kind'] == 'button'}
        mine = pressed.pop(goal.colour)
        return mine >= PRESSED and all(depth < 0.002 for depth in pressed.values()) \
            and untouched(before, now, goal)
