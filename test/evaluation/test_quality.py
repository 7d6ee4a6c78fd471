"""How well an arm moved: values with a closed form, and contact forces of the real simulator."""
import math

import pytest

pytest.importorskip('pybullet')
from lam_ws.evaluation.quality import measure, medians, Quality
from lam_ws.geometry import Chain
from lam_ws.sim.cell import Cell
from lam_ws.site import load_site
from lam_ws.types import Command
import numpy as np

pytestmark = pytest.mark.sim
SITE = load_site('sim_bench')
CHAIN = Chain(SITE.arm)
CYCLE = 0.01   # s


def commands(angles):
    """Return commands of the arm at home with its first joint at `angles` rad, one a cycle."""
    home = SITE.arm.home
    rows = np.tile(home, (len(angles), 1))
    rows[:, 0] += angles
    return [Command(CYCLE * k, SITE.arm.names, row, 0 * home) for k, row in enumerate(rows)]


def reach(distance, seconds):
    """Return the positions of a minimum-jerk reach (Flash and Hogan 1985)."""
    s = np.linspace(0.0, 1.0, round(seconds / CYCLE) + 1)
    return distance * (10 * s ** 3 - 15 * s ** 4 + 6 * s ** 5)


@pytest.mark.parametrize(('angle', 'seconds'), [(0.04, 2.0), (0.08, 4.0)])
def test_a_minimum_jerk_reach_has_the_values_of_its_closed_form(angle, seconds):
    """Pins units and scale: ln(720 / 1.875^2) without unit, whatever the size and the speed."""
    found = measure(commands(reach(angle, seconds)), CHAIN, 7.0)
    distance = angle * np.hypot(*CHAIN.forward(SITE.arm.home[:-1])[:2, 3])   # an arc, almost flat
    assert found.path_m == pytest.approx(distance, abs=2e-4)
    assert found.seconds == pytest.approx(seconds) and found.force_n == 7.0
    assert found.smoothness == pytest.approx(-math.log(720 / 1.875 ** 2), abs=0.06)
    assert found.jerk_m_s3 == pytest.approx(math.sqrt(720) * distance / seconds ** 3, rel=0.03)


def test_a_motion_with_a_rest_is_less_smooth_than_one_without():
    """Pins the sign: nearer to zero is smoother."""
    once = reach(0.08, 2.0)
    twice = np.concatenate([reach(0.04, 1.0), np.full(50, 0.04), 0.04 + reach(0.04, 1.0)])
    assert measure(commands(twice), CHAIN, 0.0).smoothness \
        < measure(commands(once), CHAIN, 0.0).smoothness < 0.0


def test_what_hardly_moved_has_no_smoothness():
    """Pins a logarithm of zero, which JSON cannot hold."""
    assert measure(commands([0.1] * 3), CHAIN, 0.0) is None
    still = measure(commands([0.1] * 50), CHAIN, 0.0)
    assert (still.path_m, still.jerk_m_s3, still.smoothness) == (0.0, 0.0, None)


def test_a_median_is_over_what_was_measured():
    """Pins that episodes without a value do not count as zero."""
    rows = [Quality(1.0, 4.0, 30.0, None, 2.0), None, Quality(2.0, 6.0, 40.0, -16.0, 9.0)]
    assert medians(rows) == {'path_m': 1.5, 'seconds': 5.0, 'jerk_m_s3': 35.0,
                             'smoothness': -16.0, 'force_n': 5.5}
    assert medians([None]) is None and medians([]) is None


@pytest.fixture(scope='module')
def cell():
    """Return a cell that the tests of this file share."""
    made = Cell(SITE, 3)
    yield made
    made.close()


def go(cell, xyz, opening, cycles, yaw=0.0):
    """Move the tool straight to `xyz` m, fingers down, and wait; return the peak force, N."""
    q, peak = cell.read().position[:-1], 0.0
    start = CHAIN.forward(q)[:3, 3]
    for k in range(cycles):
        share = min(1.0, (k + 1) / (0.7 * cycles))
        q = CHAIN.follow(q, (start + share * (xyz - start))[None], [yaw])[0]
        position = np.array([*q, opening])
        cell.stream(Command(cell.now_s, SITE.arm.names, position, 0 * position))
        cell.advance()
        peak = max(peak, cell.contact_force())
    return peak


def test_nothing_touched_is_no_force_and_the_table_is_one(cell):
    """Pins zero in the air, and that pressing on the table is felt."""
    cell.reset(3)
    free = np.array([0.45, 0.0])
    assert go(cell, [*free, 0.25], 0.0, 150) == 0.0
    assert go(cell, [*free, -0.004], 0.0, 150) > 5.0


def test_a_grip_is_no_contact_but_what_the_part_meets_is(cell):
    """Pins the force of the fingers on what they hold, which is none of the measure's."""
    cell.reset(3)
    index = next(i for i, part in enumerate(cell.draw.parts) if part.kind == 'cube')
    part = cell.draw.parts[index]
    half = part.size[2] / 2
    for height, opening, cycles in ((0.20, 0.08, 150), (half, 0.08, 150), (half, 0.0, 60),
                                    (0.15, 0.0, 150)):
        go(cell, [*part.xy, height], opening, cycles, part.yaw)
    assert cell.truth()['parts'][index]['position'][2] > 0.1   # it is in the hand
    assert cell.contact_force() == 0.0
    assert go(cell, [*part.xy, half - 0.003], 0.0, 200, part.yaw) > 5.0
