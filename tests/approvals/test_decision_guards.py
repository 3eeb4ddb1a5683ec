"""Decisions, rights to decide, assignments and stand-ins, by straight SQL. Who may decide: test_who_may_decide."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from approvals.models import ApprovalRequest, Decision, StandIn, Verdict
from bankops.core import clock
from staff.models import User
from staff.roles import Role
from tests.approvals.factories import (
    Bank,
    again,
    approve,
    ask,
    assigned,
    disabled,
    no_longer,
    policy,
    send_back,
    stage,
    stand_in,
)
from tests.approvals.raw_decisions import execute, insert, set_request, write_decision, write_grant
from tests.unchanged import check_deferred, refused_by_database


@pytest.fixture
def request_(bank: Bank) -> ApprovalRequest:
    return ask(bank.maker)


def asleep(table: str, *triggers: str) -> None:
    """Switch guards off for the rest of a test, to see what stands behind them."""
    check_deferred()
    for trigger in triggers:
        execute(f"ALTER TABLE {table} DISABLE TRIGGER {trigger}")


# -- What a decision says ----------------------------------------------------------------------------------------------


def test_a_decision_written_like_the_services_own_is_accepted(request_: ApprovalRequest) -> None:
    """Otherwise the refusals around here would prove nothing."""
    write_decision(request_, assigned(request_)[0])
    assert Decision.objects.get().verdict == Verdict.APPROVE


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"version": 2}, "request_changed"),
        ({"content_hash": b"\0" * 32}, "request_changed"),
        ({"stage": 2}, "stage_not_open"),
        ({"role": "final_reviewer"}, "stage_not_open"),
        ({"maker_id": "usr_other"}, "decision_not_by_maker"),
        ({"maker_user_id": None}, "decision_not_by_maker"),
    ],
    ids=str,
)
def test_a_decision_says_what_the_request_says(request_: ApprovalRequest, changes: dict[str, Any], code: str) -> None:
    """The trigger decision_holds."""
    with refused_by_database(f"^{code}"):
        write_decision(request_, assigned(request_)[0], **changes)


@pytest.mark.parametrize(
    ("minutes", "code"), [(-30, "decision_not_now"), (30, "decision_not_now"), (25 * 60, "request_expired")]
)
def test_a_decision_is_taken_now(request_: ApprovalRequest, minutes: int, code: str) -> None:
    with refused_by_database(f"^{code}"):
        write_decision(request_, assigned(request_)[0], decided_at=clock.now() + timedelta(minutes=minutes))


def test_a_decision_back_in_time_does_not_rescue_an_expired_request(bank: Bank) -> None:
    request = ask(bank.maker, now=clock.now() - timedelta(hours=24, minutes=1))
    with refused_by_database("^request_expired"):
        write_decision(request, assigned(request)[0], decided_at=request.expires_at - timedelta(seconds=1))


def test_a_decision_about_nothing(request_: ApprovalRequest, bank: Bank) -> None:
    gone = ApprovalRequest(pk="00000000-0000-7000-8000-000000000000")
    with refused_by_database("^decision_not_by_maker|foreign key"):
        write_decision(request_, assigned(request_)[0], request_id=gone.pk)


@pytest.mark.parametrize("verdict", [Verdict.REJECT, Verdict.RETURN])
def test_no_and_not_like_this_need_a_word_why(request_: ApprovalRequest, verdict: Verdict) -> None:
    with refused_by_database("decision_refusal_says_why"):
        write_decision(request_, assigned(request_)[0], verdict=verdict.value)


def test_a_verdict_there_is_not(request_: ApprovalRequest) -> None:
    """decision_verdict_known; before it, proof_verdict_known and the binding of the code to one verdict."""
    asleep("approvals_decision", "decision_holds")
    with refused_by_database("decision_verdict_known"):
        write_decision(request_, assigned(request_)[0], verdict="MAYBE", comment="hm", proof_id=None)


def test_behind_the_guard_stand_constraints(bank: Bank, request_: ApprovalRequest) -> None:
    """decision_once_per_person, decision_not_by_maker and decision_stand_in_is_another hold by themselves."""
    by, other = assigned(request_)
    asleep("approvals_decision", "decision_holds")
    write_decision(request_, by)
    with refused_by_database("decision_once_per_person"):
        write_decision(request_, by)
    with refused_by_database("decision_not_by_maker"):
        write_decision(request_, bank.maker)
    for place in (other, bank.maker):
        with refused_by_database("decision_stand_in_is_another"):
            write_decision(request_, other, in_place_of_id=place.pk)


@pytest.mark.parametrize("statement", ["DELETE FROM {}", "TRUNCATE {} CASCADE", "UPDATE {} SET comment = 'never mind'"])
def test_a_decision_stands(bank: Bank, request_: ApprovalRequest, statement: str) -> None:
    """decision_no_change and decision_no_truncate."""
    approve(request_)
    check_deferred()
    with refused_by_database("append_only"):
        execute(statement.format("approvals_decision"))


# -- The right to decide -----------------------------------------------------------------------------------------------


def test_a_right_is_given_once(request_: ApprovalRequest) -> None:
    with refused_by_database("grant_once"):
        write_grant(request_, assigned(request_)[0])


@pytest.mark.parametrize("person", ["maker", "final", "administrator", "auditor"])
def test_a_right_is_not_moved_to_the_excluded_either(bank: Bank, request_: ApprovalRequest, person: str) -> None:
    """The trigger grant_holds, for UPDATE."""
    found: Any = getattr(bank, person)
    to: User = found[0] if isinstance(found, list) else found
    with refused_by_database("^own_request|^wrong_role"):
        execute("UPDATE approvals_reviewgrant SET user_id = %s WHERE user_id = %s", to.pk, assigned(request_)[0].pk)


def test_a_right_is_not_moved_to_another_request_that_has_ended(bank: Bank, request_: ApprovalRequest) -> None:
    other = ask(bank.maker, door=2)
    send_back(other)
    with refused_by_database("^request_not_pending"):
        execute("UPDATE approvals_reviewgrant SET content_object_id = %s", other.pk)


def test_a_right_to_a_request_there_is_not(bank: Bank) -> None:
    gone = ApprovalRequest(pk="00000000-0000-7000-8000-000000000000")
    with refused_by_database("reviewer_disabled|wrong_role|foreign key"):
        write_grant(gone, bank.first[0])


# -- Assignments are kept ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        "reviewer_id = (SELECT id FROM staff_user WHERE employee_number = 'F3')",
        "stage = 2",
        "assigned_at = assigned_at - interval '1 day'",
        "reason = 'never mind', ended_at = now()",
    ],
)
def test_of_an_assignment_only_the_end_is_written(request_: ApprovalRequest, change: str) -> None:
    """The trigger assignment_only_ends."""
    with refused_by_database("^only_ends"):
        execute(f"UPDATE approvals_assignment SET {change} WHERE reviewer_id = %s", assigned(request_)[0].pk)


def test_an_assignment_ends_once(request_: ApprovalRequest) -> None:
    approve(request_)
    for end in ("NULL", "now() + interval '1 day'"):
        with refused_by_database("^only_ends"):
            execute(f"UPDATE approvals_assignment SET ended_at = {end} WHERE stage = 1")


def test_nobody_is_asked_twice_at_a_time(request_: ApprovalRequest) -> None:
    with refused_by_database("assignment_open_once"):
        insert(
            "approvals_assignment",
            request_id=request_.pk,
            version=1,
            stage=1,
            reviewer_id=assigned(request_)[0].pk,
            assigned_at=clock.now(),
            reason="",
        )


@pytest.mark.parametrize("statement", ["DELETE FROM {}", "TRUNCATE {} CASCADE"])
@pytest.mark.parametrize("table", ["approvals_assignment", "approvals_standin"])
def test_who_was_asked_and_who_stood_in_is_kept(
    bank: Bank, request_: ApprovalRequest, table: str, statement: str
) -> None:
    """assignment_no_delete, assignment_no_truncate, stand_in_no_delete, stand_in_no_truncate."""
    stand_in(bank.first[0], by=bank.first[1])
    check_deferred()
    with refused_by_database("append_only"):
        execute(statement.format(table))


# -- Standing in -------------------------------------------------------------------------------------------------------


def test_in_place_of_somebody_without_being_named(bank: Bank, request_: ApprovalRequest) -> None:
    (other,) = set(bank.first) - set(assigned(request_))
    with refused_by_database("^not_a_stand_in"):
        write_decision(request_, other, in_place_of_id=assigned(request_)[0].pk)


def test_in_place_of_somebody_who_was_not_asked(bank: Bank, request_: ApprovalRequest) -> None:
    (absent,) = set(bank.first) - set(assigned(request_))
    substitute = assigned(request_)[0]
    stand_in(absent, by=substitute)
    with refused_by_database("^not_assigned"):
        write_decision(request_, substitute, in_place_of_id=absent.pk)


@pytest.mark.parametrize(("hours", "since"), [(-1, 2), (24, -1)], ids=["over", "not yet"])
def test_in_place_of_somebody_at_another_time(bank: Bank, request_: ApprovalRequest, hours: int, since: int) -> None:
    (substitute,) = set(bank.first) - set(assigned(request_))
    stand_in(assigned(request_)[0], by=substitute, hours=hours, since=since)
    with refused_by_database("^not_a_stand_in"):
        write_decision(request_, substitute, in_place_of_id=assigned(request_)[0].pk)


@pytest.mark.parametrize(
    "lost", [lambda person: no_longer(person, Role.FIRST_REVIEWER), disabled], ids=["role", "sign-in"]
)
def test_in_place_of_somebody_who_could_not_decide(bank: Bank, request_: ApprovalRequest, lost: Any) -> None:
    (substitute,) = set(bank.first) - set(assigned(request_))
    absent = lost(assigned(request_)[0])
    stand_in(absent, by=substitute)
    with refused_by_database("^wrong_role|^reviewer_disabled"):
        write_decision(request_, substitute, in_place_of_id=absent.pk)


def test_nobody_stands_in_for_themselves_through_others(bank: Bank) -> None:
    """The trigger stand_in_holds: A for B, B for C, C for A."""
    one, two, three = bank.first
    stand_in(two, by=one)
    with refused_by_database("^stand_in_circle"):
        stand_in(one, by=two)
    stand_in(three, by=two)
    with refused_by_database("^stand_in_circle"):
        stand_in(one, by=three)


def test_at_another_time_the_other_way_round_is_no_circle(bank: Bank) -> None:
    one, two, _three = bank.first
    stand_in(two, by=one, hours=24)
    later = clock.now() + timedelta(days=10)
    StandIn.objects.create(
        absent=one,
        stand_in=two,
        starts_at=later,
        ends_at=later + timedelta(days=1),
        reason="",
        named_by=one,
        named_at=later,
    )
    assert StandIn.objects.count() == 2


def test_a_stand_in_is_another_person_for_a_time(bank: Bank) -> None:
    one, two, _three = bank.first
    with refused_by_database("stand_in_bounded"):
        stand_in(two, by=one, hours=-2)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE approvals_standin DISABLE TRIGGER stand_in_holds")
    with refused_by_database("stand_in_is_another"):
        stand_in(one, by=one)


@pytest.mark.parametrize(
    "change",
    ["ends_at = ends_at + interval '1 day'", "stand_in_id = absent_id", "starts_at = starts_at - interval '1 day'"],
)
def test_of_a_stand_in_only_the_end_is_written_and_once(bank: Bank, change: str) -> None:
    """The trigger stand_in_only_ends."""
    row = stand_in(bank.first[0], by=bank.first[1])
    with refused_by_database("^only_ends"):
        execute(f"UPDATE approvals_standin SET {change}")
    row.ended_at = clock.now()
    row.save(update_fields=["ended_at"])
    with refused_by_database("^only_ends"):
        execute("UPDATE approvals_standin SET ended_at = NULL")


# -- The rest of the room ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "rule"),
    [
        ({"until": "2026-01-01"}, "duty_ends_after_start"),
        ({"weekdays": "89"}, "duty_weekdays"),
        ({"weekdays": "21"}, "duty_weekdays"),
        ({"weekdays": ""}, "duty_weekdays"),
    ],
    ids=str,
)
def test_a_duty_has_days(bank: Bank, fields: dict[str, str], rule: str) -> None:
    whole = {"user_id": bank.first[0].pk, "role": "first_reviewer", "weekdays": "12345", "since": "2026-06-01"}
    with refused_by_database(rule):
        insert("approvals_duty", **whole | fields)


def test_a_quorum_is_counted_of_one_stage_and_version(bank: Bank) -> None:
    """Approvals of another stage, or of an earlier version, open nothing."""
    policy(stage(Role.FIRST_REVIEWER), stage(Role.FINAL_REVIEWER, quorum=2))
    request = ask(bank.maker)
    approve(request)
    assert again(request).stage == 2
    for number, expected in ((1, True), (2, False)):
        ((done,),) = execute(
            "SELECT approvals_stage_done(r.id, r.version, v.chain, %s) FROM approvals_approvalrequest r"
            " JOIN approvals_requestversion v ON v.request_id = r.id",
            number,
        )
        assert done is expected


def test_a_quorum_does_not_outvote_a_no(bank: Bank) -> None:
    """Somebody writes a rejection past the service, which would have ended the request: it cannot be approved any more."""
    policy(stage(Role.FINAL_REVIEWER, quorum=2, assigned=3))
    request = ask(bank.maker)
    write_decision(request, bank.final[0], verdict="REJECT", comment="no")
    write_decision(request, bank.final[1])
    write_decision(request, bank.final[2])
    with refused_by_database("^stage_not_decided"):
        set_request(request, "state = 'APPROVED'")
