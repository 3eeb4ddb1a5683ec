"""What does many things at once: what any of them needs, the whole needs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from approvals.policies import evaluation
from approvals.policies.chain import Chain
from approvals.policies.evaluation import REASONS_MAX, ActivePolicy, Verdict, combined, evaluate, evaluate_all
from approvals.policies.facts import PolicyFacts
from bankops.core.money import Money
from tests.approvals.policies.documents import (
    any_facts,
    at_least,
    cny,
    condition,
    conditions,
    documents,
    facts,
    policy,
    stage,
)
from tests.properties import examples

LARGE = policy("Large transfers", blocks=[[at_least("50000.00 CNY")]])
BATCHES = policy("Batches", operations=["transactions.transfer_batch"], blocks=[[at_least("900000.00 CNY")]])


def asked(operation: str, figure: str) -> PolicyFacts:
    return facts(operation=operation, amount=cny(figure), base_amount=cny(figure))


def verdict(*parts: tuple[str, str]) -> Verdict:
    policies = [LARGE, BATCHES]
    return combined([evaluate(policies, asked(*part)) for part in parts])


def test_what_no_part_needs_the_whole_does_not() -> None:
    said = verdict(("transactions.transfer_batch", "80000.00"), ("transactions.transfer", "40000.00"))
    assert (said.required, said.chain, said.fired, said.covered) == (False, None, (), True)


def test_what_one_part_needs_the_whole_needs() -> None:
    said = verdict(("transactions.transfer_batch", "80000.00"), ("transactions.transfer", "50000.00"))
    assert said.required
    assert [one.policy_name for one in said.fired] == ["Large transfers"]


def test_the_strictest_chain_of_all_counts_and_a_policy_is_named_once() -> None:
    strict = policy("Strict", blocks=[], stages=[stage("first_reviewer", 2), stage("final_reviewer")])
    one = evaluate([LARGE, strict], facts())
    two = evaluate([LARGE], facts())
    said = combined([two, one, two])
    assert said.chain is not None
    assert [(each.role, each.quorum) for each in said.chain.stages] == [("first_reviewer", 2), ("final_reviewer", 1)]
    assert [each.policy_name for each in said.fired] == ["Large transfers", "Strict"]


def test_what_no_policy_covers_is_never_covered_by_its_parts() -> None:
    said = combined([evaluate([LARGE], facts(operation="transactions.transfer_batch")), evaluate([LARGE], facts())])
    assert (said.required, said.covered) == (True, False)


_WORTH = {"CNY": 1, "USD": 7}
"""What one unit is worth in the base currency; nobody knows it of the yen."""
# Limits and amounts so close together that many parts are below, at and above each limit.
_figures = st.builds(Money, st.integers(0, 12), st.sampled_from(["CNY", "USD", "JPY"]))
_close = st.builds(
    lambda operator, limit: condition("amount", operator, f"{limit} {limit.currency}"),
    st.sampled_from(["at_least", "at_most", "more_than", "less_than"]),
    _figures,
)
_policies = st.lists(
    st.builds(
        lambda number, written, blocks: ActivePolicy(
            f"Policy {number}", 1, f"pol_{number}", {**written, "operations": ["*"], "blocks": blocks}
        ),
        st.integers(1, 9),
        documents,
        st.lists(
            st.one_of(st.tuples(_close), st.tuples(_close), st.tuples(_close, conditions)).map(list),
            min_size=1,
            max_size=2,
        ),
    ),
    min_size=1,
    max_size=3,
    unique_by=lambda one: one.name,
)
_wholes = any_facts.map(lambda seen: replace(seen, operation="transactions.transfer"))
_parts = st.lists(st.tuples(_figures, st.sampled_from(["", "001"])), min_size=10, max_size=60)


def parts_of(whole: PolicyFacts, parts: Sequence[tuple[Money, str]]) -> list[PolicyFacts]:
    """Return parts whose amounts are worth what their currency is."""
    return [
        replace(whole, amount=amount, base_amount=Money(amount.minor * worth, "CNY") if worth else None, branch=branch)
        for amount, branch in parts
        for worth in [_WORTH.get(amount.currency)]
    ]


@examples(300)
@given(_policies, _wholes, _parts)
def test_many_parts_are_weighed_as_each_by_itself(
    active: list[ActivePolicy], whole: PolicyFacts, parts: list[tuple[Money, str]]
) -> None:
    many = [whole, *parts_of(replace(whole, channel="partner"), parts)]
    assert evaluate_all(active, iter(many)) == combined([evaluate(active, seen) for seen in many])


def batch_of_a_thousand() -> list[PolicyFacts]:
    each = [facts(amount=Money(minor, "CNY"), base_amount=Money(minor, "CNY")) for minor in range(1_000, 0, -1)]
    return [facts(amount=Money(500_500, "CNY"), base_amount=Money(500_500, "CNY")), *each]


def test_a_thousand_amounts_are_asked_about_a_few_times_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing else in the suite would notice that a batch of a thousand took half a second longer."""
    asked, one_by_one = list[PolicyFacts](), evaluation._evaluate

    def counted(*told: Any) -> Verdict:
        asked.append(told[-1])
        return one_by_one(*told)

    monkeypatch.setattr(evaluation, "_evaluate", counted)
    ten_limits = [policy(f"From {cents}", blocks=[[at_least(f"0.{cents} CNY")]]) for cents in range(10, 20)]
    verdict = evaluate_all(ten_limits, batch_of_a_thousand())
    assert isinstance(verdict.chain, Chain)
    assert [len(fired.reasons) for fired in verdict.fired] == [REASONS_MAX] * 10
    assert len(asked) <= (10 + 1) * REASONS_MAX + 1


def test_the_smallest_of_a_thousand_counts_as_the_largest_does() -> None:
    small = policy("Small", blocks=[[condition("amount", "less_than", "0.02 CNY")]])
    verdict = evaluate_all([small], batch_of_a_thousand())
    assert [(fired.policy_name, fired.reasons) for fired in verdict.fired] == [
        ("Small", ("amount CNY 0.01 is less than CNY 0.02",))
    ]
