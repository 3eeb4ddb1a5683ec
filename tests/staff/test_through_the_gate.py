"""What two reviewers agreed to is done to a person; what somebody changed meanwhile is not."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from approvals.models import ApprovalRequest, State, Verdict
from approvals.services import Seen, decide
from bankops.core import clock, operations
from bankops.core.actor import Actor
from bankops.core.models import AuditEvent
from staff.models import User
from staff.roles import Role
from staff.selectors import roles_of
from tests.consent import as_if_consented
from tests.personas import code_of
from tests.unchanged import everything

WISHES: dict[str, tuple[str, dict[str, str], str]] = {
    "staff.grant_role": ("teller", {"role": "operator"}, "staff.user.role_granted"),
    "staff.revoke_role": ("teller", {"role": "teller"}, "staff.user.role_revoked"),
    "staff.disable_user": ("teller", {}, "staff.user.disabled"),
    "staff.enable_user": ("gone", {}, "staff.user.enabled"),
    "staff.reset_second_factor": ("teller", {}, "staff.user.second_factor_reset"),
}


@pytest.fixture
def gone(operator: User) -> User:
    operator.is_active = False
    operator.save(update_fields=["is_active"])
    return operator


# By the real clock: the database lets nobody decide what has expired, whatever the time it is told.
@pytest.fixture
def order(administrator: User) -> operations.Order:
    return operations.Order(actor=administrator.as_actor(), now=clock.now(), reason="As agreed")


def approve(request: ApprovalRequest, reviewer: User, at: datetime) -> ApprovalRequest:
    request.refresh_from_db()
    seen = Seen(request.pk, request.sight)
    return decide(
        seen=seen, verdict=Verdict.APPROVE, reviewer=reviewer, code=code_of(reviewer, at), comment="Asked back", now=at
    ).request


def people() -> list[tuple[str, str]]:
    """Return every row about sign-ins, roles and phones, without what a reviewer's own code used up."""
    tables = {"staff_user", "staff_user_groups", "staff_historicaluser", "staff_recoverycode"}
    return [line for line in everything() if line[0] in tables]


@pytest.mark.parametrize("key", WISHES)
def test_it_is_done_by_the_second_review_and_not_before(
    request: pytest.FixtureRequest, order: operations.Order, first_reviewer: User, final_reviewer: User, key: str
) -> None:
    persona, more, event_type = WISHES[key]
    user: User = request.getfixturevalue(persona)
    before = people()
    outcome = operations.submit(key, {"user": user.public_id, **more}, order)
    assert not outcome.done
    assert approve(outcome.request, first_reviewer, order.now).state == State.PENDING
    assert people() == before
    assert approve(outcome.request, final_reviewer, order.now + timedelta(seconds=30)).state == State.EXECUTED
    assert people() != before
    event = AuditEvent.objects.get(event_type=event_type)
    assert (event.actor_id, event.reason, event.subject_id) == (order.actor.id, "As agreed", user.public_id)
    assert event.approval_request_id == outcome.request.public_id


def test_roles_that_changed_meanwhile_make_it_stale(
    order: operations.Order, teller: User, first_reviewer: User, final_reviewer: User
) -> None:
    parked = operations.submit("staff.grant_role", {"user": teller.public_id, "role": "operator"}, order).request
    approve(parked, first_reviewer, order.now)
    with as_if_consented():
        operations.get("staff.grant_role").execute({"user": teller.public_id, "role": "finance"}, order)
    assert approve(parked, final_reviewer, order.now + timedelta(seconds=30)).state == State.STALE
    assert roles_of(teller) == [Role.TELLER, Role.FINANCE]


def test_a_maker_who_lost_the_right_meanwhile_changes_nothing(
    order: operations.Order, administrator: User, teller: User, first_reviewer: User, final_reviewer: User
) -> None:
    parked = operations.submit("staff.disable_user", {"user": teller.public_id}, order).request
    approve(parked, first_reviewer, order.now)
    administrator.groups.clear()
    assert approve(parked, final_reviewer, order.now + timedelta(seconds=30)).state == State.STALE
    teller.refresh_from_db()
    assert teller.is_active


def test_the_last_administrator_stays_although_two_reviewers_agreed(
    administrator: User, first_reviewer: User, final_reviewer: User, teller: User
) -> None:
    """Two are asked to go; neither is the last when it is asked, one of them is when it comes to be done."""
    teller.groups.set(administrator.groups.all())
    order = operations.Order(actor=Actor.system("test"), now=clock.now(), reason="As agreed")
    one, two = (
        operations.submit("staff.disable_user", {"user": user.public_id}, order).request
        for user in (teller, administrator)
    )
    approve(one, first_reviewer, order.now)
    approve(two, first_reviewer, order.now + timedelta(seconds=30))
    assert approve(one, final_reviewer, order.now + timedelta(seconds=30)).state == State.EXECUTED
    ended = approve(two, final_reviewer, order.now + timedelta(seconds=60))
    assert (ended.state, ended.error_code) == (State.FAILED, "last_administrator")
    administrator.refresh_from_db()
    assert administrator.is_active
