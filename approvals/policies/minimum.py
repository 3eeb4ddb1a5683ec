"""The minimum under which policies cannot be brought: what two people must always agree to."""

from __future__ import annotations

from collections.abc import Sequence

from approvals.errors import PolicyUnreadable
from approvals.policies.chain import strictest
from approvals.policies.definition import Definition
from approvals.policies.evaluation import ActivePolicy
from bankops.core import operations


def below_two_people(policies: Sequence[ActivePolicy]) -> list[str]:
    """Return the operations that are covered by policies, but not always by ones that ask for two people; sorted.

    What no policy covers is not among them: there the strict default asks for two. Only policies without conditions
    count, because whoever knows the conditions could stay outside of them.
    """
    return sorted(key for key in operations.always_two_people() if _is_below(key, policies))


def _is_below(operation: str, policies: Sequence[ActivePolicy]) -> bool:
    covering = [definition for definition in readable(policies) if definition.covers(operation)]
    always = [definition.chain_for(frozenset()) for definition in covering if not definition.blocks]
    return bool(covering) and (not always or strictest(always).people < 2)


def readable(policies: Sequence[ActivePolicy]) -> list[Definition]:
    """Return what those of the policies say that can be read."""
    definitions = []
    for policy in policies:
        try:
            definitions.append(policy.definition)
        except PolicyUnreadable:
            continue  # it asks for the strict default of everything, and raises its own alert
    return definitions
