"""Stand-ins: bounded in time, never in a circle, never without the role, and with both names in the audit."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from approvals import eligibility
from approvals.models import StandIn
from approvals.services.stand_ins import LONGEST, end_stand_in, name_stand_in
from bankops.core import clock
from bankops.core.models import AuditEvent
from staff.models import Branch, User
from staff.roles import Role
from tests.approvals.asking import ask_for_role, asked
from tests.personas import hire
from tests.unchanged import refused, refused_by_database

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def colleague(roles: None, branch: Branch) -> User:
    return hire("T2003", "Fu Rong", Role.FIRST_REVIEWER, branch)


@pytest.fixture
def third(roles: None, branch: Branch) -> User:
    return hire("T2004", "Fan Bing", Role.FIRST_REVIEWER, branch)


def named(
    absent: User, stand_in: User, *, by: User | None = None, starts: timedelta = timedelta(), **kept: object
) -> StandIn:
    now = clock.now()
    terms = {"starts_at": now + starts, "ends_at": now + starts + DAY, "reason": "on leave", **kept}
    return name_stand_in(absent=absent, stand_in=stand_in, actor=by or absent, now=now, **terms)  # type: ignore[arg-type]


def test_a_stand_in_decides_in_the_others_place(
    administrator: User, outsider: User, first_reviewer: User, colleague: User
) -> None:
    request = ask_for_role(administrator, outsider)
    # The rotation asked both; the colleague's own right is taken away, so that only the other's place is left.
    request.grants.filter(user=colleague).delete()
    assert isinstance(eligibility.authority(request, colleague, now=clock.now()).refusal, Exception)

    raw(first_reviewer, colleague)  # since an hour ago: the database's own clock stands still during a test

    allowed = eligibility.authority(request, colleague, now=clock.now())
    assert (allowed.refusal, allowed.in_place_of) == (None, first_reviewer)
    assert asked(request) == {"Fang Rui"}


def test_both_names_stand_in_the_audit(first_reviewer: User, colleague: User) -> None:
    row = named(first_reviewer, colleague)
    end_stand_in(stand_in_id=row.pk, actor=first_reviewer, reason="back early", now=clock.now())

    told = AuditEvent.objects.filter(event_type__startswith="approvals.stand_in.").order_by("id")
    assert [event.event_type for event in told] == ["approvals.stand_in.named", "approvals.stand_in.ended"]
    for event in told:
        assert event.subject_id == first_reviewer.public_id
        assert (event.detail["absent"], event.detail["stand_in"]) == ("Fang Rui", "Fu Rong")
    assert [event.reason for event in told] == ["on leave", "back early"]


def test_an_administrator_names_one_for_somebody_else(
    administrator: User, first_reviewer: User, colleague: User
) -> None:
    assert named(first_reviewer, colleague, by=administrator).named_by == administrator


def test_a_reviewer_names_none_for_somebody_else(first_reviewer: User, colleague: User, third: User) -> None:
    with refused("permission_refused"):
        named(first_reviewer, colleague, by=third)


def test_somebody_who_does_not_review_names_none(teller: User, colleague: User) -> None:
    with refused("permission_refused"):
        named(teller, colleague)


def test_a_reason_is_needed(first_reviewer: User, colleague: User) -> None:
    with refused("reason_required"):
        named(first_reviewer, colleague, reason=" ")


def test_nobody_stands_in_for_themselves(first_reviewer: User) -> None:
    with refused("stand_in_is_oneself"):
        named(first_reviewer, first_reviewer)


def test_a_stand_in_holds_one_of_the_reviewing_roles(first_reviewer: User, final_reviewer: User) -> None:
    with refused("stand_in_without_role"):
        named(first_reviewer, final_reviewer)


def test_somebody_who_left_stands_in_for_nobody(first_reviewer: User, colleague: User) -> None:
    colleague.is_active = False
    colleague.save(update_fields=["is_active"])
    with refused("reviewer_disabled"):
        named(first_reviewer, colleague)


@pytest.mark.parametrize(
    ("starts", "lasts"),
    [(-DAY, 2 * DAY), (DAY, timedelta()), (DAY, -DAY), (timedelta(), LONGEST + timedelta(seconds=1))],
    ids=["began in the past", "no time at all", "ends before it begins", "longer than 60 days"],
)
def test_the_time_is_bounded(first_reviewer: User, colleague: User, starts: timedelta, lasts: timedelta) -> None:
    now = clock.now()
    with refused("stand_in_period_refused"):
        named(first_reviewer, colleague, starts_at=now + starts, ends_at=now + starts + lasts)


def test_sixty_days_are_allowed(first_reviewer: User, colleague: User) -> None:
    now = clock.now()
    row = named(first_reviewer, colleague, starts_at=now + DAY, ends_at=now + DAY + LONGEST)
    assert row.ends_at - row.starts_at == timedelta(days=60)


def test_the_same_two_twice_at_a_time_is_one_too_many(first_reviewer: User, colleague: User) -> None:
    named(first_reviewer, colleague)
    with refused("stand_in_named_already"):
        named(first_reviewer, colleague, starts=DAY / 2)
    assert named(first_reviewer, colleague, starts=2 * DAY).pk


def test_nobody_stands_in_in_a_circle(first_reviewer: User, colleague: User, third: User) -> None:
    named(first_reviewer, colleague)
    named(colleague, third)
    with refused("stand_in_circle"):
        named(third, first_reviewer)
    assert named(third, first_reviewer, starts=2 * DAY).pk, "at another time it is no circle"


def test_the_database_knows_circles_too(first_reviewer: User, colleague: User) -> None:
    named(first_reviewer, colleague)
    with refused_by_database("stand_in_circle"):
        raw(colleague, first_reviewer)


@pytest.mark.parametrize(
    ("constraint", "self_in", "lasts"),
    [("stand_in_is_another", True, DAY), ("stand_in_bounded", False, -DAY)],
)
def test_the_database_refuses_what_makes_no_sense(
    first_reviewer: User, colleague: User, constraint: str, self_in: bool, lasts: timedelta
) -> None:
    words = "stand_in_circle|stand_in_is_another" if self_in else constraint
    with refused_by_database(words):
        raw(first_reviewer, first_reviewer if self_in else colleague, lasts=lasts)


def test_a_stand_in_in_the_database_only_ends_and_only_once(first_reviewer: User, colleague: User) -> None:
    row = named(first_reviewer, colleague)
    with pytest.raises(IntegrityError, match="only_ends"), transaction.atomic():
        StandIn.objects.filter(pk=row.pk).update(ends_at=row.ends_at + DAY)
    StandIn.objects.filter(pk=row.pk).update(ended_at=clock.now())
    with pytest.raises(IntegrityError, match="only_ends"), transaction.atomic():
        StandIn.objects.filter(pk=row.pk).update(ended_at=None)


def test_what_has_ended_does_not_end_again(first_reviewer: User, colleague: User) -> None:
    row = named(first_reviewer, colleague)
    end_stand_in(stand_in_id=row.pk, actor=first_reviewer, reason="back", now=clock.now())
    with refused("stand_in_over"):
        end_stand_in(stand_in_id=row.pk, actor=first_reviewer, reason="back", now=clock.now())


def test_the_stand_in_cannot_end_it(first_reviewer: User, colleague: User) -> None:
    row = named(first_reviewer, colleague)
    with refused("permission_refused"):
        end_stand_in(stand_in_id=row.pk, actor=colleague, reason="busy", now=clock.now())


def test_one_that_does_not_exist_does_not_end(first_reviewer: User) -> None:
    with refused("unknown_stand_in"):
        end_stand_in(stand_in_id=0, actor=first_reviewer, reason="back", now=clock.now())


def raw(absent: User, stand_in: User, lasts: timedelta = DAY) -> StandIn:
    now: datetime = clock.now() - timedelta(hours=1)
    return StandIn.objects.create(
        absent=absent, stand_in=stand_in, starts_at=now, ends_at=now + lasts, reason="x", named_by=absent, named_at=now
    )
