"""The shipped policy streams to franka-sim in real time, through the guard or without it.

    python test/franka_streaming.py --seconds 60          figures as JSON; status 1 on a reflex
    python test/franka_streaming.py --seconds 60 --raw    the control: 10 Hz targets, no guard

Both talk to the same counterpart with the same stiffness, and both see the simulated cell in
which the arm is mirrored.
"""
import argparse
from dataclasses import replace
import json
import sys
import time

import franka_peer
import franky
from lam_ws.adapter_file import AdapterFile
from lam_ws.arm.adapters import make_arm
from lam_ws.arm.franka import TORQUE_STEP
from lam_ws.configuration import load
from lam_ws.resources import share
from lam_ws.safety.safety import GuardDecision, GuardState
from lam_ws.site import load_site
from lam_ws.types import JointState
import numpy as np
import streaming

SITE = 'sim_bench'


def adapter(host):
    """Return config/adapters/franka.yaml for a counterpart, on a kernel of any kind."""
    file = load(share() / 'config' / 'adapters' / 'franka.yaml', AdapterFile)
    return replace(file, address=host, franka=replace(file.franka, realtime=False))


def guarded(peer, seconds):
    """Stream through guard and adapter; return the figures."""
    site = load_site(SITE)
    arm = make_arm(site.arm, adapter(peer.host), 1.0 / site.limits.control_hz)
    arm.connect()
    try:
        figures = streaming.stream(arm, site, seconds)
        return {**figures, 'mode': arm.status().mode.value, 'text': arm.status().text}
    finally:
        arm.close()


def raw(peer, seconds):
    """Hand the policy's targets to the tracker as they fall due; return how that ended."""
    site = load_site(SITE)
    robot = franky.Robot(peer.host, realtime_config=franky.RealtimeConfig.Ignore)
    tracker = franky.JointImpedanceTracker(
        robot, stiffness=np.array(adapter(peer.host).franka.stiffness),
        max_delta_tau=TORQUE_STEP)
    seer, chunk, told = streaming.Seer(site, 3), None, None
    began_s, opening = None, float(site.arm.home[-1])
    try:
        while began_s is None or time.monotonic() - began_s < seconds:
            chunk = next((said[0] for said in [*seer.hear()][::-1] if said[0]), chunk)
            now_s, state = time.monotonic(), robot.state
            if not tracker.is_running:
                return {'seconds': round(now_s - began_s, 2), 'aborted': _reason(robot)}
            if chunk is not None:
                began_s = began_s or now_s
                due = int(np.searchsorted(chunk.stamp_s + chunk.times, now_s))
                due = min(due, len(chunk.times) - 1)
                if told != (chunk.stamp_s, due):
                    told, opening = (chunk.stamp_s, due), float(chunk.position[due][-1])
                    tracker.set_target(chunk.position[due][:-1])
            seer.tell(JointState(now_s, site.arm.names, [*state.q, opening], [*state.dq, 0.0]),
                      opening, GuardDecision(None, GuardState.RUNNING))
            time.sleep(0.01)
        tracker.stop()
        return {'seconds': round(time.monotonic() - began_s, 2), 'aborted': ''}
    finally:
        seer.close()


def _reason(robot):
    try:
        robot.join_motion()
    except franky.ControlException as error:
        return str(error).partition('\n')[0]
    return 'ended'


def main():
    """Print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--seconds', type=float, default=60.0)
    parser.add_argument('--raw', action='store_true')
    arguments = parser.parse_args()
    with franka_peer.serving() as peer:
        streaming.urgent()
        run = raw if arguments.raw else guarded
        figures = run(peer, arguments.seconds)
    print(json.dumps(figures, indent=2))
    return int(bool(figures.get('faults') or figures.get('aborted')))


if __name__ == '__main__':
    sys.exit(main())
