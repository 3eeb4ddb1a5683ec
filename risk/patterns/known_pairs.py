"""Which pairs of accounts dealt with each other lately, in a fixed number of bytes."""

from __future__ import annotations

from array import array
from hashlib import blake2b

from risk.patterns.records import Account


def pair_hash(payer: Account, payee: Account) -> int:
    """Return 64 bits that stay the same between processes, unlike `hash`."""
    text = f"{payer.bank}\0{payer.number}\0{payee.bank}\0{payee.number}"
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest())


class KnownPairs:
    """The last day of each pair, in two slots of a table that pairs share.

    The later day stays in a shared slot, so a pair that was seen is never forgotten early. One that was not seen is
    taken for known with a chance of the square of the share of slots in use.
    """

    def __init__(self, *, slots: int, memory_days: int) -> None:
        self._days = array("H", bytes(2 * slots))
        self._slots = slots
        self._memory = memory_days

    def is_known(self, pair: int, day: int) -> bool:
        last = min(self._days[pair % self._slots], self._days[(pair >> 32) % self._slots])
        return last > 0 and day - last <= self._memory

    def note(self, pair: int, day: int) -> None:
        for slot in (pair % self._slots, (pair >> 32) % self._slots):
            self._days[slot] = max(self._days[slot], day)
