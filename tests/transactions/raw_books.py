"""Writing the journal by straight SQL, as somebody would who goes around the product.

`write_entry` does everything right; a test does one thing wrong and sees who notices.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from django.db import connection

from accounts.models import Account, Balance, Category
from bankops.core.money import Money
from tests.accounts.factories import NOW, TODAY
from transactions.ledger import PostingDraft
from transactions.models import Side


@dataclass(frozen=True)
class Line:
    """One row of the postings' table."""

    entry_id: int
    line: int
    account_id: UUID
    side: str
    amount: int
    currency: str
    balance_after: int
    version: int


def execute(statement: str, *values: Any) -> list[tuple[Any, ...]]:
    """Run one statement and return its rows, if it gives any."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values or None)
        return cursor.fetchall() if cursor.description else []


def insert_entry(**fields: Any) -> int:
    """Insert a journal entry of this very transaction and return its id."""
    usual = {
        "fingerprint": b"",
        "description": "by hand",
        "limits_enforced": True,
        "posting_count": 2,
        "booking_date": TODAY,
        "value_date": TODAY,
        "posted_at": NOW,
    }
    values = usual | fields
    columns = ", ".join(["posted_xid", *values] if "posted_xid" not in values else values)
    marks = ", ".join(["%s"] * len(values))
    xid = "" if "posted_xid" in values else "pg_current_xact_id()::text::bigint, "
    ((entry_id,),) = execute(
        f"INSERT INTO transactions_journalentry ({columns}) VALUES ({xid}{marks}) RETURNING id", *values.values()
    )
    return int(entry_id)


def lines_of(entry_id: int, drafts: Sequence[PostingDraft], *, first: int = 1) -> list[Line]:
    """Return the rows that continue the accounts' balances as they should be."""
    state: dict[UUID, tuple[int, int]] = {}
    rows = []
    for number, draft in enumerate(drafts, start=first):
        ledger, version = state.get(draft.account_id) or _balance(draft.account_id)
        delta = draft.amount.minor if draft.side == _normal_side(draft.account_id) else -draft.amount.minor
        state[draft.account_id] = ledger + delta, version + 1
        rows.append(
            Line(
                entry_id,
                number,
                draft.account_id,
                str(draft.side),
                draft.amount.minor,
                draft.amount.currency,
                ledger + delta,
                version + 1,
            )
        )
    return rows


def _balance(account_id: UUID) -> tuple[int, int]:
    return Balance.objects.filter(pk=account_id).values_list("ledger", "version").first() or (0, 0)


def _normal_side(account_id: UUID) -> str:
    account = Account.objects.filter(pk=account_id).first()
    return Category(account.category).normal_side if account else Side.CREDIT


def insert_postings(lines: Sequence[Line]) -> None:
    """Insert postings in one statement."""
    columns = list(Line.__dataclass_fields__)
    row = f"({', '.join(['%s'] * len(columns))})"
    execute(
        f"INSERT INTO transactions_posting ({', '.join(columns)}) VALUES {', '.join([row] * len(lines))}",
        *(getattr(line, column) for line in lines for column in columns),
    )


def update_balances(lines: Sequence[Line]) -> None:
    """Bring every balance to what its last line says."""
    for line in {line.account_id: line for line in lines}.values():
        execute(
            "UPDATE accounts_balance SET ledger = %s, version = %s WHERE account_id = %s",
            line.balance_after,
            line.version,
            line.account_id,
        )


def write_entry(*drafts: PostingDraft, **fields: Any) -> int:
    """Write an entry with its postings and balances, as the posting function would, without its checks."""
    entry_id = insert_entry(**{"posting_count": len(drafts)} | fields)
    lines = lines_of(entry_id, drafts)
    insert_postings(lines)
    update_balances(lines)
    return entry_id


def altered(lines: Sequence[Line], at: int, **changes: Any) -> list[Line]:
    """Return the lines with one of them changed."""
    return [replace(line, **changes) if index == at else line for index, line in enumerate(lines)]


def call_ledger_post(*drafts: PostingDraft, key: str | None = None, reverses: int | None = None) -> tuple[Any, ...]:
    """Call the posting function in SQL for one entry; return its answer: code, entry id, account id."""
    accounts = list(dict.fromkeys(draft.account_id for draft in drafts))
    (answer,) = execute(
        "SELECT * FROM ledger_post(%s, %s::text[], %s::bytea[], '{by hand}', '{t}', %s::date[], %s::date[], %s::bigint[],"
        " '{1}', %s::smallint[], %s::uuid[], %s::int[], %s::boolean[], %s::bigint[], %s::text[])",
        NOW,
        [key],
        [b"content"],
        [TODAY],
        [TODAY],
        [reverses],
        [len(drafts)],
        accounts,
        [accounts.index(draft.account_id) + 1 for draft in drafts],
        [draft.side == Side.DEBIT for draft in drafts],
        [draft.amount.minor for draft in drafts],
        [draft.amount.currency for draft in drafts],
    )
    return answer


def cny(minor: int) -> Money:
    """Return an amount in fen."""
    return Money(minor, "CNY")
