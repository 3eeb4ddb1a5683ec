"""The only writer of turnover by day."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db import connection, transaction

from transactions.models import DayTurnover, RolledUp

ACCOUNTS_AT_ONCE = 10_000
_BEFORE_ALL = UUID(int=0)
_SQL = "SELECT accounts, postings, last_account FROM turnover_roll_up(%s, %s)"


@dataclass(frozen=True, slots=True)
class RolledUpNow:
    """How much a run added up: accounts with new postings, and those postings."""

    accounts: int
    postings: int


def roll_up_turnover(*, accounts_at_once: int = ACCOUNTS_AT_ONCE) -> RolledUpNow:
    """Add up what was posted since the last run, by account and booking date. A second run adds nothing.

    Each portion of accounts is a transaction of its own, under an advisory lock: runs at the same time wait for each other.
    Writes no event: nothing the bank says changes by it.
    """
    accounts, postings, after = 0, 0, _BEFORE_ALL
    while True:
        done = _next(after, accounts_at_once)
        accounts, postings = accounts + done[0], postings + done[1]
        if done[0] < accounts_at_once:
            return RolledUpNow(accounts, postings)
        after = done[2]


def roll_up_turnover_afresh(*, accounts_at_once: int = ACCOUNTS_AT_ONCE) -> RolledUpNow:
    """Forget what was added up and add up the whole history, in one transaction. Readers see the old sums until then."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext('turnover_roll_up'))")
        RolledUp.objects.all().delete()
        DayTurnover.objects.all().delete()
        return roll_up_turnover(accounts_at_once=accounts_at_once)


@transaction.atomic
def _next(after: UUID, accounts_at_once: int) -> tuple[int, int, UUID]:
    with connection.cursor() as cursor:
        cursor.execute(_SQL, [after, accounts_at_once])
        accounts, postings, last = cursor.fetchone()
    return accounts, postings, last
