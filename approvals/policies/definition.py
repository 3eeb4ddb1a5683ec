"""A policy's definition: the JSON document a bank writes, read strictly, and written back the same.

    {"operations": ["transactions.transfer"],                      or ["*"] for every operation
     "blocks": [[{"field": "amount", "operator": "at_least", "value": "50000.00 CNY"}]],
     "stages": [{"role": "first_reviewer", "quorum": 1, "one_time_code": true, "assigned": 2}],
     "expires_after_minutes": 1440, "pair_limit": 3, "stand_ins": true,
     "excluded": {"teller": ["teller"]}}                           maker's role: roles that may not review

Blocks are alternatives, the conditions in a block hold together; no blocks at all is always. Every name must be there and
no other: a policy with a misspelled word must not pass for a weaker one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeVar

from django.utils.translation import gettext_lazy as _

from approvals.policies.chain import STAGES_MAX, Chain, Stage, excluded_by, stage_at, terms_at
from approvals.policies.conditions import (
    AMOUNT_TESTS,
    CHANNELS,
    FIELD_NAMES,
    RISK_BANDS,
    AmountCondition,
    Block,
    Condition,
    HourCondition,
    ListCondition,
    RiskCondition,
)
from approvals.policies.facts import money_of
from approvals.policies.reading import Place
from bankops.core.errors import BankOpsError
from bankops.core.money import exponent
from staff.roles import Role

R = TypeVar("R")

ANY_OPERATION = "*"
ITEMS_MAX = 100
_OPERATION = re.compile(r"[a-z_]+\.[a-z_]+")


@dataclass(frozen=True, slots=True)
class Definition:
    """What a policy says. The fields are those of the document; see the module.

    Attributes:
        excluded: pairs of a maker's role and the roles that may not review; a mapping would not be hashable.

    """

    operations: tuple[str, ...]
    blocks: tuple[Block, ...]
    stages: tuple[Stage, ...]
    expires_after_minutes: int
    pair_limit: int
    stand_ins: bool
    excluded: tuple[tuple[str, tuple[str, ...]], ...] = ()

    def covers(self, operation: str) -> bool:
        """Tell whether the policy is about an operation at all."""
        return operation in self.operations or ANY_OPERATION in self.operations

    def chain_for(self, maker_roles: frozenset[str]) -> Chain:
        """Return what it asks when it fires for a maker of these roles."""
        return Chain(
            stages=self.stages,
            expires_after_minutes=self.expires_after_minutes,
            pair_limit=self.pair_limit,
            stand_ins=self.stand_ins,
            excluded_roles=excluded_by(dict(self.excluded), maker_roles),
        )

    def to_json(self) -> dict[str, Any]:
        """Return the document; `parse` reads the same definition from it."""
        return {
            "operations": list(self.operations),
            "blocks": [[condition.to_json() for condition in block] for block in self.blocks],
            "stages": [stage.to_json() for stage in self.stages],
            "expires_after_minutes": self.expires_after_minutes,
            "pair_limit": self.pair_limit,
            "stand_ins": self.stand_ins,
            "excluded": {maker: list(reviewers) for maker, reviewers in self.excluded},
        }


def parse(document: Any) -> Definition:
    """Read a document.

    :raises PolicyUnreadable: with the place and what is wrong there.
    """
    terms = ("expires_after_minutes", "pair_limit", "stand_ins")
    fields = Place("", document).fields("operations", "blocks", "stages", *terms, "excluded")
    stages = tuple(map(stage_at, fields["stages"].items(1, STAGES_MAX)))
    return Definition(
        operations=_operations(fields["operations"]),
        blocks=tuple(map(_block, fields["blocks"].items(0, ITEMS_MAX))),
        stages=stages,
        excluded=_excluded(fields["excluded"], {stage.role for stage in stages}),
        **terms_at(fields),
    )


def parse_cached(document: Mapping[str, Any]) -> Definition:
    """Read a stored document; the same content is read once per process.

    :raises PolicyUnreadable: as `parse`.
    """
    return _parse_text(json.dumps(document))


@lru_cache(maxsize=512)
def _parse_text(text: str) -> Definition:
    return parse(json.loads(text))


def _operations(place: Place) -> tuple[str, ...]:
    keys = place.items(1, ITEMS_MAX)
    for key in keys:
        if key.text() != ANY_OPERATION and not _OPERATION.fullmatch(key.text()):
            key.refuse(_("must be an operation such as transactions.transfer, or *"))
    if len(keys) > 1 and ANY_OPERATION in place.value:
        place.refuse(_("says * for every operation, so it must name no other"))
    return tuple(key.text() for key in keys)


def _block(place: Place) -> Block:
    return tuple(map(_condition, place.items(1, ITEMS_MAX)))


def _condition(place: Place) -> Condition:
    fields = place.fields("field", "operator", "value")
    field = fields["field"].choice(tuple(FIELD_NAMES))
    if field == "amount":
        return _amount(fields)
    if field == "hour":
        return _hour(fields)
    operators = ("one_of", "none_of", "at_least") if field == "risk_band" else ("one_of", "none_of")
    operator = fields["operator"].choice(operators)
    if operator == "at_least":
        return RiskCondition(fields["value"].choice(RISK_BANDS))
    values = tuple(map(_VALUE_OF[field], fields["value"].items(1, ITEMS_MAX)))
    return ListCondition(field, operator, values)


def _amount(fields: Mapping[str, Place]) -> AmountCondition:
    place = fields["value"]
    limit = _as_the_kernel_reads(place, money_of)
    if limit.minor < 0:
        place.refuse(_("must not be below zero"))
    return AmountCondition(fields["operator"].choice(tuple(AMOUNT_TESTS)), limit)


def _hour(fields: Mapping[str, Place]) -> HourCondition:
    operator, place = fields["operator"].choice(("one_of", "between")), fields["value"]
    if operator == "one_of":
        return HourCondition(operator, tuple(item.integer(0, 23) for item in place.items(1, 24)))
    start, end = place.items(2, 2)
    return HourCondition(operator, (start.integer(0, 23), end.integer(0, 24)))


def _operation_named(place: Place) -> str:
    if not _OPERATION.fullmatch(place.text()):
        place.refuse(_("must be an operation such as transactions.transfer"))
    return place.text()


def _currency(place: Place) -> str:
    _as_the_kernel_reads(place, exponent)
    return place.text()


def _as_the_kernel_reads(place: Place, read: Callable[[str], R]) -> R:
    """Read a text by the kernel's own rules; what those refuse is refused at its place."""
    text = place.text()
    try:
        return read(text)
    except BankOpsError as error:
        place.refuse(str(error))


_VALUE_OF: Mapping[str, Callable[[Place], str]] = {
    "operation": _operation_named,
    "currency": _currency,
    "branch": Place.text,
    "maker_role": lambda place: place.choice(Role.values),
    "channel": lambda place: place.choice(CHANNELS),
    "risk_band": lambda place: place.choice(RISK_BANDS),
}


def _excluded(place: Place, stage_roles: set[str]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Read who may not review whose requests. A stage's own role cannot be among them: nobody could decide there."""
    pairs = []
    for maker, reviewers in place.entries():
        if maker not in Role.values:
            reviewers.refuse(_("is not a role"))
        items = reviewers.items(1, len(Role.values))
        for item in items:
            if item.choice(Role.values) in stage_roles:
                item.refuse(_("decides at a stage of this policy, so it cannot be excluded"))
        pairs.append((maker, tuple(item.text() for item in items)))
    return tuple(pairs)
