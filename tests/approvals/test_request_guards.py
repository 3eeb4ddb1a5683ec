"""A request's row, by straight SQL: it moves only on decisions that stand, and what it asks for never changes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any

import pytest

from approvals.models import ApprovalRequest, State
from approvals.services import withdraw_request
from approvals.states import TRANSITIONS
from bankops.core import clock, ids
from staff.roles import Role
from tests.approvals.factories import (
    Bank,
    again,
    approve,
    approve_all,
    ask,
    policy,
    reject,
    stage,
)
from tests.approvals.raw_decisions import execute, insert, set_request, write_decision
from tests.unchanged import check_deferred, refused_by_database

ENDED = "closed_at = now()"


@pytest.fixture
def request_(bank: Bank) -> ApprovalRequest:
    return ask(bank.maker, key="k-1")


def asleep(table: str, trigger: str) -> None:
    """Switch one guard off for the rest of a test, to see what stands behind it."""
    check_deferred()  # PostgreSQL alters no table that still has something to check
    execute(f"ALTER TABLE {table} DISABLE TRIGGER {trigger}")


# -- Forward only on decisions -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ("state = 'APPROVED'", "stage_not_decided"),
        (f"state = 'EXECUTED', {ENDED}", "request_step_refused"),
        (f"state = 'FAILED', {ENDED}", "request_step_refused"),
        (f"state = 'REJECTED', {ENDED}", "stage_not_decided"),
        ("state = 'RETURNED'", "stage_not_decided"),
        (f"state = 'EXPIRED', {ENDED}", "request_not_expired"),
        ("stage = 2, stage_role = 'final_reviewer'", "stage_not_decided"),
        ("stage = 2", "request_not_its_version"),
        ("state = 'APPROVED', stage = 2, stage_role = 'final_reviewer'", "request_step_refused"),
    ],
)
def test_nothing_moves_without_decisions(request_: ApprovalRequest, change: str, code: str) -> None:
    """The trigger request_moves."""
    with refused_by_database(f"^{code}"):
        set_request(request_, change)


def test_the_first_stage_alone_does_not_approve(request_: ApprovalRequest) -> None:
    approve(request_)
    for change in ("state = 'APPROVED'", f"state = 'REJECTED', {ENDED}", "stage = 1, stage_role = 'first_reviewer'"):
        with refused_by_database("^stage_not_decided"):
            set_request(request_, change)


def test_an_approval_is_no_rejection(bank: Bank) -> None:
    """One of two final reviewers agreed: that opens nothing, ends nothing and returns nothing."""
    policy(stage(Role.FINAL_REVIEWER, quorum=2))
    request = ask(bank.maker)
    approve(request)
    for change in ("state = 'APPROVED'", f"state = 'REJECTED', {ENDED}", "state = 'RETURNED'"):
        with refused_by_database("^stage_not_decided"):
            set_request(request, change)


def test_stages_are_not_skipped(bank: Bank) -> None:
    policy(stage(Role.FIRST_REVIEWER), stage(Role.RISK_ANALYST), stage(Role.FINAL_REVIEWER))
    request = ask(bank.maker)
    write_decision(request, bank.first[0])
    with refused_by_database("^stage_not_decided"):
        set_request(request, "stage = 3, stage_role = 'final_reviewer'")


def test_decisions_on_an_expired_request_approve_nothing(bank: Bank) -> None:
    """Not even when the last decision came in time and its execution did not: time is compared once more."""
    policy(stage(Role.FIRST_REVIEWER, quorum=1, code=False))
    request = ask(bank.maker, now=clock.now() - timedelta(hours=25))
    asleep("approvals_decision", "decision_holds")
    write_decision(request, bank.first[0], decided_at=request.expires_at - timedelta(seconds=1), proof_id=None)
    with refused_by_database("^request_expired"):
        set_request(request, "state = 'APPROVED'")


def test_the_database_knows_the_same_steps_as_the_product(request_: ApprovalRequest) -> None:
    """Every pair of states is asked of the guard itself. The way back to PENDING is another version's, tried below."""
    known = {
        (start, target)
        for start, target in product(State, State)
        if start != target and step_fault(request_, start, target) != "request_step_refused"
    }
    steps = {(start, target) for start, targets in TRANSITIONS.items() for target in targets}
    assert known == {(start, target) for start, target in steps if target != State.PENDING}


def step_fault(request: ApprovalRequest, start: State, target: State) -> str | None:
    """Return what the guard would say to one step of this request."""
    ((fault,),) = execute(
        "SELECT approvals_request_fault("
        " jsonb_populate_record(r, jsonb_build_object('state', %s::text)),"
        " jsonb_populate_record(r, jsonb_build_object('state', %s::text))) FROM approvals_approvalrequest r WHERE r.id = %s",
        start.value,
        target.value,
        request.pk,
    )
    return fault  # type: ignore[no-any-return]


def test_consent_is_not_kept_for_later(bank: Bank) -> None:
    """The trigger request_not_left: with every decision there, a request is still not left approved to be used some day."""
    policy(stage(Role.FIRST_REVIEWER))
    request = ask(bank.maker)
    write_decision(request, bank.first[0])
    with refused_by_database("^request_left_approved"):
        set_request(request, "state = 'APPROVED'")


# -- What is asked for -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        "id = gen_random_uuid()",
        "reference = 'AP-2026-999999'",
        "operation = 'tests.other'",
        "channel = 'partner'",
        "maker_kind = 'partner'",
        "maker_id = 'usr_other'",
        "maker_name = 'Somebody else'",
        "maker_user_id = NULL",
        "reason = 'something else'",
        "idempotency_key = 'another'",
        "created_at = created_at + interval '1 day'",
        "amount = 1, currency = 'CNY'",
        "branch_code = '002'",
        "closing_note = 'never mind'",
        "error_code = 'none'",
        "result_label = 'TR-2026-000001'",
    ],
)
def test_what_was_asked_never_changes(request_: ApprovalRequest, change: str) -> None:
    with refused_by_database("^request_fixed"):
        set_request(request_, change)


@pytest.mark.parametrize(
    "change",
    [
        "version = 2",
        "content_hash = '\\x00'",
        "stage_count = 1",
        "stage_role = 'teller'",
        "expires_at = expires_at + interval '1 day'",
    ],
)
def test_a_request_says_what_its_version_says(request_: ApprovalRequest, change: str) -> None:
    with refused_by_database("^request_not_its_version"):
        set_request(request_, change)


@pytest.mark.parametrize(
    "change",
    [
        "result_label = 'TR-2026-000001'",
        "closing_note = 'never mind'",
        "error_code = 'none'",
        "closed_at = closed_at - interval '1 day'",
        "reminded_half_at = now()",
        "state = 'PENDING', closed_at = NULL",
        "state = 'WITHDRAWN'",
    ],
)
@pytest.mark.parametrize("ending", ["executed", "rejected", "withdrawn"])
def test_what_has_ended_is_history(bank: Bank, ending: str, change: str) -> None:
    request = ask(bank.maker)
    if ending == "executed":
        approve_all(request)
    elif ending == "rejected":
        reject(request)
    else:
        withdraw_request(request_id=request.pk, maker=bank.maker, now=clock.now())
        change = change.replace("WITHDRAWN", "STALE")
    with refused_by_database("^request_fixed|^request_step_refused"):
        set_request(request, change)


# -- Birth -------------------------------------------------------------------------------------------------------------


def copy_of(request: ApprovalRequest, **changes: Any) -> dict[str, Any]:
    """Return the columns of a request as a new row's, that differs in `changes`."""
    row = ApprovalRequest.objects.filter(pk=request.pk).values().get()
    return row | {"id": ids.uuid7(), "reference": "AP-2026-999999", "idempotency_key": None} | changes


@pytest.mark.parametrize(
    "changes",
    [
        {"state": "APPROVED"},
        {"state": "EXECUTED", "closed_at": datetime(2026, 3, 2, tzinfo=UTC)},
        {"stage": 2, "stage_role": "final_reviewer"},
        {"version": 2},
    ],
    ids=str,
)
def test_a_request_is_born_undecided(bank: Bank, request_: ApprovalRequest, changes: dict[str, Any]) -> None:
    """The trigger request_born."""
    withdraw_request(request_id=request_.pk, maker=bank.maker, now=clock.now())
    with refused_by_database("^request_born_pending"):
        insert("approvals_approvalrequest", **copy_of(request_, state="PENDING", closed_at=None) | changes)


def test_a_request_without_a_version_does_not_last(bank: Bank, request_: ApprovalRequest) -> None:
    """The deferred trigger request_has_version."""
    withdraw_request(request_id=request_.pk, maker=bank.maker, now=clock.now())
    with refused_by_database("^request_not_its_version"):
        insert("approvals_approvalrequest", **copy_of(request_, state="PENDING", closed_at=None))


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"reference": "TAKEN"}, "request_reference_once"),
        ({"idempotency_key": "k-1", "content_hash": b"other"}, "request_key_once"),
        ({}, "request_open_once"),
        ({"currency": "cny", "content_hash": b"o"}, "request_amount_has_currency"),
        ({"amount": 1, "currency": "", "content_hash": b"o"}, "request_amount_has_currency"),
        ({"stage_count": 0, "content_hash": b"o"}, "request_stage_in_chain"),
        ({"closed_at": datetime(2026, 3, 2, tzinfo=UTC), "content_hash": b"o"}, "request_closed_when"),
    ],
    ids=str,
)
def test_rules_of_a_row(request_: ApprovalRequest, changes: dict[str, Any], rule: str) -> None:
    if changes.get("reference"):
        changes = {"reference": request_.reference, "content_hash": b"other"}
    with refused_by_database(rule):
        insert("approvals_approvalrequest", **copy_of(request_) | changes)


def test_a_state_there_is_not(request_: ApprovalRequest) -> None:
    """request_state_known; the trigger, which comes first, knows no way there either."""
    asleep("approvals_approvalrequest", "request_moves")
    with refused_by_database("request_state_known"):
        set_request(request_, "state = 'LOST', closed_at = now()")


# -- For ever ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "table", ["approvals_approvalrequest", "approvals_requestversion", "approvals_requestconcern", "approvals_comment"]
)
@pytest.mark.parametrize("statement", ["DELETE FROM {}", "TRUNCATE {} CASCADE"])
def test_nothing_is_deleted(bank: Bank, request_: ApprovalRequest, table: str, statement: str) -> None:
    """request_no_delete, version_no_change, concern_no_change, comment_no_change, and for all at once request_no_truncate,
    version_no_truncate, concern_no_truncate, comment_no_truncate.
    """
    write_comment(bank, request_)
    check_deferred()
    with refused_by_database("append_only"):
        execute(statement.format(table))


@pytest.mark.parametrize(
    ("table", "change"),
    [
        ("approvals_requestversion", "payload = '{\"door\": 999}'"),
        ("approvals_requestversion", "chain = '{}'"),
        ("approvals_requestversion", "preconditions = '{}'"),
        ("approvals_requestversion", "description = '{}'"),
        ("approvals_requestversion", "operation_version = 2"),
        ("approvals_requestconcern", "subject_id = '8'"),
        ("approvals_comment", "text = 'I never said that'"),
    ],
)
@pytest.mark.parametrize("reviewed", [False, True], ids=["before review", "after first review"])
def test_nothing_is_edited(bank: Bank, request_: ApprovalRequest, table: str, change: str, reviewed: bool) -> None:
    write_comment(bank, request_)
    if reviewed:
        approve(request_)
    with refused_by_database("append_only"):
        execute(f"UPDATE {table} SET {change}")


def write_comment(bank: Bank, request: ApprovalRequest) -> None:
    insert(
        "approvals_comment",
        request_id=request.pk,
        author_id=bank.first[0].pk,
        text="Which door?",
        written_at=clock.now(),
    )


def test_a_record_is_concerned_once(request_: ApprovalRequest) -> None:
    concern = request_.concerns.get()
    with refused_by_database("concern_once"):
        insert(
            "approvals_requestconcern",
            request_id=request_.pk,
            subject_type=concern.subject_type,
            subject_id=concern.subject_id,
            subject_label="the same again",
        )


def test_a_reminder_is_the_only_note_on_an_open_request(request_: ApprovalRequest) -> None:
    set_request(request_, "reminded_half_at = now(), reminded_end_at = now()")
    assert again(request_).reminded_half_at is not None
