"""With the last approval it is done, or it is said why not; never half, and never under other conditions than approved."""

from __future__ import annotations

from typing import Any

import pytest

from approvals import events, notice_kinds
from approvals.models import ApprovalRequest, Decision, State
from approvals.services import amend_request
from bankops.core import clock, context, operations
from bankops.core.audit import Subject
from bankops.core.errors import Busy
from bankops.core.models import AuditEvent, OutboxMessage
from bankops.core.operations import Order
from notifications.models import Notice
from staff.roles import Role
from tests.approvals.factories import (
    DOORS,
    OPEN_DOOR,
    OPENED,
    PARKED,
    RELEASED,
    Bank,
    OpenDoor,
    again,
    approve,
    approve_all,
    ask,
    assigned,
    disabled,
    endings_of,
    no_longer,
    traces_of,
    version_of,
)
from tests.approvals.raw_decisions import execute
from tests.unchanged import check_deferred


@pytest.fixture
def last(bank: Bank) -> ApprovalRequest:
    """Return a request for door 7 that only its final review is missing."""
    request = ask(bank.maker, door=7)
    approve(request)
    return again(request)


def stale_with(request: ApprovalRequest, code: str) -> None:
    """Expect a request to have been overtaken: its decision stands, nothing was done, what it reserved is free."""
    ended = again(request)
    assert (ended.state, ended.error_code) == (State.STALE, code)
    assert ended.closing_note
    assert traces_of(7) == {PARKED.name: 1, RELEASED.name: 1}
    assert endings_of(7) == ["STALE"]
    assert Decision.objects.filter(request=request).count() == 2
    event = AuditEvent.objects.get(event_type=events.WENT_STALE.name)
    assert (event.detail["error"], event.changes) == (code, {"state": ["APPROVED", "STALE"]})
    assert OutboxMessage.objects.get(topic=events.WENT_STALE.name).payload["error"] == code
    assert Notice.objects.get(kind=notice_kinds.OUTCOME).recipient == request.maker_user
    assert not OutboxMessage.objects.filter(topic=OPENED.name).exists()


# -- Stale -------------------------------------------------------------------------------------------------------------


def test_what_changed_meanwhile_is_not_done(last: ApprovalRequest) -> None:
    DOORS.locks[7] = "bolted"
    decided = approve(last)
    assert (decided.result, decided.request.state) == (None, State.STALE)
    stale_with(last, "preconditions_changed")
    assert "lock: shut → bolted" in again(last).closing_note


def test_a_maker_who_lost_the_right_no_longer_asks(bank: Bank, last: ApprovalRequest) -> None:
    no_longer(bank.maker, Role.TELLER)
    approve(last)
    stale_with(last, "maker_not_allowed")


def test_a_maker_who_left_no_longer_asks(bank: Bank, last: ApprovalRequest) -> None:
    disabled(bank.maker)
    approve(last)
    stale_with(last, "maker_not_allowed")


def test_an_operation_that_became_another_is_not_done(last: ApprovalRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(OpenDoor, "version", 2)
    approve(last)
    stale_with(last, "operation_outdated")


def test_an_operation_that_is_gone_is_not_done(last: ApprovalRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(operations._registry, OPEN_DOOR)
    approve(last)
    ended = again(last)
    assert (ended.state, ended.error_code) == (State.STALE, "unknown_operation")
    assert traces_of(7) == {PARKED.name: 1}  # whoever removes an operation has to give back what it reserved


def test_a_payload_altered_behind_the_guards_is_not_done(last: ApprovalRequest) -> None:
    """Somebody with more rights than the application switched the trigger off; the hash still tells."""
    check_deferred()
    execute("ALTER TABLE approvals_requestversion DISABLE TRIGGER version_no_change")
    execute('UPDATE approvals_requestversion SET payload = \'{"door": 999, "amount": ""}\'')
    decided = approve(last)
    assert decided.request.error_code == "payload_altered"
    assert decided.request.state == State.STALE
    assert traces_of(999)[OPENED.name] == 0


# -- Failed ------------------------------------------------------------------------------------------------------------


def test_what_the_service_refuses_fails_with_its_code(bank: Bank, last: ApprovalRequest) -> None:
    DOORS.jammed.add(7)
    decided = approve(last)
    assert decided.result is None
    failed = again(last)
    assert (failed.state, failed.error_code, failed.closing_note) == (State.FAILED, "door_jammed", "Door 7 is jammed.")
    assert failed.result_id == ""
    assert traces_of(7) == {PARKED.name: 1, RELEASED.name: 1}  # opened was written, and taken back
    assert endings_of(7) == ["FAILED"]
    assert not OutboxMessage.objects.filter(topic=OPENED.name).exists()
    assert Decision.objects.filter(request=last).count() == 2
    assert AuditEvent.objects.get(event_type=events.FAILED.name).detail["error"] == "door_jammed"
    assert Notice.objects.get(kind=notice_kinds.OUTCOME).recipient == bank.maker
    assert assigned(last) == []


def test_a_fault_nobody_expected_fails_too_and_is_logged(
    last: ApprovalRequest, caplog: pytest.LogCaptureFixture
) -> None:
    DOORS.broken.add(7)
    approve(last)
    failed = again(last)
    assert (failed.state, failed.error_code) == (State.FAILED, "unexpected_failure")
    assert "hinges" not in failed.closing_note
    assert traces_of(7) == {PARKED.name: 1, RELEASED.name: 1}
    assert [record.message for record in caplog.records if record.name == "approvals.services.execution"]


def test_what_the_database_would_refuse_only_at_commit_fails_here(
    last: ApprovalRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A deferred check that fails must not take the decision with it."""

    def leaves_a_loose_end(self: OpenDoor, payload: Any, order: Order) -> Subject:
        execute(
            "INSERT INTO notifications_notice (recipient_id, kind, severity, words, link, source, created_at)"
            " VALUES ('00000000-0000-7000-8000-000000000000', 'approvals.request.outcome', 'INFO', '{}', '', 'x', now())"
        )
        return Subject("door", "7", "Door 7")

    monkeypatch.setattr(OpenDoor, "execute", leaves_a_loose_end)
    approve(last)
    assert (again(last).state, again(last).error_code) == (State.FAILED, "unexpected_failure")
    assert Decision.objects.filter(request=last).count() == 2


def test_somebody_else_at_work_is_no_failure(last: ApprovalRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A record that is locked for too long: nothing is decided, and the request can be decided again."""

    def locked(self: OpenDoor, payload: Any) -> None:
        raise Busy

    with monkeypatch.context() as patch:
        patch.setattr(OpenDoor, "lock", locked)
        with pytest.raises(Busy):
            approve(last)
    assert (again(last).state, again(last).stage) == (State.PENDING, 2)
    assert Decision.objects.filter(request=last).count() == 1
    approve(last)
    assert again(last).state == State.EXECUTED


def test_what_cannot_be_given_back_leaves_everything_as_it_was(last: ApprovalRequest) -> None:
    """Rather undecided than decided with a door that stays reserved for ever."""
    DOORS.jammed.add(7)
    DOORS.bolted.add(7)
    with pytest.raises(RuntimeError, match="bolt"):
        approve(last)
    assert again(last).state == State.PENDING
    assert Decision.objects.filter(request=last).count() == 1
    assert traces_of(7) == {PARKED.name: 1}


def test_trying_again_is_a_new_version_and_new_decisions(bank: Bank, last: ApprovalRequest) -> None:
    DOORS.jammed.add(7)
    approve(last)
    DOORS.jammed.clear()
    amend_request(request_id=last.pk, maker=bank.maker, payload={"door": 7}, reason="oiled it", now=clock.now())
    request = again(last)
    assert (request.state, request.version, request.stage, request.error_code, request.closed_at) == (
        State.PENDING,
        2,
        1,
        "",
        None,
    )
    assert traces_of(7) == {PARKED.name: 2, RELEASED.name: 1}
    assert approve_all(request).state == State.EXECUTED
    assert Decision.objects.filter(request=last, version=2).count() == 2
    assert traces_of(7) == {PARKED.name: 2, RELEASED.name: 1, OPENED.name: 1}


# -- Whose order it is -------------------------------------------------------------------------------------------------


def test_it_is_carried_out_as_the_makers_order(bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    orders: list[tuple[str, Order, str]] = []

    def note(name: str) -> Any:
        original = getattr(OpenDoor, name)

        def noted(self: OpenDoor, payload: Any, order: Order, *rest: Any) -> Any:
            orders.append((name, order, context.approval_request_id()))
            return original(self, payload, order, *rest)

        return noted

    for name in ("park", "execute"):
        monkeypatch.setattr(OpenDoor, name, note(name))
    request = ask(bank.maker, door=7, key="k-1", reason="fire drill")
    approve_all(request)
    (parked, park, under_park), (executed, order, under) = orders
    assert (parked, executed) == ("park", "execute")
    for one in (park, order):
        assert (one.actor, one.idempotency_key, one.reason) == (bank.maker.as_actor(), "k-1", "fire drill")
        assert one.request_id == request.public_id
    assert (under_park, under) == (request.public_id, request.public_id)
    assert order.now > park.now


def test_without_a_key_of_the_makers_own_it_has_one_of_the_request(bank: Bank) -> None:
    request = ask(bank.maker, door=7)
    approve_all(request)
    assert version_of(request).number == 1
    keys = {event.detail["key"] for event in AuditEvent.objects.filter(event_type=PARKED.name)}
    assert keys == {""}


def test_whatever_breaks_after_the_execution_takes_it_back_whole(bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    """Decision, execution, notices, audit and outbox are one transaction, up to the last check before the commit."""
    request = ask(bank.maker, door=7)
    approve(request)
    by = assigned(request)[0]
    before = AuditEvent.objects.count(), OutboxMessage.objects.count(), Decision.objects.count()

    def power_cut(*_args: Any, **_fields: Any) -> None:
        assert traces_of(7)[OPENED.name] == 1
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("approvals.services.execution._check_deferred", power_cut)
        with pytest.raises(KeyboardInterrupt):
            approve(request, by)
    assert (again(request).state, again(request).stage) == (State.PENDING, 2)
    assert (AuditEvent.objects.count(), OutboxMessage.objects.count(), Decision.objects.count()) == before
    approve(request, by)
    assert traces_of(7)[OPENED.name] == 1
