"""A rule in words: what it asks, and why it hit or did not."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import translation

from bankops.core.money import MINOR_MAX, Money
from risk.language.rule import describe_rule
from risk.language.schema import Fact, Schema, Type
from tests.risk.language.bank import NOW, SCHEMA, GivenFacts, facts, rule

EXAMPLE = 'amount > money("50000 CNY") and payee.first_seen_days < 7 and count(payer, "1h") > 3'


def explained(source: str, given: GivenFacts | None = None) -> list[str]:
    return list(rule(source).explain(given or facts()).lines())


def test_the_example_explains_itself() -> None:
    assert explained(EXAMPLE, facts(counters={'count(payer, "1h")': 4})) == [
        "all of these: yes",
        "  amount CNY 80,000.00 is more than CNY 50,000.00: yes",
        "  payee.first_seen_days 3 days is less than 7 days: yes",
        "  number of movements of the payer's account within 1 hour (4) is more than 3: yes",
    ]


def test_what_is_not_known_and_what_nobody_needed_to_look_at_are_told_too() -> None:
    source = 'cash and (fee > money("1 CNY") or not payer.country in list("regions.high_risk")) or known(payee.name)'
    assert explained(source) == [
        "any of these: no",
        "  all of these: no",
        "    cash: no",
        "    any of these: yes",
        "      fee (not known) is more than CNY 1.00: cannot be told",
        "      the opposite of this: yes",
        "        payer.country “CN” is on the list “regions.high_risk”: no",
        "  payee.name is known: no",
    ]


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ('amount > money("10000 USD")', "amount CNY 80,000.00 is more than USD 10,000.00 (it is worth ≈ USD 11,267.61)"),
        (
            'amount * 0.3 >= sum(device, "1h")',
            "amount CNY 80,000.00 × 0.3 (CNY 24,000.00) is at least sum of the movements of the device within 1 hour (CNY 0.00)",
        ),
        ("hour / 7 != 3", "hour 23 ÷ 7 (≈ 3.285714) is not 3"),
        ("(hour - 1) * 0.5 == 11", "(hour 23 − 1 (22)) × 0.5 (11) is 11"),
        ("-hour <= -5.50", "−hour 23 (-23) is at most −5.5 (-5.5)"),
        (
            "fee < amount * 100000000000000",
            "fee (not known) is less than amount CNY 80,000.00 × 100000000000000 (more than the books can hold)",
        ),
        ("payer.dormant_days between 3 and 10", "payer.dormant_days 3 days is between 3 days and 10 days"),
        ('kind in ["transfer", "refund"]', "kind “transfer” is one of “transfer”, “refund”"),
        ("hour not in [1, 2.50]", "hour 23 is none of 1, 2.5"),
        ('payer.country not in list("regions.high_risk")', "payer.country “CN” is not on the list “regions.high_risk”"),
        ("multiple_of(amount, 10000)", "amount CNY 80,000.00 is a whole multiple of 10000"),
        ('contains(remittance, "rent")', "remittance “Rent for May” contains “rent”"),
        ('starts_with(remittance, "rent")', "remittance “Rent for May” begins with “rent”"),
        ("moment > payer.opened", "moment 2026-11-20 23:30:00 CST is after payer.opened 2025-10-16 23:30:00 CST"),
        (
            "session < moment - payer.opened",
            "session 4 minutes is less than moment 2026-11-20 23:30:00 CST − payer.opened 2025-10-16 23:30:00 CST (400 days)",
        ),
        ('session <= duration("90s")', "session 4 minutes is at most 90 seconds"),
        ('session < duration("36h")', "session 4 minutes is less than 36 hours"),
        ("(cash or known(fee)) == false", "(cash or fee is known) (no) is no"),
        ("cash == (hour > 3)", "cash no is (hour 23 is more than 3) (yes)"),
    ],
)  # fmt: skip
def test_each_comparison_in_words(source: str, text: str) -> None:
    assert rule(source).explain(facts()).text == text


def test_a_fault_is_told_where_it_is() -> None:
    explanation = rule('cash or amount / sum(payer, "24h") > 3').explain(facts())
    assert explanation.fault == "The rule divides by an amount that is zero here: let it multiply instead."
    cash, ratio = explanation.conditions
    assert str(cash) == "cash: no"
    assert ratio.text.endswith("within 1 day (CNY 0.00) (not known) is more than 3")
    assert ratio.fault == explanation.fault
    missing = rule('amount > money("1 KWD")').explain(facts())
    assert str(missing).endswith("Nobody can tell what KWD is worth: enter a reference rate.")


def test_the_reasons_are_what_made_it_so() -> None:
    source = 'hour > 3 and (cash or kind == "transfer") and not (cash or hour < 3)'
    assert [reason.text for reason in rule(source).explain(facts()).reasons()] == [
        "hour 23 is more than 3",
        "kind “transfer” is “transfer”",
        "cash",
        "hour 23 is less than 3",
    ]
    assert [reason.text for reason in rule(f"{source} and cash").explain(facts()).reasons()] == ["cash"]


def test_a_rule_in_a_sentence() -> None:
    assert describe_rule(EXAMPLE, SCHEMA) == (
        "amount is more than CNY 50,000.00 and payee.first_seen_days is less than 7 days and number of movements of "
        "the payer's account within 1 hour is more than 3"
    )
    assert describe_rule("cash or not (cash and hour * (1 + 2) > 3)", SCHEMA) == (
        "cash or (not: (cash and hour × (1 + 2) is more than 3))"
    )


def test_a_label_stands_for_a_facts_name() -> None:
    first_seen = Fact("pair.days", Type.NUMBER, "?", unit="days", label="days since the first payment", optional=True)
    schema = Schema([first_seen])
    assert describe_rule("pair.days < 7", schema) == "days since the first payment is less than 7 days"


def test_values_that_are_too_large_to_read_are_still_explained() -> None:
    given = facts(hour=10**50, remittance="x" * 500, amount=Money(MINOR_MAX, "CNY"), session=timedelta(microseconds=5))
    assert explained("hour > 3", given) == ["hour more than can be shown is more than 3: yes"]
    assert len(explained('contains(remittance, "x")', given)[0]) < 200
    assert explained('session == duration("0s")', given) == ["session 0 minutes is 0 minutes: no"]
    powers = " * ".join(["hour"] * 30)
    assert explained(f"{powers} > 3", given)[0].endswith("(more than can be shown) is more than 3: yes")


def test_moments_are_told_by_the_banks_clock_and_words_in_the_readers_language() -> None:
    assert "23:30:00" in explained("moment > payer.opened", facts(moment=NOW))[0]
    with translation.override("zh-hans"):
        assert explained("cash", facts())
