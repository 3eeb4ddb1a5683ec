"""What a request is about is read by its maker, by who was asked, by who stands in for them, and by the auditor."""

from __future__ import annotations

from datetime import timedelta

import pytest

from approvals import selectors
from approvals.models import ApprovalRequest, StandIn
from bankops.core import clock
from staff.models import Branch, User
from staff.roles import Role
from tests.approvals.admin.conftest import At, Submit, decide
from tests.desk import ROLES, address, words
from tests.personas import hire

pytestmark = pytest.mark.django_db

READERS = {"teller", "first_reviewer", "auditor"}


@pytest.mark.parametrize("role", ROLES)
def test_by_role_while_the_first_review_is_open(
    waiting: ApprovalRequest, role: str, request: pytest.FixtureRequest, at: At
) -> None:
    person: User = request.getfixturevalue(role)
    assert selectors.may_read(waiting, person) is (role in READERS)
    if role != "outsider":
        shown = words(at(role).get(address(waiting)))
        assert ("CNY 60,000.00" in shown) is (role in READERS)
        assert ("Submitted for approval" in shown) is (role in READERS)


def test_who_decided_goes_on_reading_and_who_is_next_begins_to(
    waiting: ApprovalRequest, first_reviewer: User, final_reviewer: User, at: At
) -> None:
    assert not selectors.may_read(waiting, final_reviewer)
    decide(at("first_reviewer"), waiting, first_reviewer)
    assert selectors.readable_ids([waiting], first_reviewer) == {waiting.pk}
    assert selectors.readable_ids([waiting], final_reviewer) == {waiting.pk}


@pytest.fixture
def colleague(roles: None, branch: Branch) -> User:
    """Hold the role without having been asked: hired after the request was made."""
    return hire("T2003", "Fan Bo", Role.FIRST_REVIEWER, branch)


def test_a_stand_in_reads_as_long_as_they_stand_in(
    waiting: ApprovalRequest, first_reviewer: User, administrator: User, colleague: User
) -> None:
    assert not selectors.may_read(waiting, colleague)
    now = clock.now()
    stand_in = StandIn.objects.create(
        absent=first_reviewer,
        stand_in=colleague,
        starts_at=now - timedelta(minutes=1),
        ends_at=now + timedelta(days=1),
        reason="Holiday",
        named_by=administrator,
        named_at=now,
    )
    assert selectors.may_read(waiting, colleague)
    assert set(selectors.decidable(colleague, now)) == {waiting}

    stand_in.ended_at = now
    stand_in.save(update_fields=["ended_at"])
    assert not selectors.may_read(waiting, colleague)


def test_who_was_relieved_goes_on_reading(
    waiting: ApprovalRequest, first_reviewer: User, administrator: User, colleague: User, at: At
) -> None:
    fields = {"to": colleague.pk, "instead_of": first_reviewer.pk, "reason": "Holiday"}
    at("administrator").post(address(waiting, "reassign"), fields)
    assert selectors.may_read(waiting, first_reviewer)
    assert not selectors.decidable(first_reviewer, clock.now()).exists()
    assert selectors.may_read(waiting, colleague)


def test_the_auditor_reads_without_taking_part(waiting: ApprovalRequest, auditor: User) -> None:
    assert selectors.may_read(waiting, auditor)
    assert not selectors.takes_part(waiting, auditor)


def test_of_several_exactly_those(submit: Submit, operator: User, teller: User) -> None:
    own, others = submit(), submit(maker=operator)
    assert selectors.readable_ids([own, others], teller) == {own.pk}
