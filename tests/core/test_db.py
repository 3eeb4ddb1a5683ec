"""Discipline around transactions."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import call_command
from django.db import OperationalError, connection, transaction
from django.db.utils import InternalError

from bankops.core.db import TransactionRequired, busy_is_an_answer, freeze_view, in_transaction, transaction_required
from bankops.core.errors import Busy
from tests.committed import at_once


@transaction_required
def write_something() -> str:
    return "written"


@pytest.mark.django_db
def test_part_of_a_change_is_refused_outside_a_transaction() -> None:
    assert not in_transaction()  # the test case's own does not count
    with pytest.raises(TransactionRequired, match="write_something"):
        write_something()
    with transaction.atomic():
        assert write_something() == "written"


def test_a_frozen_view_reads_one_moment_and_writes_nothing(committed_db: None) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        freeze_view()
        cursor.execute("SHOW transaction_isolation")
        assert cursor.fetchone() == ("repeatable read",)
        with pytest.raises(InternalError, match="read-only"):
            cursor.execute("SELECT nextval('transactions_reference_seq')")
        transaction.set_rollback(True)


def test_two_who_wait_for_each_other_get_an_answer(committed_db: None) -> None:
    def lock(first: int, second: int) -> str:
        with busy_is_an_answer(), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s), pg_sleep(0.3)", [first])
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [second])
            return "done"

    results = at_once(lambda: lock(1, 2), lambda: lock(2, 1))
    assert sorted(type(result).__name__ for result in results) == ["Busy", "str"]


@pytest.mark.django_db
def test_a_lock_that_is_not_to_be_had_in_time_is_an_answer_and_other_faults_stay_faults() -> None:
    def fail(sqlstate: str) -> None:
        with busy_is_an_answer(), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '{sqlstate}'; END $$")

    with pytest.raises(Busy):
        fail("55P03")
    with pytest.raises(OperationalError):
        fail("53100")  # disk full


@pytest.mark.django_db
def test_sqlmigrate_shows_a_sql_file_and_does_not_run_it() -> None:
    shown = StringIO()
    call_command("sqlmigrate", "core", "0002", stdout=shown)
    assert "CREATE FUNCTION core_refuse_change()" in shown.getvalue()
