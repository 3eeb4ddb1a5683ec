"""Reading the bookings of a statement: some postings by their versions, each with what it was for and its other side."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple
from uuid import UUID

from django.db import connection

from accounts import access, numbers
from accounts.models import Account

_SQL = """
    SELECT p.version, p.side, p.amount, e.booking_date, e.value_date, e.description,
           t.id, coalesce(t.reference, ''), coalesce(t.external_reference, ''), coalesce(t.kind, ''), coalesce(o.kind, ''),
           coalesce(t.counterparty, ''),
           CASE WHEN t.debit_account_id = p.account_id THEN t.credit_account_id ELSE t.debit_account_id END
      FROM transactions_posting p
      JOIN transactions_journalentry e ON e.id = p.entry_id
      LEFT JOIN transactions_transaction t ON t.entry_id = e.id
      LEFT JOIN transactions_transaction o ON o.id = t.reverses_id
     WHERE p.account_id = %s AND p.version = ANY (%s)
"""


class Booking(NamedTuple):
    """A posting as it was booked.

    Attributes:
        side: `D` or `C`.
        amount: minor units, positive.
        transaction_id and what follows: of the transaction behind it, if any; `reversed_kind` where it is a reversal.
        other: the account on the other side of that transaction.

    """

    version: int
    side: str
    amount: int
    booking_date: date
    value_date: date
    description: str
    transaction_id: UUID | None
    reference: str
    external_reference: str
    kind: str
    reversed_kind: str
    counterparty: str
    other: UUID | None


@dataclass(frozen=True, slots=True)
class Other:
    """The other side, as the reader may know it: empty where it is not a customer's."""

    holder: str = ""
    number: str = ""


def bookings(account: Account, versions: list[int], reader: access.Person) -> list[tuple[Booking, Other]]:
    """Return the postings with these versions, in this order. Two queries, all by index."""
    with connection.cursor() as cursor:
        cursor.execute(_SQL, [account.pk, versions])
        found = {values[0]: Booking(*values) for values in cursor.fetchall()}
    others = _named({booking.other for booking in found.values() if booking.other}, reader)
    in_order = [found[version] for version in versions]
    return [(booking, others.get(booking.other, _NOBODY)) for booking in in_order]


_NOBODY = Other()


def _named(account_ids: Iterable[UUID], reader: access.Person) -> Mapping[UUID | None, Other]:
    """Return holder and number by id, of customers' accounts only: the bank's own are nobody's counterparty."""
    accounts = Account.objects.filter(pk__in=account_ids, customer__isnull=False).select_related("customer")
    return {other.pk: Other(access.holder(reader, other), numbers.display(other.number)) for other in accounts}
