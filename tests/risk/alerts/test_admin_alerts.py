"""The queue and an alert's page: who sees them, what they say, and the doors."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bankops.core import clock
from bankops.core.money import Money
from risk.models import Alert, AlertOutcome, AlertState
from risk.services import settle_alert
from staff.models import User
from tests.accounts.factories import NOW, TANG_LING, make_account, make_customer
from tests.desk import ROLES, address, code, words
from tests.personas import SignIn
from tests.risk.alerts.factories import LARGE, NIGHT, make_alert

pytestmark = pytest.mark.django_db

LIST = "/admin/risk/alert/"
SEEING = {"risk_analyst", "first_reviewer", "final_reviewer", "auditor"}


@pytest.fixture
def desk(risk_analyst: User, signed_in_client: SignIn) -> Client:
    return signed_in_client(risk_analyst)


@pytest.mark.parametrize("role", ROLES)
def test_who_talks_to_customers_sees_nothing_of_it(
    role: str, request: pytest.FixtureRequest, signed_in_client: SignIn
) -> None:
    person: User = request.getfixturevalue(role)
    alert = make_alert(branch=person.branch)
    client = signed_in_client(person)
    expected = 200 if role in SEEING else 403
    assert client.get(LIST).status_code == expected
    assert client.get(address(alert)).status_code == expected


def test_the_queue_says_what_is_urgent_and_why(desk: Client) -> None:
    customer = make_customer("Zhao Min")
    make_alert(
        900,
        reasons=[NIGHT, LARGE],
        customers=(customer.public_id,),
        movement_reference="TR-2026-000077",
        amount=Money.parse("60000", "CNY"),
    )
    page = words(desk.get(LIST))
    for said in ("high 900", "Cash of CNY 60,000.00 at once.", "Zhao Min", "TR-2026-000077", "overdue", "waiting"):
        assert said in page


def test_the_queue_is_narrowed_in_the_address(desk: Client, risk_analyst: User) -> None:
    def references(query: str) -> set[str]:
        page = words(desk.get(f"{LIST}?{query}"))
        return {alert.reference for alert in Alert.objects.all() if alert.reference in page}

    late = make_alert(reasons=[LARGE])
    soon = make_alert(now=clock.now())
    mine = make_alert(now=clock.now())
    settle_alert(
        dedupe_key=make_alert(dedupe_key="k").dedupe_key,
        outcome=AlertOutcome.CONFIRMED,
        reason="so",
        actor=TANG_LING,
        now=NOW,
    )
    closed = Alert.objects.get(dedupe_key="k")
    desk.post(address(mine, "take_alert"), {"idempotency_key": "k"})
    assert references("") == {late.reference, soon.reference, mine.reference}
    assert references("queue=mine") == {mine.reference}
    assert references("queue=unassigned") == {late.reference, soon.reference}
    assert references("queue=overdue") == {late.reference}
    assert references("queue=closed") == {closed.reference}
    assert len(references("queue=all")) == 4
    assert references("reason=large_cash") == {late.reference}
    assert references(f"q={soon.reference}") == {soon.reference}


@pytest.mark.parametrize("query", ["", "queue=overdue", "queue=mine", "reason=night_new_payee"])
def test_the_list_costs_the_same_however_long_it_is(desk: Client, query: str) -> None:
    def cost() -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert desk.get(f"{LIST}?{query}").status_code == 200
        return len(queries)

    make_alert(customers=(make_customer().public_id,))
    cost()
    few = cost()
    for _more in range(10):
        make_alert(customers=(make_customer().public_id,))
    assert cost() <= few <= 16


def test_the_page_says_why_whom_and_what_before(desk: Client) -> None:
    account = make_account()
    assert account.customer
    before = make_alert(customers=(account.customer.public_id,))
    alert = make_alert(
        650,
        reasons=[NIGHT, LARGE],
        customers=(account.customer.public_id,),
        accounts=(account.public_id,),
        stopped=True,
        movement_id="tr_1",
        movement_reference="TR-2026-000001",
    )
    page = words(desk.get(address(alert)))
    for said in (
        alert.reference,
        "Cash of CNY 60,000.00 at once. large_cash 400 61 %",
        "its money was stopped",
        str(account.customer),
        before.reference,
        "Alert raised",
    ):
        assert said in page


def test_the_page_costs_the_same_however_many_it_is_about(desk: Client) -> None:
    def cost(alert: Alert) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert desk.get(address(alert)).status_code == 200
        return len(queries)

    def about(count: int) -> Alert:
        accounts = [make_account() for _one in range(count)]
        return make_alert(
            customers=tuple(one.customer.public_id for one in accounts if one.customer),
            accounts=tuple(one.public_id for one in accounts),
        )

    one, many = about(1), about(6)
    cost(one)
    assert cost(many) <= cost(one)


def test_take_next_take_close_and_hand_back(desk: Client, risk_analyst: User) -> None:
    alert = make_alert()
    assert "Take next" in words(desk.get(LIST))
    answer = desk.post(f"{LIST}take_next/", {"idempotency_key": "k"})
    assert answer.headers["Location"] == address(alert)
    page = words(desk.get(address(alert)))
    assert f"Alert {alert.reference} is yours." in page
    assert "Hand back" in page
    again = desk.post(f"{LIST}take_next/", {"idempotency_key": "k"})
    assert (again.status_code, code(again)) == (404, "queue_empty")

    desk.post(address(alert, "hand_back"), {"idempotency_key": "k", "reason": "ill"})
    assert Alert.objects.get().state == AlertState.NEW
    desk.post(address(alert, "take_alert"), {"idempotency_key": "k"})
    refused = desk.post(address(alert, "close_alert"), {"idempotency_key": "k", "reason": "so"})
    assert refused.status_code == 422
    desk.post(
        address(alert, "close_alert"), {"idempotency_key": "k", "reason": "pays rent", "outcome": "FALSE_POSITIVE"}
    )
    assert Alert.objects.get().outcome == AlertOutcome.FALSE_POSITIVE
    assert "pays rent" in words(desk.get(address(alert)))


def test_a_conflict_is_said_on_the_page(desk: Client, risk_analyst: User) -> None:
    alert = make_alert(made_by=(risk_analyst.public_id,))
    assert "You may not work this alert: ordered or approved what it is about." in words(desk.get(address(alert)))
    refused = desk.post(address(alert, "take_alert"), {"idempotency_key": "k"})
    assert (refused.status_code, code(refused)) == (403, "conflict_of_interest")


def test_stepping_aside_and_handing_on(
    desk: Client, risk_analyst: User, final_reviewer: User, signed_in_client: SignIn
) -> None:
    alert = make_alert()
    head = signed_in_client(final_reviewer)
    head.post(address(alert, "reassign"), {"idempotency_key": "k", "reason": "yours", "to": str(risk_analyst.pk)})
    assert Alert.objects.get().assignee == risk_analyst
    desk.post(address(alert, "declare_conflict"), {"idempotency_key": "k", "reason": "my cousin"})
    assert Alert.objects.get().state == AlertState.NEW
    assert desk.post(address(alert, "reassign"), {}).status_code == 403


def test_an_alert_is_found_by_its_reference(desk: Client) -> None:
    alert = make_alert(movement_reference="TR-2026-000009")
    for text in (alert.reference, alert.reference.lower(), alert.public_id):
        assert desk.get("/admin/search/", {"q": text}).headers["Location"] == address(alert)
    assert alert.reference in words(desk.get("/admin/search/", {"q": "TR-2026-000009"}))


def test_overdue_is_told_in_time(desk: Client) -> None:
    late, fresh = make_alert(900), make_alert(900, now=clock.now() - timedelta(minutes=1))
    due = [words(desk.get(address(alert))) for alert in (late, fresh)]
    assert ["overdue" in page.partition("Worked by")[0].rpartition("Due")[2] for page in due] == [True, False]
