"""Every function of ours in the database is tied to its schema: no temporary table can stand in for a real one."""

from __future__ import annotations

from importlib import import_module

import pytest
from django.db import connection
from django.db.migrations import RunSQL

pytestmark = pytest.mark.django_db


def tied_functions() -> dict[str, bool]:
    """Return our functions, and whether each is tied to its schema."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT p.proname, coalesce(array_to_string(p.proconfig, ' '), '') LIKE '%search_path=%pg_temp%'"
            " FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname = current_schema()"
        )
        return dict(cursor.fetchall())


def test_every_function_is_tied_to_its_schema() -> None:
    tied = tied_functions()
    assert len(tied) > 30
    assert [name for name, is_tied in tied.items() if not is_tied] == []


def test_they_stay_tied_when_the_last_step_is_taken_back() -> None:
    before = set(tied_functions())
    step = import_module("transactions.migrations.0015_rows_known").Migration
    with connection.cursor() as cursor:
        for operation in reversed([one for one in step.operations if isinstance(one, RunSQL)]):
            for statement in filter(None, operation.reverse_sql or ()):
                cursor.execute(str(statement))
    tied = tied_functions()
    assert before - set(tied) == {"transactions_events_known", "transactions_transactions_known"}
    assert [name for name, is_tied in tied.items() if not is_tied] == []
