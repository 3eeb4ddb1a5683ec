"""The stand-ins' page: reviewers name their own, an administrator anybody's, nobody else any."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from approvals.models import StandIn
from bankops.core import clock
from staff.models import Branch, User
from staff.roles import Role
from tests.desk import ROLES, address, code, words
from tests.personas import SignIn, hire
from tests.unchanged import nothing_changes

pytestmark = pytest.mark.django_db

LIST = "/admin/approvals/standin/"
MINE, ANY = f"{LIST}name_my_stand_in/", f"{LIST}name_any_stand_in/"
REVIEWERS = {"first_reviewer", "final_reviewer", "risk_analyst", "finance"}
SEE = REVIEWERS | {"administrator", "auditor"}


@pytest.fixture
def colleague(roles: None, branch: Branch) -> User:
    return hire("T2003", "Fu Rong", Role.FIRST_REVIEWER, branch)


def minute(**ahead: int) -> str:
    local = timezone.localtime(clock.now() + timedelta(**ahead), timezone.get_default_timezone())
    return local.strftime("%Y-%m-%dT%H:%M")


def terms(stand_in: User, **fields: str) -> dict[str, str]:
    return {"stand_in": str(stand_in.pk), "ends_at": minute(days=3), "reason": "on leave", **fields}


def named(absent: User, stand_in: User) -> StandIn:
    now = clock.now()
    return StandIn.objects.create(
        absent=absent,
        stand_in=stand_in,
        starts_at=now,
        ends_at=now + timedelta(days=1),
        reason="on leave",
        named_by=absent,
        named_at=now,
    )


@pytest.mark.parametrize("role", ROLES)
def test_who_may_read_and_who_may_name(
    role: str, signed_in_client: SignIn, first_reviewer: User, colleague: User, request: pytest.FixtureRequest
) -> None:
    row = named(first_reviewer, colleague)
    client = signed_in_client(request.getfixturevalue(role))
    assert client.get(LIST).status_code == (200 if role in SEE else 403)
    assert client.get(address(row)).status_code == (200 if role in SEE else 403)
    assert client.get(MINE).status_code == (200 if role in REVIEWERS else 403)
    assert client.get(ANY).status_code == (200 if role == "administrator" else 403)
    ending = client.get(address(row, "end_stand_in")).status_code
    assert ending == (200 if role in REVIEWERS | {"administrator"} else 403)
    if role not in ("administrator", "first_reviewer"):
        with nothing_changes():
            for door in (ANY, address(row, "end_stand_in")):
                assert client.post(door, terms(colleague, absent=str(first_reviewer.pk))).status_code == 403
    assert StandIn.objects.get().ended_at is None


def test_a_reviewer_names_and_ends_their_own(signed_in_client: SignIn, first_reviewer: User, colleague: User) -> None:
    client = signed_in_client(first_reviewer)
    assert "Fu Rong stands in for Fang Rui." in words(client.post(MINE, terms(colleague), follow=True))
    row = StandIn.objects.get()
    assert (row.absent, row.named_by) == (first_reviewer, first_reviewer)
    assert "Fang Rui Fu Rong" in words(client.get(LIST))

    told = client.post(address(row, "end_stand_in"), {"reason": "back"}, follow=True)

    assert "The stand-in has ended." in words(told)
    assert StandIn.objects.get().ended_at is not None
    assert "ended early" in words(client.get(LIST))


def test_an_administrator_names_one_for_somebody(
    signed_in_client: SignIn, administrator: User, first_reviewer: User, colleague: User
) -> None:
    client = signed_in_client(administrator)
    sent = terms(colleague, absent=str(first_reviewer.pk), starts_at=minute(hours=1))
    assert client.post(ANY, sent).status_code == 302
    row = StandIn.objects.get()
    assert (row.absent, row.named_by) == (first_reviewer, administrator)
    assert row.starts_at > clock.now()


def test_this_minute_is_now(signed_in_client: SignIn, first_reviewer: User, colleague: User) -> None:
    sent = terms(colleague, starts_at=minute())
    assert signed_in_client(first_reviewer).post(MINE, sent).status_code == 302
    assert clock.now() - StandIn.objects.get().starts_at < timedelta(seconds=30)


@pytest.mark.parametrize(
    ("fields", "refusal"),
    [
        ({"starts_at": "2020-01-01T09:00"}, "stand_in_period_refused"),
        ({"ends_at": "2099-01-01T09:00"}, "stand_in_period_refused"),
        ({"reason": ""}, ""),
        ({"ends_at": ""}, ""),
    ],
)
def test_a_refusal_comes_back_in_words(
    signed_in_client: SignIn, first_reviewer: User, colleague: User, fields: dict[str, str], refusal: str
) -> None:
    client = signed_in_client(first_reviewer)
    with nothing_changes():
        answer = client.post(MINE, terms(colleague, **fields))
    assert (answer.status_code, code(answer)) == (422, refusal)
    assert not StandIn.objects.exists()


def test_a_stand_in_of_another_role_or_in_a_circle_is_refused(
    signed_in_client: SignIn, first_reviewer: User, final_reviewer: User, colleague: User
) -> None:
    client = signed_in_client(first_reviewer)
    assert code(client.post(MINE, terms(final_reviewer))) == "stand_in_without_role"
    assert code(client.post(MINE, terms(first_reviewer))) == "stand_in_is_oneself"
    named(colleague, first_reviewer)
    assert code(client.post(MINE, terms(colleague))) == "stand_in_circle"


def test_somebody_elses_is_not_ended_by_a_reviewer(
    signed_in_client: SignIn, first_reviewer: User, final_reviewer: User, colleague: User
) -> None:
    row = named(first_reviewer, colleague)
    answer = signed_in_client(final_reviewer).post(address(row, "end_stand_in"), {"reason": "no"})
    assert (answer.status_code, code(answer)) == (403, "permission_refused")


def test_a_long_list_asks_as_often_as_a_short_one(
    signed_in_client: SignIn, administrator: User, first_reviewer: User, branch: Branch
) -> None:
    client = signed_in_client(administrator)

    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(LIST).status_code == 200
        return len(queries)

    named(first_reviewer, hire("T2999", "Fu 0", Role.FIRST_REVIEWER, branch, phone=False))
    few = count()
    for number in range(20):
        person = hire(f"T30{number:02}", f"Reviewer {number}", Role.FIRST_REVIEWER, branch, phone=False)
        named(first_reviewer, person)
    assert count() == few
    assert few < 25
