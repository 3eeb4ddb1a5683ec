"""Several policies that fire combine into the strictest chain."""

from __future__ import annotations

import json
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from approvals.errors import PolicyUnreadable
from approvals.policies.chain import FALLBACK, Chain, Stage, fallback, strictest
from tests.approvals.policies.documents import chains
from tests.properties import examples

several = st.lists(chains, min_size=1, max_size=4)


def chain(*roles: str, expires: int = 1440, pair_limit: int = 3) -> Chain:
    stages = tuple(Stage(role, quorum=1, one_time_code=True, assigned=2) for role in roles)
    return Chain(stages, expires, pair_limit, stand_ins=True)


def roles_of(combined: Chain) -> list[str]:
    return [stage.role for stage in combined.stages]


@examples(100)
@given(chains)
def test_a_chain_is_written_and_read_back_the_same(one: Chain) -> None:
    assert Chain.from_json(json.loads(json.dumps(one.to_json()))) == one


@examples(100)
@given(chains)
def test_combining_a_chain_with_itself_changes_nothing(one: Chain) -> None:
    assert strictest([one]) == one
    assert strictest([one, one]) == one


@examples(100)
@given(several)
def test_combining_again_changes_no_demand(members: list[Chain]) -> None:
    combined = strictest(members)
    assert strictest([combined, *members]).slots() == combined.slots()


@examples(100)
@given(several)
def test_the_order_of_the_members_does_not_matter(members: list[Chain]) -> None:
    assert {strictest(shuffled) for shuffled in permutations(members)} == {strictest(members)}


@examples(100)
@given(several)
def test_the_whole_is_never_laxer_than_any_member(members: list[Chain]) -> None:
    combined = strictest(members)
    for member in members:
        assert combined.at_least_as_strict_as(member)
        assert combined.expires_after_minutes <= member.expires_after_minutes
        assert combined.pair_limit <= member.pair_limit
        assert combined.stand_ins <= member.stand_ins
        assert combined.excluded_roles >= member.excluded_roles - set(roles_of(combined))
        assert combined.people >= member.people
        for slot, stage in member.slots().items():
            united = combined.slots()[slot]
            assert united.quorum >= stage.quorum
            assert united.assigned >= max(stage.assigned, united.quorum)
            assert united.one_time_code >= stage.one_time_code


@examples(100)
@given(several)
def test_the_whole_asks_nothing_that_no_member_asks(members: list[Chain]) -> None:
    combined = strictest(members)
    assert combined.slots().keys() == set().union(*(member.slots() for member in members))
    assert combined.expires_after_minutes in {member.expires_after_minutes for member in members}
    assert combined.excluded_roles <= frozenset().union(*(member.excluded_roles for member in members))


@examples(100)
@given(several)
def test_no_role_that_decides_at_a_stage_is_excluded(members: list[Chain]) -> None:
    combined = strictest(members)
    assert combined.excluded_roles.isdisjoint(roles_of(combined))


@examples(100)
@given(chains, chains)
def test_two_chains_are_as_strict_as_each_other_only_when_they_demand_the_same(one: Chain, other: Chain) -> None:
    both_ways = one.at_least_as_strict_as(other) and other.at_least_as_strict_as(one)
    assert both_ways == _same_demands(one, other)


def _same_demands(one: Chain, other: Chain) -> bool:
    asked = [
        {slot: (stage.quorum, stage.one_time_code) for slot, stage in member.slots().items()} for member in (one, other)
    ]
    terms = [
        (member.expires_after_minutes, member.pair_limit, member.stand_ins, member.excluded_roles)
        for member in (one, other)
    ]
    return asked[0] == asked[1] and terms[0] == terms[1]


def test_large_and_very_large_meet_in_two_final_reviewers() -> None:
    very_large = Chain(
        (
            Stage("first_reviewer", quorum=1, one_time_code=False, assigned=2),
            Stage("final_reviewer", quorum=2, one_time_code=False, assigned=3),
        ),
        expires_after_minutes=60,
        pair_limit=5,
        stand_ins=False,
        excluded_roles=frozenset({"finance"}),
    )
    assert strictest([fallback({"teller"}), very_large]) == Chain(
        (
            Stage("first_reviewer", quorum=1, one_time_code=True, assigned=2),
            Stage("final_reviewer", quorum=2, one_time_code=True, assigned=3),
        ),
        expires_after_minutes=60,
        pair_limit=3,
        stand_ins=False,
        excluded_roles=frozenset({"teller", "finance"}),
    )


def test_a_policys_own_order_is_kept() -> None:
    assert roles_of(strictest([chain("finance", "risk_analyst")])) == ["finance", "risk_analyst"]
    combined = strictest([chain("finance", "risk_analyst"), chain("first_reviewer", "finance")])
    assert roles_of(combined) == ["first_reviewer", "finance", "risk_analyst"]


def test_contradicting_orders_put_first_review_first_and_final_review_last() -> None:
    backwards = chain("final_reviewer", "risk_analyst", "first_reviewer")
    for members in permutations([backwards, chain("first_reviewer", "final_reviewer"), chain("finance")]):
        assert roles_of(strictest(members)) == ["first_reviewer", "risk_analyst", "finance", "final_reviewer"]


def test_the_second_stage_of_a_role_meets_the_second() -> None:
    combined = strictest([chain("finance", "finance"), chain("finance")])
    assert roles_of(combined) == ["finance", "finance"]


def test_what_one_excludes_does_not_make_anothers_stage_undecidable() -> None:
    finance = Chain(
        chain("finance").stages, 1440, 3, stand_ins=True, excluded_roles=frozenset({"first_reviewer", "teller"})
    )
    combined = strictest([chain("first_reviewer", "final_reviewer"), finance])
    assert combined.excluded_roles == {"teller"}


def test_without_members_there_is_nothing_to_combine() -> None:
    with pytest.raises(ValueError, match="nothing to combine"):
        strictest([])


def test_how_many_are_assigned_is_not_a_demand() -> None:
    few, many = (
        Chain((Stage("finance", quorum=1, one_time_code=True, assigned=count),), 60, 3, stand_ins=True)
        for count in (1, 9)
    )
    assert few.at_least_as_strict_as(many)
    assert many.at_least_as_strict_as(few)


def test_the_strict_default_is_first_and_final_review_by_nobody_of_the_makers_own_role() -> None:
    default = fallback({"teller", "finance"})
    assert default.to_json() == {
        "stages": [
            {"role": "first_reviewer", "quorum": 1, "one_time_code": True, "assigned": 2},
            {"role": "final_reviewer", "quorum": 1, "one_time_code": True, "assigned": 2},
        ],
        "expires_after_minutes": 1440,
        "pair_limit": 3,
        "stand_ins": True,
        "excluded_roles": ["teller"],
    }
    assert fallback(()) == FALLBACK


@pytest.mark.parametrize(
    ("path", "change"),
    [
        ("chain.excluded_roles[0]", {"excluded_roles": ["boss"]}),
        ("chain.stages", {"stages": []}),
        ("chain.pair_limit", {"pair_limit": 0}),
        ("chain.until", {"until": "tomorrow"}),
    ],
)
def test_a_frozen_chain_that_was_tampered_with_cannot_be_read(path: str, change: dict[str, object]) -> None:
    with pytest.raises(PolicyUnreadable) as caught:
        Chain.from_json(FALLBACK.to_json() | change)
    assert caught.value.context["path"] == path
