"""The outbox: the message commits with the change it tells of, or neither does."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Self
from uuid import UUID

import pytest
import structlog
from django.db import IntegrityError, connection, transaction

from bankops.core import ids, outbox
from bankops.core.db import TransactionRequired
from bankops.core.models import OutboxMessage
from tests.accounts.factories import NOW
from tests.committed import wait_for_the_feed

pytestmark = pytest.mark.django_db


def announce() -> OutboxMessage:
    return outbox.announce("tests.key.turned", subject_id="vlt_1", payload={"door": 2}, now=NOW)


def test_a_message_is_written_and_waits() -> None:
    with structlog.contextvars.bound_contextvars(request_id="req-12345678"), transaction.atomic():
        announce()
    message = OutboxMessage.objects.get()
    assert (message.topic, message.subject_id, message.payload) == ("tests.key.turned", "vlt_1", {"door": 2})
    assert (message.request_id, message.announced_at, message.dispatched_at) == ("req-12345678", NOW, None)


def test_announcing_outside_a_transaction_is_refused() -> None:
    with pytest.raises(TransactionRequired):
        announce()
    assert not OutboxMessage.objects.exists()


def test_a_change_that_is_rolled_back_is_not_announced() -> None:
    with transaction.atomic():
        announce()
        transaction.set_rollback(True)
    assert not OutboxMessage.objects.exists()


# -- Whoever is told reads all of it -------------------------------------------------------------------------------------


def told(subject: str = "vlt_1", audience: str = "ptn_1") -> OutboxMessage:
    return outbox.announce("tests.key.turned", subject_id=subject, payload={}, now=NOW, audience=audience)


def test_what_is_for_nobody_is_told_to_nobody() -> None:
    with transaction.atomic():
        announce()
    assert outbox.events_for("") == []
    OutboxMessage.objects.update(xid=0)
    assert outbox.events_for("") == []
    key = OutboxMessage.objects.get().event_id
    assert outbox.event_for("", ids.encode(OutboxMessage.ID_PREFIX, key)) is None


def test_outbox_event_once() -> None:
    with transaction.atomic():
        one, other = told(), told()
    OutboxMessage.objects.filter(pk=one.pk).update(event_id=UUID(int=1))
    with pytest.raises(IntegrityError, match="outbox_event_once"), transaction.atomic():
        OutboxMessage.objects.filter(pk=other.pk).update(event_id=UUID(int=1))


class Late:
    """A connection of its own whose transaction draws its key early, and commits when it is told to."""

    def __init__(self, subject: str) -> None:
        self._go_on = threading.Event()
        self._written = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(subject,))

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._written.wait(60)
        return self

    def commit(self) -> None:
        self._go_on.set()
        self._thread.join(60)

    def __exit__(self, *_error: object) -> None:
        self.commit()

    def _run(self, subject: str) -> None:
        try:
            with transaction.atomic():
                told(subject)
                self._written.set()
                self._go_on.wait(60)
        finally:
            connection.close()


def read_on(seen: list[outbox.Event]) -> None:
    seen += outbox.events_for("ptn_1", after=seen[-1] if seen else None)


@pytest.mark.usefixtures("committed_db")
def test_what_commits_late_is_not_skipped() -> None:
    seen: list[outbox.Event] = []
    with Late("late") as late:
        with transaction.atomic():
            told("quick")
        read_on(seen)
        assert seen == []  # the quick one waits for whatever could come before it
        late.commit()
        wait_for_the_feed()
        read_on(seen)
    assert [event.subject_id for event in seen] == ["late", "quick"]
    read_on(seen)
    assert len(seen) == 2


@pytest.mark.usefixtures("committed_db")
def test_twin_that_reads_by_key_alone_skips_it(monkeypatch: pytest.MonkeyPatch) -> None:
    waiting = "AND m.xid < pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
    assert outbox._FEED.count(waiting) == 1
    monkeypatch.setattr(outbox, "_FEED", outbox._FEED.replace(waiting, ""))
    seen: list[outbox.Event] = []
    with Late("late") as late:
        with transaction.atomic():
            told("quick")
        read_on(seen)
        late.commit()
        read_on(seen)
    assert [event.subject_id for event in seen] == ["quick"]


@pytest.mark.usefixtures("committed_db")
def test_the_sequence_tells_the_order_in_which_it_happened() -> None:
    """The transaction that began first did its part last: the feed shows it first, and its number says otherwise."""
    with connection.cursor() as cursor, transaction.atomic():
        cursor.execute("SELECT pg_current_xact_id()")  # it has written something, of another record
        with ThreadPoolExecutor(1) as elsewhere:
            elsewhere.submit(_tell_in_between).result(timeout=60)
        told("vlt_1")
    seen: list[outbox.Event] = []
    wait_for_the_feed()
    read_on(seen)
    assert [(event.subject_id, event.sequence) for event in seen] == [("vlt_1", 2), ("vlt_1", 1)]
    assert outbox.event_for("ptn_1", seen[-1].public_id) == seen[-1]


def _tell_in_between() -> None:
    try:
        with transaction.atomic():
            told("vlt_1")
    finally:
        connection.close()
