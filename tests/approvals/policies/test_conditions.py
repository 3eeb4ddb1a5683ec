"""What conditions say of a submission: met, not met, or cannot be told, which counts as met."""

from __future__ import annotations

from typing import Any

import pytest

from approvals.policies.conditions import why_fired
from approvals.policies.definition import parse
from approvals.policies.facts import PolicyFacts
from bankops.core.money import Money
from tests.approvals.policies.documents import at_least, cny, condition, document, facts

USD_9000 = Money.parse("9000.00", "USD")


def fired(seen: PolicyFacts, *blocks: list[dict[str, Any]]) -> list[str]:
    return why_fired(parse(document(blocks=list(blocks))).blocks, seen)


@pytest.mark.parametrize(
    ("operator", "below", "equal", "above"),
    [
        ("at_least", False, True, True),
        ("more_than", False, False, True),
        ("at_most", True, True, False),
        ("less_than", True, False, False),
    ],
)
def test_an_amount_is_compared_to_the_last_minor_unit(operator: str, below: bool, equal: bool, above: bool) -> None:
    block = [condition("amount", operator, "50000.00 CNY")]
    for figure, met in (("49999.99", below), ("50000.00", equal), ("50000.01", above)):
        assert bool(fired(facts(amount=cny(figure), base_amount=cny(figure)), block)) is met


def test_the_reason_is_a_sentence_with_both_figures() -> None:
    seen = facts(amount=cny("2000000.00"), base_amount=cny("2000000.00"))
    assert fired(seen, [at_least("50000.00 CNY")]) == ["amount CNY 2,000,000.00 is at least CNY 50,000.00"]


def test_a_foreign_amount_is_compared_by_its_worth_in_the_base_currency() -> None:
    seen = facts(amount=USD_9000, base_amount=cny("63000.00"))
    assert fired(seen, [at_least("50000.00 CNY")]) == [
        "amount USD 9,000.00 (≈ CNY 63,000.00) is at least CNY 50,000.00"
    ]
    assert fired(facts(amount=USD_9000, base_amount=cny("49999.99")), [at_least("50000.00 CNY")]) == []


def test_within_one_currency_an_amount_is_compared_exactly_whatever_its_worth() -> None:
    seen = facts(amount=USD_9000, base_amount=cny("1.00"))
    assert fired(seen, [at_least("9000.00 USD")])
    assert not fired(seen, [at_least("9000.01 USD")])


@pytest.mark.parametrize("operator", ["at_least", "at_most", "more_than", "less_than"])
def test_an_amount_of_unknown_worth_counts_as_met_and_the_reason_says_so(operator: str) -> None:
    seen = facts(amount=USD_9000, base_amount=None)
    assert seen.amount_unknown
    (reason,) = fired(seen, [condition("amount", operator, "50000.00 CNY")])
    assert reason.startswith("nobody can tell what USD 9,000.00 is worth in CNY, so it counts as ")


def test_a_limit_in_a_third_currency_cannot_be_compared_and_counts_as_met() -> None:
    assert fired(facts(), [at_least("1000000.00 USD")])
    assert not fired(facts(), [at_least("1000000.00 USD"), condition("currency", "one_of", ["USD"])])


def test_without_an_amount_no_condition_about_money_is_met() -> None:
    seen = facts(amount=None, base_amount=None)
    assert not seen.amount_unknown
    assert not fired(seen, [condition("amount", "at_most", "1.00 CNY")])
    assert not fired(seen, [condition("currency", "none_of", ["CNY"])])


@pytest.mark.parametrize(
    ("field", "value", "inside", "outside"),
    [
        ("operation", "operation", "transactions.transfer", "transactions.withdraw"),
        ("currency", "amount", cny("1.00"), Money.parse("1.00", "USD")),
        ("branch", "branch", "001", "002"),
        ("maker_role", "maker_roles", frozenset({"teller", "finance"}), frozenset({"operator"})),
        ("channel", "channel", "staff", "partner"),
        ("risk_band", "risk_band", "low", "high"),
    ],
)
def test_lists_look_for_one_of_or_none_of_their_values(field: str, value: str, inside: Any, outside: Any) -> None:
    listed = {
        "operation": ["transactions.transfer"],
        "currency": ["CNY"],
        "branch": ["001"],
        "maker_role": ["teller"],
        "channel": ["staff"],
        "risk_band": ["low", "medium"],
    }[field]
    for seen, among in ((facts(**{value: inside}), True), (facts(**{value: outside}), False)):
        assert bool(fired(seen, [condition(field, "one_of", listed)])) is among
        assert bool(fired(seen, [condition(field, "none_of", listed)])) is not among


@pytest.mark.parametrize("operator", ["one_of", "none_of"])
def test_an_unknown_branch_or_risk_counts_as_met(operator: str) -> None:
    assert fired(facts(branch=""), [condition("branch", operator, ["001"])]) == [
        f"branch is not known, so it counts as {operator.replace('_', ' ')} 001"
    ]
    assert fired(facts(risk_band=""), [condition("risk_band", operator, ["high"])])


def test_a_maker_who_is_no_member_of_staff_has_no_role() -> None:
    partner = facts(maker_roles=frozenset(), channel="partner")
    assert not fired(partner, [condition("maker_role", "one_of", ["teller"])])
    assert fired(partner, [condition("maker_role", "none_of", ["teller"])])


@pytest.mark.parametrize(("band", "met"), [("low", False), ("medium", True), ("high", True), ("", True)])
def test_risk_bands_have_an_order_and_an_unknown_one_counts_as_high(band: str, met: bool) -> None:
    assert bool(fired(facts(risk_band=band), [condition("risk_band", "at_least", "medium")])) is met


@pytest.mark.parametrize(
    ("value", "hours"),
    [
        ([9, 17], range(9, 17)),
        ([22, 6], [22, 23, 0, 1, 2, 3, 4, 5]),
        ([0, 24], range(24)),
        ([20, 0], range(20, 24)),
        ([23, 24], [23]),
    ],
)
def test_hours_run_from_one_up_to_another_also_over_midnight(value: list[int], hours: Any) -> None:
    met = [hour for hour in range(24) if fired(facts(hour=hour), [condition("hour", "between", value)])]
    assert met == sorted(hours)


def test_single_hours() -> None:
    met = [hour for hour in range(24) if fired(facts(hour=hour), [condition("hour", "one_of", [3, 12])])]
    assert met == [3, 12]


def test_conditions_of_a_block_hold_together_and_blocks_are_alternatives() -> None:
    night, large = condition("hour", "between", [22, 6]), at_least("50000.00 CNY")
    assert not fired(facts(hour=10), [night, large])
    assert len(fired(facts(hour=23), [night, large])) == 1
    assert fired(facts(hour=10), [night], [large]) == ["amount CNY 60,000.00 is at least CNY 50,000.00"]
    both = fired(facts(hour=23), [night], [large])
    assert len(both) == 2
    assert fired(facts(hour=23), [night, large]) == [" and ".join(both)]


def test_no_blocks_at_all_is_always() -> None:
    assert fired(facts()) == ["it applies always"]


def test_what_certainly_is_not_met_decides_over_what_cannot_be_told() -> None:
    unknown = facts(amount=USD_9000, base_amount=None, hour=10)
    assert not fired(unknown, [at_least("50000.00 CNY"), condition("hour", "one_of", [3])])
    assert fired(unknown, [at_least("50000.00 CNY"), condition("hour", "one_of", [10])])
