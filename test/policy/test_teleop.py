"""An operator's jogs as chunks: straight, soft, honest about what slows them, nothing ahead."""
from dataclasses import replace

from lam_ws.errors import JogError
from lam_ws.faults.judging import violations
from lam_ws.geometry import Chain
from lam_ws.policy.teleop import (
    ACCELERATION,
    BASE,
    check_jog,
    HORIZON_S,
    Jog,
    JOINT,
    JOINT_SPEED,
    MARGIN,
    Teleop,
    TOOL,
    TOOL_SPEED,
    TURN_SPEED,
)
from lam_ws.policy.teleop_words import teleop_words, WORDINGS
from lam_ws.safety.guard import start, step
from lam_ws.safety.lease import Commander, TELEOP
from lam_ws.safety.safety import guard_config, GuardInputs, Request
from lam_ws.site import load_site
from lam_ws.types import Command, JointState
import numpy as np
import pytest

SITES = ('sim_bench', 'sim_bench_ur5e')
AXES = np.eye(6).tolist()
SPEAK = 4     # control cycles between two chunks
STILL = np.zeros(8)


class Lead:
    """A guard and an arm that obeys it, jogged without a step in work."""

    def __init__(self, site, home=None, teleop=None):
        self.site, self.config = site, guard_config(site)
        self.teleop, self.memory = teleop or Teleop(site), start(self.config)
        self.commander, self.now_s, self.felt = Commander(TELEOP, 'h', 1), 5.0, []
        self.q = np.array(site.arm.home if home is None else home, float)
        self.last, self.stream, self.codes = None, [], set()
        self.turn(None)
        self.turn(None, Request.ARM)

    def turn(self, chunk, request=Request.NONE, idle=False):
        claim = None
        if chunk is not None or idle:
            claim = self.commander.claim(self.now_s, idle)
        joints = JointState(self.now_s, self.site.arm.names, self.q, np.zeros(len(self.q)))
        self.memory, decision = step(self.config, self.memory, GuardInputs(
            self.now_s, joints, chunk, False, request, None, claim))
        self.last, self.now_s = decision.command, self.now_s + self.config.cycle_s
        self.q = decision.command.position
        self.stream.append((decision.command.position, decision.command.velocity))
        self.codes.add(decision.limited)
        return decision

    def jog(self, jog, seconds):
        """Hold a key for some time; the chunks are made as late as a real hand makes them."""
        for i in range(round(seconds / self.config.cycle_s)):
            chunk = None
            if i % SPEAK == 0:
                chunk, felt = self.teleop.chunk(jog, self.last, self.now_s - 0.004)
                self.felt.append(felt)
            self.turn(chunk)
        return self

    def release(self):
        """Let go and wait until the arm stands; return s until it does."""
        self.turn(None, idle=True)
        cycles = 1
        while any(self.stream[-1][1]):
            self.turn(None)
            cycles += 1
        return cycles * self.config.cycle_s

    def poses(self):
        return self.teleop.chain.forward(np.array([p for p, _ in self.stream])[:, :-1])


@pytest.fixture(params=SITES)
def site(request):
    """Return a seven-axis and a six-axis arm's site, one after the other."""
    return load_site(request.param)


@pytest.mark.parametrize('mode', [BASE, TOOL])
@pytest.mark.parametrize('axis', range(6))
@pytest.mark.parametrize('sign', [1.0, -1.0])
def test_the_tool_goes_where_it_is_asked_and_nowhere_else(site, mode, axis, sign):
    """Pins all directions, in the base and in the tool frame: a line, or a turn in place."""
    lead = Lead(site)
    X0 = lead.teleop.chain.forward(lead.q[:-1])
    lead.jog(Jog(mode, tuple(sign * np.array(AXES[axis])), 0.0, 0.4), 0.6)
    lead.release()
    poses = lead.poses()
    asked = sign * np.eye(3)[axis % 3] if mode == BASE else sign * X0[:3, axis % 3]
    moved = poses[:, :3, 3] - X0[:3, 3]
    R = poses[-1, :3, :3] @ X0[:3, :3].T
    turned = 0.5 * np.array([R[2, 1] - R[1, 2], R[0, 2] - R[2, 0], R[1, 0] - R[0, 1]])
    along = moved @ asked
    if axis < 3:
        assert 0.035 < along[-1] < 0.4 * TOOL_SPEED * 0.65
        assert np.linalg.norm(moved - along[:, None] * asked, axis=1).max() < 5e-4
        assert np.linalg.norm(turned) < 2e-3
    else:
        assert 0.08 < turned @ asked < 0.4 * TURN_SPEED * 0.65
        assert np.linalg.norm(turned - (turned @ asked) * asked) < 2e-3
        assert np.linalg.norm(moved, axis=1).max() < 5e-4
    assert violations(lead.config, lead.stream) == []


def test_one_joint_moves_alone(site):
    """Pins joint jogs, both ways, each joint, and the gripper by itself."""
    for i in range(site.arm.axes - 1):
        for sign in (1.0, -1.0):
            lead = Lead(site)
            vector = sign * np.eye(site.arm.axes - 1)[i]
            lead.jog(Jog(JOINT, tuple(vector), 0.0, 0.5), 0.4)
            moved = lead.q - site.arm.home
            assert 0.02 < sign * moved[i] < 0.5 * JOINT_SPEED * 0.45
            assert np.abs(np.delete(moved, i)).max() < 1e-4
    lead = Lead(site)
    lead.jog(Jog(BASE, (0.0,) * 6, -1.0, 0.5), 0.5)
    moved = lead.q - site.arm.home
    assert moved[-1] < -0.01 and np.abs(moved[:-1]).max() < 1e-4
    lead.jog(Jog(BASE, (0.0,) * 6, -1.0, 0.5), 2.0)
    assert lead.q[-1] == pytest.approx(0.0, abs=1e-3)


def test_a_start_and_a_turn_are_soft_and_a_release_is_quick(site):
    """Pins a start well below what the site allows, and the guard's brake at the end."""
    lead = Lead(site)
    lead.jog(Jog(BASE, (0.0, 1.0, 0.0, 0.0, 0.0, 0.0), 0.0, 1.0), 0.5)
    lead.jog(Jog(BASE, (0.0, -1.0, 0.0, 0.0, 0.0, 0.0), 0.0, 1.0), 0.5)
    speeds = np.array([v for _, v in lead.stream])
    rates = np.abs(np.diff(speeds, axis=0))[:, :-1] / lead.config.cycle_s
    assert (rates / lead.config.acceleration[:-1])[:50].max() < 1.7 * ACCELERATION
    assert lead.release() < 0.2
    assert lead.codes == {''}    # nothing that the guard had to slow down
    assert violations(lead.config, lead.stream) == []


def test_the_full_speed_is_a_quarter_of_a_metre_a_second(site):
    """Pins ISO 10218's reduced speed, whatever the mode, and the site's where it is lower."""
    slow = replace(site, limits=replace(site.limits, tool_speed=0.1))
    for here, most in ((site, TOOL_SPEED), (slow, 0.1)):
        for jog in (Jog(BASE, (0.0, 1.0, 0.0, 0.0, 0.0, 0.0), 0.0, 1.0),
                    Jog(BASE, (0.0, 1.0, 1.0, 0.0, 0.0, 0.0), 0.0, 1.0),
                    Jog(JOINT, (1.0,) + (0.0,) * (here.arm.axes - 2), 0.0, 1.0)):
            lead = Lead(here).jog(jog, 0.8)
            speed = np.linalg.norm(np.diff(lead.poses()[:, :3, 3], axis=0), axis=1)
            assert 0.9 * most < speed.max() / lead.config.cycle_s < 1.05 * most


def test_near_a_singular_pose_the_tool_slows_down_and_keeps_to_its_line(site):
    """Pins the stretched arm: told, slower and slower, straight, joints at a walk."""
    wide = np.array([2.0, 2.0, 2.0])
    lead = Lead(replace(site, limits=replace(
        site.limits, workspace_lower=-wide * [1, 1, 0], workspace_upper=wide)))
    start_m = lead.teleop.chain.forward(lead.q[:-1])[:3, 3]
    lead.jog(Jog(BASE, (1.0, 0.0, 0.0, 0.0, 0.0, 0.0), 0.0, 1.0), 4.0)
    poses = lead.poses()
    moved = poses[:, :3, 3] - start_m
    shares = [felt.share for felt in lead.felt]
    singular = [felt for felt in lead.felt if felt.code == 'singularity']
    assert singular and shares[0] == pytest.approx(1.0) and min(shares) < 0.3
    assert singular[-1].where == 'tcp' and lead.felt[-1].smallest < lead.felt[0].smallest
    assert np.abs(moved[:, 1:]).max() < 1e-3 and moved[-1, 0] > 0.3
    assert lead.felt[-1].share == pytest.approx(0.0, abs=1e-3)
    assert np.abs(lead.stream[-1][1]).max() < 1e-3
    assert np.abs([v for _, v in lead.stream]).max() < 1.3
    assert violations(lead.config, lead.stream) == []
    there = moved[-1, 0]
    lead.jog(Jog(BASE, (-1.0, 0.0, 0.0, 0.0, 0.0, 0.0), 0.0, 1.0), 2.0)   # and it comes out again
    back = lead.poses()[-1, :3, 3] - start_m
    assert back[0] < there - 0.3 and np.abs(back[1:]).max() < 1e-3


def test_out_of_a_singular_pose_the_tool_may_leave_and_farther_in_it_may_not():
    """Pins an arm that was bent straight joint by joint: the way out is the tool's as well."""
    site = load_site('sim_bench_ur5e')
    teleop, q = Teleop(site), np.array(site.arm.home[:-1])
    q[2] = -0.02    # the elbow all but straight
    outward = teleop.chain.forward(q)[:3, 3] - teleop.chain.origins(q)[1]
    outward /= np.linalg.norm(outward)
    speeds = {}
    for sign in (1.0, -1.0):
        jog = Jog(BASE, (*(sign * outward).tolist(), 0.0, 0.0, 0.0), 0.0, 0.5)
        v, felt = teleop._arm(jog, q)
        speeds[sign] = np.abs(v).max()
        assert felt.code == 'singularity' and felt.smallest < 0.02
    assert speeds[1.0] == 0.0 and speeds[-1.0] > 0.05


@pytest.mark.parametrize('axis', range(3))
def test_a_jog_of_nothing_is_no_motion(axis):
    """Pins a zero vector, as a gamepad at rest sends it, in every mode."""
    site, mode = load_site('sim_bench'), (JOINT, BASE, TOOL)[axis]
    still = Command(1.0, site.arm.names, site.arm.home, STILL)
    chunk, felt = Teleop(site).chunk(Jog(mode, (0.0,) * (7 if mode == JOINT else 6)), still, 1.0)
    assert np.abs(chunk.position - site.arm.home).max() < 1e-4
    assert (felt.share, felt.code) == (1.0, '')


@pytest.mark.parametrize('mode', [JOINT, BASE])
def test_before_the_end_of_a_joint_it_stops_and_names_the_joint(mode):
    """Pins limits: in the joint's own mode and where the tool would take it there, straight."""
    site = load_site('sim_bench')
    if mode == JOINT:
        lead, name, i = Lead(site), 'fr3_joint1', 0
        jog = Jog(JOINT, (1.0, 0, 0, 0, 0, 0, 0), 0.0, 1.0)
        lead.q = lead.q + 2.2 * np.eye(8)[0]
        lead = Lead(replace(site, limits=replace(
            site.limits, workspace_lower=np.array([-1.0, -1.0, 0.0]))), lead.q)
    else:
        name, i = 'fr3_joint7', 6
        jog = Jog(TOOL, (0, 0, 0, 0, 0, 1.0), 0.0, 1.0)
        lead = Lead(site, site.arm.home + 1.7 * np.eye(8)[6])
    start_m = lead.poses()[0, :3, 3]
    lead.jog(jog, 4.0)
    end = site.arm.limits.upper[i] - MARGIN
    assert lead.q[i] <= end + 1e-3 and lead.q[i] > end - 0.08
    felt = lead.felt[-1]
    assert (felt.code, felt.where, felt.share) == ('position', name, pytest.approx(0.0, abs=0.02))
    assert felt.ends == (name,) and not np.abs(lead.stream[-1][1]).max() > 0.02
    if mode == BASE:
        assert np.linalg.norm(lead.poses()[-1, :3, 3] - start_m) < 2e-3
    assert violations(lead.config, lead.stream) == []
    lead.jog(jog._replace(vector=tuple(-np.array(jog.vector))), 0.5)
    assert lead.felt[-1].code == '' and lead.q[i] < end - 0.1


def test_nothing_runs_ahead_of_an_arm_that_is_held_back(site):
    """Pins no wind-up: a chunk reaches a third of a second from the command, however long held."""
    teleop, q = Teleop(site), site.arm.home
    jog = Jog(BASE, (0.0, 0.0, -1.0, 0.0, 0.0, 0.0), 0.0, 1.0)
    still = Command(10.0, site.arm.names, q, np.zeros(site.arm.axes))
    for now_s in (10.01, 10.02, 12.0, 99.0):
        chunk, _ = teleop.chunk(jog, still, now_s)
        reach = teleop.chain.forward(chunk.position[:, :-1])[:, :3, 3] \
            - teleop.chain.forward(q[:-1])[:3, 3]
        assert np.linalg.norm(reach, axis=1).max() < HORIZON_S * TOOL_SPEED
        assert chunk.stamp_s == now_s and chunk.times[-1] == pytest.approx(HORIZON_S)
    moving = replace(still, velocity=0.3 * np.eye(site.arm.axes)[0])
    early, _ = teleop.chunk(jog, moving, 10.0)     # the command is for the end of its cycle
    late, _ = teleop.chunk(jog, moving, 10.05)
    assert late.position[0, 0] - early.position[0, 0] == pytest.approx(0.3 * 0.05, rel=0.2)


def test_the_measured_pose_stands_for_a_command_that_nobody_gave():
    """Pins the beginning: at rest where the arm is, as of the measurement."""
    site = load_site('sim_bench')
    teleop = Teleop(site)
    found = teleop.standing(JointState(3.0, site.arm.names, site.arm.home, np.ones(8)))
    assert found.stamp_s + teleop.cycle_s == pytest.approx(3.0)
    assert (found.position == site.arm.home).all() and not found.velocity.any()


@pytest.mark.parametrize('jog', [
    Jog('jump', (0.0,) * 6), Jog(7, (0.0,) * 6), Jog(BASE, (0.0,) * 5), Jog(JOINT, (0.0,) * 6),
    Jog(TOOL, ()), Jog(BASE, (1.1,) + (0.0,) * 5), Jog(BASE, (float('nan'),) + (0.0,) * 5),
    Jog(BASE, (float('inf'),) + (0.0,) * 5), Jog(BASE, (0.0,) * 6, 1.5),
    Jog(BASE, (0.0,) * 6, float('nan')), Jog(BASE, (0.0,) * 6, 0.0, 0.0),
    Jog(BASE, (0.0,) * 6, 0.0, 1.01), Jog(BASE, (0.0,) * 6, 0.0, float('nan'))])
def test_a_jog_that_makes_no_sense_is_refused(jog):
    """Pins what a browser or a gamepad may send: nothing of it reaches the arithmetic."""
    site = load_site('sim_bench')
    with pytest.raises(JogError):
        check_jog(jog, 7)
    with pytest.raises(JogError):
        Teleop(site).chunk(jog, Command(1.0, site.arm.names, site.arm.home, STILL), 1.0)


def test_an_arm_follows_its_leader_without_overshoot(site):
    """Pins leader mode: there, no farther, within the guard's limits, gripper as well."""
    lead = Lead(site)
    target = lead.q + 0.3 * np.eye(site.arm.axes)[0] - 0.02 * np.eye(site.arm.axes)[-1]
    for i in range(200):
        chunk = lead.teleop.follow(target, lead.last, lead.now_s - 0.004) if i % SPEAK == 0 \
            else None
        lead.turn(chunk)
    path = np.array([p for p, _ in lead.stream])
    assert np.abs(path[-1] - target).max() < 2e-3
    assert path[:, 0].max() < target[0] + 2e-3
    assert violations(lead.config, lead.stream) == []
    far = lead.teleop.follow(np.full(site.arm.axes, 9.0), lead.last, lead.now_s)
    assert (far.position <= site.arm.limits.upper).all()   # no farther than it can go


def test_who_is_farthest_from_the_leader():
    """Pins the start-pose check: the joint by name, gripper left out."""
    site = load_site('sim_bench')
    leader = site.arm.home + [0.0, 0.1, -0.2, 0.0, 0.0, 0.0, 0.0, 0.9]
    assert Teleop(site).apart(leader, site.arm.home) == ('fr3_joint3', pytest.approx(0.2))


def test_the_kinematics_are_those_of_the_floor(site):
    """Pins the tool speed that is felt: by finite differences of another description."""
    teleop, q = Teleop(site), site.arm.home
    jog = Jog(BASE, (0.0, 1.0, 0.0, 0.0, 0.0, 0.0), 0.0, 0.2)
    v, felt = teleop._arm(jog, q[:-1])
    ahead = Chain(site.arm).forward(np.stack([q[:-1], q[:-1] + 1e-5 * v]))
    speed = (ahead[1] - ahead[0])[:3, 3] / 1e-5
    assert speed == pytest.approx([0.0, 0.2 * TOOL_SPEED, 0.0], abs=1e-4) and felt.share > 0.999


def test_every_code_has_words_in_both_languages():
    """Pins what an operator reads: a sentence, with the joint in it."""
    for code, (english, korean) in WORDINGS.items():
        assert english.endswith('.') and korean.endswith('.') and korean != english
        assert '{' not in teleop_words(code, 'joint', 'ko') + teleop_words(code, 'joint')
    assert 'fr3_joint4' in teleop_words('position', 'fr3_joint4', 'ko')
    assert teleop_words('') == '' and teleop_words('new') == 'new'
