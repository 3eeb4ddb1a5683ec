"""The duty roster: holders of the role only, no day twice, and rotation asks who is on duty first."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from approvals.models import Duty
from approvals.services.roster import add_duty, end_duty
from bankops.core import clock
from bankops.core.models import AuditEvent
from staff.models import Branch, User
from staff.roles import Role
from tests.approvals.asking import ask_for_role, asked
from tests.personas import hire
from tests.unchanged import refused, refused_by_database

pytestmark = pytest.mark.django_db

MONDAY = date(2026, 11, 23)
WORKDAYS = "12345"


def added(user: User, by: User, *, role: Role = Role.FIRST_REVIEWER, **kept: Any) -> Duty:
    terms: dict[str, Any] = {"weekdays": WORKDAYS, "since": MONDAY, "until": None, "business_date": MONDAY, **kept}
    return add_duty(user=user, role=role, actor=by.as_actor(), now=clock.now(), **terms)


def ended(duty: Duty, by: User, last_day: date, today: date = MONDAY) -> Duty:
    return end_duty(duty_id=duty.pk, last_day=last_day, actor=by.as_actor(), now=clock.now(), business_date=today)


def test_rotation_asks_who_is_on_duty_first(administrator: User, outsider: User, branch: Branch) -> None:
    people = [hire(f"T30{n:02}", f"Reviewer {n}", Role.FIRST_REVIEWER, branch) for n in range(5)]
    today = clock.business_date()
    for person in people[3:]:
        added(person, administrator, weekdays="1234567", since=today, business_date=today)

    assert asked(ask_for_role(administrator, outsider)) == {"Reviewer 3", "Reviewer 4"}


def test_a_duty_is_audited_with_its_days(administrator: User, first_reviewer: User) -> None:
    duty = added(first_reviewer, administrator, weekdays="53211", until=MONDAY + timedelta(days=30))
    ended(duty, administrator, MONDAY)

    begun, over = AuditEvent.objects.filter(event_type__startswith="approvals.duty.").order_by("id")
    assert (begun.event_type, over.event_type) == ("approvals.duty.added", "approvals.duty.ended")
    assert begun.detail == {
        "role": "first_reviewer",
        "weekdays": "1235",
        "since": "2026-11-23",
        "until": "2026-12-23",
    }
    assert over.detail["until"] == "2026-11-23"
    assert begun.subject_id == first_reviewer.public_id


def test_only_who_holds_the_role_is_put_on_duty(administrator: User, final_reviewer: User) -> None:
    with refused("duty_without_role"):
        added(final_reviewer, administrator)


def test_a_role_that_reviews_nothing_has_no_duty(administrator: User, teller: User) -> None:
    with refused("duty_without_role"):
        added(teller, administrator, role=Role.TELLER)


def test_who_left_has_no_duty(administrator: User, first_reviewer: User) -> None:
    first_reviewer.is_active = False
    first_reviewer.save(update_fields=["is_active"])
    with refused("reviewer_disabled"):
        added(first_reviewer, administrator)


@pytest.mark.parametrize(
    "period",
    [
        {"weekdays": ""},
        {"weekdays": "89"},
        {"since": MONDAY - timedelta(days=1)},
        {"until": MONDAY - timedelta(days=1)},
    ],
    ids=["no weekday", "weekdays nobody knows", "in the past", "ends before it begins"],
)
def test_a_duty_has_at_least_one_day(administrator: User, first_reviewer: User, period: dict[str, Any]) -> None:
    with refused("duty_period_refused"):
        added(first_reviewer, administrator, **period)


def test_nobody_is_on_the_roster_twice_for_a_day(administrator: User, first_reviewer: User) -> None:
    added(first_reviewer, administrator, until=MONDAY + timedelta(days=10))
    with refused("duty_overlaps"):
        added(first_reviewer, administrator, weekdays="567", since=MONDAY + timedelta(days=10))
    assert added(first_reviewer, administrator, weekdays="67").pk, "other days of the week"
    assert added(first_reviewer, administrator, since=MONDAY + timedelta(days=11)).pk, "after the first has ended"


def test_a_duty_ends_after_its_last_day(administrator: User, first_reviewer: User) -> None:
    duty = added(first_reviewer, administrator)
    today = MONDAY + timedelta(days=3)
    ended(duty, administrator, today, today)
    assert Duty.objects.get(pk=duty.pk).until == today


def test_a_duty_that_never_began_leaves_the_roster(administrator: User, first_reviewer: User) -> None:
    duty = added(first_reviewer, administrator, since=MONDAY + timedelta(days=7))
    ended(duty, administrator, MONDAY)
    assert not Duty.objects.filter(pk=duty.pk).exists()
    assert AuditEvent.objects.filter(event_type="approvals.duty.ended").exists()


@pytest.mark.parametrize("last_day", [MONDAY - timedelta(days=2), MONDAY + timedelta(days=5)])
def test_a_duty_is_not_made_longer_nor_its_past_rewritten(
    administrator: User, first_reviewer: User, last_day: date
) -> None:
    duty = added(first_reviewer, administrator, until=MONDAY + timedelta(days=5))
    with refused("duty_ends_earlier"):
        ended(duty, administrator, last_day)


def test_a_duty_that_does_not_exist_does_not_end(administrator: User) -> None:
    with refused("unknown_duty"):
        end_duty(duty_id=0, last_day=MONDAY, actor=administrator.as_actor(), now=clock.now(), business_date=MONDAY)


@pytest.mark.parametrize(
    ("constraint", "fields"),
    [
        ("duty_ends_after_start", {"until": MONDAY - timedelta(days=1)}),
        ("duty_weekdays", {"weekdays": ""}),
        ("duty_weekdays", {"weekdays": "31"}),
    ],
)
def test_the_database_refuses_days_that_are_none(
    first_reviewer: User, constraint: str, fields: dict[str, object]
) -> None:
    with refused_by_database(constraint):
        Duty.objects.create(**{"user": first_reviewer, "role": "first_reviewer", "since": MONDAY, **fields})
