"""What policies must leave possible: that the rules and the rights themselves can still be decided by the people there are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations

from approvals.policies.chain import Stage, fallback, strictest
from approvals.policies.definition import Definition
from approvals.policies.evaluation import ActivePolicy
from approvals.policies.minimum import readable
from bankops.core import operations

Roles = frozenset[str]


def undecidable(
    policies: Sequence[ActivePolicy], *, makers: Mapping[str, Iterable[str]], people: Sequence[Roles]
) -> list[str]:
    """Return the operations that two people must always agree to and that could be asked for and never be decided; sorted.

    Each is looked at as if every policy that covers it fired, together with the strict default.

    :param makers: for each operation the roles that may ask for it.
    :param people: the roles of everybody who may sign in.
    """
    definitions = readable(policies)
    return sorted(
        key
        for key in operations.always_two_people()
        if any(not _could_be_decided(key, maker, definitions, people) for maker in makers.get(key, ()))
    )


def _could_be_decided(
    operation: str, maker_role: str, definitions: Iterable[Definition], people: Sequence[Roles]
) -> bool:
    maker = frozenset({maker_role})
    covering = [definition for definition in definitions if definition.covers(operation)]
    always = strictest([fallback(maker), *(one.chain_for(maker) for one in covering if not one.blocks)])
    whole = [always, *(one.chain_for(maker) for one in covering)]
    # A stage that comes under conditions only lifts no exclusion while they are not met.
    excluded = frozenset().union(*(chain.excluded_roles for chain in whole)) - {stage.role for stage in always.stages}
    return _enough(strictest(whole).stages, excluded, people)


def _enough(stages: Iterable[Stage], excluded: Roles, people: Sequence[Roles]) -> bool:
    """Tell whether different people could fill all stages: any roles have enough holders together (Hall's theorem, 1935)."""
    needed: Counter[str] = Counter()
    for stage in stages:
        needed[stage.role] += stage.quorum
    holders = {role: _holders(role, excluded, people) for role in needed}
    return all(
        len(set().union(*(holders[role] for role in some))) >= sum(needed[role] for role in some)
        for size in range(1, len(needed) + 1)
        for some in combinations(needed, size)
    )


def _holders(role: str, excluded: Roles, people: Sequence[Roles]) -> set[int]:
    return {number for number, held in enumerate(people) if role in held and not (held - {role}) & excluded}
