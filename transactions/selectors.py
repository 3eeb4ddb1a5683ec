"""Reading the books: postings of an account, statements, the trial balance."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Q, QuerySet, Sum, Value

from accounts import numbers
from accounts import selectors as account_selectors
from accounts.models import Account, Balance, Category
from bankops.core import idempotency
from bankops.core.actor import Actor
from bankops.core.db import prepared
from bankops.core.money import Money
from transactions.models import BOOKED, STANDING, Hold, HoldState, JournalEntry, Posting, Side, State, Transaction

CROSSING_MAX = timedelta(minutes=1)
"""By how much the times of an account's postings may be out of the ledger's order: four times what a posting waits."""

_UNDER_KEY = """
    SELECT id FROM transactions_transaction
     WHERE maker_kind = %(kind)s AND maker_id = %(id)s AND idempotency_key = %(key)s
"""

_LOOK_ALIKE = """
    SELECT id FROM transactions_transaction
     WHERE debit_account_id = %(debit)s AND credit_account_id = %(credit)s AND amount = %(amount)s AND currency = %(currency)s
       AND (state = 'AWAITING_APPROVAL' OR (state = 'POSTED' AND created_at >= %(since)s))
     ORDER BY created_at DESC, id DESC LIMIT 1
"""


def postings_of(account: Account) -> QuerySet[Posting]:
    """Return an account's postings, newest first, with entry and transaction; `balance_after` is the running balance."""
    return account.postings.select_related("entry__transaction").order_by("-version")


def history_page(account: Account, *, before: int | None, size: int) -> list[Posting]:
    """Return up to `size` postings older than version `before` (None: the newest), newest first. One index lookup."""
    postings = postings_of(account)
    return list((postings if before is None else postings.filter(version__lt=before))[:size])


def transaction_by_reference(reference: str) -> Transaction | None:
    """Return the transaction with this reference, or None."""
    return Transaction.objects.filter(reference=reference.strip().upper()).first()


def parked_in(request_id: UUID) -> QuerySet[Transaction]:
    """Return the transaction that waits in this approval request: one or none."""
    return Transaction.objects.filter(approval_request_id=request_id, state=State.AWAITING_APPROVAL)


def posted_from(request_id: UUID) -> QuerySet[Transaction]:
    """Return the transaction that was posted with the consent of this approval request: one or none."""
    return Transaction.objects.filter(approval_request_id=request_id, state__in=BOOKED)


def under_key(maker: Actor, idempotency_key: str | None) -> Transaction | None:
    """Return the transaction that this maker made under this idempotency key, or None."""
    if not idempotency_key or idempotency.is_new(idempotency_key):
        return None
    of_maker = {"kind": maker.kind, "id": maker.id, "key": idempotency_key}
    known = prepared(_UNDER_KEY, of_maker)  # there hardly ever is one
    return Transaction.objects.get(pk=known[0][0]) if known else None


def pending_holds(account: Account) -> QuerySet[Hold]:
    """Return what is held on an account now, oldest first, with their transactions."""
    pending = account.holds.filter(state=HoldState.PENDING)
    return pending.select_related("transaction").order_by("placed_at", "id")


def look_alike(*, debit: UUID, credit: UUID, amount: Money, since: datetime) -> Transaction | None:
    """Return the newest transaction of this amount between the two accounts that waits, or was booked at or after `since`.

    What was reversed has been put right and does not count.
    """
    told = {"debit": debit, "credit": credit, "amount": amount.minor, "currency": amount.currency, "since": since}
    alike = prepared(_LOOK_ALIKE, told)
    return Transaction.objects.get(pk=alike[0][0]) if alike else None


def refunded(original: Transaction) -> Money:
    """Return what has been given back of a transfer, counting what waits for approval."""
    parts = Transaction.objects.filter(refunds=original, state__in=STANDING)
    return Money(parts.aggregate(total=Sum("amount"))["total"] or 0, original.currency)


def refunded_by_original(originals: Iterable[UUID]) -> dict[UUID, int]:
    """Return what has been given back of several transfers, minor units, by their keys; as `refunded`, in one query."""
    parts = Transaction.objects.filter(refunds__in=list(originals), state__in=STANDING)
    return dict(parts.values_list("refunds").annotate(total=Sum("amount")).order_by())


_REFERENCE = re.compile(r"TR-[0-9]{4}-[0-9]+", re.IGNORECASE | re.ASCII)


def search_transactions(text: str, *, among: QuerySet[Transaction]) -> QuerySet[Transaction]:
    """Return the transactions of `among` that `text` leads to, in no order.

    `text` is a whole reference, a whole account number (spaces do not matter), a whole external reference, or part of a
    narrative; what looks like one of the first two is not looked for in narratives.
    """
    wanted = text.strip()
    if not wanted:
        return among
    if _REFERENCE.fullmatch(wanted):
        return among.filter(reference=wanted.upper())
    account = account_selectors.account_by_number(wanted.upper())
    if account or numbers.is_valid("".join(wanted.split())):
        return among.filter(Q(debit_account=account) | Q(credit_account=account)) if account else among.none()
    return among.filter(Q(external_reference=wanted) | Q(narrative__icontains=wanted))


def entry_lines(entry: JournalEntry) -> QuerySet[Posting]:
    """Return an entry's postings in their order, with accounts and their customers."""
    return entry.postings.select_related("account__customer").order_by("line")


def balance_before(account: Account, day: date) -> Money:
    """Return the account's ledger balance from everything booked before `day`, whenever it was posted.

    Adds up days, and the postings since the last roll-up; never the whole history (docs/statements.md).
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT debit, credit FROM turnover_before(%s, %s)", [account.pk, day])
        debit, credit = cursor.fetchone()
    return grown(account, debit=int(debit), credit=int(credit))


def balance_at(account: Account, moment: datetime) -> Money:
    """Return the ledger balance that stood on the account at a moment, whatever its postings' booking dates are.

    The ledger's order decides: a posting counts when it, and everything before it on this account, was posted at or
    before `moment`. Two postings whose times cross, because the later one's caller had read the clock before it waited
    for the account, therefore count together, and the answer is always a balance that really stood. This is exact as
    long as no times cross by more than `CROSSING_MAX`; beyond that, as after an import that ran beside other postings,
    the answer is the balance at one of the places where the times pass `moment`.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce((SELECT balance_after FROM transactions_posting p"
            " WHERE p.account_id = %(account)s AND p.version = v), 0)"
            " FROM turnover_version_at(%(account)s, %(moment)s, make_interval(secs => %(leeway)s)) v",
            {"account": account.pk, "moment": moment, "leeway": CROSSING_MAX // timedelta(seconds=1)},
        )
        (balance,) = cursor.fetchone()
    return Money(balance, account.currency)


def grown(account: Account, *, debit: int, credit: int) -> Money:
    """Return by how much debits and credits in minor units raise the account's balance. The one place that knows the sign."""
    on_debit = Category(account.category).normal_side == Side.DEBIT
    return Money(debit - credit if on_debit else credit - debit, account.currency)


@dataclass(frozen=True, slots=True)
class TrialBalanceLine:
    """One line of the chart in one currency: its balance stands on one side, the other is None."""

    code: str
    name: str
    currency: str
    debit: Money | None
    credit: Money | None


@dataclass(frozen=True, slots=True)
class TrialBalance:
    """All lines, by currency and code, and the two sums of each currency, which are equal when the books are right."""

    lines: list[TrialBalanceLine]
    totals: dict[str, tuple[Money, Money]]

    @property
    def balances(self) -> bool:
        """Whether debits equal credits in every currency."""
        return all(debit == credit for debit, credit in self.totals.values())


def trial_balance() -> TrialBalance:
    """Return the trial balance as the balances stand now."""
    rows = (
        Balance.objects.values(
            "account__chart_line_id", "account__chart_line__name", "account__currency", "account__category"
        )
        .annotate(total=Sum("ledger", default=Value(0)))
        .filter(~Q(version=0))
        .order_by("account__currency", "account__chart_line_id")
    )
    lines = [_trial_line(row) for row in rows]
    totals: dict[str, tuple[Money, Money]] = {}
    for line in lines:
        zero = Money(0, line.currency)
        debit, credit = totals.get(line.currency, (zero, zero))
        totals[line.currency] = (debit + (line.debit or zero), credit + (line.credit or zero))
    return TrialBalance(lines, totals)


def _trial_line(row: Mapping[str, Any]) -> TrialBalanceLine:
    total, currency = int(row["total"]), row["account__currency"]
    normal = Category(row["account__category"]).normal_side
    on_debit = (normal == Side.DEBIT) == (total >= 0)
    money = Money(abs(total), currency)
    return TrialBalanceLine(
        code=row["account__chart_line_id"],
        name=row["account__chart_line__name"],
        currency=currency,
        debit=money if on_debit else None,
        credit=None if on_debit else money,
    )
