"""What monitoring found, as it is kept, told to the people of risk, and read by them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, transaction
from pytest_django import DjangoAssertNumQueries

from accounts.models import Account
from bankops.core import end_of_day, ids
from bankops.core.money import Money
from risk.models import Alert, AlertAccount, AlertCustomer, AlertKind, AlertReason, MonitorState, MovedMoney, Pattern
from risk.patterns import Monitor, PatternAlert
from risk.selectors.alert_words import words_of
from risk.services import monitoring
from risk.services.monitoring import Monitored
from risk.services.patterns import keep_pattern
from staff.models import User
from tests.accounts.factories import make_account
from tests.desk import ROLES, address, words
from tests.personas import SignIn
from tests.risk.monitoring.moved import at, found, move, transfer
from tests.unchanged import refused_by_database

pytestmark = pytest.mark.django_db

LIST = "/admin/risk/pattern/"
READERS = ("risk_analyst", "first_reviewer", "final_reviewer", "auditor")


@pytest.fixture
def accounts(db: None) -> list[Account]:
    return [make_account() for _ in range(4)]


def fan(accounts: list[Account], first: int = 1) -> PatternAlert:
    """Let the first account pay every other one, and return what is found of it."""
    hub, *others = (account.public_id for account in accounts)
    moved = move(transfer(hub, payee, 3_000, first + place) for place, payee in enumerate(others))
    return found(moved, tokens=[hub, *others])


def keep(alert: PatternAlert, hours: float = 24) -> Pattern:
    with transaction.atomic():
        keep_pattern(alert, now=at(hours))
    return Pattern.objects.get(key=alert.key)


def test_the_people_of_risk_are_told_once_about_a_pattern_that_grows(accounts: list[Account]) -> None:
    pattern = keep(fan(accounts))
    keep(fan(accounts, first=10), hours=48)
    (alert,) = Alert.objects.all()
    assert (alert.kind, alert.score, alert.raised_count) == (AlertKind.MONITORING, 620, 2)
    assert alert.dedupe_key == f"pattern:{pattern.public_id}"
    assert {one.account for one in AlertAccount.objects.filter(alert=alert)} == set(accounts)
    told = AlertCustomer.objects.filter(alert=alert)
    assert {one.customer for one in told} == {account.customer for account in accounts}
    (reason,) = AlertReason.objects.filter(alert=alert)
    assert (reason.code, words_of(reason)) == ("pattern_fan_out", f"Fan-out: see pattern {pattern.public_id}.")


def test_an_alert_is_about_as_much_money_as_its_pattern_by_now(accounts: list[Account]) -> None:
    keep(fan(accounts))
    assert Alert.objects.get().money == Money.parse("9000", "CNY")
    keep(fan(accounts, first=10), hours=48)
    assert Alert.objects.get().money == Money.parse("18000", "CNY")


def test_an_alert_leads_to_its_pattern(
    accounts: list[Account], final_reviewer: User, teller: User, signed_in_client: SignIn
) -> None:
    pattern = keep(fan(accounts))
    page = signed_in_client(final_reviewer).get(address(Alert.objects.get())).content.decode()
    assert f'href="{address(pattern)}"' in page
    assert not teller.has_perm("risk.view_pattern")


def test_another_banks_account_is_part_of_it_and_has_no_page(accounts: list[Account]) -> None:
    hub = accounts[0].public_id
    moved = move([transfer(hub, "other_0123456789abcdef", 700, 1)])
    pattern = keep(found(moved, tokens=["other_0123456789abcdef", hub]))
    assert (pattern.account, pattern.accounts) == (None, ["other_0123456789abcdef", hub])


@pytest.mark.parametrize("role", ROLES)
def test_analysts_reviewers_and_auditors_read_patterns_and_nobody_else(
    role: str, accounts: list[Account], request: pytest.FixtureRequest, signed_in_client: SignIn
) -> None:
    pages = [LIST, address(keep(fan(accounts)))]
    client = signed_in_client(request.getfixturevalue(role))
    seen = [page for page in pages if client.get(page).status_code == 200]
    assert seen == (pages if role in READERS else [])


def test_the_page_says_why_and_shows_every_movement(
    accounts: list[Account], risk_analyst: User, signed_in_client: SignIn
) -> None:
    pattern = keep(fan(accounts))
    shown = words(signed_in_client(risk_analyst).get(address(pattern)))
    assert "had not paid lately, within 2 hours. Usually it has 1.5 new payees" in shown
    assert "9,000.00" in shown
    assert shown.count("3,000.00") == 6  # of each of three movements, and received by each of three accounts


def test_a_confidential_account_keeps_its_number(
    accounts: list[Account], risk_analyst: User, signed_in_client: SignIn
) -> None:
    pattern = keep(fan(accounts))
    hidden = accounts[0]
    hidden.is_confidential = True
    hidden.save(update_fields=["is_confidential"])
    desk = signed_in_client(risk_analyst)
    for page in (LIST, address(pattern)):
        shown = words(desk.get(page))
        assert "confidential" in shown.casefold()
        assert hidden.number not in shown.replace(" ", "")


def test_the_list_asks_as_often_for_many_as_for_few(
    accounts: list[Account],
    risk_analyst: User,
    signed_in_client: SignIn,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    moved = fan(accounts)
    for number in range(40):
        keep(PatternAlert(**{name: getattr(moved, name) for name in moved.__slots__} | {"key": str(number)}))
    desk = signed_in_client(risk_analyst)
    desk.get(LIST)
    with django_assert_max_num_queries(8):
        desk.get(LIST)


def test_the_end_of_a_day_looks_for_patterns(monkeypatch: pytest.MonkeyPatch) -> None:
    (step,) = [one for one in end_of_day.registered() if one.name == "monitoring"]
    assert step.run(at(20).date(), at(20)) == {"movements": 0, "left_out": 0, "found": 0, "grown": 0}
    monkeypatch.setattr("risk.end_of_day.monitor", lambda now: Monitored(4, 3, 2, 1))
    assert step.run(at(20).date(), at(20)) == {"movements": 4, "left_out": 3, "found": 2, "grown": 1}
    assert set(step.counted) == {"movements", "left_out", "found", "grown"}


def test_a_memory_for_other_settings_is_not_opened(settings: Any) -> None:
    watching = Monitor(monitoring.wanted())
    state = MonitorState.objects.get()
    state.memory = monitoring._to_keep(watching)
    assert monitoring._remembered(state) is not None
    settings.BANKOPS_MONITORING_ALERTS = 20.0
    assert monitoring._remembered(state) is None


# -- What the database refuses ------------------------------------------------------------------------------------------


def run(statement: str, *values: Any) -> Callable[[], None]:
    def action() -> None:
        with connection.cursor() as cursor:
            cursor.execute(statement, values)

    return action


@pytest.mark.parametrize(
    ("words", "statement"),
    [
        ("append_only", "UPDATE risk_movedmoney SET amount = amount + 1, xid = 0"),
        ("append_only", "UPDATE risk_movedmoney SET xid = 5"),
        ("append_only", "DELETE FROM risk_movedmoney"),
        ("append_only", "TRUNCATE risk_movedmoney"),
        ("append_only", "DELETE FROM risk_pattern"),
        ("pattern_only_grows", "UPDATE risk_pattern SET movements = movements[2:]"),
        ("pattern_only_grows", "UPDATE risk_pattern SET accounts = '{}'"),
        ("pattern_only_grows", "UPDATE risk_pattern SET key = 'another'"),
        (
            "pattern_only_grows",
            "UPDATE risk_pattern SET began = began + interval '1 day', ended = ended + interval '2 days'",
        ),
        ("pattern_score_within_bounds", "UPDATE risk_pattern SET score = 1000"),
    ],
)
def test_the_database_refuses(accounts: list[Account], words: str, statement: str) -> None:
    keep(fan(accounts))
    with refused_by_database(words):
        run(statement)()


def test_the_database_refuses_to_forget_all_patterns() -> None:
    with refused_by_database("append_only"):
        run("TRUNCATE risk_pattern")()


def test_the_database_refuses_a_pattern_that_ends_before_it_begins(accounts: list[Account]) -> None:
    pattern = keep(fan(accounts))
    pattern.pk, pattern.key, pattern.ended = ids.uuid7(), "another", pattern.began - timedelta(hours=1)
    with refused_by_database("pattern_ends_after_it_began"):
        pattern.save(force_insert=True)


def test_the_database_refuses_a_movement_of_nothing() -> None:
    with refused_by_database("moved_amount_positive"):
        run(
            "INSERT INTO risk_movedmoney (id, kind, channel, moment, payer, payee, customer, amount, currency)"
            " VALUES (gen_random_uuid(), 'transfer', 'staff', now(), 'a', 'b', '', 0, 'CNY')"
        )()


def test_after_a_dump_was_loaded_everything_counts_as_old(accounts: list[Account]) -> None:
    """docs/operations.md, "After restoring a dump"."""
    fan(accounts)
    run("UPDATE risk_movedmoney SET xid = 0")()
    assert set(MovedMoney.objects.values_list("xid", flat=True)) == {0}


def test_ids_are_those_of_the_movements(accounts: list[Account]) -> None:
    pattern = keep(fan(accounts))
    assert all(isinstance(one, UUID) for one in pattern.movements)
    assert pattern.ended - pattern.began == timedelta(hours=2)
