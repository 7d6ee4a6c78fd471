"""The learned readers: what a sentence teaches, and that torch and numpy are one network."""
from lam_ws.grounding.roles.network import forward, ROLES
from lam_ws.grounding.roles.symbols import SEES, SYMBOLS
from lam_ws.train.marked import marked
from lam_ws.train.role_samples import exact, sample_of
from lam_ws.train.roles import losses, RoleNet, teach
import numpy as np
import pytest
import torch

pytestmark = pytest.mark.train
LINES = ('{s1:투입 박스}에서 {o1:M8 볼트} {c1=2:두 개} 꺼내가지고 {d1:4번 홀}에 꽂아줘',
         '{x:지그 A} 말고 {d1:지그 B}에 {o1:노란 캡}', 'N {o1:긴 샤프트} 아니면 {o1:짧은 샤프트}',
         '{o1:red cap} and {o2:blue cap} into {d1,2:tray 2}, then {a3=press:start button}')


@pytest.mark.parametrize('sees', SEES)
def test_a_sentence_teaches_its_parts(sees):
    """Pins roles, what belongs together, and that a number is seen where it stands."""
    sample = exact(marked(LINES[0]), sees, np.random.default_rng(0))
    assert [ROLES[role] for role in sample.roles] == ['source', 'object', 'count', 'destination']
    assert (sample.together[~np.eye(4, dtype=bool)] == 1).all() and not sample.names.any()
    lists = exact(marked(LINES[3]), sees, np.random.default_rng(0))
    named = [ROLES[role] for role in lists.roles]
    assert named == ['object', 'object', 'destination', 'press']
    assert lists.together.tolist() == [[-1, 0, 1, 0], [0, -1, 1, 0], [1, 1, -1, 0], [0, 0, 0, -1]]


@pytest.mark.parametrize('sees', SEES)
def test_what_the_factory_does_not_know_is_learnt_as_a_name(sees):
    """Pins that a name is sometimes left unlinked, and then its words are names to be refused."""
    draw = np.random.default_rng(1)
    found = [sample_of(marked(LINES[0]), sees, draw) for _ in range(60)]
    hidden = [one for one in found if one.names.any()]
    assert 0 < len(hidden) < 40 and all(len(one.roles) == 3 for one in hidden)


@pytest.mark.parametrize('sees', SEES)
def test_numpy_reads_as_torch_learnt(sees):
    """Pins that the two networks are one, on sentences of several lengths."""
    torch.manual_seed(3)
    net = RoleNet(sees).eval()
    weights = {name: value.numpy() for name, value in net.state_dict().items()}
    draw = np.random.default_rng(0)
    samples = [exact(marked(line), sees, draw) for line in LINES]
    width = max(len(bag) for one in samples for bag in one.seen.bags)
    for one in samples:
        bags = np.zeros((1, len(one.seen.bags), width), np.int64)
        for place, bag in enumerate(one.seen.bags):
            bags[0, place, :len(bag)] = bag
        with torch.no_grad():
            h, whole = net.hidden(torch.from_numpy(bags))
            at = h[0][list(one.seen.things)]
            roles = net.roles(at).softmax(1).numpy()
            both = net.paired(at).sigmoid().numpy()
            names = net.names(h[0][list(one.seen.words)]).sigmoid()[:, 0].numpy()
            order = float(net.order(whole).sigmoid())
        read = forward(weights, one.seen)
        assert np.allclose(read.roles, roles, atol=1e-4)
        assert np.allclose(read.together, both, atol=1e-4)
        assert np.allclose(read.names, names, atol=1e-4) and abs(read.order - order) < 1e-4
        assert all(0 <= number < SYMBOLS[sees] for bag in one.seen.bags for number in bag)


@pytest.mark.parametrize('sees', SEES)
def test_a_few_sentences_are_learnt_by_heart(sees, tmp_path):
    """Pins that the losses fall, and that a training that was broken off goes on."""
    sentences = [marked(line) for line in LINES] * 10
    rows = list(teach(sentences, sees, tmp_path / 'net.pt', epochs=20))
    assert rows[-1]['roles'] < 0.7 * rows[0]['roles']
    assert list(teach(sentences, sees, tmp_path / 'net.pt', epochs=20)) == []
    assert set(losses(RoleNet(sees), [exact(one, sees, np.random.default_rng(0))
                                      for one in sentences[:4]])) == {
        'roles', 'together', 'names', 'order'}
