"""Which items of a batch look like earlier ones of it: as two single transfers would, one after the other."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections import defaultdict
from collections.abc import Iterable, Mapping
from uuid import UUID

from transactions.models import DuplicatePolicy
from transactions.services.duplicates import Twins
from transactions.transfer_batches.foresight import Foresight
from transactions.transfer_batches.items import Item


class _Before:
    """What came before between the same two accounts and was not refused."""

    def __init__(self) -> None:
        self._amounts, self._made = list[int](), dict[int, tuple[int, UUID]]()

    def add(self, item: Item) -> None:
        insort(self._amounts, item.amount)
        if item.transaction_id:
            self._made[item.amount] = item.position, item.transaction_id

    def count(self, least: int, most: int) -> int:
        return bisect_right(self._amounts, most) - bisect_left(self._amounts, least)

    def newest(self, least: int, most: int) -> UUID | None:
        """Return the last of these amounts that is on record by now."""
        made = [known for amount, known in self._made.items() if least <= amount <= most]
        return max(made)[1] if made else None


def too_much_alike(
    items: Iterable[Item],
    policy: DuplicatePolicy,
    outside: Mapping[int, Twins],
    foresight: Foresight | None = None,
) -> dict[int, Twins]:
    """Return the twins of open items that look like earlier ones of their batch, by position, where they are too many.

    What is not refused counts: posted, held back, or about to be either.

    :param items: all of the batch, in their order; those without accounts are refused.
    :param outside: what looks like them outside of the batch, by position.
    :param foresight: refuses, on the way, open items that look like nothing any more and would be refused in vain.
    """
    found, before = dict[int, Twins](), defaultdict[tuple[UUID, UUID], _Before](_Before)
    nothing, foresight = Twins(None, 0, policy.twins_tolerated), foresight or Foresight()
    for item in items:
        if item.code:
            foresight.learn(item)
            continue
        known = before[item.sides]
        if item.is_open:
            twins = _twins(item, known, policy, outside.get(item.position, nothing))
            if twins.are_too_many:
                found[item.position] = twins
            elif foresight.refuses(item):
                continue
            else:
                foresight.expect(item)
        elif not item.is_held:
            foresight.expect(item)
        known.add(item)
    return found


def _twins(item: Item, known: _Before, policy: DuplicatePolicy, outside: Twins) -> Twins:
    """Return what an item looks like, inside of its batch and outside; the newest of the batch first that is on record."""
    least, most = policy.range_of(item.amount)
    count = known.count(least, most)
    if outside.unexplained + count <= outside.tolerated:
        return outside  # not too many: nobody asks which
    twin = known.newest(least, most) or outside.twin
    return Twins(twin, outside.unexplained + count, outside.tolerated, outside.own + count, outside.hold)
