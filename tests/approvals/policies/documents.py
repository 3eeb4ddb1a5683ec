"""Policies to try: a plain document, facts, and hypothesis' strategies for all of them."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from approvals.policies.chain import STAGE_ROLES, Chain, Stage
from approvals.policies.evaluation import ActivePolicy
from approvals.policies.facts import PolicyFacts
from bankops.core.money import Money
from staff.roles import Role

OPERATIONS = ("transactions.transfer", "transactions.withdraw", "transactions.reverse", "staff.grant_role")


def cny(figure: str) -> Money:
    return Money.parse(figure, "CNY")


def stage(role: str = "first_reviewer", quorum: int = 1, **changes: Any) -> dict[str, Any]:
    return {"role": role, "quorum": quorum, "one_time_code": True, "assigned": quorum + 1} | changes


def condition(field: str, operator: str, value: Any) -> dict[str, Any]:
    return {"field": field, "operator": operator, "value": value}


def at_least(figure: str) -> dict[str, Any]:
    return condition("amount", "at_least", figure)


def document(**changes: Any) -> dict[str, Any]:
    """Return a readable definition: transfers, always, first and final review."""
    return {
        "operations": ["transactions.transfer"],
        "blocks": [],
        "stages": [stage("first_reviewer"), stage("final_reviewer")],
        "expires_after_minutes": 1440,
        "pair_limit": 3,
        "stand_ins": True,
        "excluded": {"teller": ["teller"]},
    } | changes


def policy(name: str = "A policy", **changes: Any) -> ActivePolicy:
    return ActivePolicy(name, 1, "pol_of_a_test", document(**changes))


def facts(**changes: Any) -> PolicyFacts:
    """Return the facts of a teller's transfer of CNY 60,000.00 at ten in the morning."""
    amount = cny("60000.00")
    plain: dict[str, Any] = {
        "operation": "transactions.transfer",
        "amount": amount,
        "base_amount": amount,
        "branch": "001",
        "maker_roles": frozenset({"teller"}),
        "hour": 10,
    }
    return PolicyFacts(**plain | changes)


def _listed(values: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Any]]:
    return st.lists(values, min_size=1, max_size=4, unique=True)


_roles = st.sampled_from(Role.values)
_amounts = st.builds(
    lambda minor, currency: f"{Money(minor, currency)} {currency}",
    st.integers(0, 10**12),
    st.sampled_from(["CNY", "USD", "JPY", "KWD"]),
)
_LISTS: dict[str, st.SearchStrategy[Any]] = {
    "operation": st.sampled_from(OPERATIONS),
    "currency": st.sampled_from(["CNY", "USD", "JPY"]),
    "branch": st.sampled_from(["001", "002", "Ürümqi"]),
    "maker_role": _roles,
    "channel": st.sampled_from(["staff", "partner", "system"]),
    "risk_band": st.sampled_from(["low", "medium", "high"]),
}
conditions = st.one_of(
    st.builds(
        condition, st.just("amount"), st.sampled_from(["at_least", "at_most", "more_than", "less_than"]), _amounts
    ),
    st.builds(condition, st.just("hour"), st.just("one_of"), _listed(st.integers(0, 23))),
    st.builds(
        condition,
        st.just("hour"),
        st.just("between"),
        st.tuples(st.integers(0, 23), st.integers(0, 24)).filter(lambda pair: pair[0] != pair[1]).map(list),
    ),
    st.builds(condition, st.just("risk_band"), st.just("at_least"), _LISTS["risk_band"]),
    *(
        st.builds(condition, st.just(field), st.sampled_from(["one_of", "none_of"]), _listed(values))
        for field, values in _LISTS.items()
    ),
)
_json_stages = st.builds(
    lambda role, quorum, code, spare: stage(role, quorum, one_time_code=code, assigned=quorum + spare),
    st.sampled_from(STAGE_ROLES),
    st.integers(1, 5),
    st.booleans(),
    st.integers(0, 5),
)
documents = st.fixed_dictionaries(
    {
        "operations": st.one_of(st.just(["*"]), _listed(st.sampled_from(OPERATIONS))),
        "blocks": st.lists(st.lists(conditions, min_size=1, max_size=3), max_size=3),
        "stages": st.lists(_json_stages, min_size=1, max_size=5),
        "expires_after_minutes": st.integers(5, 30 * 24 * 60),
        "pair_limit": st.integers(1, 20),
        "stand_ins": st.booleans(),
        "excluded": st.dictionaries(st.sampled_from(["teller", "operator"]), st.just(["teller", "operator"])),
    }
)
policies = st.lists(st.builds(ActivePolicy, st.text(max_size=5), st.integers(1, 9), st.just(""), documents), max_size=4)

_money = st.builds(Money, st.integers(0, 10**12), st.sampled_from(["CNY", "USD", "JPY"]))
any_facts = st.builds(
    PolicyFacts,
    operation=st.sampled_from(OPERATIONS),
    amount=st.none() | _money,
    base_amount=st.none() | st.builds(Money, st.integers(0, 10**12), st.just("CNY")),
    branch=st.sampled_from(["", "001", "002"]),
    maker_roles=st.frozensets(_roles, max_size=3),
    channel=_LISTS["channel"],
    risk_band=st.sampled_from(["", "low", "medium", "high"]),
    hour=st.integers(0, 23),
).map(lambda made: made if made.amount else PolicyFacts(**(_fields(made) | {"base_amount": None})))


def _fields(made: PolicyFacts) -> dict[str, Any]:
    return {name: getattr(made, name) for name in PolicyFacts.__slots__}


stages = st.builds(
    lambda role, quorum, code, spare: Stage(role, quorum, code, quorum + spare),
    st.sampled_from(STAGE_ROLES),
    st.integers(1, 5),
    st.booleans(),
    st.integers(0, 5),
)
chains = st.builds(
    lambda stages, excluded, **terms: Chain(
        stages=stages, excluded_roles=excluded - {stage.role for stage in stages}, **terms
    ),
    stages=st.lists(stages, min_size=1, max_size=5).map(tuple),
    excluded=st.frozensets(_roles, max_size=3),
    expires_after_minutes=st.integers(5, 43200),
    pair_limit=st.integers(1, 20),
    stand_ins=st.booleans(),
)
