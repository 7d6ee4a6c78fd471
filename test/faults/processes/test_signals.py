"""The bounds of killed and frozen nodes."""
from lam_ws.faults.processes import signals
from lam_ws.faults.processes.running import braking_s, SITE
from lam_ws.site import load_site
import pytest


def test_bounds_are_the_settings_of_the_site():
    """Pins that no bound was chosen by taste: each follows from what the cell is told."""
    site = load_site(SITE)
    cycle_s = 1.0 / site.limits.control_hz
    assert signals.STALE * cycle_s == pytest.approx(site.limits.stale_joints_s)
    assert signals.HEARTBEAT * cycle_s == pytest.approx(site.heartbeat_s)
    assert 0.0 <= signals.BRAKING - braking_s(site) / cycle_s < 1.0


@pytest.mark.ros
@pytest.mark.sim
def test_the_arm_has_its_own_deadline():
    """Pins the bound after the death of the guard."""
    pytest.importorskip('rclpy')
    from lam_ws.nodes.sim_node import DEADLINE_S
    site = load_site(SITE)
    assert signals.ARM_DEADLINE == pytest.approx(DEADLINE_S * site.limits.control_hz)


def test_every_node_is_struck_by_every_signal():
    """Pins a node of the table that no case kills."""
    from lam_ws import graph
    struck = {(case.component, case.name.rsplit('_', 1)[1]) for case in signals.SIGNAL_CASES}
    assert struck == {(spec.name, name) for spec in graph.nodes(load_site(SITE))
                      for name in ('sigkill', 'sigstop', 'sigterm')}
