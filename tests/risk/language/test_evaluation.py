"""What a rule comes to: exactly, in three values, and with a fault where nobody can tell."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from bankops.core.errors import BankOpsError
from bankops.core.money import MINOR_MAX, Money
from risk.language.errors import DividedByZero, FactNotGiven, FactOfWrongType, NoRate, NotRead, RuleFault
from risk.language.rule import Verdict
from risk.language.schema import Fact, Type
from tests.risk.language.bank import NOW, facts, hits, rule

_MONEY = 'amount > money("50000 CNY")'


def test_the_example() -> None:
    """Given CNY 80,000.00 to a payee first seen 3 days ago, after four movements in the hour: it hits."""
    example = rule('amount > money("50000 CNY") and payee.first_seen_days < 7 and count(payer, "1h") > 3')
    given = facts(counters={'count(payer, "1h")': 4})
    assert example.evaluate(given) == Verdict(hit=True, steps=10)
    assert example.evaluate(facts()) == Verdict(hit=False, steps=10)
    assert example.evaluate(facts(amount=Money(50_000_00, "CNY"))) == Verdict(hit=False, steps=4)


@pytest.mark.parametrize(
    ("source", "hit"),
    [
        ("hour == 23 and hour != 22 and hour < 24 and hour <= 23 and hour > 22 and hour >= 23", True),
        ("hour * 0.1 == 2.3", True),
        ("hour / 3 * 3 == 23", True),
        ("hour / 7 > 3.285714285714285714285714285", True),
        ("-hour + 1 - -2 == -20", True),
        ("-hour < 0.0000000000000000000000000001 - 23", True),
        ("hour in [22, 23.0]", True),
        ("hour in [-23]", False),
        ("hour not in [22, 23]", False),
        ("hour between 23 and 23", True),
        ('amount between money("1 CNY") and money("79999.99 CNY")', False),
        ('amount * 0.3333333333333333333333333333 < money("26666.67 CNY")', True),
        ('amount / 3 * 3 == money("80000 CNY")', True),
        ('amount - money("80000 CNY") == money("0 CNY")', True),
        ('-amount == money("-80000 CNY")', True),
        ('amount + amount > money("159999.99 CNY")', True),
        ('3 * amount / money("60000 CNY") == 4', True),
        ("multiple_of(amount, 10000)", True),
        ("multiple_of(amount, 30000)", False),
        ("multiple_of(amount, 0.05)", True),
        ("multiple_of(hour, 11.5)", True),
        ("cash == false and not cash", True),
        ('kind == "transfer" and kind in ["transfer", "refund"] and kind not in ["deposit"]', True),
        ('contains(kind, "TRANS") and starts_with(kind, "fer")', False),
        ('contains(remittance, "RENT") and starts_with(remittance, "rent")', True),
        ('moment - payer.opened == duration("400d")', True),
        ('payer.opened + duration("400d") >= moment and moment - duration("1h") < moment', True),
        ('session + session - duration("30s") < duration("450s")', False),
        ('moment == moment("2026-11-20T23:30:00+08:00")', True),
        ('(hour > 3) == (kind == "transfer")', True),
        ("known(payee.first_seen_days) and not known(payee.name)", True),
    ],
)  # fmt: skip
def test_what_conditions_come_to(source: str, hit: bool) -> None:
    assert hits(source) is hit


# Three values. `fee`, `payee.name` and `payer.is_staff` are not known of the usual movement.


@pytest.mark.parametrize(
    ("source", "hit"),
    [
        ('fee > money("1 CNY")', None),
        ('money("1 CNY") < fee', None),
        ("fee + amount > fee", None),
        ("-fee == amount", None),
        ("fee between amount and amount", None),
        ("amount between amount and fee", None),
        ("payer.is_staff", None),
        ("not payer.is_staff", None),
        ("payer.is_staff == payer.is_staff", None),
        ('payee.name in ["a"]', None),
        ('payee.name not in ["a"]', None),
        ('payee.name not in list("payees.white")', None),
        ('contains(payee.name, "a")', None),
        ("multiple_of(fee, 10)", None),
        ("payer.is_staff and cash", False),
        ("cash and payer.is_staff", False),
        ("payer.is_staff and hour == 23", None),
        ("payer.is_staff or hour == 23", True),
        ("hour == 23 or payer.is_staff", True),
        ("payer.is_staff or cash", None),
        ("known(fee)", False),
        ('not known(fee) or fee > money("1 CNY")', True),
        ("(payer.is_staff and cash) == false", True),
    ],
)
def test_what_is_not_known_decides_nothing(source: str, hit: bool | None) -> None:
    assert hits(source) is hit


def test_a_counter_of_somebody_who_is_not_there_is_not_known() -> None:
    """A movement without a device has none whose movements could be counted."""
    source = 'count(device, "1h") > 3'
    assert hits(source, facts(counters={'count(device, "1h")': None})) is None
    assert hits(source, facts(counters={'count(device, "1h")': 4})) is True


# Currencies


def test_amounts_of_two_currencies_are_compared_by_the_rates_given() -> None:
    """USD 7,042.25 is CNY 49,999.975, which is not more than 50,000 although it rounds to nearly that; 7,042.26 is more."""
    assert hits(_MONEY, facts(amount=Money(7_042_25, "USD"))) is False
    assert hits(_MONEY, facts(amount=Money(7_042_26, "USD"))) is True
    assert hits('amount > money("7000 USD")', facts(amount=Money(1_000_000, "JPY"))) is False
    assert hits('amount + money("1 USD") == money("80007.10 CNY")') is True
    assert hits('amount / money("1000 USD") > 11.26') is True
    assert hits('amount between money("11267 USD") and money("11268 USD")') is True
    assert hits('sum(payer, "24h") + money("1 USD") == money("7.1 CNY")') is True


@pytest.mark.parametrize(
    "rates", [{}, {"CNY": Decimal(1)}, {"KWD": Decimal(0), "CNY": Decimal(1)}, {"KWD": Decimal(23)}]
)
def test_without_a_rate_nobody_can_tell(rates: dict[str, Decimal]) -> None:
    given = facts(amount=Money(1, "KWD"))
    given.rates = rates
    with pytest.raises(NoRate) as fault:
        rule(_MONEY).evaluate(given)
    assert fault.value.code == "rule_no_rate"
    assert hits('amount > money("1 KWD") and amount * 2 < money("3 KWD")', given) is False


# Faults: the movement counts as not assessed.


def test_dividing_by_nothing_is_a_fault() -> None:
    with pytest.raises(DividedByZero):
        hits('amount / sum(payer, "24h") > 3')
    assert hits('amount > 3 * sum(payer, "24h")') is True


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({"amount": None}, FactNotGiven),
        ({"amount": Decimal(80000)}, FactOfWrongType),
        ({"amount": 80000.0}, FactOfWrongType),
        ({"hour": "23"}, FactOfWrongType),
        ({"hour": 23.0}, FactOfWrongType),
        ({"hour": True}, FactOfWrongType),
        ({"hour": Decimal("NaN")}, FactOfWrongType),
        ({"hour": Decimal("1E+99999")}, FactOfWrongType),
        ({"cash": 0}, FactOfWrongType),
        ({"kind": b"transfer"}, FactOfWrongType),
        ({"moment": NOW.replace(tzinfo=None)}, FactOfWrongType),
    ],
)
def test_facts_that_are_not_what_the_schema_says_are_a_fault(changed: dict[str, Any], fault: type[RuleFault]) -> None:
    source = f'{_MONEY} and hour != 1 and not cash and kind != "refund" and moment != moment("2026-01-01T00:00:00Z")'
    assert hits(source) is True
    with pytest.raises(fault):
        hits(source, facts(**changed))


def test_what_was_not_read_is_a_fault() -> None:
    given = facts(payer__country="CN")
    given.counters, given.lists = {}, {}
    for source in ('count(payer, "1h") > 3', 'payer.country in list("regions.high_risk")'):
        with pytest.raises(NotRead):
            hits(source, given)
    given.values = {}
    with pytest.raises(NotRead) as fault:
        hits("hour > 3", given)
    assert fault.value.context == {"name": "hour"}


def test_a_counter_that_is_no_number_is_a_fault() -> None:
    for wrong in (Money(1, "CNY"), Decimal(3), True):
        given = facts(counters={'count(payer, "1h")': wrong})  # type: ignore[dict-item]
        with pytest.raises(FactOfWrongType):
            hits('count(payer, "1h") > 0', given)


def test_a_moment_beyond_the_calendar_is_a_fault() -> None:
    with pytest.raises(RuleFault) as fault:
        hits('moment + duration("999999d") + duration("999999d") + duration("999999d") > moment')
    assert fault.value.code == "rule_fault"
    assert isinstance(fault.value, BankOpsError)


def test_what_decides_keeps_the_rest_from_being_looked_at() -> None:
    """From the left: the fault is behind what has decided already, or it is met first."""
    faulty = 'amount / sum(payer, "24h") > 3'
    assert hits(f"cash and {faulty}") is False
    assert hits(f"not cash or {faulty}") is True
    with pytest.raises(DividedByZero):
        hits(f"{faulty} and cash")


# Nothing is lost, and nothing runs away


def test_numbers_may_be_larger_than_any_amount() -> None:
    most = facts(amount=Money(MINOR_MAX, "CNY"))
    assert hits('amount * 1000000000000 > money("92233720368547758.07 CNY")', most) is True
    assert hits('amount + amount - amount == money("92233720368547758.07 CNY")', most) is True
    nines = "9" * 30
    assert hits(f"hour * {nines} * {nines} - 1 < 23 * {nines} * {nines}") is True
    assert hits(f"-{nines} == -{nines} and hour == 23") is True
    assert hits(f"hour in [-{nines}] or hour between -{nines} and -{'9' * 29}8", facts(hour=-int(nines))) is True


def test_steps_are_never_more_than_parts() -> None:
    many = " and ".join(["(hour > 3 or hour * 2 + 1 < 5)"] * 20)
    steps = rule(many).evaluate(facts()).steps
    assert 0 < steps <= 300


@pytest.mark.parametrize(
    ("fact", "accepted", "refused"),
    [
        (Fact("a", Type.NUMBER, "?"), [0, Decimal("1.5")], [None, 1.5, True, "1", Decimal("Infinity")]),
        (Fact("a", Type.NUMBER, "?", optional=True), [None, 3], [Money(1, "CNY")]),
        (Fact("a", Type.TRUTH, "?"), [True, False], [0, None]),
        (Fact("a", Type.MOMENT, "?"), [NOW], [datetime(2026, 1, 1), NOW.date()]),  # noqa: DTZ001
        (Fact("a", Type.DURATION, "?"), [timedelta(1)], [1, None]),
        (Fact("a", Type.TEXT, "?"), [""], [b"", None]),
    ],
)
def test_what_may_stand_for_a_fact(fact: Fact, accepted: list[Any], refused: list[Any]) -> None:
    assert [value for value in accepted if not fact.accepts(value)] == []
    assert [value for value in refused if fact.accepts(value)] == []
