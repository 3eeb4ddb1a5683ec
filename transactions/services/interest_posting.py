"""Credit what has accrued: on the last day of every month, one transaction per account, in batches; and at a closing.

What an account cannot take (credits blocked, closed) stays accrued to the last unit and comes with the next month's posting
after its release. What a month rounds off or up is carried forward exactly.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext

from accounts import chart
from accounts.models import Account
from bankops.core import audit, outbox, sql_arrays
from bankops.core.actor import Actor
from bankops.core.bulk_insert import copy_in
from bankops.core.db import transaction_required
from bankops.core.money import Money
from transactions import events, ledger
from transactions.interest import errors
from transactions.interest.amounts import UNITS, to_be_posted
from transactions.ledger import EntryDraft, PostingDraft
from transactions.locks import balances_for_update
from transactions.models import AccruedInterest, InterestPosting, Kind, Side
from transactions.services.batches import Movement, Recorded, record_batch

BATCH = 5_000

_DUE = """
SELECT s.account_id, a.currency
  FROM transactions_accruedinterest s
  JOIN accounts_account a ON a.id = s.account_id
 WHERE s.account_id > %(after)s AND s.units * 2 >= %(units)s
   AND NOT EXISTS (SELECT FROM transactions_interestposting i WHERE i.account_id = s.account_id AND i.month = %(month)s)
 ORDER BY s.account_id
 LIMIT %(batch)s
"""
_LOCKED = """
SELECT s.account_id, s.units, b.version
  FROM transactions_accruedinterest s
  JOIN accounts_balance b ON b.account_id = s.account_id
 WHERE s.account_id = ANY (%s::uuid[])
   FOR NO KEY UPDATE OF s
"""
# Interest credited on a day does not earn on it, so the accrual need not look at that posting again.
_PAID = """
UPDATE transactions_accruedinterest s
   SET units = n.carried, version = CASE WHEN s.version = n.version THEN n.version + 1 ELSE s.version END
  FROM unnest(%s::uuid[], %s::numeric[], %s::bigint[]) n (account_id, carried, version)
 WHERE s.account_id = n.account_id AND s.account_id = ANY (%s::uuid[])
"""
_NOWHERE = UUID(int=0)


class _Due(NamedTuple):
    """An account whose row is locked: what it has accrued, and the version of its balance before that is posted."""

    account_id: UUID
    units: int
    version: int
    currency: str


@dataclass(frozen=True, slots=True)
class _Batch:
    """What every batch of one posting is told; `period` is what its idempotency keys end with."""

    month: date
    business_date: date
    actor: Actor
    now: datetime
    period: str

    @property
    def description(self) -> str:
        """What the journal says of every entry."""
        return gettext("Interest %(month)s") % {"month": f"{self.month:%Y-%m}"}


def post_interest(
    *, business_date: date, actor: Actor, now: datetime, advance: Callable[[int], None] = lambda done: None
) -> dict[str, int]:
    """Credit every account what it has accrued and return how many: `{"posted": …, "refused": …}`.

    Debit interest paid to customers, credit the customer. An account gets a month's interest once, however often this runs;
    each batch commits on its own, so a run that broke off is simply run again. Writes `transactions.interest.posted`, one
    audit event and one outbox message per batch.

    :param business_date: the last day of the month; booking and value date.
    :param advance: told how many accounts each batch looked at.
    :raises IdempotencyConflict, Busy: see `ledger.post`; the batches before stand.
    """
    batch = _Batch(business_date.replace(day=1), business_date, actor, now, f"{business_date:%Y%m}")
    told: Counter[str] = Counter(posted=0, refused=0)
    after = _NOWHERE
    while due := _due(batch.month, after):
        posted = _post(due, batch)
        told.update(posted=posted, refused=len(due) - posted)
        after = next(reversed(due))  # the last, as they are read in this order
        advance(len(due))
    return dict(told)


@transaction_required
def post_interest_at_closing(*, account: Account, business_date: date, actor: Actor, now: datetime) -> None:
    """Credit what an account has accrued, before it is closed. Its lock is the caller's.

    As at the end of a month, but once for the day: reopened, the account gets that month's interest as any other.

    :raises InterestNotPosted: when the journal does not take it.
    """
    accrued = AccruedInterest.objects.filter(account=account).first()
    if accrued is None or not to_be_posted(accrued.units)[0]:
        return
    batch = _Batch(business_date, business_date, actor, now, f"{business_date:%Y%m%d}")
    if not _post({account.pk: account.currency}, batch):
        raise errors.InterestNotPosted(account=account.number)


def _due(month: date, after: UUID) -> dict[UUID, str]:
    """Return the next accounts to be paid, each with its currency."""
    with connection.cursor() as cursor:
        cursor.execute(_DUE, {"after": after, "units": UNITS, "month": month, "batch": BATCH})
        return dict(cursor.fetchall())


@transaction.atomic
def _post(due: Mapping[UUID, str], batch: _Batch) -> int:
    expense = {
        currency: chart.own_account(
            chart.INTEREST_EXPENSE, currency, business_date=batch.business_date, actor=batch.actor, now=batch.now
        ).pk
        for currency in set(due.values())
    }
    balances_for_update([*due, *expense.values()])
    locked = _locked(due)
    description = batch.description
    drafts = [_draft(one, expense[one.currency], batch, description) for one in locked]
    results = ledger.post(drafts, now=batch.now)
    posted = [item for item in zip(locked, drafts, results, strict=True) if item[2].code == "posted"]
    if posted:
        movements = [Movement(Kind.INTEREST, draft, result.entry_id or 0) for _one, draft, result in posted]
        rows = record_batch(movements, actor=batch.actor, now=batch.now)
        paid = [one for one, _draft, _result in posted]
        _write_down(paid, rows, batch)
        _carry_forward(paid)
        _tell(rows, batch)
    return len(posted)


def _locked(due: Mapping[UUID, str]) -> list[_Due]:
    """Return what is due now that nobody else can pay it: read under lock, its balances' versions too."""
    with connection.cursor() as cursor:
        cursor.execute(_LOCKED, [sql_arrays.of_words(due)])
        found = [_Due(account, int(units), version, due[account]) for account, units, version in cursor.fetchall()]
    return [one for one in found if to_be_posted(one.units)[0]]


def _draft(one: _Due, expense: UUID, batch: _Batch, description: str) -> EntryDraft:
    amount = Money(to_be_posted(one.units)[0], one.currency)
    return EntryDraft(
        postings=(PostingDraft(expense, Side.DEBIT, amount), PostingDraft(one.account_id, Side.CREDIT, amount)),
        booking_date=batch.business_date,
        value_date=batch.business_date,
        description=description,
        idempotency_key=f"int:{one.account_id.hex}:{batch.period}",
    )


def _write_down(paid: Sequence[_Due], rows: Sequence[Recorded], batch: _Batch) -> None:
    fields = ["account_id", "month", "posted_on", "accrued", "amount", "carried", "transaction_id"]
    copy_in(
        InterestPosting,
        fields,
        (
            (one.account_id, batch.month, batch.business_date, one.units, *to_be_posted(one.units), row.id)
            for one, row in zip(paid, rows, strict=True)
        ),
    )


def _carry_forward(paid: Sequence[_Due]) -> None:
    """Keep of each account what is not posted."""
    ids = sql_arrays.of_words(one.account_id for one in paid)
    carried = sql_arrays.of_words(to_be_posted(one.units)[1] for one in paid)
    versions = sql_arrays.of_words(one.version for one in paid)
    with connection.cursor() as cursor:
        cursor.execute(_PAID, [ids, carried, versions, ids])


def _tell(rows: Sequence[Recorded], batch: _Batch) -> None:
    month = f"{batch.month:%Y-%m}"
    facts = {
        "month": month,
        "transactions": len(rows),
        "first": rows[0].reference,
        "last": rows[-1].reference,
    }
    subject = audit.Subject("interest", month, month)
    audit.record(events.INTEREST_POSTED, actor=batch.actor, subject=subject, now=batch.now, detail=facts)
    outbox.announce(events.INTEREST_POSTED.name, subject_id=subject.id, payload=facts, now=batch.now)
