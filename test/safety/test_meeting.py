"""Which links can meet."""
from dataclasses import replace

from guard_stream import config_of, SITES
from lam_ws.faults.judging_bodies import between, capsules, watched
from lam_ws.safety import meeting
from lam_ws.safety.bodies import Bodies
from lam_ws.safety.kinematics import Kinematics
from lam_ws.safety.meeting import Link, meeting_pairs, SELF_MARGIN
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


def test_the_pairs_that_are_watched():
    """Pins them for the arms that ship: none more, or what matters is hidden; none less."""
    fr3, ur5e = (names(Bodies(config_of(site).spec, ())) for site in SITES)
    base, upper, elbow = 'fr3_joint1', 'fr3_joint3', 'fr3_joint4'
    assert fr3 == {(base, elbow), (base, 'fr3_joint5'), (base, 'fr3_joint6'), (base, 'tool'),
                   (base, 'palm'), (upper, 'fr3_joint6'), (upper, 'tool'), (upper, 'palm'),
                   (elbow, 'tool'), (elbow, 'palm')}
    base, upper, elbow = 'shoulder_pan_joint', 'shoulder_lift_joint', 'elbow_joint'
    assert ur5e == {(base, elbow), (base, 'wrist_1_joint'), (base, 'wrist_2_joint'),
                    (base, 'tool'), (base, 'palm'), (upper, 'wrist_1_joint'),
                    (upper, 'wrist_2_joint'), (upper, 'tool'), (upper, 'palm'),
                    (elbow, 'tool'), (elbow, 'palm'), ('wrist_1_joint', 'palm')}


def chain(*lengths, radius=0.05):
    """Return links of a chain in one plane, and where their ends are for joint angles, m."""
    links = [Link(i, i + 1, radius, 0.5 * length, str(i), i) for i, length in enumerate(lengths)]

    def points(q):
        at, angle, found = np.zeros(3), 0.0, [(0.0, 0.0, 0.0)]
        for turn, length in zip(q, lengths, strict=True):
            angle += turn
            at = at + length * np.array([np.cos(angle), np.sin(angle), 0.0])
            found.append(tuple(at.tolist()))
        return found
    return links, points


@pytest.mark.parametrize(('bend', 'seen'), [(2.70, False), (2.95, True)])
def test_an_elbow_that_cannot_bend_so_far_is_proven(bend, seen):
    """Pins the proof by an arm that one can draw: 0.4 m, 0.3 m and 0.2 m, 0.11 m apart.

    The third link comes near the first where the second is folded back on it, and not before:
    0.3 sin(pi - bend) is 0.128 m and 0.057 m.
    """
    links, points = chain(0.4, 0.3, 0.2)
    low, high = [-3.0, -bend, -0.01], [3.0, bend, 0.01]
    found = {(pair.first, pair.second) for pair in meeting_pairs(links, points, low, high)}
    assert found == ({(0, 2)} if seen else set())


@pytest.mark.parametrize(('low', 'high'), [(-2.95, 0.4), (-0.4, 2.95), (-2.95, -2.0), (2.0, 2.95)])
def test_an_elbow_that_meets_on_one_side_only_is_found(low, high):
    """Pins that the search leaves nothing out: at either end of a joint's range."""
    links, points = chain(0.4, 0.3, 0.2)
    for turned in (0.01, 0.5):
        found = meeting_pairs(links, points, [-3.0, low, -turned], [3.0, high, turned])
        assert {pair[:2] for pair in found} == {(0, 2)}


def test_a_short_link_between_leaves_a_pair_to_the_joints():
    """Pins what is not watched: two links that a third holds nearer than their radii."""
    for between_m, seen in ((0.109, False), (0.111, True)):
        links, points = chain(0.4, between_m, 0.2)
        found = meeting_pairs(links, points, [-3.0] * 3, [3.0] * 3)
        assert ((0, 2) in {pair[:2] for pair in found}) == seen
        for pair in found:
            assert pair.apart == pytest.approx(0.11) and pair.halves == pytest.approx(0.3)


@pytest.mark.parametrize(('site', 'looks'), [('sim_bench', 48), ('sim_bench_ur5e', 64)])
def test_a_proof_is_a_matter_of_few_looks(site, looks, monkeypatch):
    """Pins how tight the proof is: a start that searches for long, or keeps what cannot meet."""
    spec = config_of(site).spec
    arguments = (Bodies(spec, ()).links, Kinematics(spec).points,
                 spec.limits.lower[:-1].tolist(), spec.limits.upper[:-1].tolist())
    wanted = meeting_pairs(*arguments)
    monkeypatch.setattr(meeting, 'LOOKS', looks)
    assert meeting_pairs(*arguments) == wanted
