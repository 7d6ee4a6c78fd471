"""Proof that a message is from whom it says, and whole.

A role's key and the parts of a message enter; a seal leaves, or whether one is right. Every
part is sealed with its length, so that no two messages share a seal by moving a boundary.
HMAC-SHA256 (RFC 2104, FIPS 180-4) of Python's standard library.
"""
from collections.abc import Iterable
import hashlib
import hmac
import struct

SEAL = 32     # bytes of a seal
KEY = 32      # bytes of a key


def seal(key: bytes, parts: Iterable[bytes]) -> bytes:
    """Return the [SEAL] bytes that only who has `key` can make for these parts, in this order."""
    whole = b''.join([struct.pack('<I', len(part)) + part for part in parts])
    return hmac.digest(key, whole, hashlib.sha256)


def holds(key: bytes, parts: Iterable[bytes], given: bytes) -> bool:
    """Return whether `given` is the seal of these parts; takes the same time either way."""
    return hmac.compare_digest(seal(key, parts), given)
