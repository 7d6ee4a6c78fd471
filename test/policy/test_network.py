"""Weights that are sound and belong to another network are refused in one line."""
import shutil

from lam_ws.errors import CheckpointError
from lam_ws.models import model_folder
import pytest

pytest.importorskip('torch')

from lam_ws.policy.network import load_model

pytestmark = pytest.mark.train


def test_weights_of_another_network_are_refused(tmp_path):
    """Pins torch's own error, many lines long, where an operator needs one."""
    shutil.copy(model_folder('lam_small') / 'config.json', tmp_path)
    shutil.copy(model_folder('scene_small') / 'model.safetensors', tmp_path)
    with pytest.raises(CheckpointError, match='does not fit the network') as refusal:
        load_model(tmp_path, 'model.safetensors')
    assert '\n' not in str(refusal.value) and len(str(refusal.value)) < 400
