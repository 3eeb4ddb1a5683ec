"""What a policy looks at: everything known about one submission, frozen with the request it leads to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bankops.core.money import Money


@dataclass(frozen=True, slots=True)
class PolicyFacts:
    """One submission, as policies see it.

    Attributes:
        operation: key, for instance `transactions.transfer`.
        amount: the money concerned, in its own currency; None when the operation is not about money.
        base_amount: the same in the bank's base currency; None without an amount, or when no reference rate is known.
        branch: code of the branch whose business it is; empty when it is not known.
        maker_roles: roles of the member of staff who asks; none for partners and the system.
        channel: `staff`, `partner` or `system`.
        risk_band: `low`, `medium` or `high`; empty while nobody assesses it.
        hour: of the bank's own clock, 0 to 23.

    """

    operation: str
    amount: Money | None = None
    base_amount: Money | None = None
    branch: str = ""
    maker_roles: frozenset[str] = frozenset()
    channel: str = "staff"
    risk_band: str = ""
    hour: int = 0

    @property
    def currency(self) -> str:
        """The amount's own currency, or empty."""
        return self.amount.currency if self.amount else ""

    @property
    def amount_unknown(self) -> bool:
        """There is an amount, but nobody can tell what it is worth in the base currency."""
        return self.amount is not None and self.base_amount is None

    def to_json(self) -> dict[str, Any]:
        """Return JSON primitives; money as `"1250.00 CNY"`."""
        return {
            "operation": self.operation,
            "amount": self.amount and money_text(self.amount),
            "base_amount": self.base_amount and money_text(self.base_amount),
            "branch": self.branch,
            "maker_roles": sorted(self.maker_roles),
            "channel": self.channel,
            "risk_band": self.risk_band,
            "hour": self.hour,
        }

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> PolicyFacts:
        """Read what `to_json` wrote."""
        fields = dict(document)
        for name in ("amount", "base_amount"):
            fields[name] = None if fields[name] is None else money_of(fields[name])
        fields["maker_roles"] = frozenset(fields["maker_roles"])
        return cls(**fields)


def money_text(money: Money) -> str:
    """Return `"1250.00 CNY"`, as policies and frozen facts write money."""
    return f"{money} {money.currency}"


def money_of(text: str) -> Money:
    """Read `"1250.00 CNY"`.

    :raises InvalidAmount, AmountTooPrecise, AmountTooLarge, UnknownCurrency: when it is not such a text.
    """
    figure, _space, currency = text.partition(" ")
    return Money.parse(figure, currency)
