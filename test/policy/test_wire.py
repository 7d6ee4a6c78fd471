"""The frames: what goes in comes out, and no bytes of a stranger do harm."""
import random
import struct
import tracemalloc

from lam_ws.errors import WireError
from lam_ws.policy.wire import decode, encode, KINDS, MAX_FRAME
import msgpack
import numpy as np
from peers import pack, unpack
import pytest

TABLE = {
    'observation/state': np.linspace(-1.0, 1.0, 8), 'prompt': '빨간 원통을 검은 상자에',
    'observation/images/front': np.arange(4 * 6 * 3, dtype=np.uint8).reshape(4, 6, 3),
    'reset': True, 'nothing': None, 'number': -7, 'list': [1.5, 'x', [False]],
    'nested': {'infer_ms': 1.25}, 'empty': np.zeros((0, 3), np.float32),
}


def same(left, right):
    """Tell whether two tables hold the same, arrays with their kind and shape."""
    if isinstance(left, dict):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    if isinstance(left, np.ndarray):
        return left.dtype == right.dtype and left.shape == right.shape \
            and np.array_equal(left, right)
    return left == right


def test_what_goes_in_comes_out():
    """Pins every kind of value, Korean text included, and read-only arrays."""
    table = decode(encode(TABLE))
    assert same(table, TABLE)
    assert not table['observation/state'].flags.writeable


@pytest.mark.parametrize('kind', sorted(KINDS))
def test_every_kind_of_array_travels(kind):
    """Pins the short and the plain name of each kind, from a foreign client's bytes."""
    array = np.array([[0, 1], [1, 0]]).astype(KINDS[kind])
    assert same(decode(encode({'a': array})), {'a': array})
    foreign = {b'__ndarray__': True, b'data': array.tobytes(), b'dtype': kind,
               b'shape': list(array.shape)}
    assert same(decode(msgpack.packb({'a': foreign})), {'a': array})


def test_the_form_is_openpis():
    """Pins both directions against the form written down apart from our code."""
    assert same(unpack(encode(TABLE)), TABLE)
    assert same(decode(pack(TABLE)), TABLE)
    assert encode({'x': np.array([1.0], '>f8')}) == encode({'x': np.array([1.0], '<f8')})
    scalar = {b'__npgeneric__': True, b'data': 2.5, b'dtype': '<f4'}
    assert decode(msgpack.packb({'x': scalar})) == {'x': 2.5}
    assert decode(encode({'x': np.float32(2.5), 'n': np.int64(3)})) == {'x': 2.5, 'n': 3}


def array(**changes):
    """Return the frame of one array, some of its parts replaced."""
    whole = {'data': b'\0' * 24, 'dtype': '<f8', 'shape': [3], '__ndarray__': True, **changes}
    return msgpack.packb({'a': {key.encode(): value for key, value in whole.items()
                                if value is not ...}})


def deep(levels):
    """Return a list within a list within a list."""
    return b'\x81\xa1a' + b'\x91' * levels + b'\xc0'


MALFORMED = {
    'empty': b'', 'a number': b'\x01', 'a list': b'\x90', 'text': b'\xa3abc',
    'two tables': encode(TABLE) * 2, 'a byte too many': encode(TABLE) + b'\xc0',
    'cut short': encode(TABLE)[:-1], 'reserved byte': b'\x81\xa1a\xc1',
    'object kind': array(dtype='|O'), 'void kind': array(dtype='|V8'),
    'text kind': array(dtype='<U6'), 'half kind': array(dtype='<f2', shape=[12]),
    'big-endian kind': array(dtype='>f8'), 'kind with fields': array(dtype=[['a', '<f8']]),
    'kind is a number': array(dtype=1), 'too few bytes': array(shape=[4]),
    'too many bytes': array(shape=[2]), 'no bytes': array(data=...), 'text for bytes':
    array(data='0' * 24), 'bytes that are a table': array(data={}), 'no shape': array(shape=...),
    'negative shape': array(shape=[-3]), 'shape of truths': array(shape=[True, 3]),
    'fractional shape': array(shape=[3.0]), 'shape that overflows': array(shape=[2 ** 62, 4]),
    'shape that wraps to the size': array(shape=[2 ** 32, 2 ** 32]), 'a hundred axes':
    array(shape=[1] * 100), 'marked false': array(__ndarray__=False), 'one part more':
    array(x=1), 'truth of 7': array(dtype='|b1', data=b'\0\7\1'),
    'scalar of bytes': msgpack.packb({'a': {b'__npgeneric__': True, b'data': b'x',
                                           b'dtype': '<f8'}}),
    'bytes': msgpack.packb({'a': b'x'}),
    'extension': msgpack.packb({'a': msgpack.ExtType(1, b'')}),
    'time': msgpack.packb({'a': msgpack.Timestamp(1, 2)}), 'a key of bytes':
    msgpack.packb({b'a': 1}), 'a key that is a number': msgpack.packb({1: 1}),
    'a key that is a list': b'\x81\x91\x01\x01', 'a key twice': b'\x82\xa1a\x01\xa1a\x02',
    'not UTF-8': b'\x81\xa1a\xa1\xff', 'deep': deep(50), 'deeper than C can go': deep(100_000),
    'huge list': b'\x81\xa1a\xdd\xff\xff\xff\xff', 'huge table': b'\xdf\xff\xff\xff\xff',
    'huge bytes': b'\x81\xa1a\xc6\xff\xff\xff\xff', 'huge text': b'\x81\xa1a\xdb\xff\xff\xff\xff',
    'huge extension': b'\x81\xa1a\xc9\xff\xff\xff\xff\x01',
    'many small lists': b'\x81\xa1a\xdc\xff\xff' + b'\x90' * 65535,
    'lists where bytes belong': b'\x81\xa1a\x81\xc4\x04data\xdd' + struct.pack('>I', 10 ** 6)
    + b'\x90' * 10 ** 6, 'larger than a frame': b'\0' * (MAX_FRAME + 1),
}


@pytest.mark.parametrize('what', MALFORMED)
def test_each_kind_of_nonsense_is_refused(what):
    """Pins one typed error, and no memory for what a frame only promises."""
    tracemalloc.start()
    try:
        with pytest.raises(WireError) as refusal:
            decode(MALFORMED[what])
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert refusal.value.reason == 'malformed' and '\n' not in str(refusal.value)
    assert peak < 3 * len(MALFORMED[what]) + 2_000_000


def test_random_damage_is_refused_or_read_but_never_more():
    """Pins 20,000 damaged frames: a table or a WireError, nothing else."""
    rng, frame, read = random.Random(5), encode(TABLE), 0
    for _ in range(20_000):
        bad = bytearray(frame)
        for _ in range(rng.randint(1, 4)):
            bad[rng.randrange(len(bad))] = rng.randrange(256)
        if rng.random() < 0.3:
            del bad[rng.randrange(len(bad)):]
        try:
            assert isinstance(decode(bytes(bad)), dict)
            read += 1
        except WireError:
            pass
    assert 0 < read < 20_000


@pytest.mark.parametrize('value', [
    object(), np.array(['x']), np.array([object()]), np.zeros(1, np.complex64), {1, 2},
    np.zeros(1, np.float16), np.zeros((1,) * 5), 2 ** 70, np.zeros(MAX_FRAME + 1, np.uint8)])
def test_what_has_no_form_is_not_sent(value):
    """Pins that a value is refused here and not by the peer, and that nothing is pickled."""
    with pytest.raises(WireError):
        encode({'a': value})
