"""Which links can meet."""
from dataclasses import replace

from guard_stream import config_of, SITES
from lam_ws.faults.judging_bodies import between, capsules, watched
from lam_ws.safety import meeting
from lam_ws.safety.bodies import Bodies
from lam_ws.safety.kinematics import Kinematics
from lam_ws.safety.meeting import meeting_pairs, SELF_MARGIN
import numpy as np
import pytest


def names(bodies):
    """Return the pairs by name."""
    return {(bodies.links[i].name, bodies.links[j].name) for i, j, _, _ in bodies.pairs}


@pytest.mark.parametrize('site', SITES)
def test_a_pair_that_is_not_watched_cannot_meet(site):
    """Pins the proof: in 20,000 poses within the limits no pair left out comes too near."""
    spec = config_of(site).spec
    q = np.random.default_rng(0).uniform(spec.limits.lower[:-1], spec.limits.upper[:-1],
                                         (20_000, len(spec.dh)))
    shapes, bodies = capsules(spec, q), Bodies(spec, ())
    labels = [*spec.names[:len(spec.dh) - 1], 'tool', 'palm']
    pairs = {(labels[i], labels[j]): between(shapes[i], shapes[j]).min()
             for i, j in watched(shapes)}
    assert names(bodies) <= set(pairs)
    left_out = set(pairs) - names(bodies)
    assert left_out and min(pairs[pair] for pair in left_out) >= SELF_MARGIN
    assert min(pairs.values()) < 0.0   # and the arm can meet itself


def test_a_wrist_does_not_hide_what_matters():
    """Pins the UR5e: its second wrist link is always 0.13 m from the forearm."""
    pairs = names(Bodies(config_of('sim_bench_ur5e').spec, ()))
    assert ('elbow_joint', 'wrist_2_joint') not in pairs and ('elbow_joint', 'palm') in pairs
    assert ('shoulder_pan_joint', 'tool') in pairs


def test_links_that_can_meet_are_found_by_search():
    """Pins a proof that fails: an elbow that folds brings the wrist to the upper arm."""
    spec = config_of('sim_bench_ur5e').spec
    folded = ('shoulder_lift_joint', 'wrist_1_joint')
    assert folded in names(Bodies(spec, ()))
    upper = spec.limits.upper.copy()
    upper[2] = 1.0
    stiff = replace(spec, limits=replace(spec.limits, lower=-upper, upper=upper))
    assert folded not in names(Bodies(stiff, ()))


def test_what_is_not_proven_in_time_is_watched(monkeypatch):
    """Pins fail-closed: a search that ends without an answer keeps the pair."""
    spec = config_of('sim_bench_ur5e').spec
    links = Bodies(spec, ()).links
    arguments = (links, Kinematics(spec).points, spec.limits.lower[:-1].tolist(),
                 spec.limits.upper[:-1].tolist())
    fewer = len(meeting_pairs(*arguments))
    monkeypatch.setattr(meeting, 'LOOKS', 1)
    assert len(meeting_pairs(*arguments)) > fewer
