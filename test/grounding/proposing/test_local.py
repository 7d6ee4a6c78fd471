"""A model in a folder, read by transformers: a real one of a few kilobytes, written here."""
import json
import threading
import time

from grounding.proposing.servers import CANDIDATES, chat, order, sent, serving
from grounding.proposing.tiny import write_transformers
from lam_ws.errors import ConfigurationError
from lam_ws.grounding.factory.order import Step
from lam_ws.grounding.proposing.local import LocalModel
from lam_ws.grounding.proposing.prompt import messages
from lam_ws.grounding.proposing.proposing import load_proposer
from lam_ws.grounding.proposing.server import Server
from lam_ws.language_model_file import LanguageModelSettings
import pytest

pytestmark = pytest.mark.train
TEXT = '볼죠 빨강이 격리'
MEANT = (Step('pick_place', 'bj20r', 'quarantine'),)


@pytest.fixture
def folder(tmp_path):
    """Return a function that writes a model which says something, and returns its folder."""
    def write(says):
        write_transformers(tmp_path, says)
        return tmp_path
    return write


def test_a_folder_proposes(folder):
    """Pins the whole way through transformers: template, greedy tokens, reading."""
    model = load_proposer(LanguageModelSettings(path=str(folder(order({}).replace(' ', '')))))
    assert isinstance(model, LocalModel) and model.propose(TEXT, CANDIDATES, 20.0) == MEANT


def test_a_model_without_a_template_is_asked_in_plain_text(folder):
    """Pins base models, which know no chat."""
    path = folder(order({}).replace(' ', ''))
    (path / 'chat_template.jinja').unlink()
    assert LocalModel(path).propose(TEXT, CANDIDATES, 20.0) == MEANT


@pytest.mark.parametrize('says', ['{"steps":[]}', '안녕하세요', order({'object': 'x'})[:20]])
def test_what_is_no_order_is_no_proposal(folder, says):
    """Pins that a model is believed no more than a server."""
    assert LocalModel(folder(says.replace(' ', ''))).propose(TEXT, CANDIDATES, 20.0) is None


def test_the_time_is_kept_and_the_model_rests_afterwards(folder):
    """Pins a budget that ends within a reply, no second reply beside it, and one after it."""
    path = folder(order({}).replace(' ', ''))
    model = LocalModel(path)
    begun, go_on, first = threading.Event(), threading.Event(), model._model.generate

    def slow(*given, **named):
        begun.set()
        go_on.wait(10.0)
        return first(*given, **named)

    model._model.generate = slow
    began = time.monotonic()
    assert model.propose(TEXT, CANDIDATES, 0.2) is None and begun.is_set()
    assert model.propose(TEXT, CANDIDATES, 20.0) is None   # busy: at once
    assert time.monotonic() - began < 5.0
    go_on.set()
    deadline = time.monotonic() + 10.0
    while model.propose(TEXT, CANDIDATES, 20.0) != MEANT:
        assert time.monotonic() < deadline


def test_a_reply_without_end_is_cut(folder):
    """Pins that the model itself stops when the time is up, not only the caller."""
    path = folder('la')
    model = LocalModel(path)
    model._model.generation_config.eos_token_id = None   # it now goes on until its tokens end
    steps = []

    def slow(*_):
        steps.append(1)
        time.sleep(0.02)

    model._model.register_forward_hook(slow)
    assert model.propose(TEXT, CANDIDATES, 0.3) is None
    time.sleep(0.2)
    count = len(steps)
    time.sleep(0.2)
    assert 0 < count == len(steps) < 100


def test_a_prompt_that_is_too_long_is_not_cut(folder):
    """Pins that a model never sees half of the rules and of the names."""
    model = LocalModel(folder(order({}).replace(' ', '')))
    model._model.config.max_position_embeddings = 600
    assert model.propose(TEXT, CANDIDATES, 20.0) is None


def test_a_folder_without_such_a_model_is_named(tmp_path, folder):
    """Pins no folder, pickled weights, code of the folder's own, and broken files."""
    with pytest.raises(ConfigurationError, match='safetensors'):
        LocalModel(tmp_path / 'nowhere')
    (tmp_path / 'pytorch_model.bin').write_bytes(b'')
    with pytest.raises(ConfigurationError, match='safetensors'):
        LocalModel(tmp_path)
    config = folder('la') / 'config.json'
    written = json.loads(config.read_text())
    config.write_text(json.dumps({**written, 'model_type': 'own', 'auto_map': {
        'AutoConfig': 'own.Own', 'AutoModelForCausalLM': 'own.Own'}}))
    (tmp_path / 'own.py').write_text(f'open({str(tmp_path / "ran")!r}, "w")\n')
    with pytest.raises(ConfigurationError, match='is no language model'):
        LocalModel(tmp_path)
    assert not (tmp_path / 'ran').exists()
    config.write_text('{')
    with pytest.raises(ConfigurationError, match='is no language model'):
        LocalModel(tmp_path)


def test_a_server_around_transformers_that_heeds_no_schema(folder):
    """Pins a real model behind HTTP that takes every format and follows none."""
    model = LocalModel(folder(order({}).replace(' ', '')))

    def behave(handler, asked):
        assert asked['messages'] == messages(TEXT, CANDIDATES)
        prompt = model._tokenizer.apply_chat_template(asked['messages'], tokenize=False)
        sent(body=chat(model._reply(prompt, threading.Event())))(handler, asked)

    with serving(behave) as (url, heard):
        assert Server(LanguageModelSettings(url=url)).propose(TEXT, CANDIDATES, 20.0) == MEANT
        assert len(heard) == 1
