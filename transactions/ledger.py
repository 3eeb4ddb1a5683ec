"""The one posting path. Everything that moves money ends here, and nothing else writes the journal or a balance.

`post` takes 1 to 10,000 journal entries and answers each with a result; it is one round trip to the SQL function
`ledger_post`, which locks the accounts' balances in account order, checks, and writes set by set. A single transfer is a
batch of one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from uuid import UUID

import psycopg
from django.db import DEFAULT_DB_ALIAS, connections, transaction

from bankops.core import sql_arrays
from bankops.core.db import busy_is_an_answer
from bankops.core.money import Money
from transactions import errors
from transactions.models import Side

BATCH_MAX = 10_000
POSTINGS_MAX = 10_000  # of one entry


@dataclass(frozen=True, slots=True)
class PostingDraft:
    """One line to be: debit or credit `account_id` by `amount`, which is positive."""

    account_id: UUID
    side: Side
    amount: Money


@dataclass(frozen=True)
class EntryDraft:
    """One journal entry to be.

    Attributes:
        postings: in the order they are shown; for every currency the debits equal the credits.
        idempotency_key: an entry with this key and the same content is written once; None when it cannot repeat.
        reverses_id: the entry this one mirrors.
        enforce_limits: False for what has happened already (a taken-over bank's history, the bank's own charges), which
            the available balance cannot refuse any more. Status, restriction and currency are always enforced.

    """

    postings: Sequence[PostingDraft]
    booking_date: date
    value_date: date
    description: str
    idempotency_key: str | None = None
    reverses_id: int | None = None
    enforce_limits: bool = True

    @cached_property
    def fingerprint(self) -> bytes:
        """The SHA-256 of what is asked for: what must be the same when the key is. The transaction keeps it, too."""
        lines = [
            f"{line.account_id.int:x} {line.side.value} {line.amount.minor} {line.amount.currency}"
            for line in self.postings
        ]
        content = f"{lines} {self.booking_date} {self.value_date} {self.reverses_id} {self.enforce_limits}"
        return hashlib.sha256(content.encode()).digest()


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one draft.

    Attributes:
        code: `posted`; `exists` when an equal entry has this idempotency key already; else why it was refused.
        entry_id: the journal entry, for `posted` and `exists`.
        account_id: the account that caused a refusal, where one did.

    """

    code: str
    entry_id: int | None
    account_id: UUID | None

    @property
    def stands(self) -> bool:
        """Whether the journal holds the entry now."""
        return self.code in ("posted", "exists")


def post(drafts: Sequence[EntryDraft], *, now: datetime) -> list[Result]:
    """Post a batch in order and return one result per draft, in the same order.

    Each entry is posted wholly or not at all, on the balances as the entries before it left them; a refused one does not
    disturb the others. The balances stay locked, in account order, until the surrounding transaction ends; without one
    the batch is a transaction of its own.

    :param now: aware; kept as the posting time.
    :raises BatchTooLarge: for more than 10,000 drafts.
    :raises EntryTooLarge: for a draft of more than 10,000 postings.
    :raises IdempotencyConflict: when another process is posting the same key at this moment.
    :raises Busy: when PostgreSQL gave up waiting for an account.
    """
    if len(drafts) > BATCH_MAX:
        raise errors.BatchTooLarge(limit=BATCH_MAX, count=len(drafts))
    postings = max((len(draft.postings) for draft in drafts), default=0)
    if postings > POSTINGS_MAX:
        raise errors.EntryTooLarge(limit=POSTINGS_MAX, count=postings)
    runs = list(_without_repeats(drafts))
    with _one_transaction(len(runs)), busy_is_an_answer():
        return [result for run in runs for result in _call(run, now)]


def post_one(draft: EntryDraft, *, now: datetime) -> int:
    """Post one entry and return its id, which is an earlier one's when the idempotency key says so.

    :raises PostingRefused: the subclass for the reason; nothing was written.
    """
    (result,) = post([draft], now=now)
    if not result.stands:
        raise errors.refusal(result.code)(account=result.account_id or "")
    assert result.entry_id is not None
    return result.entry_id


def _one_transaction(calls: int) -> AbstractContextManager[object]:
    return nullcontext() if calls <= 1 else transaction.atomic(savepoint=False)


def _without_repeats(drafts: Sequence[EntryDraft]) -> Iterator[list[EntryDraft]]:
    """Cut the batch where a key or a reversed entry comes again, so that each call sees the earlier one as written."""
    run: list[EntryDraft] = []
    keys: set[str] = set()
    reversed_ids: set[int] = set()
    for draft in drafts:
        if draft.idempotency_key in keys or draft.reverses_id in reversed_ids:
            yield run
            run, keys, reversed_ids = [], set(), set()
        run.append(draft)
        if draft.idempotency_key is not None:
            keys.add(draft.idempotency_key)
        if draft.reverses_id is not None:
            reversed_ids.add(draft.reverses_id)
    if run:
        yield run


_SQL = """
SELECT code, entry_id, account_id FROM ledger_post(%s,
    %s::text[], %s::bytea[], %s::text[], %s::boolean[], %s::date[], %s::date[], %s::bigint[], %s::int[], %s::smallint[],
    %s::uuid[], %s::int[], %s::boolean[], %s::bigint[], %s::text[])
"""


def _call(drafts: Sequence[EntryDraft], now: datetime) -> list[Result]:
    current = connections[DEFAULT_DB_ALIAS]
    current.ensure_connection()
    with current.wrap_database_errors, psycopg.Cursor(current.connection) as cursor:
        # The driver's own cursor: unlike Django's it can prepare the call, which is the same every time.
        try:
            cursor.execute(_SQL, _parameters(drafts, now), prepare=True)
        except psycopg.errors.UniqueViolation as error:
            if error.diag.constraint_name == "entry_key_once":
                raise errors.IdempotencyConflict from error
            raise
        return [Result(*row) for row in cursor.fetchall()]


def _parameters(drafts: Sequence[EntryDraft], now: datetime) -> list[object]:
    lines = [line for draft in drafts for line in draft.postings]
    # As numbers: they sort as PostgreSQL sorts UUIDs, and much faster than Python's do.
    line_accounts = [line.account_id.int for line in lines]
    accounts = sorted(set(line_accounts))
    index = {account: place for place, account in enumerate(accounts, start=1)}
    firsts, first = [], 1
    for draft in drafts:
        firsts.append(first)
        first += len(draft.postings)
    return [
        now,
        sql_arrays.of_texts(draft.idempotency_key for draft in drafts),
        sql_arrays.of_bytes(draft.fingerprint if draft.idempotency_key else b"" for draft in drafts),
        sql_arrays.of_texts(draft.description for draft in drafts),
        sql_arrays.of_flags(draft.enforce_limits for draft in drafts),
        sql_arrays.of_words(draft.booking_date for draft in drafts),
        sql_arrays.of_words(draft.value_date for draft in drafts),
        sql_arrays.of_words(draft.reverses_id for draft in drafts),
        sql_arrays.of_words(firsts),
        sql_arrays.of_words(len(draft.postings) for draft in drafts),
        sql_arrays.of_words(f"{account:032x}" for account in accounts),
        sql_arrays.of_words(index[account] for account in line_accounts),
        sql_arrays.of_flags(line.side == Side.DEBIT for line in lines),
        sql_arrays.of_words(line.amount.minor for line in lines),
        sql_arrays.of_words(line.amount.currency for line in lines),
    ]
