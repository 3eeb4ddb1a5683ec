"""Ids that partners see: UUIDv7 (RFC 9562 §5.7), written with a prefix and Crockford base32: `tr_06f3…`.

UUIDv7 begins with the time, so new rows land at the right-hand edge of an index, and ids sort by age.
"""

from __future__ import annotations

import os
import time
import uuid

from bankops.core.errors import InvalidId

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_VALUES = {letter: value for value, letter in enumerate(_ALPHABET)}
_LENGTH = 26  # 128 bits in groups of 5


def uuid7() -> uuid.UUID:
    """Return a new UUIDv7: 48 bits of Unix milliseconds, 12 bits of the fraction of one (§6.2, method 3), 62 random bits.

    A process's ids sort in the order in which they were made: each takes longer than the quarter of a microsecond that the
    fraction tells apart.
    """
    millis, nanos = divmod(time.time_ns(), 1_000_000)
    high = (millis & 0xFFFF_FFFF_FFFF) << 80
    fraction = nanos * 4096 // 1_000_000
    random = int.from_bytes(os.urandom(8)) & (1 << 62) - 1
    return uuid.UUID(int=high | 0x7 << 76 | fraction << 64 | 0b10 << 62 | random)


def encode(prefix: str, value: uuid.UUID) -> str:
    """Return `value` as `prefix_` and 26 letters, lower case."""
    number, letters = value.int, []
    for _ in range(_LENGTH):
        number, rest = divmod(number, 32)
        letters.append(_ALPHABET[rest])
    return f"{prefix}_{''.join(reversed(letters))}"


def decode(prefix: str, text: str) -> uuid.UUID:
    """Return the UUID of an id written by `encode` with the same prefix.

    :raises InvalidId: when the prefix, the length or a letter is not right.
    """
    head, separator, tail = text.strip().lower().rpartition("_")
    if head != prefix or not separator or len(tail) != _LENGTH or not set(tail) <= _VALUES.keys():
        raise InvalidId(value=text, prefix=prefix)
    number = 0
    for letter in tail:
        number = number * 32 + _VALUES[letter]
    if number >> 128:
        raise InvalidId(value=text, prefix=prefix)
    return uuid.UUID(int=number)
