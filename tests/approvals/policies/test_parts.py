"""What does many things at once: what any of them needs, the whole needs."""

from __future__ import annotations

from approvals.policies.evaluation import Verdict, combined, evaluate
from approvals.policies.facts import PolicyFacts
from tests.approvals.policies.documents import at_least, cny, facts, policy, stage

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
