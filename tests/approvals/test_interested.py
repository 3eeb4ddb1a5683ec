"""Whoever made a request, or whom it is about, has no say in who decides it."""

from __future__ import annotations

import pytest
from django.db import transaction

from approvals import notice_kinds
from approvals.eligibility import deciders
from approvals.models import ApprovalRequest, Verdict
from approvals.services import reassign_request, withdraw_request
from approvals.services.assignment import assign_stage
from approvals.services.endings import current_version
from bankops.core import clock, operations
from bankops.core.operations import Order, always_two_people
from notifications.models import Notice
from staff.models import User
from staff.roles import Role
from tests.approvals.factories import Bank, again, also, ask, assigned, disabled, no_longer, say, stand_in
from tests.approvals.raw_decisions import execute, write_decision
from tests.personas import hire
from tests.unchanged import refused, refused_by_database

pytestmark = pytest.mark.django_db


def about(person: User, bank: Bank, *, role: Role = Role.FINANCE) -> ApprovalRequest:
    """Ask for a role for somebody."""
    order = Order(actor=bank.administrator.as_actor(), now=clock.now(), reason="needed")
    outcome = operations.submit("staff.grant_role", {"user": person.public_id, "role": role.value}, order)
    request: ApprovalRequest = outcome.request
    return request


def substitute_named_by(namer: User, request: ApprovalRequest, bank: Bank) -> User:
    """Let the one first reviewer who was not asked stand in for one who was, as `namer` arranged it."""
    (substitute,) = set(bank.first) - set(assigned(request))
    stand_in(assigned(request)[0], by=substitute, named_by=namer)
    return substitute


def test_whom_a_request_is_about_is_not_asked_and_may_not_decide(bank: Bank) -> None:
    request = about(bank.first[0], bank)
    assert bank.first[0] not in assigned(request)
    with refused("concerns_reviewer"):
        say(Verdict.APPROVE, request, bank.first[0])
    with refused_by_database("^concerns_reviewer"):
        write_decision(request, bank.first[0])


def test_the_maker_names_no_stand_in_for_a_reviewer(bank: Bank) -> None:
    request = about(bank.maker, bank)
    friend = substitute_named_by(bank.administrator, request, bank)
    assert friend not in deciders(request, now=clock.now())
    with refused("not_assigned"):
        say(Verdict.APPROVE, request, friend)
    with refused_by_database("^not_a_stand_in"):
        write_decision(request, friend, in_place_of_id=assigned(request)[0].pk)
    ((decidable,),) = execute("SELECT count(*) FROM approvals_decidable(%s, now())", friend.pk)
    assert decidable == 0


def test_somebody_elses_arrangement_counts(bank: Bank) -> None:
    request = about(bank.maker, bank)
    substitute = substitute_named_by(bank.auditor, request, bank)
    assert substitute in deciders(request, now=clock.now())
    ((decidable,),) = execute("SELECT count(*) FROM approvals_decidable(%s, now())", substitute.pk)
    assert decidable == 1


def test_whom_a_request_is_about_does_not_choose_its_reviewers(bank: Bank) -> None:
    other = hire("A2", "Another", Role.ADMINISTRATOR, bank.branch)
    order = Order(actor=other.as_actor(), now=clock.now(), reason="left the bank")
    request = operations.submit("staff.disable_user", {"user": bank.administrator.public_id}, order).request
    (free,) = set(bank.first) - set(assigned(request))
    for supervisor in (bank.administrator, other):
        with refused("cannot_reassign_own"):
            reassign_request(
                request_id=request.pk,
                to=free,
                instead_of=None,
                supervisor=supervisor,
                reason="quicker",
                now=clock.now(),
            )


def test_nobody_shops_for_reviewers(bank: Bank) -> None:
    """Withdrawn and submitted again, a request meets the same people."""
    request = ask(bank.maker)
    asked = assigned(request)
    for _time in range(3):
        withdraw_request(request_id=request.pk, maker=bank.maker, now=clock.now())
        request = ask(bank.maker)
        assert assigned(request) == asked


def test_that_nobody_may_be_asked_is_said_once(bank: Bank) -> None:
    for person in bank.first:
        disabled(person)
    request = ask(bank.maker)
    for _sweep in range(3):
        with transaction.atomic():
            assign_stage(again(request), current_version(request), now=clock.now(), business_date=clock.business_date())
    assert Notice.objects.filter(kind=notice_kinds.NOBODY).count() == 1


def test_a_locked_reviewer_is_shown_nothing_to_decide(bank: Bank) -> None:
    request = ask(bank.maker)
    reviewer = assigned(request)[0]
    count = "SELECT count(*) FROM approvals_decidable(%s, now())"
    assert execute(count, reviewer.pk) == [(1,)]
    execute("INSERT INTO approvals_codelock (user_id, failure_count, locked_at) VALUES (%s, 5, now())", reviewer.pk)
    assert execute(count, reviewer.pk) == [(0,)]


@pytest.mark.parametrize("operation", sorted(always_two_people()))
def test_the_database_knows_what_always_needs_two(bank: Bank, operation: str) -> None:
    assert execute("SELECT approvals_always_two(%s)", operation) == [(True,)]
    assert execute("SELECT approvals_always_two('transactions.transfer')") == [(False,)]


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM approvals_protectedoperation",
        "UPDATE approvals_protectedoperation SET key = 'x' || key",
        "TRUNCATE approvals_protectedoperation",
    ],
)
def test_what_is_protected_stays_so(bank: Bank, statement: str) -> None:
    with refused_by_database("append_only"):
        execute(statement)


def test_the_database_protects_nothing_else(bank: Bank) -> None:
    assert {key for (key,) in execute("SELECT key FROM approvals_protectedoperation")} == always_two_people()


def test_who_loses_the_right_role_is_not_shown_it_either(bank: Bank) -> None:
    request = ask(bank.maker)
    reviewer = no_longer(also(assigned(request)[0], Role.FINANCE), Role.FIRST_REVIEWER)
    assert execute("SELECT count(*) FROM approvals_decidable(%s, now())", reviewer.pk) == [(0,)]
