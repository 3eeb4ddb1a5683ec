"""A change of policies, tried on what happened before anybody agrees to it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from approvals.policies.evaluation import ActivePolicy
from approvals.policies.facts import PolicyFacts
from approvals.policies.replay import EXAMPLES_MAX, Effect, Replay, replay
from tests.approvals.policies.documents import any_facts, at_least, cny, facts, policies, policy, stage
from tests.properties import examples


def of(*figures: str) -> list[PolicyFacts]:
    return [facts(amount=cny(figure), base_amount=cny(figure)) for figure in figures]


def counts(played: Replay) -> dict[str, int]:
    names = ("same", "newly_required", "no_longer_required", "stricter", "laxer", "different")
    return {name: count for name in names if (count := getattr(played, name))}


def limit(figure: str, *stages: dict[str, object]) -> list[ActivePolicy]:
    return [policy(blocks=[[at_least(f"{figure} CNY")]], stages=[*stages] or [stage()])]


def test_a_lower_limit_newly_catches_what_lies_between() -> None:
    played = replay(limit("50000.00"), limit("20000.00"), of("10000.00", "20000.00", "49999.99", "50000.00"))
    assert (played.total, counts(played)) == (4, {"same": 2, "newly_required": 2})
    assert [(example.facts.amount, example.effect) for example in played.examples] == [
        (cny("20000.00"), Effect.NEWLY_REQUIRED),
        (cny("49999.99"), Effect.NEWLY_REQUIRED),
    ]
    assert [(example.before.required, example.after.required) for example in played.examples] == [(False, True)] * 2


def test_a_higher_limit_lets_go_what_lies_between() -> None:
    played = replay(limit("20000.00"), limit("50000.00"), of("20000.00", "50000.00"))
    assert counts(played) == {"same": 1, "no_longer_required": 1}


@pytest.mark.parametrize(
    ("after", "effect"),
    [
        ([stage(quorum=2)], "stricter"),
        ([stage(), stage("finance")], "stricter"),
        ([stage(one_time_code=False)], "laxer"),
        ([stage("finance")], "different"),
        ([stage(quorum=2, one_time_code=False)], "different"),
        ([stage(assigned=5)], "same"),
    ],
)
def test_other_stages_are_stricter_or_laxer_or_neither(after: list[dict[str, object]], effect: str) -> None:
    assert counts(replay(limit("1.00"), limit("1.00", *after), of("1.00"))) == {effect: 1}


def test_retiring_the_only_policy_makes_everything_need_the_strict_default() -> None:
    assert counts(replay(limit("50000.00"), [], of("1.00", "50000.00"))) == {"newly_required": 1, "stricter": 1}


def test_only_the_first_examples_are_kept() -> None:
    played = replay(limit("50000.00"), limit("1.00"), of(*["2.00"] * (EXAMPLES_MAX + 5)))
    assert (played.newly_required, len(played.examples)) == (EXAMPLES_MAX + 5, EXAMPLES_MAX)


@examples(100)
@given(policies, policies, st.lists(any_facts, max_size=5))
def test_the_counts_add_up_and_going_back_undoes_them(
    before: list[ActivePolicy], after: list[ActivePolicy], seen: list[PolicyFacts]
) -> None:
    there, back = replay(before, after, seen), replay(after, before, seen)
    assert sum(counts(there).values()) == there.total == len(seen)
    assert (there.same, there.different) == (back.same, back.different)
    assert (there.newly_required, there.stricter) == (back.no_longer_required, back.laxer)
    assert counts(replay(before, before, seen)) in ({}, {"same": len(seen)})
