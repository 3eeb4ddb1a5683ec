"""The ends of business days as staff read them."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from bankops.core import end_of_day
from bankops.core.end_of_day import Step, run_end_of_day
from bankops.core.models import EndOfDayRun, RunState
from staff.models import User
from tests.personas import SignIn

pytestmark = pytest.mark.django_db

FRIDAY = date(2026, 3, 6)
LATE = datetime(2026, 3, 6, 15, 30, tzinfo=UTC)  # 23:30 in Shanghai
LIST = "/admin/core/endofdayrun/"


def fail(business_date: date, now: datetime) -> dict[str, int]:
    raise RuntimeError("the secret balance is 42")


@pytest.fixture
def failed_friday(monkeypatch: pytest.MonkeyPatch) -> EndOfDayRun:
    monkeypatch.setattr(end_of_day, "_steps", {})
    words = {"accounts": _("accounts added up")}
    end_of_day.register(Step("sums", 10, lambda _day, _now: {"accounts": 12}, label=_("Sums made"), counted=words))
    end_of_day.register(Step("accrue", 20, fail, label=_("Interest grown")))
    end_of_day.register(Step("post", 30, lambda _day, _now: {}, needs=("accrue",)))
    return run_end_of_day(business_date=FRIDAY, today=FRIDAY, now=lambda: LATE)


@pytest.mark.parametrize("reader", ["operator", "finance", "auditor"])
def test_those_who_answer_for_the_books_read_them(
    signed_in_client: SignIn, failed_friday: EndOfDayRun, request: pytest.FixtureRequest, reader: str
) -> None:
    client = signed_in_client(request.getfixturevalue(reader))
    page = client.get(LIST).content.decode()
    assert "March 6, 2026" in page
    assert str(RunState.FAILED.label) in page
    assert "Interest grown, post" in page  # the steps that are not done
    assert reverse("admin:core_endofdayrun_changelist") in client.get("/admin/").content.decode()


def test_a_days_page_has_what_every_step_did_and_what_went_wrong(
    signed_in_client: SignIn, failed_friday: EndOfDayRun, operator: User
) -> None:
    page = page_of(signed_in_client(operator), failed_friday)
    for words in ("Sums made", "accounts added up: 12", "Interest grown", "RuntimeError", "2026-03-06 23:30:00"):
        assert words in page
    assert "waits for an earlier step" in page
    assert "End of the business day failed" in page  # its audit trail
    assert "42" not in page.split("steps-heading", 1)[1].split("</section>", 1)[0]


@pytest.mark.parametrize("persona", ["teller", "administrator", "outsider"])
def test_others_do_not(
    signed_in_client: SignIn, failed_friday: EndOfDayRun, request: pytest.FixtureRequest, persona: str
) -> None:
    client = signed_in_client(request.getfixturevalue(persona))
    assert client.get(LIST).status_code == 403
    assert client.get(f"{LIST}{failed_friday.pk}/change/").status_code == 403


def test_nobody_changes_one(signed_in_client: SignIn, failed_friday: EndOfDayRun, operator: User) -> None:
    client = signed_in_client(operator)
    assert client.get(f"{LIST}add/").status_code == 403
    assert client.post(f"{LIST}{failed_friday.pk}/change/", {"state": "DONE"}).status_code == 403
    assert client.post(f"{LIST}{failed_friday.pk}/delete/", {"post": "yes"}).status_code == 403
    assert EndOfDayRun.objects.get().state == RunState.FAILED


def page_of(client: Client, run: EndOfDayRun) -> str:
    answer = client.get(f"{LIST}{run.pk}/change/")
    assert answer.status_code == 200
    return str(answer.content.decode())
