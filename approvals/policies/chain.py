"""The chain: who has to agree, in which order, and under which terms. What a request freezes and the database's guards read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from approvals.policies.reading import Place
from staff.roles import Role

# Who may stand in a chain, in the order they stand in where policies give none.
STAGE_ROLES: tuple[str, ...] = (
    Role.FIRST_REVIEWER.value,
    Role.RISK_ANALYST.value,
    Role.FINANCE.value,
    Role.FINAL_REVIEWER.value,
)
QUORUM_MAX, ASSIGNED_MAX, STAGES_MAX = 5, 20, 5
EXPIRY_MINUTES_MIN, EXPIRY_MINUTES_MAX = 5, 30 * 24 * 60
PAIR_LIMIT_MAX = 20

Slot = tuple[str, int]
"""Where a stage stands among those of its role: `("first_reviewer", 0)` is the first stage of first reviewers."""


@dataclass(frozen=True, slots=True)
class Stage:
    """One step of a chain.

    Attributes:
        role: whose holders decide; one of `STAGE_ROLES`.
        quorum: how many different people have to agree.
        one_time_code: each of them proves it with a fresh one-time code.
        assigned: how many are assigned by rotation; never fewer than the quorum.

    """

    role: str
    quorum: int
    one_time_code: bool
    assigned: int

    def to_json(self) -> dict[str, Any]:
        """Return JSON primitives."""
        return {
            "role": self.role,
            "quorum": self.quorum,
            "one_time_code": self.one_time_code,
            "assigned": self.assigned,
        }


@dataclass(frozen=True, slots=True)
class Chain:
    """What one request needs.

    Attributes:
        stages: in order; the next begins when the one before has its quorum.
        expires_after_minutes: after submission; undecided by then, it has ended.
        pair_limit: how often in a row the same reviewer may approve what the same maker asked for.
        stand_ins: whether somebody may act for an assigned reviewer.
        excluded_roles: whoever holds one of these may not review, whatever else they hold; none stands at a stage.

    """

    stages: tuple[Stage, ...]
    expires_after_minutes: int
    pair_limit: int
    stand_ins: bool
    excluded_roles: frozenset[str] = frozenset()

    @property
    def people(self) -> int:
        """How many different people have to agree."""
        return sum(stage.quorum for stage in self.stages)

    def slots(self) -> dict[Slot, Stage]:
        """Return the stages by role and number among those of the role, in order."""
        return dict(_numbered(self.stages))

    def at_least_as_strict_as(self, other: Chain) -> bool:
        """Tell whether this asks everything the other asks. How many are assigned is convenience, not a demand."""
        return _demands(strictest([self, other])) == _demands(self)

    def to_json(self) -> dict[str, Any]:
        """Return JSON primitives, as the SQL guards read them (migrations/*.sql)."""
        return {
            "stages": [stage.to_json() for stage in self.stages],
            "expires_after_minutes": self.expires_after_minutes,
            "pair_limit": self.pair_limit,
            "stand_ins": self.stand_ins,
            "excluded_roles": sorted(self.excluded_roles),
        }

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Chain:
        """Read what `to_json` wrote.

        :raises PolicyUnreadable: when it is not a chain.
        """
        top = Place("chain", document)
        fields = top.fields("stages", "expires_after_minutes", "pair_limit", "stand_ins", "excluded_roles")
        return cls(
            stages=tuple(map(stage_at, fields["stages"].items(1, 100))),
            excluded_roles=frozenset(place.choice(Role.values) for place in fields["excluded_roles"].items(0, 100)),
            **terms_at(fields),
        )


def stage_at(place: Place) -> Stage:
    """Read a stage.

    :raises PolicyUnreadable: when it is none.
    """
    fields = place.fields("role", "quorum", "one_time_code", "assigned")
    quorum = fields["quorum"].integer(1, QUORUM_MAX)
    return Stage(
        role=fields["role"].choice(STAGE_ROLES),
        quorum=quorum,
        one_time_code=fields["one_time_code"].boolean(),
        assigned=fields["assigned"].integer(quorum, ASSIGNED_MAX),
    )


def terms_at(fields: Mapping[str, Place]) -> dict[str, Any]:
    """Read the terms that a policy and a chain have in common.

    :raises PolicyUnreadable: when one is out of its bounds.
    """
    return {
        "expires_after_minutes": fields["expires_after_minutes"].integer(EXPIRY_MINUTES_MIN, EXPIRY_MINUTES_MAX),
        "pair_limit": fields["pair_limit"].integer(1, PAIR_LIMIT_MAX),
        "stand_ins": fields["stand_ins"].boolean(),
    }


# Who makes requests for a living does not review those of colleagues in the same role, whatever else they hold.
FALLBACK_EXCLUDED: Mapping[str, tuple[str, ...]] = {
    Role.TELLER.value: (Role.TELLER.value,),
    Role.OPERATOR.value: (Role.OPERATOR.value,),
    Role.CUSTOMER_SERVICE.value: (Role.CUSTOMER_SERVICE.value,),
}
FALLBACK = Chain(
    stages=(
        Stage(Role.FIRST_REVIEWER.value, quorum=1, one_time_code=True, assigned=2),
        Stage(Role.FINAL_REVIEWER.value, quorum=1, one_time_code=True, assigned=2),
    ),
    expires_after_minutes=24 * 60,
    pair_limit=3,
    stand_ins=True,
)
"""What applies where no policy can say better; `fallback` adds whom the maker's roles exclude."""


def excluded_by(excluded: Mapping[str, Iterable[str]], maker_roles: Iterable[str]) -> frozenset[str]:
    """Return the roles that may not review what somebody of `maker_roles` made."""
    return frozenset(role for maker_role in maker_roles for role in excluded.get(maker_role, ()))


def fallback(maker_roles: Iterable[str]) -> Chain:
    """Return the bank's strict default for a maker of these roles: first and final review, both with a code, 24 hours."""
    return Chain(
        stages=FALLBACK.stages,
        expires_after_minutes=FALLBACK.expires_after_minutes,
        pair_limit=FALLBACK.pair_limit,
        stand_ins=FALLBACK.stand_ins,
        excluded_roles=excluded_by(FALLBACK_EXCLUDED, maker_roles),
    )


def strictest(chains: Sequence[Chain]) -> Chain:
    """Combine chains into one that asks everything any of them asks. The order of `chains` does not matter.

    Stages are united by role and number within the role; of two that meet, the larger quorum and assignment count, and a
    code if either asks for one. The shortest expiry and pair limit hold; a stand-in may act only where all allow it. Whoever
    any chain excludes is excluded, but for the roles that stand at a stage: what one policy excludes must not make what
    another asks for undecidable.

    Every chain's own order is kept; of stages whose order none gives, the one earlier in `STAGE_ROLES` comes first. If two
    chains contradict each other, the whole stands in the order of `STAGE_ROLES`: first review first, final review last.

    :raises ValueError: without any chain.
    """
    if not chains:
        raise ValueError("there is nothing to combine")
    united: dict[Slot, Stage] = {}
    for chain in chains:
        for slot, stage in chain.slots().items():
            united[slot] = _stricter(united.get(slot, stage), stage)
    return Chain(
        stages=tuple(united[slot] for slot in _ordered(united, chains)),
        expires_after_minutes=min(chain.expires_after_minutes for chain in chains),
        pair_limit=min(chain.pair_limit for chain in chains),
        stand_ins=all(chain.stand_ins for chain in chains),
        excluded_roles=frozenset().union(*(chain.excluded_roles for chain in chains)) - {role for role, _nth in united},
    )


def _stricter(one: Stage, other: Stage) -> Stage:
    return Stage(
        role=one.role,
        quorum=max(one.quorum, other.quorum),
        one_time_code=one.one_time_code or other.one_time_code,
        assigned=max(one.assigned, other.assigned),
    )


def _ordered(slots: Iterable[Slot], chains: Sequence[Chain]) -> list[Slot]:
    """Return slots so that each comes after those that any chain puts before it; in `STAGE_ROLES` order if none is so."""
    before: dict[Slot, set[Slot]] = {slot: set() for slot in slots}
    for chain in chains:
        order = list(chain.slots())
        for number, slot in enumerate(order):
            before[slot].update(order[:number])
    ordered: list[Slot] = []
    while len(ordered) < len(before):
        free = [slot for slot, earlier in before.items() if slot not in ordered and earlier.issubset(ordered)]
        if not free:
            return sorted(before, key=_rank)
        ordered.append(min(free, key=_rank))
    return ordered


def _rank(slot: Slot) -> tuple[int, int]:
    role, number = slot
    return STAGE_ROLES.index(role), number


def _numbered(stages: Iterable[Stage]) -> Iterator[tuple[Slot, Stage]]:
    seen: Counter[str] = Counter()
    for stage in stages:
        yield (stage.role, seen[stage.role]), stage
        seen[stage.role] += 1


def _demands(chain: Chain) -> tuple[object, ...]:
    asked = {slot: (stage.quorum, stage.one_time_code) for slot, stage in chain.slots().items()}
    return asked, chain.expires_after_minutes, chain.pair_limit, chain.stand_ins, chain.excluded_roles
