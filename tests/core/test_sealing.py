"""The audit trail's hash chain: whole it verifies, and whatever is done to it is found at the first bad row."""

from __future__ import annotations

import json
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from bankops.core import audit, sealing
from bankops.core.models import AuditEvent
from bankops.core.sealing import GENESIS
from bankops.core.tasks import seal_audit_trail
from tests.accounts.factories import NOW, TANG_LING
from tests.committed import at_once
from tests.unchanged import refused_by_database

KEY_TURNED = audit.event_type("tests.key.turned", "Key turned")


def record(count: int) -> list[AuditEvent]:
    subject = audit.Subject("vault", "vlt_1", "Vault 1")
    drafts = [
        audit.Draft(KEY_TURNED, TANG_LING, subject, NOW, reason=f"第{number}次", detail={"n": number, "π": "3.14"})
        for number in range(count)
    ]
    with transaction.atomic():
        return audit.record_many(drafts)


def tamper(statement: str) -> None:
    """Change the trail as somebody would who owns the database and put the triggers to sleep."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(statement)
        cursor.execute("SET LOCAL session_replication_role = DEFAULT")


def verify_audit(*arguments: str) -> tuple[int, dict[str, Any]]:
    """Return the exit status of `manage.py verify_audit --json` and what it printed."""
    printed = StringIO()
    try:
        call_command("verify_audit", "--json", *arguments, stdout=printed)
    except SystemExit as stop:
        return int(str(stop.code)), json.loads(printed.getvalue())
    return 0, json.loads(printed.getvalue())


@pytest.fixture
def chain(db: None) -> list[AuditEvent]:
    """Ten sealed events, and one waiting."""
    events = record(10)
    assert sealing.seal_pending() == 10
    record(1)
    return events


@pytest.mark.django_db
def test_an_empty_trail_is_whole() -> None:
    assert sealing.seal_pending() == 0
    assert verify_audit() == (0, {"ok": True, "sealed": 0, "unsealed": 0, "head": f"0:{'00' * 32}", "faults": []})


def test_a_trail_nobody_touched_is_whole(chain: list[AuditEvent]) -> None:
    status, answer = verify_audit()
    assert status == 0
    assert answer == {"ok": True, "sealed": 10, "unsealed": 1, "head": str(sealing.head()), "faults": []}
    assert sealing.head().position == 10
    assert AuditEvent.objects.get(position=1).previous_hash == GENESIS


def test_sealing_goes_on_where_it_stopped(chain: list[AuditEvent]) -> None:
    seal_audit_trail()
    assert sealing.head().position == 11
    assert sealing.seal_pending() == 0
    assert verify_audit()[0] == 0


@pytest.mark.django_db
def test_sealing_takes_no_more_than_its_limit() -> None:
    record(5)
    assert sealing.seal_pending(limit=3) == 3
    assert sealing.verify(now=NOW).unsealed == 2


def test_a_seal_is_set_once(chain: list[AuditEvent]) -> None:
    with refused_by_database("append_only"), connection.cursor() as cursor:
        cursor.execute("UPDATE core_auditevent SET hash = '\\x00' WHERE position = 10")


SWAP = "UPDATE core_auditevent SET position = CASE position WHEN 4 THEN -5 ELSE -4 END WHERE position IN (4, 5)"
FORGED = """INSERT INTO core_auditevent (event_type, occurred_at, actor_kind, actor_id, actor_name, subject_type,
    subject_id, subject_label, reason, changes, detail, request_id, approval_request_id, position, previous_hash, hash)
    SELECT event_type, occurred_at, actor_kind, actor_id, 'Somebody else', subject_type, subject_id, subject_label, reason,
           changes, detail, request_id, approval_request_id, 11, hash, sha256(hash) FROM core_auditevent WHERE position = 10"""


@pytest.mark.parametrize(
    ("statements", "position", "code"),
    [
        (["UPDATE core_auditevent SET reason = 'another' WHERE position = 4"], 4, "content_changed"),
        (["UPDATE core_auditevent SET actor_name = 'Somebody else' WHERE position = 1"], 1, "content_changed"),
        (["UPDATE core_auditevent SET detail = detail || '{\"n\": 99}' WHERE position = 7"], 7, "content_changed"),
        (["UPDATE core_auditevent SET id = id + 1000 WHERE position = 10"], 10, "content_changed"),
        (["DELETE FROM core_auditevent WHERE position = 4"], 5, "gap_in_chain"),
        (["DELETE FROM core_auditevent WHERE position = 1"], 2, "gap_in_chain"),
        ([SWAP, "UPDATE core_auditevent SET position = -position WHERE position < 0"], 4, "link_broken"),
        ([FORGED], 11, "content_changed"),
        (["UPDATE core_auditevent SET previous_hash = sha256(hash) WHERE position = 6"], 6, "link_broken"),
        (["UPDATE core_auditevent SET hash = sha256(hash) WHERE position = 6"], 6, "content_changed"),
    ],
)
def test_tampering_is_found_at_its_first_row(
    chain: list[AuditEvent], statements: list[str], position: int, code: str
) -> None:
    for statement in statements:
        tamper(statement)
    status, answer = verify_audit()
    assert (status, answer["ok"]) == (1, False)
    assert (answer["faults"][0]["position"], answer["faults"][0]["code"]) == (position, code)
    assert answer["faults"][0]["event_id"] == AuditEvent.objects.get(position=position).pk


def test_people_read_the_same(chain: list[AuditEvent]) -> None:
    printed = StringIO()
    call_command("verify_audit", stdout=printed)
    assert printed.getvalue().startswith("10 sealed events checked, 1 waiting for their seal.\nHead: 10:")
    assert printed.getvalue().endswith("The chain is whole.\n")
    tamper("UPDATE core_auditevent SET reason = 'another' WHERE position = 4")
    with pytest.raises(SystemExit, match="1"):
        call_command("verify_audit", stdout=(found := StringIO()))
    assert f"FAULT at position 4 (event {chain[3].pk}): content_changed" in found.getvalue()


def test_a_tail_cut_off_is_seen_by_whoever_kept_the_head(chain: list[AuditEvent]) -> None:
    kept = str(sealing.head())
    assert verify_audit("--expect-head", kept)[0] == 0
    tamper("DELETE FROM core_auditevent WHERE position > 8")
    assert verify_audit()[0] == 0  # a chain cannot show by itself that it was longer
    status, answer = verify_audit("--expect-head", kept)
    assert status == 1
    assert answer["faults"] == [{"position": 10, "event_id": None, "code": "expected_head_missing"}]


def test_a_chain_written_anew_is_seen_by_whoever_kept_the_head(chain: list[AuditEvent]) -> None:
    kept = str(sealing.head())
    tamper("UPDATE core_auditevent SET position = NULL, previous_hash = NULL, hash = NULL, reason = 'x' || reason")
    sealing.seal_pending()  # by somebody who knows the key
    assert verify_audit()[0] == 0
    status, answer = verify_audit("--expect-head", kept)
    assert (status, answer["faults"][0]["code"]) == (1, "expected_head_differs")


def test_somebody_who_does_not_know_the_key_cannot_write_a_chain(chain: list[AuditEvent], settings: Any) -> None:
    settings.BANKOPS_AUDIT_KEY = "another"
    assert verify_audit()[1]["faults"][0]["code"] == "content_changed"


def test_a_head_that_is_none_is_refused() -> None:
    for text in ("7", "seven:00", "7:xyz"):
        with pytest.raises(CommandError, match="POSITION:HASH"):
            call_command("verify_audit", "--expect-head", text)


def test_only_the_first_faults_are_listed(chain: list[AuditEvent]) -> None:
    tamper("UPDATE core_auditevent SET reason = 'another' WHERE position IS NOT NULL")
    assert len(sealing.verify(now=NOW, faults_max=3).faults) == 3


def test_sealers_at_once_make_one_chain(committed_db: None) -> None:
    record(60)
    sealed = at_once(*[lambda: sealing.seal_pending(limit=25) for _ in range(4)])
    assert not [result for result in sealed if isinstance(result, Exception)]
    while sealing.seal_pending():
        pass
    result = sealing.verify(now=NOW)
    assert (result.sealed, result.unsealed, result.faults) == (60, 0, [])


def test_an_event_that_commits_late_is_sealed_after_its_juniors(committed_db: None) -> None:
    """Ids are given when a row is written, not when it commits: the chain follows the order of sealing."""
    with transaction.atomic():
        (late,) = record(1)
        (result,) = at_once(lambda: (record(1), sealing.seal_pending()))
        assert not isinstance(result, Exception)
        ((early,), sealed) = result
        assert (late.pk < early.pk, sealed) == (True, 1)
    assert sealing.seal_pending() == 1
    assert AuditEvent.objects.get(position=2).pk == late.pk
    assert sealing.verify(now=NOW).faults == []


@pytest.mark.django_db
def test_an_event_that_waits_too_long_for_its_seal_is_a_fault() -> None:
    with transaction.atomic():
        event = audit.record(KEY_TURNED, actor=TANG_LING, subject=audit.Subject("thing", "t_1", "one"), now=NOW)
    event.refresh_from_db()
    assert sealing.verify(now=event.recorded_at + sealing.OVERDUE).faults == []
    late = sealing.verify(now=event.recorded_at + sealing.OVERDUE + timedelta(seconds=1))
    assert [(fault.event_id, fault.code) for fault in late.faults] == [(event.pk, "sealing_overdue")]
    sealing.seal_pending()
    assert sealing.verify(now=event.recorded_at + sealing.OVERDUE + timedelta(seconds=1)).faults == []
