"""Analysts who ask for the next alert at the same moment, and rules that raise about the same thing; with their twins."""

from __future__ import annotations

import pytest
from django.db import IntegrityError

from risk import errors, locks, services
from risk.models import Alert, AlertKind, AlertState
from risk.services import AlertAbout, alerts
from staff.models import User
from staff.roles import Role
from tests.accounts.factories import NOW, home_branch
from tests.committed import at_once
from tests.personas import hire, make_roles
from tests.risk.alerts.factories import NIGHT, make_alert

pytestmark = pytest.mark.usefixtures("committed_db")

_LOCK = "FOR NO KEY UPDATE OF a SKIP LOCKED"


def slowly(monkeypatch: pytest.MonkeyPatch, *, locked: bool) -> None:
    """Have everybody pause between finding the next alert and taking it, with and without the lock."""
    assert locks._NEXT.count(_LOCK) == 1
    found = locks._NEXT if locked else locks._NEXT.replace(_LOCK, "")
    monkeypatch.setattr(
        locks, "_NEXT", f"WITH found AS MATERIALIZED ({found}) SELECT id, pg_sleep(0.3)::text FROM found"
    )


def analysts(count: int) -> list[User]:
    make_roles()
    branch = home_branch()
    return [hire(f"T30{place:02d}", f"Analyst {place}", Role.RISK_ANALYST, branch) for place in range(count)]


def take(person: User) -> str:
    return services.take_next_alert(person=person, now=NOW).reference


def test_two_analysts_never_get_the_same_alert(monkeypatch: pytest.MonkeyPatch) -> None:
    people = analysts(4)
    for _alert in people:
        make_alert()
    slowly(monkeypatch, locked=True)
    taken = at_once(*[lambda person=person: take(person) for person in people])
    assert len(set(taken)) == 4
    assert set(Alert.objects.values_list("assignee", flat=True)) == {person.pk for person in people}


def test_without_the_lock_they_would(monkeypatch: pytest.MonkeyPatch) -> None:
    people = analysts(2)
    make_alert()
    make_alert()
    slowly(monkeypatch, locked=False)
    taken = at_once(*[lambda person=person: take(person) for person in people])
    assert len(set(taken)) == 1


def test_the_last_one_goes_to_one_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    people = analysts(3)
    make_alert()
    slowly(monkeypatch, locked=True)
    taken = at_once(*[lambda person=person: take(person) for person in people])
    assert [type(one) for one in taken].count(errors.QueueEmpty) == 2
    assert Alert.objects.get().state == AlertState.ASSIGNED


def _raise() -> str:
    about = AlertAbout(dedupe_key="the same thing")
    return services.raise_alert(kind=AlertKind.MONITORING, score=500, about=about, reasons=[NIGHT], now=NOW).reference


def test_what_is_raised_eight_times_at_once_is_one_alert() -> None:
    raised = at_once(*[_raise] * 8)
    assert len(set(raised)) == 1
    assert Alert.objects.get().raised_count == 8


def test_without_counting_in_the_same_statement_the_others_would_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    head, _conflict, tail = alerts._RAISE.partition("ON CONFLICT")
    monkeypatch.setattr(alerts, "_RAISE", head + "RETURNING id")
    assert tail
    raised = at_once(*[_raise] * 4)
    assert [type(one) for one in raised].count(IntegrityError) == 3
