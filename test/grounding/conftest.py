"""The grounder of the base vocabulary, and the scenes the evaluation file speaks of."""
from lam_ws.grounding.grammar import load_grammar
from lam_ws.types import Detection, Instruction, Scene
import numpy as np
import pytest


def _scene(*names: str) -> Scene:
    """Return a scene of things named like 'red cylinder', one beside the other."""
    detections = []
    for i, name in enumerate(names):
        colour, kind = name.split()
        detections.append(Detection(kind, colour, np.array([0.4, 0.1 * i, 0.02]), 0.9))
    return Scene(1.0, tuple(detections))


@pytest.fixture(scope='session')
def scenes() -> dict[str, Scene | None]:
    """Scenes by the names the evaluation file uses."""
    bins = ('black bin', 'white bin')
    return {
        'line': _scene('red cylinder', 'blue cube', 'green bar', 'yellow cube', *bins),
        'pair': _scene('red cylinder', 'blue cube', *bins),
        'single': _scene('green bar', 'yellow cylinder', 'black bin'),
        'twins': _scene('red cylinder', 'red cube', 'red bar', 'blue cube', *bins),
        'alike': _scene('red cube', 'red cube', 'blue bar', *bins),
        'empty': _scene(),
        'none': None,
    }


@pytest.fixture(scope='session')
def grounder():
    """Return the grounder of config/knowledge/base."""
    return load_grammar('base')


@pytest.fixture
def ground(grounder, scenes):
    """Return a function that grounds a text in a named scene."""
    def run(text: str, scene: str = 'line', language: str = 'auto'):
        return grounder.ground(Instruction(text, language), scenes[scene])
    return run
