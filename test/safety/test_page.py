"""The figures that docs/safety.md gives are those of the guard."""
from pathlib import Path

from guard_stream import config_of
from lam_ws.safety import checks, hand, lease, limiter, meeting, safety, singularity
import pytest

PAGE = ' '.join((Path(__file__).parents[2] / 'docs' / 'safety.md').read_text().split())


@pytest.mark.parametrize(('words', 'figure', 'said'), [
    ('the stop is looked at in four parts', limiter.SPLITS, 4),
    ('10 mm apart', meeting.SELF_MARGIN, 0.010),
    ('get the share s / 0.06 of what they may be', singularity.WELL, 0.06),
    ('never less than a quarter', singularity.LEAST, 0.25),
    ('measured below 0.02 rad/s, gripper excepted', hand.STANDING, 0.02),
    ("(a person's hand: 0.1 s)", lease.DEAD_MAN_S, 0.1),
    ('0.02 rad + twice the arm', safety.JUMP_SLACK, 0.02),
    ('0.02 rad + twice the arm', safety.JUMP_FACTOR, 2.0),
    ('commanded minus measured; 0.15 rad + 0.2 s', config_of().tracking_rad, 0.15),
    ('commanded minus measured; 0.15 rad + 0.2 s', config_of().tracking_lag_s, 0.2),
    ('more than 0.02 rad or 10 mm outside', checks.START_SLACK, 0.02),
    ('more than 0.02 rad or 10 mm outside', checks.GRIPPER_SLACK, 0.010),
    ('from the measured pose than 0.05 rad plus', checks.BEGIN_SLACK, 0.05)])
def test_what_the_page_says_holds(words, figure, said):
    """Pins each number on the page: who changes one has to change the other."""
    assert words in PAGE and figure == said
