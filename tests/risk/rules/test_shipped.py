"""Every shipped rule has a movement that it hits and one, close by, that it does not."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any, NamedTuple

import pytest

from bankops.core.money import Money
from risk.fact_schema import SCHEMA
from risk.facts import Facts, History, MovementKind, Party
from risk.language.rule import Compiled, compile_rule
from risk.language.schema import Counter, Measure, Subject
from risk.rules.shipped import RULES, Shipped, shipped
from risk.rules.terms import checked_about, checked_draft
from tests.risk.velocity.movements import movement

BY_KEY = {rule.key: rule for rule in RULES}
ME = Party(
    "acc_1", ours=True, customer="cus_1", kind="PERSON", rating="LOW", country="CN", opened_days=400, customer_days=400
)
OLD = replace(ME, opened_days=3_000)
FIRM = replace(ME, kind="ORGANISATION")
SHOP = Party("6222 0210", name="Tea shop", bank="ICBKCNBJ", country="CN")
FRIEND = Party("acc_2", ours=True, customer="cus_2", kind="PERSON", country="CN")
ABROAD = replace(SHOP, country="HK")
KNOWN = History(
    payee_first_seen_days=200,
    payee_known_days=900,
    device_first_seen_days=100,
    country_first_seen_days=300,
    payer_idle_days=2,
    previous_country="CN",
    previous_minutes=4_000,
    received_1h=Money(0, "CNY"),
    received_24h=Money(0, "CNY"),
    received_7d=Money(0, "CNY"),
    received_count_24h=0,
    cash_24h=Money(0, "CNY"),
    cash_count_7d=0,
    refunds_7d=0,
    refunds_30d=0,
    refunded_30d=Money(0, "CNY"),
)
LISTS = ("regions.sanctioned", "regions.call_for_action", "regions.increased_monitoring", "own.black", "own.grey")
CASH_IN = {"kind": MovementKind.DEPOSIT, "payer": Party(), "payee": ME}
CASH_OUT = {"kind": MovementKind.WITHDRAWAL, "payee": Party()}
REFUND = {"kind": MovementKind.REFUND, "payer": FIRM, "payee": FRIEND}


def yuan(amount: int) -> Money:
    return Money(amount * 100, "CNY")


def situation(
    amount: int, *, counts: dict[str, int] | None = None, listed: dict[str, set[str]] | None = None, **told: Any
) -> Facts:
    """Return an ordinary payment of a known customer from a known device to a known shop at noon, but for what is told."""
    names = set(History.__slots__)
    history = replace(KNOWN, **{name: value for name, value in told.items() if name in names})
    usual: dict[str, Any] = {
        "payer": ME,
        "payee": SHOP,
        "device": "dev_1",
        "country": "CN",
        "hour": 12,
        "channel": "partner",
    }
    return replace(
        movement(),
        **usual | {name: value for name, value in told.items() if name not in names},
        amount=yuan(amount),
        base_amount=yuan(amount),
        history=history,
        counters=_counters(counts or {}),
        lists={name: frozenset((listed or {}).get(name, ())) for name in LISTS},
        rates={"CNY": Decimal(1)},
    )


def _counters(counts: dict[str, int]) -> dict[Counter, int | Money | None]:
    """Return all counters of all rules at zero, but for those that are told by their text; sums in yuan."""
    asked = {counter for rule in RULES for counter in compiled(rule).needs.counters}
    assert set(counts) <= {str(counter) for counter in asked}
    found = {counter: counts.get(str(counter), 0) for counter in asked}
    return {c: yuan(n) if c.measure is Measure.SUM else n for c, n in found.items()}


def compiled(rule: Shipped) -> Compiled:
    return compile_rule(rule.draft("CNY").condition, SCHEMA)


class Pair(NamedTuple):
    """A movement that a rule hits, and one that it does not."""

    hits: Facts
    passes: Facts


def pair(hits: dict[str, Any], passes: dict[str, Any]) -> Pair:
    """Return two movements of which the second differs from the first by what is told."""
    return Pair(situation(**hits), situation(**hits | passes))


NEW: dict[str, Any] = {"payee_first_seen_days": 0}
TINY = {'count(payer, "10m")': 3, 'sum(payer, "10m")': 29}
IN_FROM_ABROAD = {"payer": ABROAD, "payee": ME}
CASES: dict[str, list[Pair]] = {
    "large_value_cash": [
        pair({"amount": 50_000, **CASH_IN}, {"amount": 49_999}),
        pair({"amount": 20_000, "cash_24h": yuan(30_000), **CASH_OUT}, {"cash_24h": yuan(29_999)}),
        pair({"amount": 50_000, **CASH_IN}, {"kind": MovementKind.TRANSFER, "payer": ME, "payee": SHOP}),
    ],
    "large_value_entity": [
        pair({"amount": 2_000_000, "payer": FIRM}, {"payer": ME}),
        pair(
            {"amount": 1, "payer": FIRM, "counts": {'sum(payer, "24h")': 1_999_999}},
            {"counts": {'sum(payer, "24h")': 1_999_998}},
        ),
    ],
    "large_value_person": [
        pair({"amount": 500_000}, {"amount": 499_999}),
        pair({"amount": 500_000}, {"payee": ABROAD}),
        pair({"amount": 500_000}, {"payee": replace(ME, account="acc_9")}),
        pair({"amount": 500_000, "payee": replace(SHOP, country=None)}, {"payer": FIRM}),
    ],
    "large_value_cross_border": [
        pair({"amount": 200_000, "payee": ABROAD}, {"payee": SHOP}),
        pair({"amount": 200_000, **IN_FROM_ABROAD}, {"amount": 199_999}),
        pair({"amount": 1, "payee": ABROAD, "counts": {'sum(payer, "24h")': 199_999}}, {"counts": {}}),
    ],
    "structuring_cash": [
        pair({"amount": 20_000, "cash_24h": yuan(30_000), "cash_count_7d": 2, **CASH_IN}, {"cash_count_7d": 1}),
        pair({"amount": 20_000, "cash_24h": yuan(30_000), "cash_count_7d": 2, **CASH_OUT}, {"amount": 50_000}),
    ],
    "just_below_cash": [pair({"amount": 49_500, "cash_count_7d": 2, **CASH_IN}, {"amount": 44_000})],
    "just_below_transfer": [
        pair({"amount": 490_000, "counts": {'sum(payer, "7d")': 460_000}}, {"counts": {'sum(payer, "7d")': 3_000}})
    ],
    "split_to_one_payee": [
        pair(
            {"amount": 30_000, "counts": {'count(pair, "24h")': 4, 'sum(pair, "24h")': 90_000}},
            {"counts": {'count(pair, "24h")': 3, 'sum(pair, "24h")': 90_000}},
        )
    ],
    "cash_burst": [
        pair({"amount": 5_000, "cash_24h": yuan(16_000), "cash_count_7d": 9, **CASH_IN}, {"cash_count_7d": 8})
    ],
    "rapid_in_and_out": [
        pair({"amount": 58_000, "received_24h": yuan(60_000)}, {"amount": 50_000}),
        pair({"amount": 58_000, "received_24h": yuan(60_000)}, {"payer": FIRM}),
    ],
    "straight_through": [pair({"amount": 19_000, "received_1h": yuan(20_000), **NEW}, {"payee_first_seen_days": 9})],
    "cash_out": [pair({"amount": 18_000, "received_24h": yuan(20_000), **CASH_OUT}, {"received_24h": yuan(30_000)})],
    "sleeper_passes_through": [
        pair({"amount": 15_000, "received_24h": yuan(20_000), "payer_idle_days": 120}, {"payer_idle_days": 12}),
        pair({"amount": 15_000, "received_24h": yuan(20_000), "payer_idle_days": 120}, {"payer_idle_days": None}),
    ],
    "many_to_one": [
        pair(
            {"amount": 900, "payee": FRIEND, "counts": {'distinct_payers(payee, "24h")': 10}},
            {"payee": replace(FRIEND, kind="ORGANISATION")},
        )
    ],
    "collecting_account": [
        pair(
            {"amount": 900, "payee_known_days": 2, "counts": {'distinct_payers(payee, "24h")': 5}},
            {"payee_known_days": 900},
        ),
        pair({"amount": 900, "payee_known_days": 2, "counts": {'distinct_payers(payee, "24h")': 5}}, {"counts": {}}),
    ],
    "one_to_many": [
        pair({"amount": 900, "counts": {'distinct_payees(payer, "24h")': 10}}, {"payer": FIRM}),
    ],
    "device_of_many": [
        pair(
            {"amount": 900, "counts": {'distinct_payers(device, "24h")': 4}},
            {"counts": {'distinct_payers(device, "24h")': 3}},
        )
    ],
    "device_velocity": [pair({"amount": 900, "counts": {'count(device, "10m")': 10}}, {"channel": "system"})],
    "new_device_large": [
        pair({"amount": 20_000, "device_first_seen_days": 0}, {"device_first_seen_days": 3}),
        pair({"amount": 20_000, "device_first_seen_days": 0}, {"payer": replace(ME, customer_days=2)}),
    ],
    "new_device_new_payee": [
        pair({"amount": 5_000, "device_first_seen_days": 0, **NEW}, {"payee_first_seen_days": 40})
    ],
    "impossible_travel": [
        pair({"amount": 900, "country": "FR", "previous_minutes": 50}, {"previous_minutes": 900}),
        pair({"amount": 900, "country": "FR", "previous_minutes": 50}, {"previous_country": "FR"}),
    ],
    "new_country": [
        pair({"amount": 10_000, "country": "FR", "country_first_seen_days": 0}, {"country_first_seen_days": 8}),
        pair({"amount": 10_000, "country": "FR", "country_first_seen_days": 0}, {"country": "CN"}),
    ],
    "night_new_payee": [
        pair({"amount": 10_000, "hour": 23, **NEW}, {"hour": 22}),
        pair({"amount": 10_000, "hour": 5, **NEW}, {"payee_first_seen_days": 30}),
        pair({"amount": 10_000, "hour": 5, **NEW}, {"channel": "staff"}),
    ],
    "first_payment_large": [pair({"amount": 200_000, **NEW}, {"payee_first_seen_days": 1})],
    "supplier_changed": [pair({"amount": 500_000, "payer": FIRM, "payee_known_days": 0}, {"payee_known_days": 80})],
    "dormant_awake": [
        pair({"amount": 10_000, "payer_idle_days": 180}, {"payer_idle_days": 179}),
        pair({"amount": 10_000, "payer": replace(ME, woken_days=3)}, {"payer": replace(ME, woken_days=30)}),
        pair({"amount": 10_000, "payer": OLD, "payer_idle_days": None}, {"payer_idle_days": 2}),
        pair({"amount": 10_000, "payer": OLD, "payer_idle_days": None}, {"payer": replace(OLD, opened_days=700)}),
    ],
    "young_account_turnover": [
        pair(
            {"amount": 10_000, "payer": replace(ME, opened_days=5), "counts": {'sum(payer, "30d")': 490_000}},
            {"payer": ME},
        )
    ],
    "unlike_before": [
        pair(
            {"amount": 50_000, "counts": {'count(payer, "90d")': 10, 'sum(payer, "90d")': 20_000}},
            {"counts": {'count(payer, "90d")': 10, 'sum(payer, "90d")': 30_000}},
        )
    ],
    "drain": [
        pair({"amount": 29_000, "payer": replace(ME, available=yuan(30_000)), **NEW}, {"amount": 28_000}),
        pair({"amount": 29_000, "payer": replace(ME, available=yuan(30_000)), **NEW}, {"payer": ME}),
    ],
    "round_amounts": [pair({"amount": 30_000, "counts": {'count(payer, "24h")': 3}}, {"amount": 31_000})],
    "payment_burst": [
        pair({"amount": 900, "counts": {'count(payer, "1h")': 10}}, {"counts": {'count(payer, "1h")': 9}})
    ],
    "testing_payments": [
        pair({"amount": 1, "counts": TINY, **NEW}, {"amount": 10}),
        pair({"amount": 1, "counts": TINY, **NEW}, {"counts": {**TINY, 'sum(payer, "10m")': 30}}),
    ],
    "high_risk_customer_out": [pair({"amount": 50_000, "payer": replace(ME, rating="HIGH")}, {"payee": FRIEND})],
    "refunds_often": [pair({"amount": 90, "refunds_30d": 5, **REFUND}, {"refunds_30d": 4})],
    "refunds_much": [pair({"amount": 9_000, "refunds_7d": 3, "refunded_30d": yuan(11_000), **REFUND}, {"amount": 900})],
    "sanctioned_region": [
        pair({"amount": 9, "payee": ABROAD, "listed": {"regions.sanctioned": {"HK"}}}, {"payee": SHOP}),
        pair(
            {"amount": 9, "payer": replace(ME, country="HK"), "listed": {"regions.sanctioned": {"HK"}}}, {"payer": ME}
        ),
        pair({"amount": 9, "country": "HK", "listed": {"regions.sanctioned": {"HK"}}}, {"country": "CN"}),
    ],
    "call_for_action": [
        pair(
            {"amount": 9, "payee": replace(SHOP, country="KP"), "listed": {"regions.call_for_action": {"KP"}}},
            {"payee": SHOP},
        ),
        pair({"amount": 9, "country": "IR", "listed": {"regions.call_for_action": {"IR"}}}, {"country": "CN"}),
    ],
    "increased_monitoring": [
        pair(
            {
                "amount": 10_000,
                "payee": replace(SHOP, country="VN"),
                "listed": {"regions.increased_monitoring": {"VN"}},
            },
            {"amount": 9_999},
        )
    ],
    "own_black": [
        pair({"amount": 9, "listed": {"own.black": {"dev_1"}}}, {"device": "dev_2"}),
        pair({"amount": 9, "listed": {"own.black": {"6222 0210"}}}, {"listed": {"own.grey": {"6222 0210"}}}),
        pair({"amount": 9, "payer": replace(ME, name="Li"), "listed": {"own.black": {"Li"}}}, {"payer": ME}),
        pair({"amount": 9, "payee": ABROAD, "listed": {"own.black": {"HK"}}}, {"payee": SHOP}),
    ],
    "own_grey": [
        pair({"amount": 9, "listed": {"own.grey": {"cus_1"}}}, {"payer": replace(ME, customer="cus_5")}),
        pair({"amount": 9, "country": "FR", "listed": {"own.grey": {"FR"}}}, {"country": "CN"}),
    ],
}


def test_every_shipped_rule_has_its_cases() -> None:
    assert sorted(CASES) == sorted(BY_KEY)
    assert len(BY_KEY) == len(RULES) >= 30


@pytest.mark.parametrize("key", sorted(BY_KEY))
def test_it_hits_and_it_does_not(key: str) -> None:
    rule = compiled(BY_KEY[key])
    for place, case in enumerate(CASES[key]):
        assert rule.evaluate(case.hits).hit is True, (place, *rule.explain(case.hits).lines())
        assert not rule.evaluate(case.passes).hit, (place, *rule.explain(case.passes).lines())


def test_an_ordinary_payment_meets_none_of_them() -> None:
    ordinary = situation(1_280)
    assert [rule.key for rule in RULES if compiled(rule).evaluate(ordinary).hit] == []


@pytest.mark.django_db
@pytest.mark.parametrize("key", sorted(BY_KEY))
def test_it_says_what_it_is_and_what_it_follows_from(key: str) -> None:
    rule = BY_KEY[key]
    about = checked_about(rule.about())
    draft = checked_draft(rule.draft("CNY"))
    assert about.source
    assert "%" not in about.source
    assert draft.explains.endswith(".")
    assert draft.condition == compile_rule(draft.condition, SCHEMA).text


def test_what_a_chinese_regulation_sets_is_for_banks_in_renminbi() -> None:
    abroad = shipped("USD")
    assert {rule.key for rule in RULES} - {rule.key for rule in abroad} == {
        "large_value_cash",
        "large_value_cross_border",
        "large_value_entity",
        "large_value_person",
        "just_below_transfer",
    }
    assert all("CNY" not in rule.draft("USD").condition.replace('"CN"', "") for rule in abroad)


def test_nothing_that_is_only_reported_stops_a_payment() -> None:
    assert {rule.outcome for rule in RULES if rule.reason_code == "large_value"} == {"APPROVE"}


def test_all_facts_that_they_ask_for_are_there() -> None:
    asked = {name for rule in RULES for name in compiled(rule).needs.facts}
    assert asked <= set(SCHEMA.facts)
    assert Subject.DEVICE in {counter.subject for rule in RULES for counter in compiled(rule).needs.counters}
