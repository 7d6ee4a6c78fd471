"""What the guard does when something holds the arm."""
from dataclasses import replace

from guard_stream import Run
from lam_ws.safety.contact import OWED_S, resisted, still_owed
from lam_ws.safety.safety import guard_config, GuardConfig, Request
from lam_ws.site import load_site
import numpy as np
import pytest

SITE = load_site('sim_bench')


def watching(share: float | None) -> GuardConfig:
    """Return the guard's configuration at a site that watches that share of the torques."""
    return guard_config(replace(SITE, limits=replace(SITE.limits, effort_scale=share)))


CONFIG = watching(1.0)
MOST = np.array(CONFIG.spec.effort)


def torques(**joints: float):
    """Return what makes the arm report torques: half of the most, `j3=...` N m at joint 3."""
    effort = np.append(0.5 * MOST, 40.0)
    for name, value in joints.items():
        effort[int(name[1:])] = value
    return lambda state: replace(state, effort=effort)


@pytest.mark.parametrize('joint', range(7))
@pytest.mark.parametrize('sign', [1.0, -1.0])
def test_a_torque_beyond_its_limit_stops_in_one_cycle(joint, sign):
    """Pins fault 20 for every joint, pushed either way: braking begins in the same cycle."""
    run = Run(CONFIG).start_motion()
    for _ in range(5):
        assert run.cycle(spoil=torques(**{f'j{joint}': sign * MOST[joint]})).state == 'running'
    pressed = torques(**{f'j{joint}': sign * (MOST[joint] + 0.5)})
    decision = run.cycle(spoil=pressed)
    assert (decision.state, decision.reason) == ('stopping', 'contact')
    assert (decision.measured, decision.allowed) == (MOST[joint] + 0.5, MOST[joint])
    assert decision.where == CONFIG.spec.names[joint]


def test_the_gripper_may_press_as_hard_as_it_can():
    """Pins that a grasp is no contact."""
    run = Run(CONFIG).start_motion()
    for _ in range(20):
        assert run.cycle(spoil=torques(j7=1e6)).state == 'running'


def test_a_site_may_allow_less():
    """Pins `effort_scale`."""
    run = Run(watching(0.6)).start_motion()
    assert run.cycle(spoil=torques()).state == 'running'
    decision = run.cycle(spoil=torques(j2=-0.61 * MOST[2]))
    assert decision.reason == 'contact' and decision.allowed == pytest.approx(0.6 * MOST[2])


@pytest.mark.parametrize('value', [np.nan, np.inf, -np.inf])
def test_a_torque_that_is_no_number_stops(value):
    """Pins fail-closed: what an arm with limits cannot tell is not taken for little."""
    run = Run(CONFIG).start_motion()
    assert run.cycle(spoil=torques(j1=value)).reason == 'contact'


def test_an_arm_that_tells_no_torques_has_no_such_check():
    """Pins arms without, and sites that say null: tracking is then what notices a contact."""
    run = Run(CONFIG).start_motion()
    for _ in range(10):
        assert run.cycle().state == 'running'
    run = Run(watching(None)).start_motion()
    for _ in range(10):
        assert run.cycle(spoil=torques(j1=1e6)).state == 'running'


def test_a_contact_is_latched_and_over_when_the_arm_lets_go():
    """Pins the way back: reset takes the measured pose, arming waits until nothing presses."""
    run = Run(CONFIG).start_motion()
    pressed = torques(j1=1.2 * MOST[1])
    while run.cycle(spoil=pressed).state != 'stopped':
        pass
    wanted = run.position.copy()
    run.position = wanted - 0.02 * run.way()   # held off its command, by less than tracking sees
    held = run.position.copy()
    assert run.cycle(spoil=pressed).reason == 'contact'
    run.position = held
    decision = run.cycle(request=Request.RESET, spoil=pressed)
    assert decision.state == 'disarmed' and decision.restarted
    assert np.allclose(decision.command.position[:-1], held[:-1])
    assert decision.command.position[-1] == pytest.approx(wanted[-1])
    refused = run.cycle(request=Request.ARM, spoil=pressed)
    assert (refused.state, refused.reason) == ('disarmed', 'contact')
    assert run.cycle(request=Request.ARM, spoil=torques()).state == 'armed'


def test_nothing_known_is_no_contact():
    """Pins the guard before its first joint state."""
    assert resisted(CONFIG, None, None, 0.0) is None


def test_an_arm_that_is_blocked_does_not_stall_for_long():
    """Pins the stall: commanded to move and measured at one place is a tracking error in time."""
    run = Run(CONFIG).start_motion()
    stuck, cycles = run.position.copy(), 0
    while run.cycle(spoil=lambda s: replace(s, position=stuck)).state == 'running':
        cycles += 1
    assert run.decision.reason == 'tracking' and cycles < 80


def to_and_fro(run, cycles, held, half=15):
    """Ask for a way and back that never leads far; hold some joints where they are."""
    stood, way = run.position.copy(), 0.08 * run.way()
    for k in range(cycles):
        chunk = None
        if k % half == 0:
            chunk = run.chunk(stood + way[None] * (1.0 if k // half % 2 else -1.0), 0.15)
        if run.cycle(chunk, spoil=lambda s: replace(s, position=np.where(
                held, stood, s.position))).state in ('stopping', 'stopped'):
            return k
    return None


def test_a_joint_that_goes_none_of_its_way_is_stalled():
    """Pins the arm that is blocked while the policy begins anew near it, again and again."""
    run = Run(CONFIG).arm()
    held = np.arange(8) == 0
    assert to_and_fro(run, 400, held) is not None
    assert run.decision.reason == 'stalled' and run.decision.where == CONFIG.spec.names[0]
    assert run.decision.measured > run.decision.allowed >= CONFIG.tracking_rad
    assert to_and_fro(Run(CONFIG).arm(), 1500, np.zeros(8, bool)) is None


def test_what_was_owed_fades_and_is_paid():
    """Pins the arithmetic: one way commanded and not gone, then nothing; then gone."""
    run = Run(CONFIG).start_motion(40)
    motion, names = run.memory.motion, CONFIG.spec.names
    here = run.joints()
    owed = still_owed(CONFIG, (), motion, here, here)
    assert owed == pytest.approx(0.01 * np.abs(motion.step[:-1])) and owed[0] > 0.0
    faded = still_owed(CONFIG, (0.1,) * 7, run.memory.motion._replace(step=[0.0] * 8), here, here)
    assert faded == pytest.approx([0.1 * np.exp(-0.01 / OWED_S)] * 7)
    there = replace(here, position=here.position + 0.04 * np.eye(8)[2])
    paid = still_owed(CONFIG, (0.1,) * 7, motion._replace(step=[0.0] * 8), here, there)
    assert paid[2] == pytest.approx(faded[2] - 0.04) and paid[1] == faded[1]
    assert still_owed(CONFIG, (0.0,) * 7, motion._replace(step=[0.0] * 8), here, there)[2] == 0.0
    assert still_owed(CONFIG, (0.1,) * 7, None, here, there) == ()
    assert still_owed(CONFIG, owed, motion, None, here)[0] > owed[0]
    bound = resisted(CONFIG, here, motion, 0.5, (0.0, 0.26, *[0.0] * 5))
    assert bound == ('stalled', 0.26, pytest.approx(0.25), names[1])
    assert resisted(CONFIG, here, motion, 0.5, (0.0, 0.25, *[0.0] * 5)) is None


def test_a_reset_forgives_what_was_owed():
    """Pins that an arm that was freed may be armed and moves."""
    run = Run(CONFIG).arm()
    assert to_and_fro(run, 400, np.arange(8) == 0) is not None
    while run.decision.state != 'stopped':
        run.cycle()
    run.cycle(request=Request.RESET)
    assert run.cycle(request=Request.ARM).state == 'armed' and not any(run.memory.owed)
    run.cycle(run.chunk(run.position[None]))
    assert to_and_fro(run, 300, np.zeros(8, bool)) is None and run.decision.state == 'running'
def test_what_holds_an_arm_is_told_in_numbers():
    """Pins the allowance: 0.15 rad and 0.2 s of the recent speed; of the first joint that lags."""
    run = Run(CONFIG).start_motion()
    motion, home = run.memory.motion, np.array(run.memory.motion.position)
    state = replace(run.joints(), position=home - 0.4 * np.eye(8)[2] + 0.5 * np.eye(8)[5])
    assert resisted(CONFIG, state, motion, 0.5) == (
        'tracking', pytest.approx(0.4), pytest.approx(0.25), 'fr3_joint3')
    assert resisted(CONFIG, state, motion, 1.3).where == 'fr3_joint6'
    assert resisted(CONFIG, state, motion, 1.8) is None
    assert resisted(CONFIG, state, None, 0.0) is None
    assert resisted(CONFIG, replace(state, position=home + np.nan), motion, 9.0).name == 'tracking'
    pressed = replace(state, effort=np.append(-MOST - 1.0, 0.0))
    assert resisted(CONFIG, pressed, motion, 0.0) == (
        'contact', MOST[0] + 1.0, MOST[0], 'fr3_joint1')
    still = motion._replace(position=CONFIG.spec.home.tolist())
    for angle, told in ((CONFIG.tracking_rad, False), (CONFIG.tracking_rad + 1e-9, True)):
        state = replace(run.joints(), position=CONFIG.spec.home + np.r_[angle, np.zeros(7)])
        assert (resisted(CONFIG, state, still, 0.0) is not None) == told
