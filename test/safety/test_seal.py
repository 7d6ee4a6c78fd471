"""Seals: only who has the key makes them, and no bit may change."""
from hashlib import sha256
import hmac

from hypothesis import given
from hypothesis import strategies as st
from lam_ws.safety.seal import holds, KEY, SEAL, seal

PARTS = st.lists(st.binary(max_size=40), max_size=6)


@given(PARTS, st.binary(min_size=KEY, max_size=KEY), st.data())
def test_a_seal_holds_and_no_other_does(parts, key, data):
    """Pins every single bit of seal, key and parts."""
    made = seal(key, parts)
    assert len(made) == SEAL and holds(key, parts, made)
    bit = data.draw(st.integers(0, 8 * SEAL - 1))
    spoilt = bytearray(made)
    spoilt[bit // 8] ^= 1 << bit % 8
    assert not holds(key, parts, bytes(spoilt))
    assert not holds(bytes([key[0] ^ 1]) + key[1:], parts, made)
    for i, part in enumerate(parts):
        if part:
            wrong = [*parts[:i], bytes([part[0] ^ 1]) + part[1:], *parts[i + 1:]]
            assert not holds(key, wrong, made)
    assert not holds(key, [*parts, b''], made) and not holds(key, parts, made[:-1])


def test_parts_cannot_be_moved_into_one_another():
    """Pins the lengths: 'ab' 'c' is not 'a' 'bc'."""
    key = bytes(KEY)
    assert seal(key, [b'ab', b'c']) != seal(key, [b'a', b'bc'])
    assert seal(key, [b'abc']) != seal(key, [b'abc', b''])


def test_it_is_the_standard_code():
    """Pins the algorithm, which whoever writes a commander in another language relies on."""
    whole = b'\x02\0\0\0hi\x01\0\0\0!'
    assert seal(b'k' * KEY, [b'hi', b'!']) == hmac.new(b'k' * KEY, whole, sha256).digest()
