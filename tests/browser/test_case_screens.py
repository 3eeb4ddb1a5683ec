"""Alerts, a case and what risk reports in a real browser, on a desk and on a telephone, by mouse and by keyboard."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Browser
from pytest_django.live_server_helper import LiveServer

from accounts.models import Account
from bankops.core import clock
from bankops.core.money import Money
from risk import services
from risk.models import Alert, Case, LinkKind
from risk.services import Reason
from staff.models import User
from tests.accounts.factories import make_account, make_customer
from tests.accounts.kyc.files import jpeg
from tests.browser.conftest import Person
from tests.browser.test_approvals import picture, sign_in
from tests.desk import address
from tests.risk.alerts.factories import make_alert

pytestmark = [pytest.mark.browser, pytest.mark.slow]

WIDTH, HEIGHT = 390, 844
_NIGHT = Reason("night_new_payee", "Paid at three at night to somebody this account has never paid before.", 350)
_ROUND = Reason("round_amounts", "Five round amounts within two days.", 150)
_SIDEWAYS = "document.documentElement.scrollWidth"


@pytest.fixture
def telephone(browser: Browser, live_server: LiveServer) -> Iterator[Person]:
    context = browser.new_context(viewport={"width": WIDTH, "height": HEIGHT}, is_mobile=True, has_touch=True)
    person = Person(context.new_page(), live_server.url)
    yield person
    context.close()
    assert person.complaints == []


def alert_about(accounts: list[Account], score: int, number: int) -> Alert:
    return make_alert(
        score,
        reasons=[_NIGHT, _ROUND],
        now=clock.now(),
        customers=tuple(one.customer.public_id for one in accounts if one.customer),
        accounts=tuple(one.public_id for one in accounts),
        movement_id=f"tr_{number}",
        movement_reference=f"TR-2026-00012{number}",
        amount=Money.parse("58800.00", "CNY"),
        stopped=number == 1,
    )


@pytest.fixture
def case(committed_db: None, risk_analyst: User) -> Case:
    """Return a case with all that its page shows, and leave two alerts in the queue."""
    names = ("Zhao Min", "Guangzhou Very Long Name Trading and Logistics Co., Ltd.", "Bai Yun")
    accounts = [make_account(customer=make_customer(name)) for name in names]
    alerts = [alert_about(accounts[:2], 850, 1), alert_about(accounts[1:], 420, 2)]
    now = clock.now()
    case = services.open_case(alert_ids=[one.pk for one in alerts], person=risk_analyst, reason="one ring", now=now)
    told: dict[str, Any] = {"case_id": case.pk, "person": risk_analyst, "now": now}
    services.write_case_note(text="The customer says it is his rent.\nThe landlord says it is not.", **told)
    services.add_case_file(label="Lease", name="x.jpg", content=jpeg(), **told)
    services.link_to_case(kind=LinkKind.CUSTOMER, text=make_customer("Liu Bo").number, why="same telephone", **told)
    services.draft_report(**told)
    alert_about(accounts[:1], 650, 3)
    alert_about(accounts[2:], 120, 4)
    services.report_day(business_date=clock.business_date(now), now=now)
    return case


def pages(case: Case) -> list[str]:
    days = reverse("admin:risk_riskdayreport_changelist")
    alert = case.alerts.order_by("-score").first()
    assert alert
    return [
        reverse("admin:risk_alert_changelist"),
        address(alert),
        reverse("admin:risk_case_changelist"),
        address(case),
        address(case, "write_report"),
        address(case, "close_case"),
        address(case, "freeze_account"),
        days,
        f"{days}day/",
        f"{days}tuning/",
        f"{days}large_values/",
        f"{days}suspicious/",
    ]


def test_nothing_pushes_a_telephones_page_sideways(case: Case, telephone: Person, risk_analyst: User) -> None:
    sign_in(telephone, risk_analyst)
    found = {}
    for page in pages(case):
        telephone.open(page)
        found[page] = telephone.page.evaluate(_SIDEWAYS)
    assert found == dict.fromkeys(found, WIDTH)


def test_an_analyst_takes_the_next_alert_and_reaches_the_graph_by_keyboard(
    case: Case, persons: list[Person], risk_analyst: User
) -> None:
    analyst, _other = persons
    sign_in(analyst, risk_analyst)
    analyst.open(reverse("admin:risk_alert_changelist"))
    analyst.sees("Paid at three at night")
    picture(analyst, "risk-1-queue")
    analyst.press("Take next")
    analyst.press("Take next")
    analyst.sees("is yours.", "Why it was raised")
    picture(analyst, "risk-2-alert")
    analyst.open(address(case))
    analyst.sees("What belongs together", "The landlord says it is not.", "Report to the authority")
    picture(analyst, "risk-3-case")
    graph = analyst.page.locator("svg.bk-graph a").first
    graph.focus()
    assert analyst.page.evaluate("document.activeElement.closest('svg') !== null")
    analyst.enter()
    analyst.sees("Why it was raised")
    for name, page in (("4-report", address(case, "write_report")), ("5-freeze", address(case, "freeze_account"))):
        analyst.open(page)
        picture(analyst, f"risk-{name}")
    days = reverse("admin:risk_riskdayreport_changelist")
    for name, page in (("6-day", f"{days}day/"), ("7-tuning", f"{days}tuning/"), ("8-cases", "/admin/risk/case/")):
        analyst.open(page)
        picture(analyst, f"risk-{name}")
