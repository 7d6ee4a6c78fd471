"""Learning what operators showed: new words are read, old ones stay, and nothing else changes."""
import json

import pytest

pytestmark = pytest.mark.train
torch = pytest.importorskip('torch')
pytest.importorskip('pybullet')
from lam_ws.configuration import load  # noqa: E402
from lam_ws.errors import ConfigurationError  # noqa: E402
from lam_ws.grounding.asking import held_out  # noqa: E402
from lam_ws.grounding.lesson import load_lesson, say  # noqa: E402
from lam_ws.models import check_weights, model_folder, ModelCard  # noqa: E402
from lam_ws.policy.network import load_model  # noqa: E402
from lam_ws.policy.skills import SKILLS  # noqa: E402
from lam_ws.policy.tokens import tokens  # noqa: E402
from lam_ws.train import learning  # noqa: E402
from lam_ws.train.hindsight import Shown  # noqa: E402
from lam_ws.train.learning import learn, Learning  # noqa: E402
from lam_ws.types import Goal  # noqa: E402
import numpy as np  # noqa: E402


def demonstrations(count=45):
    """Return what an operator of the lesson would show."""
    lesson, rng, shown = load_lesson('changwon'), np.random.default_rng(3), []
    goals = [goal for kind in lesson.kinds for colour in lesson.colours
             for there in lesson.destinations
             if not held_out(goal := Goal('pick_place', kind, colour, there, ''))]
    for number in range(count):
        goal = goals[number % len(goals)]
        shown.append(Shown(str(number), say(lesson, goal, rng), goal, np.zeros(3), np.zeros(3)))
    return shown


@pytest.fixture
def small(monkeypatch):
    """Make the training small: it has to show that it learns, not how well."""
    monkeypatch.setattr(learning, 'BANK', 600)
    monkeypatch.setattr(learning, 'RETOLD', 600)
    monkeypatch.setattr(learning, 'BATCH', {'bank': 32, 'usual': 16, 'taught': 48})


def test_what_was_shown_is_learned_and_nothing_but_the_reader_changes(small, tmp_path):
    """Pins that eyes and motion stay bit for bit as they were, which is why old tasks do."""
    training = Learning(model_folder('lam_small'), tmp_path / 'lam_new', tmp_path / 'run', 60)
    rows = list(learn(training, demonstrations()))
    assert rows[0]['taught'] > rows[-2]['taught']
    card = load(training.out / 'model.yaml', ModelCard)
    check_weights(training.out, card)
    old = load_model(training.model, 'model.safetensors').state_dict()
    new = load_model(training.out, card.weights).state_dict()
    changed = {name.split('.')[0] for name in old if not torch.equal(old[name], new[name])}
    assert changed == {'text', 'attributes'}
    assert card.figures['demonstrations'] == 45 and card.figures['from'] == 'lam_small'
    network = load_model(training.out, card.weights)
    _, skill, _ = network.read(torch.tensor([tokens('아까 마루 구로 바께쓰에 여라')]))
    assert list(SKILLS)[int(skill.argmax())] == 'pick_place'


def test_a_training_that_was_stopped_goes_on_and_ends_the_same(small, tmp_path):
    """Pins that Ctrl-C loses nothing: weights after a stop equal those without one."""
    shown, ends = demonstrations(), []
    for name, stops in (('whole', ()), ('broken', (1, 1))):
        training = Learning(model_folder('lam_small'), tmp_path / name, tmp_path / f'run_{name}',
                            60)
        for after in stops:
            asked = iter(range(99))
            list(learn(training, shown, lambda asked=asked, after=after: next(asked) >= after))
            assert not (training.out / 'model.yaml').exists()
        list(learn(training, shown))
        ends.append(load_model(training.out, 'model.safetensors').state_dict())
    assert all(torch.equal(ends[0][name], ends[1][name]) for name in ends[0])


def test_another_training_is_not_mixed_into_a_checkpoint(small, tmp_path):
    """Pins the run folder: other demonstrations would go on from a stranger's weights."""
    training = Learning(model_folder('lam_small'), tmp_path / 'lam_new', tmp_path / 'run', 20)
    list(learn(training, demonstrations()))
    with pytest.raises(ConfigurationError, match='another training'):
        list(learn(training, demonstrations(44)))
    assert json.loads((training.run / 'training.json').read_text())['steps'] == 20


def test_nothing_is_learned_from_nothing(tmp_path):
    """Pins an empty folder of demonstrations."""
    training = Learning(model_folder('lam_small'), tmp_path / 'lam_new', tmp_path / 'run')
    with pytest.raises(ConfigurationError, match='no demonstration'):
        list(learn(training, []))
