"""config.json of a model is read with its sizes, or refused in one line."""
import json

from lam_ws.errors import CheckpointError
from lam_ws.models import model_folder
from lam_ws.policy.sizes import load_sizes, Sizes
import pytest

SOUND = json.loads((model_folder('lam_small') / 'config.json').read_text())


def test_what_ships_is_read():
    """Pins that a check of the sizes refuses none that is in use."""
    assert isinstance(load_sizes(model_folder('lam_small')), Sizes)


@pytest.mark.parametrize('text', [
    '', '[]', 'null', '{', '[' * 100_000, *(json.dumps(SOUND | change) for change in (
        {'channels': -8}, {'channels': 0}, {'channels': 10 ** 9}, {'channels': '56'},
        {'hidden': 3.5}, {'hidden': True}, {'camera': 3}, {'yaws': None}, {'horizon': [1]}))])
def test_a_size_that_cannot_be_is_refused(tmp_path, text):
    """Pins a TypeError, or the memory that a size of a thousand million asks for."""
    (tmp_path / 'config.json').write_text(text)
    with pytest.raises(CheckpointError, match='cannot be used') as refusal:
        load_sizes(tmp_path)
    assert '\n' not in str(refusal.value)
