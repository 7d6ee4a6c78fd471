"""The stream is the same at every run, at the rates of a cell."""
from itertools import islice

from lam_ws.faults.inputs.stream import Stream


def test_a_seed_is_a_stream():
    """Pins a comparison that would be made with other messages than were recorded."""
    first, again, other = (list(islice(Stream(seed).messages(), 110)) for seed in (1, 1, 2))
    assert first == again and first != other
    assert [one.topic for one in first].count('/front/image_raw') == 10
    assert [one.stamp_ns for one in first] == sorted(one.stamp_ns for one in first)
