"""The roster's page: who is on duty today, and who may change it. And unlocking a reviewer on the person's page."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from approvals.models import CodeLock, Duty
from bankops.core import clock
from staff.models import Branch, User
from staff.roles import Role
from tests.desk import ROLES, address, code, words
from tests.personas import SignIn, hire
from tests.unchanged import nothing_changes

pytestmark = pytest.mark.django_db

LIST = "/admin/approvals/duty/"
ADD = f"{LIST}add_duty/"
SEE = {"first_reviewer", "final_reviewer", "risk_analyst", "finance", "administrator", "auditor"}


@pytest.fixture
def keeper(signed_in_client: SignIn, administrator: User) -> Client:
    return signed_in_client(administrator)


def on_duty(person: User, **fields: object) -> Duty:
    today = clock.business_date()
    return Duty.objects.create(**{"user": person, "role": "first_reviewer", "since": today, **fields})


def terms(person: User, **fields: object) -> dict[str, object]:
    today = clock.business_date().isoformat()
    return {"user": str(person.pk), "role": "first_reviewer", "weekdays": list("12345"), "since": today, **fields}


@pytest.mark.parametrize("role", ROLES)
def test_who_may_read_and_who_may_change(
    role: str, signed_in_client: SignIn, first_reviewer: User, request: pytest.FixtureRequest
) -> None:
    duty = on_duty(first_reviewer)
    client = signed_in_client(request.getfixturevalue(role))
    assert client.get(LIST).status_code == (200 if role in SEE else 403)
    assert client.get(address(duty)).status_code == (200 if role in SEE else 403)
    for door in (ADD, address(duty, "end_duty")):
        allowed = role == "administrator"
        assert client.get(door).status_code == (200 if allowed else 403)
        if not allowed:
            with nothing_changes():
                assert client.post(door, terms(first_reviewer)).status_code == 403
    assert Duty.objects.get().until is None


def test_the_page_says_who_is_on_duty_today(
    keeper: Client, first_reviewer: User, final_reviewer: User, branch: Branch
) -> None:
    tomorrow = clock.business_date() + timedelta(days=1)
    on_duty(first_reviewer)
    on_duty(hire("T2003", "Fu Rong", Role.FIRST_REVIEWER, branch), since=tomorrow)
    said = words(keeper.get(LIST))
    assert "On duty today First reviewer Fang Rui Final reviewer Nobody: the 1 person with this role is asked" in said
    assert "Risk analyst Nobody holds this role" in said


def test_somebody_is_put_on_duty_and_taken_off(keeper: Client, first_reviewer: User) -> None:
    assert "Fang Rui is on the roster." in words(keeper.post(ADD, terms(first_reviewer), follow=True))
    duty = Duty.objects.get()
    assert (duty.user, duty.weekdays, duty.until) == (first_reviewer, "12345", None)
    today = clock.business_date()
    told = keeper.post(address(duty, "end_duty"), {"last_day": today.isoformat()}, follow=True)
    assert "The duty of Fang Rui ends." in words(told)
    assert Duty.objects.get().until == today


def test_a_duty_that_never_began_can_be_taken_off(keeper: Client, first_reviewer: User) -> None:
    today = clock.business_date()
    duty = on_duty(first_reviewer, since=today + timedelta(days=5))
    assert keeper.post(address(duty, "end_duty"), {"last_day": today.isoformat()}, follow=True).status_code == 200
    assert not Duty.objects.exists()


@pytest.mark.parametrize(
    ("fields", "status", "refusal"),
    [
        ({"role": "final_reviewer"}, 422, "duty_without_role"),
        ({"until": "2020-01-01"}, 422, "duty_period_refused"),
        ({"weekdays": []}, 422, ""),
        ({"since": "soon"}, 422, ""),
    ],
)
def test_a_refusal_comes_back_in_words(
    keeper: Client, first_reviewer: User, fields: dict[str, object], status: int, refusal: str
) -> None:
    with nothing_changes():
        answer = keeper.post(ADD, terms(first_reviewer, **fields))
    assert (answer.status_code, code(answer)) == (status, refusal)
    assert not Duty.objects.exists()


def test_an_overlap_is_a_conflict(keeper: Client, first_reviewer: User) -> None:
    on_duty(first_reviewer)
    answer = keeper.post(ADD, terms(first_reviewer))
    assert (answer.status_code, code(answer)) == (409, "duty_overlaps")


def test_a_long_roster_asks_as_often_as_a_short_one(keeper: Client, first_reviewer: User, branch: Branch) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert keeper.get(LIST).status_code == 200
        return len(queries)

    on_duty(first_reviewer)
    few = count()
    for number in range(20):
        on_duty(hire(f"T30{number:02}", f"Reviewer {number}", Role.FIRST_REVIEWER, branch, phone=False))
    assert count() == few
    assert few < 25


# -- Unlocking --------------------------------------------------------------------------------------------------------


def test_an_administrator_unlocks_a_reviewer(keeper: Client, first_reviewer: User) -> None:
    assert "Unlock deciding" not in words(keeper.get(address(first_reviewer)))
    CodeLock.objects.create(user=first_reviewer, failure_count=5, locked_at=clock.now())
    assert "Unlock deciding" in words(keeper.get(address(first_reviewer)))

    told = keeper.post(address(first_reviewer, "unlock_reviewer"), {"reason": "it was they"}, follow=True)

    assert "Fang Rui can decide again." in words(told)
    assert CodeLock.objects.get().locked_at is None
    again = keeper.post(address(first_reviewer, "unlock_reviewer"), {"reason": "once more"})
    assert code(again) == "not_locked"


@pytest.mark.parametrize("role", [role for role in ROLES if role != "administrator"])
def test_nobody_else_does(
    role: str, signed_in_client: SignIn, first_reviewer: User, request: pytest.FixtureRequest
) -> None:
    CodeLock.objects.create(user=first_reviewer, failure_count=5, locked_at=clock.now())
    client = signed_in_client(request.getfixturevalue(role))
    assert client.post(address(first_reviewer, "unlock_reviewer"), {"reason": "please"}).status_code == 403
    assert CodeLock.objects.get().locked_at is not None
