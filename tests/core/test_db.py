"""Discipline around transactions."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from io import StringIO
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command
from django.db import OperationalError, ProgrammingError, connection, transaction
from django.db.transaction import TransactionManagementError
from django.db.utils import InternalError
from django.test.utils import CaptureQueriesContext

from bankops.core.db import (
    Asked,
    TransactionRequired,
    busy_is_an_answer,
    freeze_view,
    in_transaction,
    prepared,
    prepared_together,
    transaction_required,
)
from bankops.core.errors import Busy
from tests.committed import at_once
from tests.elsewhere import Meeting


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


def test_a_prepared_statement_reads_what_djangos_cursor_reads(committed_db: None) -> None:
    """The driver is asked directly unless somebody listens; nobody must be able to tell."""
    statement = """
        SELECT %(moment)s::timestamptz, %(key)s::uuid, %(many)s::uuid[], %(number)s::numeric, %(day)s::date, %(raw)s::bytea,
               jsonb_build_object('a', 1), %(text)s::text, NULL
    """
    asked = {
        "moment": datetime(2026, 7, 1, 9, 30, tzinfo=ZoneInfo("Asia/Shanghai")),
        "key": UUID(int=7),
        "many": [UUID(int=8)],
        "number": Decimal("1.50"),
        "day": date(2026, 7, 1),
        "raw": b"\x00\xff",
        "text": "“%”",
    }
    directly = prepared(statement, asked)
    with CaptureQueriesContext(connection) as captured:
        listened_to = prepared(statement, asked)
    assert len(captured) == 1
    assert directly == listened_to
    assert [type(value) for value in directly[0]] == [type(value) for value in listened_to[0]]
    assert directly[0][0].utcoffset() == listened_to[0][0].utcoffset()


@pytest.mark.django_db(transaction=True)
def test_a_prepared_statement_respects_a_transaction_that_is_lost() -> None:
    with transaction.atomic():
        transaction.set_rollback(True)
        with pytest.raises(TransactionManagementError):
            prepared("SELECT 1", {})
    with pytest.raises(ProgrammingError):
        prepared("SELECT nothing FROM nowhere", {})
    assert prepared("CREATE TEMP TABLE made_here (id int)", {}) == []


def test_several_statements_are_answered_in_order_and_leave_the_time_out_as_it_was(committed_db: None) -> None:
    asked = [Asked("SELECT %(n)s::int", {"n": 1}), Asked("SELECT current_setting('statement_timeout')", {})]
    with transaction.atomic():
        prepared("SET LOCAL statement_timeout = 54321", {})
        assert prepared_together(asked, milliseconds=777) == [[(1,)], [("777ms",)]]
        assert prepared("SELECT current_setting('statement_timeout')", {}) == [("54321ms",)]
        with pytest.raises(OperationalError):
            prepared_together([Asked("SELECT pg_sleep(5)", {}), *asked], milliseconds=20)
        assert prepared("SELECT current_setting('statement_timeout')", {}) == [("54321ms",)]
    assert prepared_together(asked, milliseconds=777) == [[(1,)], [("777ms",)]]
    assert prepared("SELECT current_setting('statement_timeout')", {}) != [("777ms",)]


def test_what_is_prepared_stays_prepared_behind_statements_that_are_sent_together(committed_db: None) -> None:
    """The driver ends none of what it has prepared since: it would only after a rollback."""
    connection.close()
    for _time in range(8):
        prepared("SELECT 1", {})
    prepared_together([Asked("SELECT 2", {})], milliseconds=5_000)
    for _time in range(3):
        with connection.cursor() as cursor:
            cursor.executemany("SELECT %s::int", [(1,), (2,)])  # prepared at once


def test_what_could_not_be_prepared_behind_a_statement_that_failed_is_prepared_later(committed_db: None) -> None:
    connection.close()
    with pytest.raises(OperationalError):
        prepared_together([Asked("SELECT pg_sleep(5)", {})], milliseconds=5)
    for _failure in range(3):
        for _time in range(5):  # as often as the driver waits before it prepares
            prepared("SELECT %(n)s::int + 1", {"n": 1})
        with pytest.raises(OperationalError):
            prepared_together(
                [Asked("SELECT pg_sleep(5)", {}), Asked("SELECT %(n)s::int + 1", {"n": 1})], milliseconds=5
            )
        assert prepared("SELECT %(n)s::int + 1", {"n": 1}) == [(2,)]


def test_two_who_wait_for_each_other_get_an_answer(committed_db: None) -> None:
    both = Meeting(2)

    def lock(first: int, second: int) -> str:
        with busy_is_an_answer(), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [first])
            both()
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
