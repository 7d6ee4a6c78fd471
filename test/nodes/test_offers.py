"""What waits for the guard: one claim a cycle, a chunk with its own claim and subgoal only."""
from lam_ws.nodes.offers import Offers
from lam_ws.safety.lease import Commander, POLICY
from lam_ws.types import ActionChunk
import numpy as np

ONE, TWO = ('e', 0, 0), ('e', 1, 0)


def chunk(stamp_s):
    """Return some chunk."""
    return ActionChunk(stamp_s, ('a',), np.array([0.1]), np.zeros((1, 1)))


def test_a_chunk_waits_for_its_subgoal_while_its_sender_stays_alive():
    """Pins a claim that counts at once and a chunk that comes later, with a claim still good."""
    offers, policy = Offers(), Commander(POLICY, 'p', 1)
    first, planned = policy.claim(0.0), chunk(0.0)
    offers.put(first, planned, TWO)
    assert offers.take(ONE) == (first, None)
    assert offers.take(ONE) == (None, None)
    second = policy.claim(0.1)
    offers.put(second, None, TWO)
    assert offers.take(ONE) == (second, None)
    assert offers.take(TWO) == (second, planned)
    assert offers.take(TWO) == (None, None)


def test_nothing_to_do_drops_what_waits():
    """Pins a hold that must not be followed by the chunk before it."""
    offers, policy = Offers(), Commander(POLICY, 'p', 1)
    offers.put(policy.claim(0.0), chunk(0.0), TWO)
    idle = policy.claim(0.1, idle=True)
    offers.put(idle, None, TWO)
    assert offers.take(TWO) == (idle, None)
    assert offers.take(TWO) == (None, None)


def test_two_commanders_take_turns():
    """Pins that one who shouts does not drown the other, and that chunks keep their owner."""
    offers, policies = Offers(), [Commander(POLICY, name, 1) for name in 'ab']
    for stamp_s in (0.0, 0.1):
        claims = [policy.claim(stamp_s) for policy in policies]
        for claim in claims:
            offers.put(claim, None, ONE)
    assert [offers.take(ONE).claim for _ in range(3)] == [*claims, None]
    mine, planned = policies[0].claim(0.2), chunk(0.2)
    offers.put(mine, planned, ONE)
    offers.put(policies[1].claim(0.2, idle=True), None, ONE)
    assert offers.take(ONE) == (mine, planned)
    assert offers.take(ONE).claim.commander == 'b'


def test_the_crowd_is_bounded():
    """Pins memory under a flood of sealed processes."""
    offers = Offers()
    for i in range(1000):
        offers.put(Commander(POLICY, str(i), i).claim(0.0), None, ONE)
    taken = 0
    while offers.take(ONE).claim is not None:
        taken += 1
    assert taken == 8
