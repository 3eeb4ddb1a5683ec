"""The register of large values: what the rules for them hit, by the day on which it moved, with what they summed up."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Account
from bankops.core.money import Money
from risk.admin import day_pages
from risk.facts import Facts, MovementKind, Party
from risk.selectors.days import Days
from risk.selectors.large_values import LargeValue, large_values
from staff.models import User
from tests.accounts.factories import NOW, make_account
from tests.desk import words
from tests.personas import SignIn
from tests.risk.monitoring.moved import move
from tests.risk.reports.kept import assessed, party

pytestmark = pytest.mark.django_db

MARCH = Days(date(2026, 3, 1), date(2026, 3, 31))
FRIDAY = datetime(2026, 3, 6, 8, 0, tzinfo=UTC)
TUESDAY = datetime(2026, 3, 10, 3, 0, tzinfo=UTC)
ADDRESS = "/admin/risk/riskdayreport/large_values/"


def register(person: User, days: Days = MARCH) -> list[LargeValue]:
    return list(large_values(person, days))


def shown(person: User, days: Days = MARCH) -> list[tuple[str, str]]:
    """Return the references of the register, each with that of what it is counted with."""
    return [(one.reference, one.counted_with) for one in register(person, days)]


def posted(facts: Facts, at: datetime) -> None:
    """Have a movement carried out that waited."""
    move([replace(facts, moment=at)])


def test_what_a_large_value_rule_hit_stands_in_the_register(risk_analyst: User) -> None:
    payer = make_account()
    assessed("TR-2026-000001", "large_value", payer, moved=True)
    assessed("TR-2026-000002", "night_new_payee", payer)
    assessed("TR-2026-000003", "large_value_cash", payer, at=NOW + timedelta(days=40))
    assessed("TR-2026-000004", "large_value", payer, at=NOW + timedelta(days=1))
    one, stopped = register(risk_analyst)
    assert (one.reference, one.payer, one.rules) == ("TR-2026-000001", payer.public_id, ("large_value_person",))
    assert one.report_by == date(2026, 3, 9)
    assert one.amount == Money.parse("600000", "CNY")
    assert (one.moved, stopped.reference, stopped.moved) == (True, "TR-2026-000004", False)


# -- The day ------------------------------------------------------------------------------------------------------------


def test_what_waited_stands_under_the_day_on_which_it_moved(risk_analyst: User) -> None:
    """Ordered on Friday, approved on Tuesday: the five working days begin on Tuesday, which is the day it is counted with."""
    payer = make_account()
    waited = assessed("waited", "large_value", payer, at=FRIDAY)
    posted(waited, TUESDAY)
    assessed("friday", "", payer, at=FRIDAY - timedelta(hours=1), amount="100", moved=True)
    assessed("tuesday", "", payer, at=TUESDAY - timedelta(hours=1), amount="100", moved=True)
    assert register(risk_analyst, Days(FRIDAY.date(), FRIDAY.date())) == []
    for days in (MARCH, Days(TUESDAY.date(), TUESDAY.date())):
        tuesday, one = register(risk_analyst, days)
        assert (tuesday.reference, tuesday.counted_with) == ("tuesday", "waited")
        assert (one.reference, one.at, one.moved) == ("waited", TUESDAY, True)
        assert one.report_by == date(2026, 3, 17)


def test_what_waited_is_counted_with_what_follows_on_the_day_on_which_it_moved(risk_analyst: User) -> None:
    payer = make_account()
    waited = assessed("waited", "", payer, at=FRIDAY, amount="300000")
    posted(waited, TUESDAY)
    assessed("hit", "large_value", payer, at=TUESDAY + timedelta(hours=1), amount="300000", moved=True)
    assert shown(risk_analyst) == [("waited", "hit"), ("hit", "")]


def test_what_was_ordered_before_the_range_and_moved_behind_it_does_not_stand_in_it(risk_analyst: User) -> None:
    posted(assessed("waited", "large_value", make_account(), at=FRIDAY), TUESDAY)
    assert register(risk_analyst, Days(date(2026, 3, 7), date(2026, 3, 9))) == []
    assert shown(risk_analyst, Days(date(2026, 3, 7), date(2026, 3, 10))) == [("waited", "")]


def test_what_is_assessed_behind_midnight_stands_where_it_moved(risk_analyst: User) -> None:
    midnight = datetime(2026, 3, 5, 16, 0, tzinfo=UTC)
    facts = assessed("late", "large_value", make_account(), at=midnight + timedelta(seconds=1))
    posted(facts, midnight - timedelta(seconds=1))
    assert shown(risk_analyst, Days(date(2026, 3, 5), date(2026, 3, 5))) == [("late", "")]
    assert shown(risk_analyst, Days(date(2026, 3, 6), date(2026, 3, 6))) == []
    assert shown(risk_analyst) == [("late", "")]


# -- What was summed up -------------------------------------------------------------------------------------------------


def test_with_what_was_hit_stands_what_its_account_paid_in_24_hours(risk_analyst: User) -> None:
    """CNY 200,000, 200,000 and 150,000 by transfer: the third is hit, because of the two before it."""
    payer, other = make_account(), make_account()

    def paid(reference: str, hours: float, code: str = "", *, by: Account = payer, **how: Any) -> None:
        told = {"amount": "200000", "moved": True, **how}
        assessed(f"TR-2026-{reference}", code, by, at=NOW + timedelta(hours=hours), **told)

    paid("yesterday", -24)
    paid("first", 0)
    paid("other", 0.1, by=other)
    paid("stopped", 0.2, moved=False)
    paid("second", 0.5)
    paid("third", 1, "large_value", amount="150000")
    paid("later", 2)
    found = [(one.reference[8:], one.counted_with[8:], one.rules) for one in register(risk_analyst)]
    assert found == [("first", "third", ()), ("second", "third", ()), ("third", "", ("large_value_person",))]


def test_cash_of_the_evening_is_summed_up_with_that_of_the_morning_after(risk_analyst: User) -> None:
    """CNY 30,000 at 20:00 and 25,000 at 10:00: the second is hit. A transfer of that customer's is no cash."""
    account, evening = make_account(), datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
    second = make_account(customer=account.customer)
    cash: dict[str, Any] = {"kind": MovementKind.DEPOSIT, "payer": Party(), "rule": "large_value_cash", "moved": True}
    assessed("evening", "", account, at=evening, amount="30000", **cash, payee=party(second))
    assessed("transfer", "", account, at=evening + timedelta(hours=1), moved=True)
    assessed("morning", "large_value", account, at=evening + timedelta(hours=14), **cash, payee=party(account))
    assert shown(risk_analyst) == [("evening", "morning"), ("morning", "")]
    assert shown(risk_analyst, Days(date(2026, 3, 3), date(2026, 3, 3))) == [("evening", "morning"), ("morning", "")]


def test_another_account_of_the_same_customer_is_not_summed_up_with_it(risk_analyst: User) -> None:
    """The rules sum what one account paid: neither what another one sent to it, nor what that one gave back."""
    payer = make_account()
    second = make_account(customer=payer.customer)
    sent: dict[str, Any] = {"moved": True, "amount": "400000"}
    assessed("own", "", second, at=NOW, payee=party(payer), **sent)
    assessed("refund", "", second, at=NOW, kind=MovementKind.REFUND, **sent)
    assessed("hit", "large_value", payer, at=NOW + timedelta(hours=1), moved=True)
    assert shown(risk_analyst) == [("hit", "")]


def test_what_the_account_paid_counts_whatever_it_was(risk_analyst: User) -> None:
    """Counters do not tell a transfer to oneself, a refund or cash from other payments, so the sum that was hit holds them."""
    payer = make_account()
    second = make_account(customer=payer.customer)
    assessed("own", "", payer, at=NOW, payee=party(second), moved=True)
    assessed("refund", "", payer, at=NOW + timedelta(minutes=1), kind=MovementKind.REFUND, moved=True)
    assessed("hit", "large_value", payer, at=NOW + timedelta(hours=1), moved=True)
    assert shown(risk_analyst) == [("own", "hit"), ("refund", "hit"), ("hit", "")]


def test_what_came_from_another_bank_is_summed_up_with_what_its_account_got(risk_analyst: User) -> None:
    payee, abroad = make_account(), Party(account="DE123", bank="DEUTDEFF")
    into: dict[str, Any] = {"payer": abroad, "payee": party(payee), "moved": True, "rule": "large_value_cross_border"}
    assessed("first", "", payee, at=NOW, **into)
    assessed("paid", "", payee, at=NOW + timedelta(minutes=1), moved=True)
    assessed("hit", "large_value", payee, at=NOW + timedelta(hours=1), **into)
    assert shown(risk_analyst) == [("first", "hit"), ("hit", "")]


def test_what_has_no_rate_adds_nothing_to_a_sum(risk_analyst: User) -> None:
    payer = make_account()
    facts = assessed("no rate", "", payer, at=NOW)
    move([replace(facts, base_amount=None)])
    assessed("hit", "large_value", payer, at=NOW + timedelta(hours=1), moved=True)
    assert shown(risk_analyst) == [("hit", "")]


def test_of_one_batch_what_comes_before_counts(risk_analyst: User) -> None:
    payer = make_account()
    for reference, code in (("first", ""), ("second", "large_value"), ("third", "")):
        assessed(reference, code, payer, moved=True)
    assert shown(risk_analyst) == [("first", "second"), ("second", "")]


def test_a_movement_counted_with_two_stands_in_the_register_once(risk_analyst: User) -> None:
    payer = make_account()
    for place, code in enumerate(("", "large_value", "large_value")):
        assessed(f"TR-{place}", code, payer, at=NOW + timedelta(hours=place * 12), moved=True)
    assert shown(risk_analyst) == [("TR-0", "TR-1"), ("TR-1", ""), ("TR-2", "")]


# -- Who reads it, and what it costs --------------------------------------------------------------------------------------


def test_one_of_a_confidential_account_stands_there_without_it(risk_analyst: User) -> None:
    hidden = make_account()
    assert hidden.customer
    assessed("TR-2026-000004", "large_value", hidden, moved=True)
    Account.objects.filter(pk=hidden.pk).update(is_confidential=True)
    (one,) = register(risk_analyst)
    assert (one.reference, one.payer) == ("TR-2026-000004", "Confidential account")
    assert one.customer == "Holder of a confidential account"


@pytest.fixture
def desk(risk_analyst: User, signed_in_client: SignIn) -> Client:
    return signed_in_client(risk_analyst)


def test_the_page_reads_no_further_than_it_shows(desk: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two rows of a year with one on every other day; each of them with one that was summed up with it."""
    monkeypatch.setattr(day_pages, "SHOWN", 2)

    def asked(last: str) -> list[str]:
        with CaptureQueriesContext(connection) as queries:
            page = desk.get(f"{ADDRESS}?from_date=2026-01-01&to_date={last}")
        assert "TR-0-summed" in words(page)
        assert "TR-2-hit" not in words(page)
        return [query["sql"] for query in queries if "risk_assessment" in query["sql"] or "movedmoney" in query["sql"]]

    for number in range(6):
        at, payer = datetime(2026, 1, 1 + 2 * number, 3, 0, tzinfo=UTC), make_account()
        assessed(f"TR-{number}-summed", "", payer, at=at, moved=True)
        assessed(f"TR-{number}-hit", "large_value", payer, at=at + timedelta(hours=1), moved=True)
    few, year = asked("2026-01-04"), asked("2026-12-31")
    assert len(year) == len(few) <= 20
    read = "".join(year)
    assert "2026-01-04" in read
    assert "2026-01-07" not in read


def test_what_was_summed_up_is_asked_for_by_whom_and_when(risk_analyst: User) -> None:
    """Not by customer over the whole range."""
    payer, stranger = make_account(), make_account()
    assessed("hit", "large_value", payer, at=NOW, moved=True)
    assessed("stranger", "", stranger, at=NOW - timedelta(hours=1), moved=True)
    assessed("long ago", "", payer, at=NOW - timedelta(days=1, hours=2), moved=True)
    with CaptureQueriesContext(connection) as queries:
        assert shown(risk_analyst) == [("hit", "")]
    (summed,) = [query["sql"] for query in queries if '"payer" IN' in query["sql"]]
    assert payer.public_id in summed
    assert stranger.public_id not in summed
    assert "2026-03-01 09:00" in summed
