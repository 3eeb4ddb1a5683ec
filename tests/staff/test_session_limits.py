"""Sessions end: idle, at the end of a working day, and when a sign-in is taken away."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from django.contrib.sessions.models import Session
from pytest_django import DjangoAssertNumQueries, Settings

from bankops.core import clock
from bankops.core.models import AuditEvent
from staff.models import User
from staff.services import disable_user, reset_password, reset_second_factor
from staff.tasks import clear_expired_sessions
from tests.personas import PASSWORD, SignIn, code_of
from tests.staff.conftest import Browser

pytestmark = pytest.mark.usefixtures("consented")


def query_of(response: Any) -> dict[str, list[str]]:
    return parse_qs(urlsplit(response.headers["Location"]).query)


def test_an_idle_session_ends_says_why_and_leads_back(signed_in_client: SignIn, teller: User, browser: Browser) -> None:
    with time_machine.travel(clock.now(), tick=False) as now:
        client = signed_in_client(teller)
        now.shift(timedelta(minutes=14))
        assert client.get("/admin/staff/branch/").status_code == 200
        now.shift(timedelta(minutes=15))
        ended = client.get("/admin/staff/branch/?q=riverside")
        assert query_of(ended) == {"next": ["/admin/staff/branch/?q=riverside"], "ended": ["idle"]}
        page = client.get(ended.headers["Location"]).content.decode()
        assert "nothing was done for a while" in page
        client.post("/sign-in/", {"employee_number": "T1001", "password": PASSWORD, "next": query_of(ended)["next"][0]})
        back = client.post("/sign-in/code/", {"code": code_of(teller)})
        assert back.headers["Location"] == "/admin/staff/branch/?q=riverside"
    event = AuditEvent.objects.get(event_type="staff.user.session_ended")
    assert event.detail == {"limit": "idle"}


def test_a_busy_session_ends_after_a_working_day(signed_in_client: SignIn, teller: User) -> None:
    with time_machine.travel(clock.now(), tick=False) as now:
        client = signed_in_client(teller)
        for _ in range(12 * 6 - 1):
            now.shift(timedelta(minutes=10))
            assert client.get("/admin/staff/branch/").status_code == 200
        now.shift(timedelta(minutes=10))
        assert query_of(client.get("/admin/staff/branch/"))["ended"] == ["absolute"]


def test_the_limits_come_from_the_settings(signed_in_client: SignIn, teller: User, settings: Settings) -> None:
    settings.SESSION_IDLE_SECONDS = 30
    with time_machine.travel(clock.now(), tick=False) as now:
        client = signed_in_client(teller)
        now.shift(timedelta(seconds=29))
        assert client.get("/admin/staff/branch/").status_code == 200
        now.shift(timedelta(seconds=30))
        assert client.get("/admin/staff/branch/").status_code == 302


def test_clicks_within_a_minute_write_the_session_once(signed_in_client: SignIn, teller: User) -> None:
    with time_machine.travel(clock.now(), tick=False) as now:
        client = signed_in_client(teller)
        stored = Session.objects.get().session_data
        now.shift(timedelta(seconds=59))
        client.get("/my-sign-in/")
        assert Session.objects.get().session_data == stored
        now.shift(timedelta(seconds=1))
        client.get("/my-sign-in/")
        assert Session.objects.get().session_data != stored


def test_a_disabled_person_is_out_at_the_next_click(
    signed_in_client: SignIn, teller: User, administrator: User
) -> None:
    client, second = signed_in_client(teller), signed_in_client(teller)
    assert client.get("/admin/staff/branch/").status_code == 200
    disable_user(user=teller, actor=administrator.as_actor(), reason="Left the bank", now=clock.now())
    for each in (client, second):
        assert query_of(each.get("/admin/staff/branch/"))["ended"] == ["elsewhere"]
    assert client.get("/admin/staff/branch/").status_code == 302
    assert client.get("/my-sign-in/").status_code == 302


@pytest.mark.parametrize("service", [reset_password, reset_second_factor])
def test_a_reset_ends_every_session(
    signed_in_client: SignIn, teller: User, administrator: User, service: object
) -> None:
    client = signed_in_client(teller)
    assert callable(service)
    service(user=teller, actor=administrator.as_actor(), reason="Stolen", now=clock.now())
    response = client.get("/admin/staff/branch/")
    assert query_of(response)["ended"] == ["elsewhere"]
    assert "your sign-in was changed" in client.get(response.headers["Location"]).content.decode()


def test_changing_ones_password_ends_the_other_sessions_and_keeps_this_one(
    signed_in_client: SignIn, teller: User
) -> None:
    here, elsewhere = signed_in_client(teller), signed_in_client(teller)
    form = {"present": PASSWORD, "new": "a wholly new password", "again": "a wholly new password"}
    assert here.post("/my-sign-in/password/", form).headers["Location"] == "/my-sign-in/"
    assert here.get("/admin/staff/branch/").status_code == 200
    assert elsewhere.get("/admin/staff/branch/").status_code == 302


def test_rows_of_sessions_long_over_are_deleted_and_others_stay(signed_in_client: SignIn, teller: User) -> None:
    signed_in_client(teller)
    with time_machine.travel(clock.now() + timedelta(hours=11)):
        late = signed_in_client(teller)
    with time_machine.travel(clock.now() + timedelta(hours=13)):
        clear_expired_sessions()
    assert list(Session.objects.values_list("session_key", flat=True)) == [late.session.session_key]


def test_somebody_never_signed_in_is_not_told_that_a_session_ended(browser: Browser, db: None) -> None:
    assert query_of(browser.get("/admin/")) == {"next": ["/admin/"]}


def test_a_click_costs_few_queries(
    signed_in_client: SignIn, teller: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    client = signed_in_client(teller)
    client.get("/my-sign-in/")
    with django_assert_max_num_queries(7):
        client.get("/my-sign-in/")
