"""The posting function with a gate in the middle of it, with and without its lock: a race that always happens.

The gate comes after the balances are read and before anything is written. With the lock the second caller waits in front
of it; without, both have read the same balance when they write. It opens when both wait.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

import pytest
from django.db import connection

from accounts.models import Balance
from tests.elsewhere import Gate, gate
from transactions import ledger, migrations
from transactions.services import movements

_SOURCE = (Path(next(iter(migrations.__path__))) / "ledger_post.sql").read_text()
_LOCK = "    PERFORM 1 FROM accounts_balance b WHERE b.account_id = ANY (p_accounts) ORDER BY b.account_id FOR NO KEY UPDATE;\n"
_AFTER_READING = "    -- 3. What was posted under these keys already is not posted again.\n"
_GUARDED = ("transactions_posting", "accounts_balance", "transactions_journalentry")


@contextmanager
def twin_of_ledger_post(monkeypatch: pytest.MonkeyPatch, *, locked: bool) -> Iterator[None]:
    """Make the product post through a copy of the function that waits for another, and that locks only if told so."""
    assert (_SOURCE.count(_LOCK), _SOURCE.count(_AFTER_READING)) == (1, 1)
    twin = _SOURCE.replace("CREATE FUNCTION ledger_post(", "CREATE FUNCTION ledger_post_twin(")
    twin = twin.replace(_AFTER_READING, f"    PERFORM {Gate.sql};\n")
    execute(twin if locked else twin.replace(_LOCK, ""))
    try:
        with gate(waiting=2), monkeypatch.context() as patch:
            patch.setattr(ledger, "_SQL", ledger._SQL.replace("ledger_post(", "ledger_post_twin("))
            if not locked:
                patch.setattr(movements, "accounts_for_update", unlocked)
            yield
    finally:
        execute("DROP FUNCTION ledger_post_twin")


@contextmanager
def guards_asleep() -> Iterator[None]:
    """Switch off the triggers and the one unique constraint that would notice two postings on one balance."""
    for table in _GUARDED:
        execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    execute("ALTER TABLE transactions_posting DROP CONSTRAINT posting_version_once")
    try:
        yield
    finally:
        execute("SET session_replication_role = replica")
        execute("DELETE FROM transactions_posting")  # the test is over, and its wrong rows would be in the way
        execute("SET session_replication_role = DEFAULT")
        execute("ALTER TABLE transactions_posting ADD CONSTRAINT posting_version_once UNIQUE (account_id, version)")
        for table in _GUARDED:
            execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def unlocked(accounts: Iterable[UUID]) -> list[Balance]:
    """Read balances as `accounts_for_update` does, and lock none."""
    return list(Balance.objects.filter(account_id__in=list(accounts)).select_related("account__customer"))


def execute(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)
