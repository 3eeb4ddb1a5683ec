"""The rules and the rights can always be decided by the people there are; otherwise nobody could ever mend them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from approvals.policies.chain import STAGE_ROLES
from approvals.policies.evaluation import ActivePolicy
from approvals.policies.undecidable import Roles, undecidable
from bankops.core.operations import always_two_people
from tests.approvals.policies.documents import condition, policy, stage
from tests.properties import examples

RULES = "approvals.change_policy"
FIRST, FINAL, FINANCE = (frozenset({role}) for role in ("first_reviewer", "final_reviewer", "finance"))
SOMETIMES = [[condition("hour", "one_of", [3])]]


def stuck(people: Sequence[Roles], *wishes: dict[str, Any]) -> bool:
    policies = [policy(operations=[RULES], **wish) for wish in wishes]
    return undecidable(policies, makers={RULES: ["administrator"]}, people=people) == [RULES]


def test_the_strict_default_needs_one_person_for_each_review() -> None:
    assert not stuck([FIRST, FINAL])
    assert stuck([FIRST])
    assert stuck([FIRST | FINAL]), "one person cannot be two"
    assert not stuck([FIRST | FINAL, FINAL])


def test_the_attack_on_the_rules_leaves_them_decidable_where_there_is_finance() -> None:
    """One policy excludes exactly those whom another's stages need."""
    attack = {
        "stages": [stage("finance", 2)],
        "excluded": {"administrator": ["first_reviewer", "final_reviewer"]},
    }
    assert not stuck([FIRST, FINAL, FINANCE, FINANCE], attack, {})
    assert stuck([FIRST, FINAL, FINANCE], attack, {})
    assert stuck([FIRST, FINAL, FINANCE | FIRST], attack, {})


def test_quorums_of_several_policies_add_up_to_different_people() -> None:
    both = FIRST | FINANCE
    assert not stuck([both, both, FINAL], {"stages": [stage("first_reviewer"), stage("finance")]})
    assert stuck([both, both, FINAL], {"stages": [stage("first_reviewer"), stage("finance", 2)]})


def test_whoever_holds_an_excluded_role_beside_is_not_counted() -> None:
    excluded = {"excluded": {"administrator": ["finance"]}}
    assert stuck([FIRST | FINANCE, FINAL], excluded)
    assert not stuck([FIRST | FINANCE, FIRST, FINAL], excluded)


def test_a_conditional_stage_lifts_no_exclusion_while_its_conditions_are_not_met() -> None:
    excludes = {"excluded": {"administrator": ["finance"]}}
    at_night = {"stages": [stage("finance")], "blocks": SOMETIMES}
    assert stuck([FIRST | FINANCE, FINAL, FINANCE], excludes, at_night)
    assert not stuck([FIRST, FINAL, FINANCE], excludes, at_night)


def test_every_maker_and_every_operation_is_looked_at() -> None:
    makers = {key: ["administrator", "teller"] for key in always_two_people()}
    for_tellers = policy(operations=["*"], excluded={"teller": ["finance"]})
    assert undecidable([for_tellers], makers=makers, people=[FIRST, FINAL | FINANCE]) == sorted(always_two_people())
    assert undecidable([for_tellers], makers=makers, people=[FIRST, FINAL]) == []


def test_a_policy_that_cannot_be_read_asks_for_the_strict_default() -> None:
    broken = ActivePolicy("Broken", 1, "pol_of_a_test", {"broken": 1})
    makers = {RULES: ["administrator"]}
    assert undecidable([broken], makers=makers, people=[FIRST, FINAL]) == []
    assert undecidable([broken], makers=makers, people=[FIRST]) == [RULES]


@examples(100)
@given(
    st.lists(st.frozensets(st.sampled_from(STAGE_ROLES), min_size=1, max_size=3), max_size=5),
    st.lists(st.sampled_from(STAGE_ROLES), min_size=1, max_size=3),
)
def test_it_says_what_trying_every_seating_says(people: list[Roles], roles: list[str]) -> None:
    seats = _united(roles)
    seatings = permutations(people, len(seats))
    possible = any(all(seat in held for seat, held in zip(seats, seating, strict=True)) for seating in seatings)
    assert stuck(people, {"stages": [stage(role) for role in roles], "excluded": {}}) != possible


def _united(roles: Sequence[str]) -> list[str]:
    """Return the stages together with those of the strict default."""
    return [*roles, *({"first_reviewer", "final_reviewer"} - set(roles))]
