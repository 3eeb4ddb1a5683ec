"""What banks look for can be said: rules in the language, each with a movement that it hits and one that it does not."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from bankops.core.money import Money
from risk.language.parser import format_rule
from tests.risk.language.bank import NOW, facts, rule


def cny(yuan: int) -> Money:
    return Money(yuan * 100, "CNY")


@dataclass(frozen=True)
class Case:
    """A rule, and what has to be so for it to hit; `else_` is what is otherwise in a movement that it does not hit."""

    source: str
    values: dict[str, Any]
    counters: dict[str, int | Money | None] = field(default_factory=dict)
    else_: dict[str, Any] = field(default_factory=dict)


CASES = {
    "large_amount_to_a_new_payee_after_many": Case(
        'amount > money("50000 CNY") and payee.first_seen_days < 7 and count(payer, "1h") > 3',
        {"amount": cny(50_001), "payee__first_seen_days": 6},
        {'count(payer, "1h")': 4},
        {"amount": cny(50_000)},
    ),
    # PBOC Order [2016] No. 3, article 5 (1): cash of CNY 50,000 or more, or USD 10,000 or more, in a day.
    "large_cash": Case(
        'cash and kind in ["deposit", "withdrawal"] and amount + sum(customer, "24h") >= money("50000 CNY")',
        {"cash": True, "kind": "deposit", "amount": cny(20_000)},
        {'sum(customer, "24h")': cny(30_000)},
        {"amount": cny(19_999)},
    ),
    "structuring_below_the_threshold": Case(
        'cash and amount between money("40000 CNY") and money("49999.99 CNY") and count(customer, "24h") >= 2'
        ' and amount + sum(customer, "24h") >= money("50000 CNY")',
        {"cash": True, "amount": cny(49_000)},
        {'count(customer, "24h")': 2, 'sum(customer, "24h")': cny(98_000)},
        {"amount": cny(50_000)},
    ),
    "dormant_account_awake": Case(
        'payer.dormant_days >= 180 and amount >= money("10000 CNY") and kind != "deposit"',
        {"payer__dormant_days": 181, "amount": cny(10_000)},
        else_={"payer__dormant_days": None},
    ),
    "new_payee_by_night": Case(
        "(hour >= 23 or hour < 6) and (not known(payee.first_seen_days) or payee.first_seen_days == 0)",
        {"hour": 2, "payee__first_seen_days": None},
        else_={"hour": 6},
    ),
    "round_amount": Case(
        'multiple_of(amount, 10000) and amount >= money("100000 CNY") and not contains(remittance, "salary")',
        {"amount": cny(200_000), "remittance": "Thanks"},
        else_={"remittance": "SALARY July"},
    ),
    "many_to_one": Case(
        'distinct_payers(payee, "24h") >= 10 and sum(payee, "24h") > money("200000 CNY")',
        {},
        {'distinct_payers(payee, "24h")': 10, 'sum(payee, "24h")': cny(200_001)},
        {"counters": {'distinct_payers(payee, "24h")': 9, 'sum(payee, "24h")': cny(200_001)}},
    ),
    "one_to_many": Case(
        'distinct_payees(payer, "1h") >= 8 and amount < sum(payer, "1h") / 4',
        {"amount": cny(100)},
        {'distinct_payees(payer, "1h")': 8, 'sum(payer, "1h")': cny(401)},
        {"amount": cny(101)},
    ),
    "rapid_in_and_out": Case(
        'kind == "withdrawal" and count(customer, "1h") > 0 and amount >= sum(customer, "1h") * 0.9'
        ' and amount > money("20000 CNY")',
        {"kind": "withdrawal", "amount": cny(27_000)},
        {'count(customer, "1h")': 1, 'sum(customer, "1h")': cny(30_000)},
        {"amount": cny(26_999)},
    ),
    "impossible_travel": Case(
        'device.last_country != payer.country and moment - device.last_seen < duration("2h")',
        {"device__last_country": "BR", "device__last_seen": NOW - timedelta(minutes=90)},
        else_={"device__last_seen": NOW - timedelta(hours=2)},
    ),
    "country_at_risk": Case(
        '(payer.country in list("regions.high_risk") or payer.country in ["SY", "CU"])'
        ' and payee.name not in list("payees.white")',
        {"payer__country": "KP", "payee__name": "Anybody"},
        else_={"payer__country": "CN"},
    ),
    "refund_abuse": Case(
        'kind == "refund" and count(pair, "24h") >= 3 and not payer.is_staff == false',
        {"kind": "refund", "payer__is_staff": True},
        {'count(pair, "24h")': 3},
        {"payer__is_staff": None},
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_rule_of_a_bank(name: str) -> None:
    case = CASES[name]
    compiled = rule(case.source)
    assert compiled.evaluate(facts(counters=case.counters, **case.values)).hit is True
    otherwise = {"counters": case.counters, **case.values, **case.else_}
    assert compiled.evaluate(facts(**otherwise)).hit is not True
    assert format_rule(compiled.text) == compiled.text
