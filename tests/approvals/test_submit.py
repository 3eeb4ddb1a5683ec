"""Asking: carried out at once or parked, said honestly, and never twice."""

from __future__ import annotations

import json
from collections import Counter
from datetime import timedelta

import pytest

from approvals import events, notice_kinds
from approvals.errors import IdenticalRequestOpen
from approvals.models import ApprovalRequest, RequestVersion, State
from approvals.services.assignment import ROTATION
from bankops.core import clock, operations
from bankops.core.actor import Actor
from bankops.core.models import AuditEvent, OutboxMessage
from bankops.core.operations import Order
from notifications.models import Notice
from staff.models import User
from staff.roles import Role
from tests.approvals.factories import (
    DOORS,
    OPEN_DOOR,
    OPENED,
    PARKED,
    Bank,
    again,
    approve_all,
    ask,
    assigned,
    disabled,
    open_door,
    policy,
    reject,
    stage,
    submit,
    traces_of,
)
from tests.approvals.raw_decisions import execute
from tests.unchanged import refused

# -- Now, or later -----------------------------------------------------------------------------------------------------


def test_what_no_policy_covers_waits_for_two_people(bank: Bank) -> None:
    outcome = submit(bank.maker, door=7)
    request = outcome.request
    assert (outcome.done, outcome.result) == (False, None)
    assert (request.state, request.stage, request.stage_count, request.stage_role) == (
        "PENDING",
        1,
        2,
        "first_reviewer",
    )
    assert request.expires_at - request.created_at == timedelta(hours=24)
    assert traces_of(7) == {PARKED.name: 1}


def test_what_a_policy_covers_and_none_asks_for_is_done_at_once(bank: Bank) -> None:
    policy(from_amount="50000.00")
    outcome = submit(bank.maker, door=7, amount="49999.99")
    assert (outcome.done, outcome.result.id, outcome.request) == (True, "7", None)
    assert traces_of(7) == {OPENED.name: 1}
    assert not ApprovalRequest.objects.exists()


def test_from_the_threshold_on_it_waits(bank: Bank) -> None:
    policy(from_amount="50000.00")
    request = ask(bank.maker, door=7, amount="50000.00")
    assert (request.amount, request.currency, request.branch_code) == (5_000_000, "CNY", "001")
    assert request.money is not None
    assert str(request.money) == "50000.00"
    assert traces_of(7) == {PARKED.name: 1}


def test_what_reviewers_read_is_frozen_with_the_request(bank: Bank) -> None:
    policy()
    request = ask(bank.maker, door=7)
    version = request.versions.get()
    assert version.payload == {"door": 7, "amount": ""}
    assert version.description == {
        "summary": "Open door 7",
        "changes": [["Door", "closed", "open"]],
        "warnings": ["It is dark behind it."],
    }
    assert version.preconditions == {"lock": "shut"}
    assert [fired["policy_name"] for fired in version.fired] == ["Doors"]
    assert bytes(version.content_hash) == operations.payload_hash(OPEN_DOOR, 1, {"door": 7, "amount": ""})
    assert bytes(request.content_hash) == bytes(version.content_hash)
    assert [(one.subject_type, one.subject_id) for one in request.concerns.all()] == [("door", "7")]


def test_a_policy_that_changes_later_does_not_change_a_request(bank: Bank) -> None:
    request = ask(bank.maker)
    chain = request.versions.get().chain
    execute("SET LOCAL session_replication_role = replica")  # rules change with consent only
    policy(stage(Role.FIRST_REVIEWER), name="Laxer")
    execute("SET LOCAL session_replication_role = DEFAULT")
    assert request.versions.get().chain == chain
    assert approve_all(request).stage == 2


def test_the_trail_and_the_outbox_tell_of_it(bank: Bank) -> None:
    request = ask(bank.maker, door=7, reason="fire drill")
    submitted = AuditEvent.objects.get(event_type=events.SUBMITTED.name)
    assert (submitted.actor_name, submitted.reason, submitted.subject_label) == (
        "Ma Ke",
        "fire drill",
        request.reference,
    )
    assert submitted.detail["content_hash"] == bytes(request.content_hash).hex()
    rotation = AuditEvent.objects.get(event_type=events.ASSIGNED.name)
    assert (rotation.actor_id, rotation.detail["reviewers"]) == (ROTATION.id, ["Fang 1", "Fang 2"])
    assert {event.approval_request_id for event in AuditEvent.objects.all()} == {request.public_id}
    message = OutboxMessage.objects.get(topic=events.SUBMITTED.name)
    assert message.payload == {
        "request": request.public_id,
        "reference": request.reference,
        "operation": OPEN_DOOR,
        "version": 1,
        "state": "PENDING",
        "stage": 1,
        "stages": 2,
    }


def test_the_outbox_never_tells_what_a_request_is_about(bank: Bank) -> None:
    policy(from_amount="0.01")
    approve_all(ask(bank.maker, door=7, amount="98765.43"))
    reject(ask(bank.maker, door=8, amount="98765.43"))
    told = OutboxMessage.objects.filter(topic__startswith="approvals.")
    assert {message.topic for message in told} >= {event.name for event in (events.EXECUTED, events.REJECTED)}
    words = json.dumps([message.payload for message in told])
    assert "98765" not in words
    assert "Open door" not in words
    assert "Ma Ke" not in words


def test_a_reference_for_the_phone(bank: Bank) -> None:
    first, second = ask(bank.maker, door=1), ask(bank.maker, door=2)
    year = clock.business_date(first.created_at).year
    assert first.reference.startswith(f"AP-{year}-")
    assert int(second.reference[-6:]) == int(first.reference[-6:]) + 1


# -- Who may ask -------------------------------------------------------------------------------------------------------


def test_whoever_lacks_the_operations_right_may_not_ask(bank: Bank, outsider: User) -> None:
    with refused("permission_refused"):
        submit(outsider)


def test_whoever_is_disabled_may_not_ask(bank: Bank) -> None:
    maker = disabled(bank.maker)
    with refused("permission_refused"):
        submit(maker)


@pytest.mark.parametrize("person", ["administrator", "auditor"])
def test_nobody_is_above_asking(bank: Bank, person: str) -> None:
    """Administrators and auditors wait like everybody: there is no right to skip reviewers."""
    request = ask(getattr(bank, person))
    assert (request.state, len(assigned(request))) == (State.PENDING, 2)


def test_a_system_process_waits_too(bank: Bank) -> None:
    order = Order(actor=Actor.system("nightly"), now=clock.now(), channel="system")
    outcome = operations.submit(OPEN_DOOR, {"door": 1}, order)
    assert (outcome.done, outcome.request.maker_user_id) == (False, None)
    assert approve_all(outcome.request).state == State.EXECUTED


def test_the_service_behind_it_is_closed_to_everybody_else(bank: Bank) -> None:
    with refused("consent_required"):
        open_door(door=1, actor=bank.maker.as_actor(), now=clock.now())


# -- Once --------------------------------------------------------------------------------------------------------------


def test_the_same_order_twice_is_one_request(bank: Bank) -> None:
    first = submit(bank.maker, key="k-1")
    second = submit(bank.maker, key="k-1")
    assert (second.done, second.request) == (False, first.request)
    assert traces_of(1) == {PARKED.name: 1}


def test_the_same_order_after_the_end_tells_how_it_ended(bank: Bank) -> None:
    approve_all(ask(bank.maker, door=1, key="k-1"))
    reject(ask(bank.maker, door=2, key="k-2"))
    done, rejected = submit(bank.maker, door=1, key="k-1"), submit(bank.maker, door=2, key="k-2")
    assert (done.done, done.request.state) == (True, State.EXECUTED)
    assert (rejected.done, rejected.request.state) == (False, State.REJECTED)
    assert traces_of(1)[OPENED.name] == 1


def test_a_key_means_one_wish(bank: Bank) -> None:
    request = ask(bank.maker, door=1, key="k-1")
    with refused("order_key_conflict"):
        submit(bank.maker, door=2, key="k-1")
    assert request.state == State.PENDING


def test_two_makers_may_choose_the_same_key(bank: Bank) -> None:
    assert ask(bank.maker, door=1, key="k-1") != ask(bank.administrator, door=2, key="k-1")


def test_what_is_waiting_already_is_refused_with_its_reference(bank: Bank) -> None:
    request = ask(bank.maker)
    with refused("identical_request_open"):
        submit(bank.administrator)
    with pytest.raises(IdenticalRequestOpen, match=request.reference) as refusal:
        submit(bank.administrator)
    assert refusal.value.context["request"] == request.public_id


def test_what_is_waiting_is_named_even_when_it_has_reserved_what_is_missing_now(bank: Bank) -> None:
    """The second clerk must hear “AP-… is waiting”, not “the money is not there”."""
    request = ask(bank.maker)
    DOORS.scarce = True
    with refused("identical_request_open"):
        submit(bank.maker)
    with refused("door_taken"):
        submit(bank.maker, amount="1.00")
    assert again(request).state == State.PENDING


def test_after_the_end_the_same_may_be_asked_again(bank: Bank) -> None:
    reject(ask(bank.maker))
    assert ask(bank.maker).state == State.PENDING


def test_nobody_can_decide_yet_so_the_administrators_are_told(bank: Bank) -> None:
    for person in bank.first:
        disabled(person)
    request = ask(bank.maker)
    assert assigned(request) == []
    event = AuditEvent.objects.get(event_type=events.UNASSIGNABLE.name)
    where = {"version": 1, "stage": 1, "role": "first_reviewer"}
    assert (event.detail, event.approval_request_id) == (where, request.public_id)
    assert Notice.objects.get(kind=notice_kinds.NOBODY).recipient == bank.administrator
    assert OutboxMessage.objects.filter(topic=events.UNASSIGNABLE.name).count() == 1


def test_reviewers_are_told_at_once(bank: Bank) -> None:
    request = ask(bank.maker)
    told = Notice.objects.filter(kind=notice_kinds.ASSIGNED, words={"request": request.reference})
    assert Counter(notice.recipient for notice in told) == Counter(assigned(request))


def test_a_submission_that_fails_in_the_middle_leaves_nothing(bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_args: object, **_fields: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("approvals.services.submission.assign_stage", interrupted)
    with pytest.raises(KeyboardInterrupt):
        ask(bank.maker)
    assert not ApprovalRequest.objects.exists()
    assert not RequestVersion.objects.exists()
    assert traces_of(1) == {}
