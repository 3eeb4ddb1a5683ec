"""What the active policies together ask of a submission, and what applies where they cannot say."""

from __future__ import annotations

import pytest
from hypothesis import given

from approvals.policies.chain import fallback, strictest
from approvals.policies.conditions import why_fired
from approvals.policies.definition import parse
from approvals.policies.evaluation import ActivePolicy, evaluate
from approvals.policies.facts import PolicyFacts
from approvals.policies.minimum import below_two_people
from approvals.policies.shipped import shipped
from bankops.core.operations import always_two_people, moving_money
from tests.approvals.policies.documents import (
    any_facts,
    at_least,
    cny,
    condition,
    document,
    facts,
    policies,
    policy,
    stage,
)
from tests.properties import examples

BROKEN = ActivePolicy("Broken", 4, "pol_broken", document(stages=[stage(quorum=0)]))
SHIPPED = [ActivePolicy(entry.name, 1, "", entry.definition) for entry in shipped("CNY")]


def of(figure: str, operation: str = "transactions.transfer") -> PolicyFacts:
    return facts(operation=operation, amount=cny(figure), base_amount=cny(figure))


def stages_of(seen: PolicyFacts) -> list[tuple[str, int]]:
    chain = evaluate(SHIPPED, seen).chain
    return [(stage.role, stage.quorum) for stage in chain.stages] if chain else []


@examples(300)
@given(policies, any_facts)
def test_nothing_slips_through_when_a_policy_fires(active: list[ActivePolicy], seen: PolicyFacts) -> None:
    verdict = evaluate(active, seen)
    definitions = [parse(entry.document) for entry in active]
    covering = [definition for definition in definitions if definition.covers(seen.operation)]
    firing = [definition for definition in covering if why_fired(definition.blocks, seen)]
    assert verdict.covered == bool(covering)
    assert verdict.required == (bool(firing) or not covering or seen.operation in always_two_people())
    assert verdict.required == (verdict.chain is not None) == bool(verdict.fired)
    assert all(fired.reasons for fired in verdict.fired)
    for definition in firing:
        assert verdict.chain is not None
        assert verdict.chain.at_least_as_strict_as(definition.chain_for(seen.maker_roles))


@examples(100)
@given(policies, any_facts)
def test_the_order_of_policies_does_not_matter(active: list[ActivePolicy], seen: PolicyFacts) -> None:
    one, other = evaluate(active, seen), evaluate(active[::-1], seen)
    assert (one.required, one.chain, one.covered) == (other.required, other.chain, other.covered)


@examples(100)
@given(policies, any_facts)
def test_an_unreadable_policy_never_makes_anything_laxer(active: list[ActivePolicy], seen: PolicyFacts) -> None:
    without, verdict = evaluate(active, seen), evaluate([*active, BROKEN], seen)
    assert verdict.required
    assert verdict.chain is not None
    assert verdict.chain.at_least_as_strict_as(without.chain or fallback(seen.maker_roles))
    assert verdict.chain.at_least_as_strict_as(fallback(seen.maker_roles))
    assert [fault.policy for fault in verdict.unreadable] == [BROKEN]


@examples(100)
@given(policies, any_facts)
def test_no_policies_bring_the_most_dangerous_operations_below_two_people(
    active: list[ActivePolicy], seen: PolicyFacts
) -> None:
    for operation in always_two_people():
        verdict = evaluate(active, PolicyFacts(operation, maker_roles=seen.maker_roles, hour=seen.hour))
        assert verdict.chain is not None
        assert verdict.chain.people >= 2
        assert verdict.chain.at_least_as_strict_as(fallback(seen.maker_roles))


@examples(100)
@given(any_facts)
def test_facts_are_written_and_read_back_the_same(seen: PolicyFacts) -> None:
    assert PolicyFacts.from_json(seen.to_json()) == seen


def test_an_operation_that_no_policy_covers_needs_the_strict_default() -> None:
    verdict = evaluate([policy(operations=["transactions.reverse"])], facts())
    assert (verdict.required, verdict.covered, verdict.chain) == (True, False, fallback({"teller"}))
    assert [(fired.policy_name, fired.version, fired.reasons) for fired in verdict.fired] == [
        ("The bank's strict default", 0, ("no policy covers this operation",))
    ]


def test_a_policy_that_covers_and_does_not_fire_lets_it_pass() -> None:
    verdict = evaluate([policy(blocks=[[at_least("60000.01 CNY")]])], facts())
    assert (verdict.required, verdict.covered, verdict.chain, verdict.fired) == (False, True, None, ())


def test_a_policy_for_every_operation_covers_every_operation() -> None:
    for operation in ("transactions.transfer", "anything.else"):
        verdict = evaluate([policy(operations=["*"])], facts(operation=operation))
        assert (verdict.covered, verdict.required) == (True, True)


def test_an_unreadable_policy_asks_for_the_strict_default_of_everything_and_says_why() -> None:
    verdict = evaluate([BROKEN, policy(blocks=[[at_least("60000.01 CNY")]])], facts())
    assert verdict.chain == fallback({"teller"})
    (fired,) = verdict.fired
    assert (fired.policy_name, fired.version, fired.public_id) == ("Broken", 4, "pol_broken")
    assert fired.reasons == ("the policy cannot be read (stages[0].quorum: must be a whole number from 1 to 5)",)
    assert [fault.problem for fault in verdict.unreadable] == ["stages[0].quorum: must be a whole number from 1 to 5"]


def test_several_that_fire_say_so_one_by_one_and_combine() -> None:
    night = condition("hour", "between", [22, 6])
    active = [
        policy("Large", blocks=[[at_least("50000.00 CNY")]]),
        policy("Night", blocks=[[night]], stages=[stage("risk_analyst", 2)], expires_after_minutes=60),
        policy("Huge", blocks=[[at_least("1000000.00 CNY")]], stages=[stage("final_reviewer", 5)]),
    ]
    verdict = evaluate(active, facts(hour=23))
    assert [(fired.policy_name, fired.reasons) for fired in verdict.fired] == [
        ("Large", ("amount CNY 60,000.00 is at least CNY 50,000.00",)),
        ("Night", ("hour 23 is between 22:00 and 6:00",)),
    ]
    assert verdict.chain == strictest([parse(entry.document).chain_for(frozenset({"teller"})) for entry in active[:2]])
    assert verdict.chain.expires_after_minutes == 60


def test_whom_the_makers_role_excludes_depends_on_the_maker() -> None:
    active = [policy(excluded={"teller": ["teller", "operator"]})]
    for roles, excluded in ((["teller"], {"teller", "operator"}), (["finance"], set()), ([], set())):
        chain = evaluate(active, facts(maker_roles=frozenset(roles))).chain
        assert chain is not None
        assert chain.excluded_roles == excluded


FIRST_AND_FINAL = [("first_reviewer", 1), ("final_reviewer", 1)]


@pytest.mark.parametrize(
    ("seen", "stages"),
    [
        (of("49999.99"), []),
        (of("50000.00"), FIRST_AND_FINAL),
        (of("999999.99", "transactions.withdraw"), FIRST_AND_FINAL),
        (of("1000000.00"), [("first_reviewer", 1), ("final_reviewer", 2)]),
        (of("0.01", "transactions.reverse"), FIRST_AND_FINAL),
        *(
            (of("1000000.00", operation), [("first_reviewer", 1), ("final_reviewer", 2)])
            for operation in sorted(moving_money())
        ),
        *((PolicyFacts(operation), FIRST_AND_FINAL) for operation in sorted(always_two_people())),
    ],
)
def test_what_the_shipped_policies_ask(seen: PolicyFacts, stages: list[tuple[str, int]]) -> None:
    assert stages_of(seen) == stages


def test_the_shipped_policies_can_be_read_and_need_no_help_of_the_default() -> None:
    assert below_two_people(SHIPPED) == []
    for operation in always_two_people():
        for maker in ("administrator", "teller", "operator"):
            verdict = evaluate(SHIPPED, PolicyFacts(operation, maker_roles=frozenset({maker})))
            assert [fired.version for fired in verdict.fired] == [1]


@pytest.mark.parametrize("currency", ["JPY", "KWD", "EUR"])
def test_the_shipped_policies_are_in_the_banks_own_currency(currency: str) -> None:
    definitions = [parse(entry.definition) for entry in shipped(currency)]
    conditions = [block[0].to_json() for definition in definitions for block in definition.blocks]
    limits = [one["value"] for one in conditions if one["field"] == "amount"]
    assert [limit.split(" ")[1] for limit in limits] == [currency, currency]


ONE_PERSON = [stage("finance")]


@pytest.mark.parametrize(
    ("active", "below"),
    [
        ([], []),
        ([policy(operations=["staff.grant_role"])], []),
        ([policy(operations=["staff.grant_role"], stages=[stage("finance", 2)])], []),
        ([policy(operations=["staff.grant_role"], stages=ONE_PERSON)], ["staff.grant_role"]),
        ([policy(operations=["*"], stages=ONE_PERSON)], sorted(always_two_people())),
        (
            [policy(operations=["staff.grant_role"], blocks=[[condition("branch", "one_of", ["001"])]])],
            ["staff.grant_role"],
        ),
        (
            [
                policy(operations=["*"], stages=ONE_PERSON),
                policy(operations=sorted(always_two_people())),
            ],
            [],
        ),
        (
            [
                policy(operations=["staff.grant_role"], stages=ONE_PERSON),
                policy(operations=["staff.grant_role"], stages=[stage("risk_analyst")]),
            ],
            [],
        ),
        ([BROKEN], []),
    ],
)
def test_what_two_people_must_agree_to(active: list[ActivePolicy], below: list[str]) -> None:
    assert below_two_people(active) == below


def test_the_default_stands_beside_a_policy_that_asks_for_less_than_two_people() -> None:
    active = [policy(operations=["staff.grant_role"], stages=ONE_PERSON)]
    verdict = evaluate(active, PolicyFacts("staff.grant_role"))
    assert verdict.chain is not None
    assert [stage.role for stage in verdict.chain.stages] == ["first_reviewer", "finance", "final_reviewer"]
    assert verdict.fired[-1].reasons == ("two people must always agree to this operation",)
