"""Which pairs of accounts dealt with each other lately, and for how much, in a fixed number of bytes."""

from __future__ import annotations

from array import array
from hashlib import blake2b

from risk.patterns.records import Account


def pair_hash(payer: Account, payee: Account) -> int:
    """Return 64 bits that stay the same between processes, unlike `hash`."""
    text = f"{payer.bank}\0{payer.number}\0{payee.bank}\0{payee.number}"
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest())


_LARGER = 3
"""So many times doubled, and a payment is not what the pair is known for: small ones sent ahead buy no silence for large ones."""


class KnownPairs:
    """The last day of each pair and the size of its largest payment, in two slots of a table that pairs share.

    The later day and the larger size stay in a shared slot, so a pair that was seen is never forgotten early. One that was
    not seen is taken for known with a chance of the square of the share of slots in use. A size is the number of bits of an
    amount.
    """

    def __init__(self, *, slots: int, memory_days: int) -> None:
        self._days = array("H", bytes(2 * slots))
        self._sizes = array("B", bytes(slots))
        self._slots = slots
        self._memory = memory_days

    def is_known(self, pair: int, day: int, amount: int) -> bool:
        """Whether the pair dealt with each other within the memory, and for not much less than this amount."""
        one, two = pair % self._slots, (pair >> 32) % self._slots
        last = min(self._days[one], self._days[two])
        if not last or day - last > self._memory:
            return False
        return amount.bit_length() < min(self._sizes[one], self._sizes[two]) + _LARGER

    def note(self, pair: int, day: int, amount: int) -> None:
        for slot in (pair % self._slots, (pair >> 32) % self._slots):
            is_remembered = day - self._days[slot] <= self._memory
            self._sizes[slot] = max(self._sizes[slot] if is_remembered else 0, amount.bit_length())
            self._days[slot] = max(self._days[slot], day)
