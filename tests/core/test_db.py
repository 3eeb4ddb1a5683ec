"""Discipline around transactions."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from io import StringIO
from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command
from django.db import OperationalError, connection, transaction
from django.db.utils import InternalError
from pytest_django import DjangoAssertNumQueries

from bankops.core.db import (
    TransactionRequired,
    busy_is_an_answer,
    freeze_view,
    in_transaction,
    insert_in_order,
    transaction_required,
)
from bankops.core.errors import Busy
from bankops.core.models import AuditEvent, OutboxMessage
from tests.committed import at_once

SUMMER = datetime(2026, 7, 1, 9, 30, 15, 123456, tzinfo=ZoneInfo("Asia/Shanghai"))


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


def told(topic: str, payload: dict[str, object]) -> OutboxMessage:
    return OutboxMessage(topic=topic, subject_id=f"subject of {topic}", payload=payload, announced_at=SUMMER)


@pytest.mark.django_db
def test_rows_are_written_in_order_with_their_values_and_get_their_keys(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    payloads: list[dict[str, object]] = [{"b": [1, None, True], "ä": {"quote'": '"\\'}}, {}, {"amount": 2**53 + 1}]
    rows = [told(topic, payload) for topic, payload in zip(("c", "a", "b"), payloads, strict=True)]
    rows[1].dispatched_at = SUMMER.astimezone(UTC) + timedelta(microseconds=1)
    with transaction.atomic(), django_assert_num_queries(1):
        insert_in_order(rows)
    kept = list(OutboxMessage.objects.order_by("pk"))
    assert [row.pk for row in rows] == [row.pk for row in kept]
    assert not any(row._state.adding for row in rows)
    assert [(row.topic, row.subject_id) for row in kept] == [(one, f"subject of {one}") for one in "cab"]
    assert [row.payload for row in kept] == payloads
    assert {row.announced_at for row in kept} == {SUMMER}
    assert [row.dispatched_at for row in kept] == [None, SUMMER + timedelta(microseconds=1), None]


@pytest.mark.django_db
def test_the_database_fills_in_its_own_defaults_whatever_a_row_says() -> None:
    event = AuditEvent(event_type="core.test.written", occurred_at=SUMMER, recorded_at=SUMMER, hash=b"x")
    with transaction.atomic():
        insert_in_order([event])
    kept = AuditEvent.objects.get(pk=event.pk)
    assert (kept.occurred_at, kept.hash, kept.reason) == (SUMMER, None, "")
    assert kept.recorded_at != SUMMER


@pytest.mark.django_db
def test_rows_are_not_written_outside_a_transaction() -> None:
    with pytest.raises(TransactionRequired, match="insert_in_order"):
        insert_in_order([told("a", {})])
    assert not OutboxMessage.objects.exists()


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
