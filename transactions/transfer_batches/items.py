"""A batch in memory: its items as they were asked for, and what is to become of each."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any, NamedTuple
from uuid import UUID

from bankops.core.money import Money
from risk.origin import UNKNOWN, Origin
from transactions.ledger import EntryDraft
from transactions.models import TransferBatch, TransferBatchItem
from transactions.transfer_batches.errors import BatchRefused

ITEMS_MAX = 1000
PAYER, PAYEE, REFERENCE = "from_account", "to_account", "reference"
"""The fields of an item that can be to blame, as requests name them."""


class Line(NamedTuple):
    """One transfer as a request names it; the amount in minor units of the batch's currency."""

    payer_named: str
    payee_named: str
    amount: int
    reference: str
    narrative: str
    origin: Origin = UNKNOWN


@dataclass(frozen=True, slots=True)
class Asked:
    """A batch as a partner asks for it. `payee_named` of a line is an id or a number."""

    reference: str
    currency: str
    all_or_nothing: bool
    lines: Sequence[Line]
    metadata: dict[str, str]


@dataclass(slots=True)
class Item:
    """One transfer on its way.

    Attributes:
        payer, payee: its accounts, once they are known to be the partner's to use.
        transaction_id: what it became.
        is_held: that was held back as a possible duplicate just now.
        entry: what the journal is to take, as far as it is drafted already.
        origin: where the customer was who ordered it; no part of what was asked for.
        code, blamed: why it was refused, and the field to blame for it.

    """

    position: int
    payer_named: str
    payee_named: str
    amount: int
    reference: str
    narrative: str
    payer: UUID | None = None
    payee: UUID | None = None
    transaction_id: UUID | None = None
    code: str = ""
    blamed: str = ""
    is_held: bool = False
    entry: EntryDraft | None = None
    origin: Origin = UNKNOWN

    @property
    def is_open(self) -> bool:
        """Whether nothing became of it yet."""
        return not self.code and self.transaction_id is None

    @property
    def sides(self) -> tuple[UUID, UUID]:
        """Its accounts; of an item that names some."""
        assert self.payer is not None
        assert self.payee is not None
        return self.payer, self.payee

    @property
    def by_number(self) -> bool:
        """Whether its payee was named by number."""
        return not self.payee_named.startswith("acc_")

    def refuse(self, code: str, blamed: str = "") -> None:
        """Say that it will not be made, and why."""
        self.code, self.blamed = code, blamed


_AS_ASKED = ("position", "payer_named", "payee_named", "amount", "reference", "narrative")
_ORIGIN = ("device_id", "ip_address", "country")
FIELDS = (*_AS_ASKED, "payer_id", "payee_id", "transaction_id", "code", "blamed", *_ORIGIN)
"""An item's columns: in the order of `Item`'s fields, and then of `Origin`'s."""
VALUES = attrgetter(
    *_AS_ASKED,
    "payer",
    "payee",
    "transaction_id",
    "code",
    "blamed",
    "origin.device",
    "origin.address",
    "origin.country",
)
"""What is in these columns, of an `Item`."""


@dataclass(slots=True)
class Draft:
    """A batch and its items.

    Attributes:
        branches: the branch of every payer's account, by key.
        is_new: it is being placed, and its items are not written yet.

    """

    batch: TransferBatch
    items: list[Item]
    branches: dict[UUID, str] = field(default_factory=dict)
    is_new: bool = False
    _written: dict[int, Money] = field(default_factory=dict)

    @property
    def open_items(self) -> list[Item]:
        """Those of which nothing became yet, in their order."""
        return [item for item in self.items if item.is_open]

    def money(self, minor: int) -> Money:
        """Return an amount in the batch's currency."""
        if minor not in self._written:
            self._written[minor] = Money(minor, self.batch.currency)
        return self._written[minor]

    def by_payer(self) -> dict[UUID, int]:
        """Return what the open items take from each payer, in minor units, in order of the first of each."""
        sums: dict[UUID, int] = {}
        for item in self.open_items:
            payer = item.sides[0]
            sums[payer] = sums.get(payer, 0) + item.amount
        return sums

    def refuse_in_part(self) -> None:
        """Refuse the whole where it is all or nothing and an item is refused.

        :raises BatchRefused: naming the items.
        """
        refused = [(item.position, item.code, item.blamed) for item in self.items if item.code]
        if refused and self.batch.all_or_nothing:
            raise BatchRefused(items=refused, refused=len(refused), count=len(self.items))


def items_of(asked: Asked) -> list[Item]:
    """Return a batch's items as they came in."""
    return [
        Item(position, payer, payee, amount, reference, narrative, origin=origin)
        for position, (payer, payee, amount, reference, narrative, origin) in enumerate(asked.lines)
    ]


def stored(batch: TransferBatch) -> list[Item]:
    """Return a batch's items as they are on record, in their order; one query."""
    rows: Iterable[Any] = (
        TransferBatchItem.objects.filter(batch=batch).order_by("position").values_list(*FIELDS).iterator()
    )
    items = []
    for *row, device, address, country in rows:
        items.append(Item(*row))
        items[-1].origin = Origin(device, address, country)
    return items


def hash_of(items: Iterable[Item]) -> bytes:
    """Return the SHA-256 of what is asked for; what became of it does not belong to it."""
    content = [
        (item.payer_named, item.payee_named, item.amount, item.reference, item.narrative, item.payer, item.payee)
        for item in items
    ]
    return hashlib.sha256(repr(content).encode()).digest()
