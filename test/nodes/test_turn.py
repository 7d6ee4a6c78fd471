"""Lock-step's bookkeeping of stamps."""
from lam_ws.nodes.turn import Turn


class Seen:
    """Notes what a turn called."""

    def __init__(self, *names):
        self.calls = []
        self.turn = Turn(names, lambda stamp, items: self.calls.append((stamp, dict(items))),
                         lambda: self.calls.append('again'),
                         lambda: self.calls.append('restart'))


def test_a_set_is_taken_once_whatever_the_order():
    """Pins: a view answered twice, or not at all, when images overtake the joints."""
    seen = Seen('a', 'b')
    seen.turn.put('b', 0, 'b0')
    seen.turn.put('b', 10, 'b10')
    seen.turn.put('a', 0, 'a0')
    seen.turn.put('a', 10, 'a10')
    assert seen.calls == [(0, {'a': 'a0', 'b': 'b0'}), (10, {'a': 'a10', 'b': 'b10'})]


def test_a_repeated_set_is_answered_again_and_not_computed_again():
    """Pins: a lost message stalls the run for good, or is computed twice."""
    seen = Seen('a', 'b')
    for _ in range(2):
        seen.turn.put('a', 0, 'a')
        seen.turn.put('b', 0, 'b')
    assert seen.calls == [(0, {'a': 'a', 'b': 'b'}), 'again']


def test_half_a_repeat_is_not_a_repeat():
    """Pins: every repeated image triggers an answer to a view that is still being made."""
    seen = Seen('a', 'b')
    seen.turn.put('a', 0, 'a')
    seen.turn.put('a', 0, 'a')
    seen.turn.put('b', 0, 'b')
    seen.turn.put('a', 0, 'a')
    assert seen.calls == [(0, {'a': 'a', 'b': 'b'})]


def test_stamps_that_go_backwards_begin_a_new_run():
    """Pins: after a reset of the cell the node waits for stamps that never come."""
    seen = Seen('a', 'b')
    for stamp in (0, 10):
        seen.turn.put('a', stamp, stamp)
        seen.turn.put('b', stamp, stamp)
    seen.turn.put('a', 0, 'new')
    seen.turn.put('b', 0, 'new')
    assert seen.calls[2:] == ['restart', (0, {'a': 'new', 'b': 'new'})]


def test_an_input_that_died_does_not_fill_the_memory():
    """Pins: unbounded growth while one of two topics is silent."""
    seen = Seen('a', 'b')
    for stamp in range(1000):
        seen.turn.put('a', stamp, bytes(10))
    assert len(seen.turn._sets) < 10
    assert seen.calls == []
