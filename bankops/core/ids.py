"""Ids that partners see: UUIDv7 (RFC 9562 §5.7), written with a prefix and Crockford base32: `tr_06f3…`.

UUIDv7 begins with the time, so new rows land at the right-hand edge of an index, and ids sort by age.
"""

from __future__ import annotations

import os
import threading
import time
import uuid

from bankops.core.errors import InvalidId

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_LETTERS = frozenset(_ALPHABET)
_AS_DIGITS = str.maketrans(_ALPHABET, "0123456789abcdefghijklmnopqrstuv")  # as `int` reads base 32
_LENGTH = 26  # 128 bits in groups of 5
_PAIRS = [first + second for first in _ALPHABET for second in _ALPHABET]  # letters two at a time: it is done very often
_SHIFTS = range(120, -1, -10)
_TICK = 245  # nanoseconds, a little more than the 4,096th part of a millisecond
_CORRECTION = 1_000_000_000  # nanoseconds


class _Moments:
    """Nanoseconds since 1970, each at least a tick after the one before, for all threads of a process.

    A clock that is corrected by less than a second is waited for; one that is set back further is believed.
    """

    def __init__(self) -> None:
        self._last, self._lock = 0, threading.Lock()

    def take(self, count: int) -> range:
        """Return so many moments, a tick apart."""
        with self._lock:
            now, least = time.time_ns(), self._last + _TICK
            first = least if 0 <= least - now < _CORRECTION else now
            taken = range(first, first + count * _TICK, _TICK)
            self._last = taken[-1]
            return taken


_moments = _Moments()


def uuid7() -> uuid.UUID:
    """Return a new UUIDv7: 48 bits of Unix milliseconds, 12 bits of the fraction of one (§6.2, method 3), 62 random bits.

    The ids that one process makes sort in the order in which it made them, unless the clock is set back by a second or more.
    """
    return uuid7s(1)[0]


def uuid7s(count: int) -> list[uuid.UUID]:
    """Return so many, in order: at least one. The clock and the source of randomness are asked once."""
    random = os.urandom(8 * count)
    return [
        _uuid7(moment, int.from_bytes(random[8 * place : 8 * place + 8]))
        for place, moment in enumerate(_moments.take(count))
    ]


def _uuid7(moment: int, random: int) -> uuid.UUID:
    millis, nanos = divmod(moment, 1_000_000)
    high = (millis & 0xFFFF_FFFF_FFFF) << 80
    fraction = nanos * 4096 // 1_000_000
    return uuid.UUID(int=high | 0x7 << 76 | fraction << 64 | 0b10 << 62 | random & (1 << 62) - 1)


def encode(prefix: str, value: uuid.UUID) -> str:
    """Return `value` as `prefix_` and 26 letters, lower case."""
    number = value.int
    return f"{prefix}_{''.join([_PAIRS[number >> shift & 1023] for shift in _SHIFTS])}"


def decode(prefix: str, text: str) -> uuid.UUID:
    """Return the UUID of an id written by `encode` with the same prefix.

    :raises InvalidId: when the prefix, the length or a letter is not right.
    """
    head, separator, tail = text.strip().lower().rpartition("_")
    if head != prefix or not separator or len(tail) != _LENGTH or not _LETTERS.issuperset(tail):
        raise InvalidId(value=text, prefix=prefix)
    number = int(tail.translate(_AS_DIGITS), 32)
    if number >> 128:
        raise InvalidId(value=text, prefix=prefix)
    return uuid.UUID(int=number)
