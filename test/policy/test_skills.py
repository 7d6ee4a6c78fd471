"""Skills and words as a checkpoint numbers them: pinned, and equal wherever they are listed."""
from lam_ws.policy import vocabulary
from lam_ws.policy.skills import MOST_PHASES, NUMBER, SKILLS
import pytest

pytestmark = pytest.mark.train


def test_numbers_of_skills_do_not_change():
    """A skill put in the middle of the table would rename every later one that was learned."""
    assert list(NUMBER.items())[:13] == [
        ('pick_place', 0), ('kit', 1), ('bin_pick', 2), ('nest', 3), ('insert', 4), ('stack', 5),
        ('hand_over', 6), ('belt_pick', 7), ('press', 8), ('open_clamp', 9), ('close_clamp', 10),
        ('push', 11), ('wipe', 12)]
    assert list(NUMBER.values()) == list(range(len(SKILLS)))


def test_numbers_of_words_do_not_change():
    """A kind or colour that is not added at the end renames what a model has learned."""
    assert vocabulary.PARTS[:12] == (
        'cube', 'cylinder', 'bar', 'ball_joint', 'ball_joint_bare', 'tie_rod', 'bearing',
        'pump_body', 'shaft', 'cell', 'busbar', 'carton')
    assert vocabulary.PLACES[:12] == (
        'bin', 'slot', 'nest', 'socket', 'button', 'lever', 'clamp', 'line', 'pad', 'stripe',
        'stripe_end', 'crate')
    assert vocabulary.COLOURS[:7] == ('red', 'green', 'blue', 'yellow', 'black', 'white', 'none')


def test_perception_and_policy_number_alike():
    """The policy starts from perception's image tower, and both learn from the same labels."""
    pytest.importorskip('torch')
    from lam_ws.perception import model
    for name in ('PARTS', 'PLACES', 'COLOURS'):
        assert getattr(vocabulary, name) == getattr(model, name)
        assert len(set(getattr(model, name))) == len(getattr(model, name))
    assert not set(vocabulary.PARTS) & set(vocabulary.PLACES)


@pytest.mark.parametrize('name', SKILLS)
def test_a_skill_fits_the_head(name):
    """A phase beyond the head's outputs could never be believed."""
    skill = SKILLS[name]
    assert len(set(skill.phases)) == len(skill.phases) <= MOST_PHASES
    assert skill.phases[0] == 'approach' and skill.phases[-1] == 'home'
    assert 0 < skill.looks < len(skill.phases) - 1
    assert skill.grips == ('close' in skill.phases)
    assert skill.grips or not skill.carried


def test_the_network_is_made_for_every_skill():
    """Sizes that fall behind the tables would be found out only after a training."""
    pytest.importorskip('torch')
    from lam_ws.policy.model import ATTRIBUTES, KINDS, LamNetwork
    from lam_ws.policy.sizes import Sizes
    sizes = Sizes()
    assert (sizes.skills, sizes.phases) == (len(SKILLS), MOST_PHASES)
    assert KINDS == vocabulary.PARTS + vocabulary.PLACES
    network = LamNetwork(sizes)
    assert {name: layer.out_features for name, layer in network.attributes.items()} == ATTRIBUTES
