"""What a statement says, whatever it is written as."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from accounts import access, numbers
from accounts.models import Account
from bankops.core import ids
from bankops.core.money import Money
from transactions import selectors
from transactions.models import Side
from transactions.statements.bookings import Booking, Other, bookings
from transactions.statements.days import Booked, BookedDay, Period, booked, portions
from transactions.statements.labels import ENGLISH, Labels, labels

COPY_PREFIX = "st"


@dataclass(frozen=True, slots=True)
class Line:
    """One booking on a statement.

    Attributes:
        amount: positive when it raises the balance of the account.
        balance: after this booking, in the statement's order.
        side: how the account was booked; credit is money in on a customer's account.
        transaction_id, reference, kind: of the transaction behind it; None or empty for the bank's own entries.
        is_reversal: whether it takes back an earlier booking, whose kind is then `kind`.
        counterparty, counterparty_account: the other side, where that is a customer or another bank's; else empty.

    """

    version: int
    booking_date: date
    value_date: date
    narrative: str
    amount: Money
    balance: Money
    side: Side
    transaction_id: UUID | None = None
    reference: str = ""
    external_reference: str = ""
    kind: str = ""
    is_reversal: bool = False
    counterparty: str = ""
    counterparty_account: str = ""


@dataclass(frozen=True, slots=True)
class Statement:
    """An account's bookings in a period, by booking date and then in ledger order, as the books stood when it was made.

    `opening` + the amounts of `lines()` = `closing`; `opening` + what `debits` and `credits` do to the balance, too.

    Attributes:
        number: the same for every copy of the same period.
        copy: names this copy; the audit trail has it with who took it (`st_…`).
        address: lines of the postal address; empty where there is none, or the reader may not read it.
        reader: for whom it is made; decides which names of others are on it.

    """

    account: Account
    period: Period
    number: str
    copy: str
    made_at: datetime
    holder: str
    address: tuple[str, ...]
    opening: Money
    closing: Money
    debits: Money
    credits: Money
    count: int
    language: str
    labels: Labels
    reader: access.Person
    days: tuple[BookedDay, ...]

    @property
    def account_number(self) -> str:
        """The account's number as people read it."""
        return numbers.display(self.account.number)

    @property
    def bank(self) -> str:
        """The branch that keeps the account; empty for the bank's own."""
        return clean(self.account.branch.name) if self.account.branch else ""

    def lines(self) -> Iterator[Line]:
        """Yield the bookings, read a thousand at a time, so that any number of them can be written."""
        balance = self.opening
        for portion in portions(self.days):
            for booking, other in bookings(self.account, portion, self.reader):
                line = _line(self, booking, other, balance)
                balance = line.balance
                yield line


def statement(
    account: Account,
    period: Period,
    *,
    reader: access.Person,
    made_at: datetime,
    language: str = ENGLISH,
    address: tuple[str, ...] = (),
) -> Statement:
    """Return the account's statement of a period. Needs `customer` and `branch` loaded.

    :param reader: who will read it; must have been let see the account.
    """
    found = booked(account, period)
    opening = selectors.grown(account, debit=found.debit_before, credit=found.credit_before)
    debit, credit = _sums(found)
    return Statement(
        account=account,
        period=period,
        number=f"{account.number}-{period.from_date:%Y%m%d}-{period.to_date:%Y%m%d}",
        copy=ids.encode(COPY_PREFIX, ids.uuid7()),
        made_at=made_at,
        holder=clean(access.holder_of_visible(account)),
        address=tuple(map(clean, address)),
        opening=opening,
        closing=opening + selectors.grown(account, debit=debit, credit=credit),
        debits=Money(debit, account.currency),
        credits=Money(credit, account.currency),
        count=found.count,
        language=language,
        labels=labels(language),
        reader=reader,
        days=found.days,
    )


_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")


def clean(text: str) -> str:
    """Return `text` with what no file may contain (XML 1.0 §2.2) shown as a replacement character."""
    return _UNWRITABLE.sub("\ufffd", text)


def _sums(found: Booked) -> tuple[int, int]:
    return sum(day.debit for day in found.days), sum(day.credit for day in found.days)


def _line(whole: Statement, booking: Booking, other: Other, before: Money) -> Line:
    side = Side(booking.side)
    on_debit = side == Side.DEBIT
    amount = selectors.grown(
        whole.account, debit=booking.amount if on_debit else 0, credit=0 if on_debit else booking.amount
    )
    return Line(
        version=booking.version,
        booking_date=booking.booking_date,
        value_date=booking.value_date,
        narrative=_narrative(whole.labels, booking),
        amount=amount,
        balance=before + amount,
        side=side,
        transaction_id=booking.transaction_id,
        reference=booking.reference,
        external_reference=clean(booking.external_reference),
        kind=booking.reversed_kind or booking.kind,
        is_reversal=bool(booking.reversed_kind),
        counterparty=clean(booking.counterparty or other.holder),
        counterparty_account="" if booking.counterparty else other.number,
    )


def _narrative(words: Labels, booking: Booking) -> str:
    """Return the description; where that only says what kind of transaction it is, in the reader's language."""
    said, kind = booking.description, booking.kind
    return words[f"kind.{kind}"] if kind and said == words[f"plain.{kind}"] else clean(said)
