"""Which submissions policies cannot tell apart but in words: amounts between two of their limits are all the same to them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable

from approvals.policies.conditions import AmountCondition
from approvals.policies.definition import Definition
from approvals.policies.facts import PolicyFacts
from bankops.core.money import Money

Band = tuple[object, ...]


class Bands:
    """The bands that the limits of some policies cut amounts into, each currency by itself."""

    def __init__(self, definitions: Iterable[Definition]) -> None:
        cuts: dict[str, set[int]] = {}
        for definition in definitions:
            for block in definition.blocks:
                for condition in block:
                    if isinstance(condition, AmountCondition):
                        cuts.setdefault(condition.limit.currency, set()).add(condition.turns_at)
        self._cuts = {currency: sorted(found) for currency, found in cuts.items()}

    def of(self, facts: PolicyFacts) -> Band:
        """Return what is the same for two submissions only if every condition has the same answer for both.

        Whatever else than amounts conditions look at is in it as it is.
        """
        return (
            facts.operation,
            facts.branch,
            facts.maker_roles,
            facts.channel,
            facts.risk_band,
            facts.hour,
            self._band(facts.amount),
            self._band(facts.base_amount),
        )

    def _band(self, amount: Money | None) -> tuple[str, int] | None:
        if amount is None:
            return None
        cuts = self._cuts.get(amount.currency)
        return amount.currency, bisect_right(cuts, amount.minor) if cuts else 0
