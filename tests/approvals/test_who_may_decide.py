"""Separation of duties: each case is tried through the service, and past it by straight SQL. Neither leaves a trace."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import NamedTuple

import pytest

from approvals.eligibility import authority, deciders
from approvals.models import ApprovalRequest, ReviewGrant, Verdict
from bankops.core import clock
from bankops.core.models import AuditEvent
from staff.models import User
from staff.roles import Role
from tests.approvals.factories import (
    Bank,
    again,
    also,
    approve,
    ask,
    assigned,
    disabled,
    fresh_code,
    no_longer,
    policy,
    reject,
    say,
    send_back,
    stage,
    stand_in,
)
from tests.approvals.raw_decisions import execute, write_decision, write_grant
from tests.unchanged import refused, refused_by_database

LONG_AGO = timedelta(hours=25)


class Attempt(NamedTuple):
    """Somebody who must not decide a request, and the code that says why.

    Attributes:
        in_place_of: whom they would claim to stand in for, writing past the service.
        claim: the database's code for that claim; the service makes none, it looks for whom they stand in.

    """

    request: ApprovalRequest
    by: User
    code: str
    in_place_of: User | None = None
    claim: str = ""


# -- The cases ---------------------------------------------------------------------------------------------------------


def own_request(bank: Bank) -> Attempt:
    """A reviewer asks for something, and is the very person who decides such things."""
    maker = bank.first[0]
    return Attempt(ask(maker), maker, "own_request")


def own_request_with_another_role(bank: Bank) -> Attempt:
    maker = also(bank.maker, Role.FIRST_REVIEWER)
    return Attempt(ask(maker), maker, "own_request")


def own_request_standing_in(bank: Bank) -> Attempt:
    """The maker stands in for the assigned reviewer."""
    maker = also(bank.maker, Role.FIRST_REVIEWER)
    request = ask(maker)
    stand_in(assigned(request)[0], by=maker)
    return Attempt(request, maker, "own_request", in_place_of=assigned(request)[0])


def about_oneself(bank: Bank) -> Attempt:
    """A reviewer whom the request is about is not even asked."""
    person = bank.first[0]
    request = ask(bank.maker, of=person)
    assert person not in assigned(request)
    return Attempt(request, person, "concerns_reviewer")


def stand_in_for_whom_it_is_about(bank: Bank) -> Attempt:
    """Nobody speaks in the place of somebody who may not speak themselves."""
    person, substitute = bank.first[0], bank.first[1]
    request = ask(bank.maker, of=person)
    ReviewGrant.objects.filter(user=substitute).delete()
    stand_in(person, by=substitute)
    return Attempt(request, substitute, "not_assigned", in_place_of=person, claim="not_a_stand_in")


def about_oneself_standing_in(bank: Bank) -> Attempt:
    """Whom the request is about stands in for the assigned reviewer."""
    person = bank.first[0]
    request = ask(bank.maker, of=person)
    stand_in(assigned(request)[0], by=person)
    return Attempt(request, person, "concerns_reviewer", in_place_of=assigned(request)[0])


def second_decision_under_another_role(bank: Bank) -> Attempt:
    both = also(bank.first[0], Role.FINAL_REVIEWER)
    request = ask(bank.maker)
    approve(request, both)
    return Attempt(request, both, "decided_already")


def second_decision_at_the_same_stage(bank: Bank) -> Attempt:
    policy(stage(Role.FINAL_REVIEWER, quorum=2, assigned=3))
    request = ask(bank.maker)
    approve(request, bank.final[0])
    return Attempt(request, bank.final[0], "decided_already")


def second_decision_through_a_stand_in(bank: Bank) -> Attempt:
    """Somebody decided in Luo 1's place; Luo 1 comes back and would be a second voice for one seat."""
    policy(stage(Role.FINAL_REVIEWER, quorum=2, assigned=3))
    request = ask(bank.maker)
    for person in (bank.final[1], bank.final[2]):
        ReviewGrant.objects.filter(user=person).delete()
    stand_in(bank.final[0], by=bank.final[1])
    approve(request, bank.final[1])
    return Attempt(request, bank.final[0], "decided_already")


def stand_in_of_one_who_decided_an_earlier_stage(bank: Bank) -> Attempt:
    """Fang 1 decided stage 1; Luo 3 stands in for Fang 1, who may not decide stage 2 either."""
    principal = also(bank.first[0], Role.FINAL_REVIEWER)
    request = ask(bank.maker)
    approve(request, principal)
    stand_in(principal, by=bank.final[2])
    assert bank.final[2] not in assigned(request)
    return Attempt(request, bank.final[2], "not_assigned", in_place_of=principal, claim="decided_already")


def stand_in_of_one_who_has_had_their_say(bank: Bank) -> Attempt:
    """The decision was written past the service, which would have taken the right away with it."""
    policy(stage(Role.FIRST_REVIEWER, quorum=2, assigned=2))
    request = ask(bank.maker)
    absent = assigned(request)[0]
    (substitute,) = set(bank.first) - set(assigned(request))
    write_decision(request, absent)
    stand_in(absent, by=substitute)
    return Attempt(request, substitute, "decided_already", in_place_of=absent)


def stage_two_before_stage_one(bank: Bank) -> Attempt:
    return Attempt(ask(bank.maker), bank.final[0], "wrong_role")


def stage_one_after_it_was_decided(bank: Bank) -> Attempt:
    request = ask(bank.maker)
    other = assigned(request)[1]
    approve(request, assigned(request)[0])
    return Attempt(request, other, "wrong_role")


def after_expiry(bank: Bank) -> Attempt:
    """The expiry job never ran: the request still says it is pending."""
    request = ask(bank.maker, now=clock.now() - LONG_AGO)
    assert request.state == "PENDING"
    return Attempt(request, assigned(request)[0], "request_expired")


def after_rejection(bank: Bank) -> Attempt:
    request = ask(bank.maker)
    other = assigned(request)[1]
    reject(request, assigned(request)[0])
    return Attempt(request, other, "request_not_pending")


def after_execution(bank: Bank) -> Attempt:
    request = ask(bank.maker)
    approve(request)
    other = assigned(request)[1]
    approve(request)
    return Attempt(request, other, "request_not_pending")


def while_it_is_with_its_maker(bank: Bank) -> Attempt:
    request = ask(bank.maker)
    other = assigned(request)[1]
    send_back(request, assigned(request)[0])
    return Attempt(request, other, "request_not_pending")


def role_revoked_between_page_and_click(bank: Bank) -> Attempt:
    request = ask(bank.maker)
    return Attempt(request, no_longer(assigned(request)[0], Role.FIRST_REVIEWER), "wrong_role")


def disabled_between_page_and_click(bank: Bank) -> Attempt:
    request = ask(bank.maker)
    return Attempt(request, disabled(assigned(request)[0]), "reviewer_disabled")


def grant_taken_between_page_and_click(bank: Bank) -> Attempt:
    request = ask(bank.maker)
    person = assigned(request)[0]
    ReviewGrant.objects.filter(user=person).delete()
    return Attempt(request, person, "not_assigned")


def became_a_colleague_of_the_maker(bank: Bank) -> Attempt:
    """A teller may not review a teller, not even with a reviewer's role beside it."""
    request = ask(bank.maker)
    return Attempt(request, also(assigned(request)[0], Role.TELLER), "role_excluded")


def right_role_but_not_assigned(bank: Bank) -> Attempt:
    request = ask(bank.maker)
    (left_over,) = set(bank.first) - set(assigned(request))
    return Attempt(request, left_over, "not_assigned")


def administrator(bank: Bank) -> Attempt:
    return Attempt(ask(bank.maker), bank.administrator, "wrong_role")


def auditor(bank: Bank) -> Attempt:
    return Attempt(ask(bank.maker), bank.auditor, "wrong_role")


def same_pair_too_often(bank: Bank) -> Attempt:
    """Fang 1 approved this maker's last two requests, and the policy allows two in a row."""
    policy(pair_limit=2)
    requests = [ask(bank.maker, door=door) for door in (1, 2, 3)]
    for request in requests:
        if bank.first[0] not in assigned(request):
            write_grant(request, bank.first[0])
    approve(requests[0], bank.first[0])
    approve(requests[1], bank.first[0])
    return Attempt(requests[2], bank.first[0], "pair_too_often")


def stand_in_where_the_policy_allows_none(bank: Bank) -> Attempt:
    policy(stand_ins=False)
    request = ask(bank.maker)
    absent = assigned(request)[0]
    (substitute,) = set(bank.first) - set(assigned(request))
    stand_in(absent, by=substitute)
    return Attempt(request, substitute, "stand_in_not_allowed", in_place_of=absent)


def stand_in_whose_time_is_over(bank: Bank) -> Attempt:
    request = ask(bank.maker)
    absent = assigned(request)[0]
    (substitute,) = set(bank.first) - set(assigned(request))
    row = stand_in(absent, by=substitute)
    row.ended_at = clock.now()
    row.save(update_fields=["ended_at"])
    return Attempt(request, substitute, "not_assigned", in_place_of=absent, claim="not_a_stand_in")


def stand_in_for_one_who_lost_the_role(bank: Bank) -> Attempt:
    """Standing in brings time, not rights: whoever is represented must be able to decide."""
    request = ask(bank.maker)
    absent = assigned(request)[0]
    (substitute,) = set(bank.first) - set(assigned(request))
    stand_in(absent, by=substitute)
    return Attempt(request, substitute, "wrong_role", in_place_of=no_longer(absent, Role.FIRST_REVIEWER))


def stand_in_without_the_role(bank: Bank) -> Attempt:
    request = ask(bank.maker)
    stand_in(assigned(request)[0], by=bank.final[0])
    return Attempt(request, bank.final[0], "wrong_role", in_place_of=assigned(request)[0])


CASES: list[Callable[[Bank], Attempt]] = [
    own_request,
    own_request_with_another_role,
    own_request_standing_in,
    about_oneself,
    stand_in_for_whom_it_is_about,
    about_oneself_standing_in,
    second_decision_under_another_role,
    second_decision_at_the_same_stage,
    second_decision_through_a_stand_in,
    stand_in_of_one_who_decided_an_earlier_stage,
    stand_in_of_one_who_has_had_their_say,
    stage_two_before_stage_one,
    stage_one_after_it_was_decided,
    after_expiry,
    after_rejection,
    after_execution,
    while_it_is_with_its_maker,
    role_revoked_between_page_and_click,
    disabled_between_page_and_click,
    grant_taken_between_page_and_click,
    became_a_colleague_of_the_maker,
    right_role_but_not_assigned,
    administrator,
    auditor,
    same_pair_too_often,
    stand_in_where_the_policy_allows_none,
    stand_in_whose_time_is_over,
    stand_in_for_one_who_lost_the_role,
    stand_in_without_the_role,
]
# Whose exclusion does not end with an assignment: the others are only not asked, or too late.
EXCLUDED = [
    own_request,
    own_request_with_another_role,
    own_request_standing_in,
    about_oneself,
    about_oneself_standing_in,
    second_decision_under_another_role,
    second_decision_at_the_same_stage,
    second_decision_through_a_stand_in,
    stage_two_before_stage_one,
    stage_one_after_it_was_decided,
    after_rejection,
    after_execution,
    while_it_is_with_its_maker,
    role_revoked_between_page_and_click,
    disabled_between_page_and_click,
    became_a_colleague_of_the_maker,
    administrator,
    auditor,
    same_pair_too_often,
    stand_in_without_the_role,
]
every_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)


@every_case
@pytest.mark.parametrize("verdict", Verdict)
def test_the_service_refuses(bank: Bank, case: Callable[[Bank], Attempt], verdict: Verdict) -> None:
    attempt = case(bank)
    code = fresh_code(attempt.by)
    with refused(attempt.code):
        say(verdict, again(attempt.request), attempt.by, code=code, comment="because")


@every_case
def test_the_database_refuses(bank: Bank, case: Callable[[Bank], Attempt]) -> None:
    attempt = case(bank)
    with refused_by_database(f"^{attempt.claim or attempt.code}"):
        write_decision(attempt.request, attempt.by, in_place_of_id=attempt.in_place_of and attempt.in_place_of.pk)


@every_case
def test_the_page_says_the_same(bank: Bank, case: Callable[[Bank], Attempt]) -> None:
    attempt = case(bank)
    now, request = clock.now(), again(attempt.request)
    refusal = authority(request, attempt.by, now=now).refusal
    assert refusal is not None
    assert refusal.code == attempt.code
    assert attempt.by not in deciders(request, now=now)
    assert (request.pk,) not in execute("SELECT approvals_decidable(%s, %s)", attempt.by.pk, now)


@pytest.mark.parametrize("case", EXCLUDED, ids=lambda case: case.__name__)
def test_the_right_to_decide_is_not_given_to_the_excluded(bank: Bank, case: Callable[[Bank], Attempt]) -> None:
    attempt = case(bank)
    ReviewGrant.objects.filter(content_object=attempt.request, user=attempt.by).delete()
    with refused_by_database(f"^{attempt.code}"):
        write_grant(attempt.request, attempt.by)


def test_a_stage_can_be_forged_no_more_than_a_person(bank: Bank) -> None:
    """A final reviewer who writes a decision for stage 2 while stage 1 is open."""
    request = ask(bank.maker)
    with refused_by_database("^stage_not_open"):
        write_decision(request, bank.final[0], stage=2, role="final_reviewer")
    with refused_by_database("^stage_not_open"):
        write_decision(request, bank.first[0], stage=2)
    with refused_by_database("^stage_not_open"):
        write_decision(request, bank.final[0], role="final_reviewer")


def test_the_refusal_names_who_can(bank: Bank) -> None:
    request = ask(bank.maker)
    (left_over,) = set(bank.first) - set(assigned(request))
    refusal = authority(request, left_over, now=clock.now()).refusal
    assert refusal is not None
    assert all(person.full_name in str(refusal) for person in assigned(request))


def test_no_attempt_is_the_last_word(bank: Bank) -> None:
    """After all the refusals of an afternoon the request is decided as if nothing had been."""
    request = ask(bank.maker)
    before = AuditEvent.objects.count()
    for person in (bank.maker, bank.final[0], bank.administrator, bank.auditor):
        with refused("own_request" if person == bank.maker else "wrong_role"):
            say(Verdict.APPROVE, request, person, code="000000")
    assert AuditEvent.objects.count() == before
    approve(request)
    approve(request)
    assert again(request).state == "EXECUTED"
