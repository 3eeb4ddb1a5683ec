"""The audit trail: no row, no action; and no row ever changes."""

from __future__ import annotations

import pytest
import structlog
from django.db import connection, transaction

from bankops.core import audit
from bankops.core.db import TransactionRequired
from bankops.core.errors import UnstorableText
from bankops.core.models import AuditEvent
from bankops.core.selectors import timeline
from tests.accounts.factories import NOW, TANG_LING
from tests.unchanged import refused_by_database

KEY_TURNED = audit.event_type("tests.key.turned", "Key turned")
VAULT = audit.Subject("vault", "vlt_1", "Vault 1")

pytestmark = pytest.mark.django_db


def record(**fields: object) -> AuditEvent:
    with transaction.atomic():
        return audit.record(KEY_TURNED, **{"actor": TANG_LING, "subject": VAULT, "now": NOW} | fields)


def test_an_event_says_who_did_what_to_which_record_when_and_why() -> None:
    with structlog.contextvars.bound_contextvars(request_id="req-12345678"):
        event = record(reason="opening hour", changes={"open": (False, True)}, detail={"door": 2})
    event.refresh_from_db()
    assert (event.event_type, event.occurred_at, event.reason) == ("tests.key.turned", NOW, "opening hour")
    assert (event.actor_kind, event.actor_id, event.actor_name) == ("staff", "usr_tang", "Tang Ling")
    assert (event.subject_type, event.subject_id, event.subject_label) == ("vault", "vlt_1", "Vault 1")
    assert (event.changes, event.detail, event.request_id) == ({"open": [False, True]}, {"door": 2}, "req-12345678")
    assert event.hash is None


def test_the_timeline_shows_the_newest_first_with_its_changes_spelled_out() -> None:
    record(changes={"open": (False, True)})
    record(changes={"open": (True, False)})
    newest, oldest = timeline("vault", "vlt_1")
    assert (newest.label, newest.changes[0].field, newest.changes[0].before) == ("Key turned", "open", True)
    assert oldest.changes[0].after is True
    assert len(timeline("vault", "vlt_1", limit=1)) == 1


def test_recording_outside_a_transaction_is_refused() -> None:
    with pytest.raises(TransactionRequired):
        audit.record(KEY_TURNED, actor=TANG_LING, subject=VAULT, now=NOW)
    assert not AuditEvent.objects.exists()


def test_a_reason_that_cannot_be_kept_is_refused() -> None:
    with pytest.raises(UnstorableText, match=r"U\+0000"):
        record(reason="because\x00")
    assert not AuditEvent.objects.exists()


def test_an_event_type_has_a_name_of_three_words_and_is_declared_once() -> None:
    with pytest.raises(ValueError, match=r"not of the form app\.noun\.verb"):
        audit.event_type("turned", "Key turned")
    assert audit.event_type("tests.key.turned", "Another label") is KEY_TURNED
    assert audit.declared_event_types()["tests.key.turned"] is KEY_TURNED
    assert audit.label_of("tests.key.forgotten") == "tests.key.forgotten"


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE core_auditevent SET reason = 'another'",
        "UPDATE core_auditevent SET occurred_at = occurred_at + interval '1 hour'",
        "UPDATE core_auditevent SET id = id + 1000",
        "DELETE FROM core_auditevent",
        "TRUNCATE core_auditevent",
        # a seal may be set once, whole, and with nothing else
        "UPDATE core_auditevent SET position = 1, previous_hash = '\\x00', hash = '\\x00', reason = 'another'",
    ],
)
def test_the_database_refuses_every_change(statement: str) -> None:
    record()
    with refused_by_database("append_only"), connection.cursor() as cursor:
        cursor.execute(statement)


def test_half_a_seal_is_refused() -> None:
    record()
    with refused_by_database("audit_seal_whole"), connection.cursor() as cursor:
        cursor.execute("UPDATE core_auditevent SET position = 1")


def test_two_rows_cannot_stand_at_one_position() -> None:
    record()
    record()
    with refused_by_database("audit_position_once"), connection.cursor() as cursor:
        cursor.execute("UPDATE core_auditevent SET position = 1, previous_hash = '\\x00', hash = '\\x00'")
