"""What the refusal of one item of a batch says of those that were to take its place."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final
from uuid import UUID

from transactions import errors
from transactions.transfer_batches.items import PAYER, Item

_OF_THE_ACCOUNT: Final = frozenset(
    error.code
    for error in (
        errors.AccountClosed,
        errors.AccountPending,
        errors.AccountDormant,
        errors.AccountBlocked,
        errors.WrongCurrency,
    )
)
"""Whatever the amount, and however much is paid in meanwhile."""
_SHORT, _LIMITED = errors.InsufficientFunds.code, errors.LimitExceeded.code


class Foresight:
    """What would be refused as others were, seen while a batch is gone through in its order.

    A thousand equal items without money are a thousand refusals, each of which would be asked for under the locks of all
    accounts. No want of money is foreseen where something was paid into the payer since, or is about to be.

    :param tried: the items that were given to the journal last: on all of what was posted before them.
    """

    def __init__(self, tried: Iterable[Item] = ()) -> None:
        self._tried = frozenset(item.position for item in tried)
        self._refused: dict[tuple[UUID, UUID], Item] = {}
        self._too_much: dict[tuple[UUID, str], int] = {}
        self._will_be_paid: set[UUID] = set()

    def learn(self, item: Item) -> None:
        """Hear of a refused item."""
        if item.position not in self._tried:
            return
        payer, _payee = item.sides
        is_short = item.code == _SHORT and item.blamed == PAYER and payer not in self._will_be_paid
        if item.code in _OF_THE_ACCOUNT:
            self._refused[item.sides] = item
        elif is_short or item.code == _LIMITED:
            known = self._too_much.get((payer, item.code), item.amount)
            self._too_much[payer, item.code] = min(known, item.amount)

    def expect(self, item: Item) -> None:
        """Hear of an item that was posted, or is about to be tried: money comes to its payee."""
        _payer, payee = item.sides
        if item.is_open:
            self._will_be_paid.add(payee)
        if item.is_open or item.position in self._tried:
            self._too_much.pop((payee, _SHORT), None)

    def refuses(self, item: Item) -> bool:
        """Refuse an open item where an earlier one says so, and tell whether it does."""
        if known := self._refused.get(item.sides):
            item.refuse(known.code, known.blamed)
            return True
        for code in (_LIMITED, _SHORT):
            if item.amount >= self._too_much.get((item.sides[0], code), item.amount + 1):
                item.refuse(code, PAYER)
                return True
        return False
