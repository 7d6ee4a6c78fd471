"""Mistakes are the same at every run, always there, and of every sort."""
import random

from lam_ws.faults.inputs.mutants import HOSTILE, mutated


def test_mutants_repeat_and_differ():
    """Pins a fuzz that cannot be repeated, and a mutant that is the file itself."""
    data = b'a: 1.5\nb: [2, 3]\nc: text\n'
    made = [mutated(data, random.Random(seed)) for seed in range(300)]
    assert made == [mutated(data, random.Random(seed)) for seed in range(300)]
    assert data not in made and len(set(made)) > 250
    for value in (b'nan', b'1e308', b'-1'):
        assert value in HOSTILE and any(value in one for one in made)


def test_what_is_left_of_nothing_can_be_mutated():
    """Pins an endless loop, or an error, on a file that is empty or has no number."""
    for data in (b'', b'x', b'\n'):
        assert mutated(data, random.Random(1)) != data
