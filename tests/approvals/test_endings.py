"""How requests end without being carried out: withdrawn, returned and amended, expired."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from approvals import events, notice_kinds
from approvals.models import ApprovalRequest, Decision, RequestVersion, State, Verdict
from approvals.services import amend_request, expire_due, withdraw_request
from approvals.services.endings import EXPIRY
from bankops.core import clock
from bankops.core.models import AuditEvent, OutboxMessage
from notifications.models import Notice
from staff.roles import Role
from tests.approvals.factories import (
    DOORS,
    OPENED,
    PARKED,
    RELEASED,
    Bank,
    again,
    approve,
    approve_all,
    ask,
    assigned,
    disabled,
    endings_of,
    no_longer,
    policy,
    reject,
    say,
    send_back,
    stage,
    submit,
    traces_of,
    version_of,
)
from tests.unchanged import nothing_changes, refused

LONG_AGO = timedelta(hours=25)


def amend(request: ApprovalRequest, maker: Any, *, door: int = 1, amount: str = "", reason: str = "better so") -> Any:
    return amend_request(
        request_id=request.pk,
        maker=maker,
        payload={"door": door, "amount": amount},
        reason=reason,
        now=clock.now(),
    )


# -- Withdrawn ---------------------------------------------------------------------------------------------------------


def withdraw(request: ApprovalRequest, maker: Any, reason: str = "not needed") -> ApprovalRequest:
    return withdraw_request(request_id=request.pk, maker=maker, reason=reason, now=clock.now())


@pytest.mark.parametrize("progress", ["fresh", "first review done", "returned"])
def test_the_maker_takes_it_back(bank: Bank, progress: str) -> None:
    request = ask(bank.maker, door=7)
    if progress != "fresh":
        (send_back if progress == "returned" else approve)(request)
    withdraw(request, bank.maker)
    ended = again(request)
    assert (ended.state, ended.closing_note) == (State.WITHDRAWN, "not needed")
    assert ended.closed_at is not None
    assert endings_of(7) == ["WITHDRAWN"]
    assert assigned(request) == []
    event = AuditEvent.objects.get(event_type=events.WITHDRAWN.name)
    assert (event.actor_name, event.reason, event.approval_request_id) == ("Ma Ke", "not needed", request.public_id)
    assert OutboxMessage.objects.get(topic=events.WITHDRAWN.name).payload["state"] == "WITHDRAWN"


@pytest.mark.parametrize("person", ["administrator", "auditor"])
def test_nobody_else_does(bank: Bank, person: str) -> None:
    request = ask(bank.maker)
    for other in (getattr(bank, person), *assigned(request)):
        with refused("not_the_maker"):
            withdraw(request, other)


@pytest.mark.parametrize("end", [approve_all, reject])
def test_what_has_ended_is_not_taken_back(bank: Bank, end: Any) -> None:
    request = ask(bank.maker)
    end(request)
    with refused("request_not_pending"):
        withdraw(request, bank.maker)


# -- Returned and amended ----------------------------------------------------------------------------------------------


def test_a_returned_request_keeps_what_it_reserved_and_waits_for_its_maker(bank: Bank) -> None:
    request = ask(bank.maker, door=7)
    send_back(request, comment="which door?")
    back = again(request)
    assert (back.state, back.closing_note, back.closed_at) == (State.RETURNED, "which door?", None)
    assert traces_of(7) == {PARKED.name: 1}
    assert assigned(request) == []
    assert Notice.objects.get(kind=notice_kinds.OUTCOME).recipient == bank.maker
    with refused("identical_request_open"):
        submit(bank.maker, door=7)


def test_an_amended_request_is_decided_anew_by_all(bank: Bank) -> None:
    request = ask(bank.maker, door=7)
    approve(request)
    send_back(request)
    first_hash = bytes(request.content_hash)
    amend(request, bank.maker, door=8)
    amended = again(request)
    assert (amended.state, amended.version, amended.stage, amended.stage_role) == ("PENDING", 2, 1, "first_reviewer")
    assert (amended.closing_note, bytes(amended.content_hash) != first_hash) == ("", True)
    assert endings_of(7) == ["AMENDED"]
    assert traces_of(8) == {PARKED.name: 1}
    assert Decision.objects.filter(request=request, version=1).count() == 2
    event = AuditEvent.objects.get(event_type=events.AMENDED.name)
    assert event.detail["content_hash"] == [first_hash.hex(), bytes(amended.content_hash).hex()]
    assert event.changes == {"state": ["RETURNED", "PENDING"]}
    assert approve_all(request).state == State.EXECUTED
    assert traces_of(7)[OPENED.name] == 0
    assert traces_of(8)[OPENED.name] == 1
    assert Decision.objects.filter(request=request, version=2).count() == 2


def test_each_version_is_reserved_and_given_back_under_a_key_of_its_own(bank: Bank) -> None:
    """The maker's own key belongs to what they first asked for; what an amendment reserves must not be taken for it."""
    request = ask(bank.maker, door=7, key="k-1")
    send_back(request)
    amend(request, bank.maker, door=8)
    withdraw(request, bank.maker)
    traces = AuditEvent.objects.filter(subject_type="door").order_by("id").values_list("event_type", "detail__key")
    second = f"{request.public_id}:2"
    assert list(traces) == [
        (PARKED.name, "k-1"),
        (RELEASED.name, "k-1"),
        (PARKED.name, second),
        (RELEASED.name, second),
    ]


def test_whoever_decided_the_old_version_may_decide_the_new_one(bank: Bank) -> None:
    """Void is void: the first reviewer of version 1 is not spent for version 2."""
    request = ask(bank.maker)
    by = assigned(request)[0]
    send_back(request, by)
    for other in set(bank.first) - {by}:
        disabled(other)
    amend(request, bank.maker, door=2)
    assert assigned(request) == [by]
    approve(request, by)
    assert again(request).stage == 2


def test_unchanged_it_may_be_submitted_again(bank: Bank) -> None:
    request = ask(bank.maker)
    send_back(request)
    amend(request, bank.maker, reason="")
    assert version_of(request).reason == "opening hour"
    assert approve_all(request).state == State.EXECUTED


def test_what_falls_below_the_threshold_keeps_its_reviewers(bank: Bank) -> None:
    """What was sent back does not slip through by being made smaller."""
    policy(stage(Role.FIRST_REVIEWER), stage(Role.FINAL_REVIEWER, quorum=2), from_amount="50000.00")
    request = ask(bank.maker, door=7, amount="80000.00")
    chain = version_of(request).chain
    send_back(request)
    amend(request, bank.maker, door=7, amount="10.00")
    assert again(request).state == State.PENDING
    assert version_of(request).chain == chain
    assert traces_of(7)[OPENED.name] == 0


def test_what_grows_meets_the_stricter_policy(bank: Bank) -> None:
    policy(stage(Role.FIRST_REVIEWER), from_amount="1.00")
    policy(stage(Role.FINAL_REVIEWER, quorum=2), name="Heavy doors", from_amount="50000.00")
    request = ask(bank.maker, door=7, amount="10.00")
    assert request.stage_count == 1
    send_back(request)
    amend(request, bank.maker, door=7, amount="50000.00")
    grown = again(request)
    assert (grown.stage_count, grown.amount) == (2, 5_000_000)


def test_only_its_maker_amends(bank: Bank) -> None:
    request = ask(bank.maker)
    send_back(request)
    for other in (bank.administrator, bank.first[0]):
        with refused("not_the_maker"):
            amend(request, other)


def test_a_maker_without_the_right_amends_nothing(bank: Bank) -> None:
    request = ask(bank.maker)
    send_back(request)
    maker = no_longer(bank.maker, Role.TELLER)
    with refused("permission_refused"):
        amend(request, maker)


@pytest.mark.parametrize("end", [None, approve_all, reject], ids=["pending", "executed", "rejected"])
def test_what_was_not_returned_is_not_amended(bank: Bank, end: Any) -> None:
    request = ask(bank.maker)
    if end:
        end(request)
    with refused("request_not_amendable"):
        amend(request, bank.maker, door=2)


def test_an_amendment_into_what_is_waiting_already_is_refused(bank: Bank) -> None:
    request, other = ask(bank.maker, door=1), ask(bank.maker, door=2)
    send_back(request)
    with refused("identical_request_open"):
        amend(request, bank.maker, door=2)
    assert again(other).state == State.PENDING


def test_what_the_operation_refuses_is_not_amended(bank: Bank) -> None:
    request = ask(bank.maker, door=1)
    ask(bank.maker, door=2, amount="1.00")
    send_back(request)
    DOORS.scarce = True
    with refused("door_taken"):
        amend(request, bank.maker, door=2)


def test_a_returned_request_whose_time_is_over_is_not_amended(bank: Bank) -> None:
    """With or without the expiry job: a missed beat changes nothing."""
    request = ask(bank.maker)
    send_back(request)
    late = request.expires_at
    with refused("request_expired"):
        amend_request(request_id=request.pk, maker=bank.maker, payload={"door": 2}, reason="late", now=late)


# -- Expired -----------------------------------------------------------------------------------------------------------


def test_time_ends_a_request_and_gives_back_what_it_reserved(bank: Bank) -> None:
    old, young = ask(bank.maker, door=7, now=clock.now() - LONG_AGO), ask(bank.maker, door=8)
    assert expire_due(now=clock.now()) == 1
    ended = again(old)
    assert (ended.state, ended.error_code) == (State.EXPIRED, "")
    assert endings_of(7) == ["EXPIRED"]
    assert again(young).state == State.PENDING
    assert assigned(old) == []
    event = AuditEvent.objects.get(event_type=events.EXPIRED.name)
    assert (event.actor_id, event.approval_request_id) == (EXPIRY.id, old.public_id)
    assert Notice.objects.get(kind=notice_kinds.OUTCOME).recipient == bank.maker
    assert OutboxMessage.objects.get(topic=events.EXPIRED.name).payload["state"] == "EXPIRED"


def test_the_job_twice_is_the_job_once(bank: Bank) -> None:
    ask(bank.maker, door=7, now=clock.now() - LONG_AGO)
    assert expire_due(now=clock.now()) == 1
    with nothing_changes():
        assert expire_due(now=clock.now()) == 0


def test_until_the_job_runs_nobody_decides_it_either(bank: Bank) -> None:
    request = ask(bank.maker, now=clock.now() - LONG_AGO)
    for verdict in Verdict:
        with refused("request_expired"):
            say(verdict, request, assigned(request)[0], comment="too late")


def test_the_last_moment_is_too_late(bank: Bank) -> None:
    request = ask(bank.maker)
    with refused("request_expired"):
        say(Verdict.APPROVE, request, assigned(request)[0], now=request.expires_at)


def test_no_more_than_asked_for_at_a_time_the_oldest_first(bank: Bank) -> None:
    for door in (1, 2, 3):
        ask(bank.maker, door=door, now=clock.now() - LONG_AGO - timedelta(minutes=door))
    assert expire_due(now=clock.now(), limit=2) == 2
    (left,) = ApprovalRequest.objects.filter(state=State.PENDING)
    assert version_of(left).payload["door"] == 1


def test_one_that_cannot_end_does_not_keep_the_others_from_ending(bank: Bank, caplog: pytest.LogCaptureFixture) -> None:
    """The oldest of three cannot give its door back: the other two expire, and the fault is in the log."""
    for door in (1, 2, 3):
        ask(bank.maker, door=door, now=clock.now() - LONG_AGO - timedelta(minutes=3 - door))
    DOORS.bolted.add(1)
    assert expire_due(now=clock.now()) == 2
    assert [endings_of(door) for door in (1, 2, 3)] == [[], ["EXPIRED"], ["EXPIRED"]]
    assert traces_of(1)[RELEASED.name] == 0
    assert "expiry failed" in caplog.text
    DOORS.bolted.clear()
    assert expire_due(now=clock.now()) == 1


def test_the_database_does_not_believe_a_clock_that_is_ahead(bank: Bank) -> None:
    request = ask(bank.maker)
    with nothing_changes():
        assert expire_due(now=request.expires_at) == 0
    assert RequestVersion.objects.count() == 1
