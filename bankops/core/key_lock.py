"""A lock in Redis in front of a key: whoever comes while somebody is at it is told so without being let begin.

It saves work and decides nothing. The truth is the row in PostgreSQL (`bankops.core.idempotency`): a lock that is lost, or
that nobody could ask for, lets a second caller come as far as that row, and no further. It ends by itself, so a worker that
died keeps its heir waiting no longer than `LASTS_MS`.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Final
from uuid import uuid4

LASTS_MS: Final = 2_000
# By value, so that nobody lets go of a lock that has passed to somebody else meanwhile.
RELEASE: Final = "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0"


@dataclass(frozen=True, slots=True)
class KeyLock:
    """A lock somebody wants: its name in Redis, and the value by which the holder knows it."""

    name: str
    value: str


def lock_on(scope: str, key: str) -> KeyLock:
    """Return a lock on a key of a scope's, for one caller."""
    digest = hashlib.sha256(f"{scope}:{key}".encode()).hexdigest()
    return KeyLock(f"idem:{digest}", uuid4().hex)
