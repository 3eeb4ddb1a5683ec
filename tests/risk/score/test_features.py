"""What a model reads of a movement: exact numbers, and nothing where nothing is known."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from bankops.core.money import Money
from risk.fact_schema import SCHEMA
from risk.facts import Facts, History, MovementKind, Party
from risk.language.rule import compile_rule
from risk.language.schema import Counter, Measure, Subject
from risk.rules.shipped import shipped
from risk.score import features
from tests.risk.assessment.movements import transfer

BARE = transfer(payer=Party(), payee=Party(), base_amount=None)
COUNT_90D = Counter(Measure.COUNT, Subject.PAYER, "90d")
SUM_90D = Counter(Measure.SUM, Subject.PAYER, "90d")
SUM_24H = Counter(Measure.SUM, Subject.PAYER, "24h")


def read(name: str, facts: Facts) -> float | None:
    return features.BY_NAME[name].read(facts)


def cny(units: int) -> Money:
    return Money(units * 100, "CNY")


def test_names_are_known_once_and_are_codes() -> None:
    names = [feature.name for feature in features.FEATURES]
    assert len(set(names)) == len(names) == len(features.BY_NAME) == 40
    assert all(name.replace("_", "").isalnum() and name.islower() for name in names)


def test_what_is_not_known_is_no_zero() -> None:
    """A movement of which little is known: only what a movement always tells has a number."""
    told = {feature.name for feature in features.FEATURES if feature.read(BARE) is not None}
    assert told == {
        "round",
        "night",
        "weekend",
        "deposit",
        "withdrawal",
        "refund",
        "own_accounts",
        "silent",
        "dormant",
    }


def test_a_zero_that_is_known_is_a_zero() -> None:
    facts = transfer(
        payer=Party(opened_days=0, customer_days=0, rating="LOW", kind="PERSON"),
        history=History(payee_first_seen_days=3, received_24h=cny(0), refunds_30d=0),
        counters={COUNT_90D: 0, SUM_90D: cny(0)},
    )
    zeros = (
        "opened_days",
        "customer_days",
        "rated_high",
        "organisation",
        "payee_new",
        "received",
        "passed_on",
        "refunds",
    )
    assert [read(name, facts) for name in zeros] == [0.0] * len(zeros)


def test_the_amount_against_the_usual() -> None:
    """2,000 where four payments came to 1,000: eight times the average. Without payments there is no usual."""
    facts = transfer(counters={COUNT_90D: 4, SUM_90D: cny(1_000), SUM_24H: cny(500)})
    assert read("over_usual", facts) == pytest.approx(math.log(8))
    assert read("day_over_usual", facts) == pytest.approx(math.log(2_500 * 90 / 1_000))
    assert read("over_usual", transfer(counters={COUNT_90D: 0, SUM_90D: cny(0)})) is None
    assert read("over_usual", transfer(counters={COUNT_90D: 1_000_000, SUM_90D: cny(1)})) == pytest.approx(
        math.log(1_000)
    )


def test_money_in_and_straight_out() -> None:
    came = History(received_24h=cny(4_000))
    assert read("passed_on", transfer(history=came)) == pytest.approx(0.5)
    assert read("passed_on", transfer(history=came, counters={SUM_24H: cny(1_000)})) == pytest.approx(0.75)
    assert read("passed_on", transfer(history=came, counters={SUM_24H: cny(9_000)})) == 1.0


def test_countries() -> None:
    facts = transfer(
        country="FR",
        payer=Party(country="CN"),
        payee=Party(country="CN"),
        history=History(previous_country="CN", previous_minutes=30, country_first_seen_days=0),
    )
    names = ("country_moved", "too_fast", "ordered_abroad", "payee_abroad", "country_new")
    assert [read(name, facts) for name in names] == [1.0, 1.0, 1.0, 0.0, 1.0]
    slow = replace(facts, history=History(previous_country="CN", previous_minutes=2_000, country_first_seen_days=9))
    assert [read(name, slow) for name in names] == [1.0, 0.0, 1.0, 0.0, 0.0]


def test_the_movement_itself() -> None:
    facts = transfer(hour=3, weekday=6, kind=MovementKind.WITHDRAWAL, remittance_length=0)
    names = ("amount", "round", "night", "weekend", "withdrawal", "deposit", "silent")
    assert [read(name, facts) for name in names] == [pytest.approx(math.log10(2_001)), 1, 1, 1, 1, 0, 1]
    spent = transfer(payer=Party(available=cny(8_000)))
    assert read("of_available", spent) == pytest.approx(0.25)
    assert read("of_available", transfer(payer=Party(available=cny(0)))) == 1.0


def test_facts_that_were_kept_say_the_same() -> None:
    facts = transfer(
        payer=Party(available=cny(5), opened_days=3),
        history=History(received_24h=cny(7)),
        counters={COUNT_90D: 2, SUM_90D: cny(9)},
    )
    assert features.values(Facts.from_json(facts.as_json())) == features.values(facts)


def test_a_model_asks_for_no_counter_that_the_shipped_rules_do_not_count() -> None:
    counted = {
        counter
        for rule in shipped("CNY")
        for counter in compile_rule(rule.draft("CNY").condition, SCHEMA).needs.counters
    }
    assert counted >= features.COUNTERS
