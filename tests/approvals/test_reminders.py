"""Reminders, each once; and further reviewers where those asked may not decide any more."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from approvals import notice_kinds
from approvals.models import ApprovalRequest, ReviewGrant
from approvals.selectors import waiting
from approvals.services import reminders
from approvals.services.assignment import end_grants
from approvals.services.reminders import remind_due, top_up
from bankops.core import clock
from bankops.core.models import AuditEvent
from notifications.models import Notice
from notifications.notice_kinds import NoticeKind
from staff.models import Branch, User
from staff.roles import Role
from tests.approvals.asking import ask_for_role, asked, take_role
from tests.approvals.factories import Bank, approve, ask, disabled, policy, stage
from tests.committed import at_once
from tests.personas import hire
from tests.unchanged import nothing_changes

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def told(kind: NoticeKind) -> list[str]:
    return sorted(Notice.objects.filter(kind=kind).values_list("recipient__full_name", flat=True))


def swept(hours: float = 0) -> int:
    now = clock.now() + hours * HOUR
    return top_up(now=now, business_date=clock.business_date(now))


@pytest.fixture
def colleague(roles: None, branch: Branch) -> User:
    return hire("T2003", "Fu Rong", Role.FIRST_REVIEWER, branch)


@pytest.fixture
def request_(administrator: User, outsider: User, first_reviewer: User, colleague: User) -> ApprovalRequest:
    return ask_for_role(administrator, outsider)


# -- Reminders --------------------------------------------------------------------------------------------------------


def test_before_half_of_the_time_nobody_is_reminded(request_: ApprovalRequest) -> None:
    assert remind_due(now=request_.created_at + 11.9 * HOUR) == 0
    assert told(notice_kinds.HALF_TIME) == []


def test_at_half_time_those_who_may_decide_are_reminded_once(request_: ApprovalRequest) -> None:
    half = request_.created_at + 12 * HOUR
    assert [remind_due(now=half), remind_due(now=half), remind_due(now=half + HOUR)] == [1, 0, 0]
    assert told(notice_kinds.HALF_TIME) == ["Fang Rui", "Fu Rong"]
    request_.refresh_from_db()
    assert request_.reminded_half_at == half


def test_in_the_last_hour_they_are_reminded_once_more(request_: ApprovalRequest) -> None:
    remind_due(now=request_.created_at + 12 * HOUR)
    assert remind_due(now=request_.expires_at - 1.1 * HOUR) == 0
    last = request_.expires_at - HOUR
    assert [remind_due(now=last), remind_due(now=last + HOUR / 2)] == [1, 0]
    assert told(notice_kinds.EXPIRING) == ["Fang Rui", "Fu Rong"]


def test_a_beat_that_was_missed_leads_to_one_reminder_not_two(request_: ApprovalRequest) -> None:
    assert remind_due(now=request_.expires_at - HOUR / 2) == 1
    assert (told(notice_kinds.HALF_TIME), told(notice_kinds.EXPIRING)) == ([], ["Fang Rui", "Fu Rong"])


def test_after_its_time_nobody_is_reminded(request_: ApprovalRequest) -> None:
    assert remind_due(now=request_.expires_at) == 0


def test_who_may_not_decide_any_more_is_not_reminded(request_: ApprovalRequest, first_reviewer: User) -> None:
    take_role(first_reviewer, Role.FIRST_REVIEWER)
    remind_due(now=request_.created_at + 12 * HOUR)
    assert told(notice_kinds.HALF_TIME) == ["Fu Rong"]


# -- Further reviewers ------------------------------------------------------------------------------------------------


def test_enough_reviewers_are_left_alone(request_: ApprovalRequest) -> None:
    assert swept() == 0
    assert asked(request_) == {"Fang Rui", "Fu Rong"}


def test_one_who_may_decide_is_enough_for_a_quorum_of_one(request_: ApprovalRequest, first_reviewer: User) -> None:
    take_role(first_reviewer, Role.FIRST_REVIEWER)
    assert swept() == 0


def test_others_are_asked_when_those_asked_lost_the_role(
    request_: ApprovalRequest, first_reviewer: User, colleague: User, branch: Branch
) -> None:
    for person in (first_reviewer, colleague):
        take_role(person, Role.FIRST_REVIEWER)
    hire("T2009", "Fen Fang", Role.FIRST_REVIEWER, branch)

    assert [swept(), swept()] == [1, 0]

    assert asked(request_) == {"Fen Fang"}
    assert request_.assignments.filter(ended_at__isnull=True).count() == 1
    assert "Fen Fang" in told(notice_kinds.ASSIGNED)


def test_nobody_eligible_at_submission_is_made_up_for_once_there_is_somebody(
    administrator: User, outsider: User, branch: Branch
) -> None:
    request = ask_for_role(administrator, outsider)
    assert (asked(request), told(notice_kinds.NOBODY)) == (set(), ["Guan Li"])

    assert [swept(), swept()] == [0, 0]
    assert told(notice_kinds.NOBODY) == ["Guan Li"], "the administrators are told once, not at every sweep"

    hire("T2009", "Fen Fang", Role.FIRST_REVIEWER, branch)
    assert swept() == 1
    assert asked(request) == {"Fen Fang"}


def test_when_the_last_reviewer_goes_the_administrators_are_told_once(
    administrator: User, outsider: User, first_reviewer: User
) -> None:
    request = ask_for_role(administrator, outsider)
    first_reviewer.is_active = False
    first_reviewer.save(update_fields=["is_active"])

    assert [swept(), swept()] == [0, 0]

    assert (asked(request), told(notice_kinds.NOBODY)) == (set(), ["Guan Li"])
    assert AuditEvent.objects.filter(event_type="approvals.request.unassignable").count() == 1


def test_who_approved_too_often_in_a_row_is_replaced_once_there_is_somebody_else(bank: Bank) -> None:
    policy(*(stage(role, assigned=1) for role in (Role.FIRST_REVIEWER, Role.FINAL_REVIEWER)), pair_limit=1)
    alone, other = bank.first[0], disabled(bank.first[1])
    disabled(bank.first[2])
    done, waits = ask(bank.maker, door=1), ask(bank.maker, door=2)
    approve(done, alone)

    assert (swept(), asked(waits)) == (0, {"Fang 1"}), "a stand-in may still act in their place"

    other.is_active = True
    other.save(update_fields=["is_active"])
    assert (swept(), asked(waits)) == (1, {"Fang 2"})


def test_an_expired_request_gets_no_reviewers(administrator: User, outsider: User, branch: Branch) -> None:
    ask_for_role(administrator, outsider)
    hire("T2009", "Fen Fang", Role.FIRST_REVIEWER, branch)
    assert swept(hours=24) == 0


def test_a_request_that_cannot_be_filled_up_keeps_no_other_waiting(
    administrator: User, outsider: User, first_reviewer: User, branch: Branch
) -> None:
    broken = ask_for_role(administrator, outsider)
    waits = ask_for_role(administrator, hire("T4001", "New 1", None, branch, phone=False))
    for request in (broken, waits):
        ReviewGrant.objects.filter(content_object=request).delete()
    waits.assignments.update(ended_at=clock.now())  # the other's still says that the reviewer was asked
    assert swept() == 1
    assert (asked(broken), asked(waits)) == (set(), {"Fang Rui"})


def test_whom_the_request_is_about_is_nobody_to_ask(bank: Bank) -> None:
    """Only they are left: nothing can be done, so no sweep writes anything."""
    for person in bank.first[1:]:
        disabled(person)
    request = ask(bank.maker, of=bank.first[0])
    assert asked(request) == set()
    with nothing_changes():
        assert waiting.short_of_reviewers(now=clock.now(), limit=10) == []
        assert [swept(), swept()] == [0, 0]


@pytest.mark.parametrize("step", ["_remind", "_top_up"])
def test_one_faulty_request_keeps_no_other_from_its_turn(
    bank: Bank, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    faulty, sound = ask(bank.maker, door=1), ask(bank.maker, door=2)
    for request in (faulty, sound):
        end_all(request)
    does = getattr(reminders, step)

    def breaks(which: UUID | waiting.Short, *args: Any, **kwargs: Any) -> bool:
        if faulty.pk in (which, getattr(which, "request_id", None)):
            raise ValueError("nobody expected this")
        return bool(does(which, *args, **kwargs))

    monkeypatch.setattr(reminders, step, breaks)
    done = swept() if step == "_top_up" else remind_due(now=sound.created_at + 13 * HOUR)
    assert done == 1
    assert bool(asked(sound)) == (step == "_top_up")
    assert asked(faulty) == set()


@transaction.atomic
def end_all(request: ApprovalRequest) -> None:
    end_grants(request, now=clock.now())


def test_the_sweep_looks_at_many_requests_in_one_query(
    administrator: User, first_reviewer: User, colleague: User, branch: Branch
) -> None:
    for number in range(20):
        ask_for_role(administrator, hire(f"T40{number:02}", f"New {number}", None, branch, phone=False))
    with CaptureQueriesContext(connection) as queries:
        assert swept() == 0
    assert len(queries) == 1


def test_the_sweep_says_the_same_as_the_rule_for_one_request(
    administrator: User, outsider: User, first_reviewer: User, colleague: User
) -> None:
    """`_SHORT` repeats `approvals_exclusion` over a whole set: both must call the same people unable to decide."""
    request = ask_for_role(administrator, outsider)
    assert waiting.short_of_reviewers(now=clock.now(), limit=10) == []
    for person in (first_reviewer, colleague):
        take_role(person, Role.FIRST_REVIEWER)
    assert waiting.short_of_reviewers(now=clock.now(), limit=10) == [waiting.Short(request.pk, others=False)]
    ReviewGrant.objects.all().delete()
    assert waiting.short_of_reviewers(now=clock.now(), limit=10) == [], "nothing can be done about it"


def test_two_workers_remind_of_each_request_once(
    committed_db: None, administrator: User, first_reviewer: User, colleague: User, branch: Branch
) -> None:
    for number in range(6):
        ask_for_role(administrator, hire(f"T40{number:02}", f"New {number}", None, branch, phone=False))
    half = clock.now() + 13 * HOUR
    done = at_once(*[lambda: remind_due(now=half)] * 4)
    assert sum(count for count in done if isinstance(count, int)) == 6, done
    assert len(told(notice_kinds.HALF_TIME)) == 12
