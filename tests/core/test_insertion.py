"""New rows by one statement, whatever the tables; and how those written together wait for each other."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from pytest_django import DjangoAssertNumQueries

from bankops.core import audit, ids
from bankops.core.actor import Actor
from bankops.core.db import TransactionRequired
from bankops.core.insertion import insert_in_order
from bankops.core.models import AuditEvent, OutboxMessage
from bankops.core.outbox import announce
from bankops.core.together import write, written_together
from staff.models import Branch

pytestmark = pytest.mark.django_db

SUMMER = datetime(2026, 7, 1, 9, 30, 15, 123456, tzinfo=ZoneInfo("Asia/Shanghai"))
WRITTEN = audit.event_type("core.test.written", "Written")


def told(topic: str, payload: dict[str, object] | None = None) -> OutboxMessage:
    return OutboxMessage(topic=topic, subject_id=f"subject of {topic}", payload=payload or {}, announced_at=SUMMER)


def record(reason: str) -> AuditEvent:
    return audit.record(
        WRITTEN, actor=Actor.system("test"), subject=audit.Subject("test", "t", "t"), now=SUMMER, reason=reason
    )


def branch(code: str) -> Branch:
    return Branch(id=ids.uuid7(), code=code, name=f"“{code}”, 's", city="", region="", is_open=True, created_at=SUMMER)


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


def test_rows_of_several_tables_are_one_statement(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    first, second = branch("F01"), branch("F02")
    rows = [told("a"), first, told("b"), second]
    with transaction.atomic(), django_assert_num_queries(1):
        insert_in_order(rows)
    assert [row.pk for row in rows if isinstance(row, OutboxMessage)] == list(
        OutboxMessage.objects.order_by("pk").values_list("pk", flat=True)
    )
    kept = Branch.objects.in_bulk([first.pk, second.pk])
    assert {row.pk: (row.code, row.name, row.created_at, row.is_open) for row in kept.values()} == {
        row.pk: (row.code, row.name, SUMMER, True) for row in (first, second)
    }


def test_the_database_fills_in_its_own_defaults_whatever_a_row_says() -> None:
    event = AuditEvent(event_type="core.test.written", occurred_at=SUMMER, recorded_at=SUMMER, hash=b"x")
    with transaction.atomic():
        insert_in_order([event])
    kept = AuditEvent.objects.get(pk=event.pk)
    assert (kept.occurred_at, kept.hash, kept.reason) == (SUMMER, None, "")
    assert kept.recorded_at != SUMMER


def test_rows_are_not_written_outside_a_transaction() -> None:
    with pytest.raises(TransactionRequired, match="insert_in_order"):
        insert_in_order([told("a")])
    assert not OutboxMessage.objects.exists()


def test_what_tells_waits_for_the_outer_block_and_other_rows_do_not(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    made = branch("F03")
    with transaction.atomic(), written_together():
        record("first")
        with written_together():
            write([made])
            record("second")
            announce("test.effect", subject_id="t", payload={}, now=SUMMER)
            assert not Branch.objects.filter(pk=made.pk).exists()
        assert Branch.objects.filter(pk=made.pk).exists()
        assert not AuditEvent.objects.filter(event_type=WRITTEN.name).exists()
        record("third")
    kept = AuditEvent.objects.filter(event_type=WRITTEN.name).order_by("pk")
    assert [event.reason for event in kept] == ["first", "second", "third"]
    assert OutboxMessage.objects.filter(topic="test.effect").count() == 1


@transaction.atomic
@written_together()
def write_and_fail() -> None:
    write([branch("F04")])
    record("lost")
    raise ZeroDivisionError


def test_a_block_that_fails_leaves_nothing_and_spoils_nothing() -> None:
    with transaction.atomic(), written_together():
        record("kept")
        with pytest.raises(ZeroDivisionError):
            write_and_fail()
    assert [event.reason for event in AuditEvent.objects.filter(event_type=WRITTEN.name)] == ["kept"]
    assert not Branch.objects.filter(code="F04").exists()
