"""The tuning view, the daily report and the registers: counted from what there is."""

from __future__ import annotations

import csv
from datetime import UTC, date, datetime, timedelta
from io import StringIO

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from bankops.core import end_of_day, ids
from bankops.core.models import AuditEvent
from bankops.core.money import Money
from risk import services
from risk.models import AlertOutcome, Case, RiskDayReport
from risk.reporting.facts import accounts_of
from risk.selectors import day_report, registers, tuning
from risk.selectors.days import Days
from staff.models import User
from tests.accounts.factories import NOW, make_account, make_customer
from tests.desk import words
from tests.personas import SignIn
from tests.risk.alerts.factories import LARGE, NIGHT, make_alert
from tests.risk.assessment.movements import transfer
from tests.risk.cases.factories import close, complete_report, make_case
from tests.risk.monitoring.moved import move
from tests.risk.reports.kept import assessed, party

pytestmark = pytest.mark.django_db

DAY = date(2026, 3, 2)
MARCH = Days(date(2026, 3, 1), date(2026, 3, 31))
ADDRESS = "/admin/risk/riskdayreport/"


def decide(person: User, outcome: AlertOutcome, *, after: timedelta, **about: object) -> None:
    alert = make_alert(400, **about)
    services.take_alert(alert_id=alert.pk, person=person, now=NOW)
    services.close_alert(alert_id=alert.pk, outcome=outcome, reason="so", person=person, now=NOW + after)


@pytest.fixture
def worked(risk_analyst: User) -> None:
    """Three decided on the day, one the day after, one open; CNY 100 and USD 5 were stopped."""
    decide(risk_analyst, AlertOutcome.FALSE_POSITIVE, after=timedelta(minutes=10), reasons=[NIGHT])
    decide(risk_analyst, AlertOutcome.FALSE_POSITIVE, after=timedelta(minutes=30), reasons=[NIGHT, LARGE])
    decide(
        risk_analyst,
        AlertOutcome.CONFIRMED,
        after=timedelta(hours=2),
        reasons=[NIGHT],
        amount=Money.parse("100", "CNY"),
        stopped=True,
    )
    decide(risk_analyst, AlertOutcome.CONFIRMED, after=timedelta(days=1), reasons=[LARGE])
    make_alert(900, reasons=[LARGE], amount=Money.parse("5", "USD"), stopped=True)


# -- How rules do -----------------------------------------------------------------------------------------------------


def test_each_reason_is_counted_by_what_became_of_its_alerts(worked: None) -> None:
    night, large = sorted(tuning.lines(MARCH), key=lambda line: line.code, reverse=True)
    assert (night.alerts, night.closed, night.false_positive, night.confirmed, night.reported) == (3, 3, 2, 1, 0)
    assert (night.false_positive_share, night.median) == (67, timedelta(minutes=30))
    assert night.blocked_money() == [Money.parse("100", "CNY")]
    assert (large.alerts, large.closed, large.false_positive_share) == (3, 2, 50)
    assert large.blocked_money() == [Money.parse("5", "USD")]
    assert (night.median_in_words(), large.median_in_words()) == ("30 min", "30 min")


def test_what_was_raised_outside_the_range_does_not_count(worked: None) -> None:
    assert tuning.lines(Days(date(2026, 3, 3), date(2026, 3, 31))) == []


def test_nothing_decided_has_no_share_and_no_median() -> None:
    make_alert()
    (line,) = tuning.lines(MARCH)
    assert (line.false_positive_share, line.median, line.median_in_words()) == (None, None, "—")


# -- The day ------------------------------------------------------------------------------------------------------------


def test_a_day_counts_what_was_raised_decided_and_left_open(worked: None) -> None:
    found = day_report.figures(DAY)
    assert (found.raised, found.closed, found.confirmed, found.false_positive) == (5, 3, 1, 2)
    assert (found.open_at_end, found.overdue_at_end) == (2, 0)
    assert found.ageing == {"day": 2}
    assert found.blocked == {"CNY": 10_000, "USD": 500}
    assert [line.code for line in found.lines] == ["large_cash", "night_new_payee"]


def test_the_same_day_is_told_the_same_afterwards_and_later_days_see_what_is_left(worked: None) -> None:
    later = day_report.figures(date(2026, 3, 6))
    assert (later.raised, later.closed, later.open_at_end, later.overdue_at_end) == (0, 0, 1, 1)
    assert later.ageing == {"week": 1}
    assert day_report.figures(date(2026, 3, 3)).closed == 1


def test_what_is_in_a_case_that_was_opened_again_is_due_with_it(analyst: User) -> None:
    case = make_case(analyst)
    close(case, analyst)
    again = NOW + timedelta(days=60)
    services.reopen_case(case_id=case.pk, reason="more", person=analyst, now=again)
    found = day_report.figures(again.date())
    assert (found.open_at_end, found.overdue_at_end) == (1, 0)
    later = day_report.figures((again + timedelta(days=30)).date())
    assert (later.open_at_end, later.overdue_at_end) == (1, 1)


def test_the_day_is_kept_at_its_end_and_again_until_it_is_over(worked: None) -> None:
    evening = datetime(2026, 3, 2, 15, 30, tzinfo=UTC)  # 23:30 in Shanghai
    first = services.report_day(business_date=DAY, now=evening)
    assert (first.raised, first.is_settled) == (5, False)
    make_alert(now=evening + timedelta(minutes=10))
    services.report_day(business_date=date(2026, 3, 3), now=evening + timedelta(days=1))
    kept = RiskDayReport.objects.get(pk=DAY)
    assert (kept.raised, kept.is_settled) == (6, True)
    assert kept.lines[0]["code"] == "night_new_payee"
    assert RiskDayReport.objects.count() == 2


def test_the_end_of_day_keeps_it() -> None:
    (step,) = [one for one in end_of_day.registered() if one.name == "risk_report"]
    make_alert()
    assert step.run(DAY, NOW) == {"raised": 1, "closed": 0, "open": 1}
    assert set(step.counted) == {"raised", "closed", "open"}


@pytest.mark.parametrize(
    ("change", "constraint"), [({"closed": 1}, "risk_day_adds_up"), ({"overdue_at_end": 1}, "risk_day_overdue_is_open")]
)
def test_a_days_figures_add_up(change: dict[str, int], constraint: str) -> None:
    services.report_day(business_date=DAY, now=NOW)
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        RiskDayReport.objects.update(**change)


# -- The register of suspicions ----------------------------------------------------------------------------------------


def test_what_was_reported_stands_in_the_register_even_when_its_case_is_opened_again(analyst: User) -> None:
    customer = make_customer()
    case = make_case(analyst, customers=(customer.public_id,))
    complete_report(case, analyst)
    closed = close(case, analyst, AlertOutcome.REPORTED)
    assert closed.closed_at
    today = closed.closed_at.date()
    around = Days(today - timedelta(days=1), today + timedelta(days=1))
    services.reopen_case(case_id=case.pk, reason="more", person=analyst, now=closed.closed_at)
    (report,) = registers.reports_filed(analyst, around)
    assert (report.case, report.number) == (case, 1)


@pytest.mark.parametrize("form", ["", "&format=csv"])
def test_the_register_of_suspicions_costs_the_same_however_much_was_reported(
    analyst: User, signed_in_client: SignIn, form: str
) -> None:
    reader = signed_in_client(analyst)

    def report() -> Case:
        account = make_account()
        assert account.customer
        (moved,) = move([transfer(movement=ids.encode("tr", ids.uuid7()), payer=party(account))])
        case = make_case(
            analyst,
            customers=(account.customer.public_id,),
            accounts=(account.public_id,),
            movement_id=moved,
            movement_reference="TR-1",
        )
        complete_report(case, analyst)
        return close(case, analyst, AlertOutcome.REPORTED)

    def cost() -> tuple[int, str]:
        with CaptureQueriesContext(connection) as queries:
            page = reader.get(f"{ADDRESS}suspicious/?{asked}{form}")
            told = b"".join(page.streaming_content).decode() if form else words(page)  # type: ignore[attr-defined]
        return len(queries), told

    first = report()
    today = timezone.localdate(first.closed_at)
    asked = f"from_date={today - timedelta(days=1)}&to_date={today + timedelta(days=1)}"
    cost()
    few, _page = cost()
    cases = [first, *(report() for _number in range(4))]
    more, told = cost()
    assert more <= few <= 25
    for case in cases:
        assert case.reference in told
        for account in accounts_of(case):
            assert account.number in told


# -- The pages ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def desk(risk_analyst: User, signed_in_client: SignIn) -> Client:
    return signed_in_client(risk_analyst)


def test_the_pages_say_it(desk: Client, worked: None) -> None:
    page = words(desk.get(f"{ADDRESS}day/?date=2026-03-02"))
    assert "5 alerts were raised and 3 decided; 2 were open at the end, 0 of them overdue." in page
    services.report_day(business_date=DAY, now=NOW)
    assert "2026-03-02" in words(desk.get(ADDRESS))
    assert "night_new_payee" in words(desk.get(f"{ADDRESS}2026-03-02/change/"))
    page = words(desk.get(f"{ADDRESS}tuning/?from_date=2026-03-01&to_date=2026-03-31"))
    assert "night_new_payee 3 3 2 67 % 1 0 30 min CNY 100.00" in page


@pytest.mark.parametrize(
    "query", ["from_date=2026-03-31&to_date=2026-03-01", "from_date=2020-01-01&to_date=2026-01-01"]
)
def test_a_range_makes_sense(desk: Client, query: str) -> None:
    assert desk.get(f"{ADDRESS}tuning/?{query}").status_code == 422
    assert desk.get(f"{ADDRESS}day/?date=2999-01-01").status_code == 422


def test_a_register_is_taken_as_a_file_that_no_spreadsheet_runs(desk: Client) -> None:
    assessed("=1+1", "large_value", make_account())
    asked = "from_date=2026-03-01&to_date=2026-03-31"
    assert "All of it as a CSV file" in words(desk.get(f"{ADDRESS}large_values/?{asked}"))
    answer = desk.get(f"{ADDRESS}large_values/?{asked}&format=csv")
    content = b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    head, row = csv.reader(StringIO(content))
    assert (head[0], row[0], row[3:7]) == ("Reference", "'=1+1", ["transfer", "partner", "600000.00", "CNY"])
    assert dict(zip(head, row, strict=True))["Decision"] == "let through"
    assert dict(zip(head, row, strict=True))["Moved"] == "no"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="large_values-2026-03-01-2026-03-31.csv"'
    told = AuditEvent.objects.get(event_type="risk.register.exported")
    assert (told.subject_id, told.detail) == ("large_values", {"from": "2026-03-01", "to": "2026-03-31"})


@pytest.mark.parametrize("page", ["", "day/", "tuning/", "large_values/", "suspicious/"])
def test_who_talks_to_customers_sees_none_of_it(
    page: str, teller: User, auditor: User, signed_in_client: SignIn
) -> None:
    assert signed_in_client(teller).get(f"{ADDRESS}{page}").status_code == 403
    assert signed_in_client(auditor).get(f"{ADDRESS}{page}").status_code == 200


def test_the_list_of_days_costs_the_same_however_long_it_is(desk: Client) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            desk.get(ADDRESS)
        return len(queries)

    services.report_day(business_date=DAY, now=NOW)
    cost()
    few = cost()
    for number in range(5):
        services.report_day(business_date=DAY + timedelta(days=number), now=NOW)
    assert cost() <= few <= 12
