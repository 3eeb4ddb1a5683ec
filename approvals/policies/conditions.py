"""Conditions, and what they say of a submission.

A condition knows three answers: met, not met, and *cannot be told* (the amount has no known worth, nobody assessed the
risk). What cannot be told counts as met, because a policy exists to ask for consent; but within a block, a condition that
is certainly not met still decides. For every answer there is a sentence that a reviewer reads; it is made for policies that
fire only, because almost none do, and a batch of transfers asks thousands of times.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from approvals.policies.facts import PolicyFacts, money_text
from bankops.core.money import Money

RISK_BANDS = ("low", "medium", "high")
CHANNELS = ("staff", "partner", "system")

AMOUNT_TESTS: Mapping[str, Callable[[int, int], bool]] = {
    "at_least": lambda amount, limit: amount >= limit,
    "more_than": lambda amount, limit: amount > limit,
    "at_most": lambda amount, limit: amount <= limit,
    "less_than": lambda amount, limit: amount < limit,
}
_AMOUNT_PHRASES: Mapping[str, Promise] = {
    "at_least": gettext_lazy("at least {limit}"),
    "more_than": gettext_lazy("more than {limit}"),
    "at_most": gettext_lazy("at most {limit}"),
    "less_than": gettext_lazy("less than {limit}"),
}
FIELD_NAMES: Mapping[str, Promise] = {
    "operation": gettext_lazy("operation"),
    "amount": gettext_lazy("amount"),
    "currency": gettext_lazy("currency"),
    "branch": gettext_lazy("branch"),
    "maker_role": gettext_lazy("maker's role"),
    "channel": gettext_lazy("channel"),
    "risk_band": gettext_lazy("risk"),
    "hour": gettext_lazy("hour"),
}

OF_RISK: Final = gettext_lazy("the bank's own checks ask for it")
"""What a condition on the risk says, whatever the band. The maker reads it, who talks to the customer: a hint to the customer
that a payment looks suspicious would be tipping off. Who may know reads the assessment itself.
"""


class Condition(Protocol):
    """One line of a block."""

    def is_met(self, facts: PolicyFacts) -> bool | None:
        """Tell whether it is met; None when that cannot be told."""

    def reason(self, facts: PolicyFacts) -> str:
        """Return why it is met, or is not, in a sentence's words."""

    def phrase(self) -> str:
        """Return what it asks, in plain words: `amount at least CNY 50,000.00`."""

    def to_json(self) -> dict[str, Any]:
        """Return it as policies write it."""


@dataclass(frozen=True, slots=True)
class AmountCondition:
    """Compares the amount with a limit: exactly within one currency, otherwise by the bank's base currency."""

    operator: str
    limit: Money

    @property
    def turns_at(self) -> int:
        """The amount, in minor units, from which on its answer is another than below."""
        return self.limit.minor + (self.operator in ("more_than", "at_most"))

    def is_met(self, facts: PolicyFacts) -> bool | None:
        if facts.amount is None:
            return False
        compared = self._comparable(facts)
        if compared is None:
            return None
        return AMOUNT_TESTS[self.operator](compared.minor, self.limit.minor)

    def reason(self, facts: PolicyFacts) -> str:
        if facts.amount is None:
            return _("there is no amount")
        compared = self._comparable(facts)
        if compared is None:
            words = _("nobody can tell what %(amount)s is worth in %(currency)s, so it counts as %(phrase)s")
            told = {"amount": facts.amount.format(), "currency": self.limit.currency, "phrase": self._phrase()}
            return words % told
        words = _("amount %(amount)s is %(phrase)s") if self.is_met(facts) else _("amount %(amount)s is not %(phrase)s")
        return words % {"amount": _worth(facts.amount, compared), "phrase": self._phrase()}

    def phrase(self) -> str:
        return f"{FIELD_NAMES['amount']} {self._phrase()}"

    def to_json(self) -> dict[str, Any]:
        return {"field": "amount", "operator": self.operator, "value": money_text(self.limit)}

    def _comparable(self, facts: PolicyFacts) -> Money | None:
        for money in (facts.amount, facts.base_amount):
            if money is not None and money.currency == self.limit.currency:
                return money
        return None

    def _phrase(self) -> str:
        return str(_AMOUNT_PHRASES[self.operator]).format(limit=self.limit.format())


@dataclass(frozen=True, slots=True)
class ListCondition:
    """Looks whether a fact is among the listed values, or among none of them."""

    field: str
    operator: str
    values: tuple[str, ...]

    def is_met(self, facts: PolicyFacts) -> bool | None:
        present = _facts_listed(self.field, facts)
        if not present and self.field in ("branch", "risk_band"):
            return None
        if not present and self.field == "currency":
            return False
        return present.isdisjoint(self.values) == (self.operator == "none_of")

    def reason(self, facts: PolicyFacts) -> str:
        if self.field == "risk_band":
            return str(OF_RISK)
        present, met = _facts_listed(self.field, facts), self.is_met(facts)
        if met is None:
            words = _("%(field)s is not known, so it counts as %(phrase)s")
            return words % {"field": FIELD_NAMES[self.field], "phrase": self._phrase()}
        if not present and self.field == "currency":
            return _("there is no amount")
        words = _("%(field)s %(value)s is %(phrase)s") if met else _("%(field)s %(value)s is not %(phrase)s")
        value = ", ".join(sorted(present)) or "–"
        return words % {"field": FIELD_NAMES[self.field], "value": value, "phrase": self._phrase()}

    def phrase(self) -> str:
        return f"{FIELD_NAMES[self.field]} {self._phrase()}"

    def to_json(self) -> dict[str, Any]:
        return {"field": self.field, "operator": self.operator, "value": list(self.values)}

    def _phrase(self) -> str:
        words = _("none of %(values)s") if self.operator == "none_of" else _("one of %(values)s")
        return words % {"values": ", ".join(self.values)}


@dataclass(frozen=True, slots=True)
class RiskCondition:
    """Looks whether the risk is in a band or above it."""

    band: str

    def is_met(self, facts: PolicyFacts) -> bool | None:
        if facts.risk_band not in RISK_BANDS:
            return None
        return RISK_BANDS.index(facts.risk_band) >= RISK_BANDS.index(self.band)

    def reason(self, facts: PolicyFacts) -> str:
        return str(OF_RISK)

    def phrase(self) -> str:
        return _("risk at least %(band)s") % {"band": self.band}

    def to_json(self) -> dict[str, Any]:
        return {"field": "risk_band", "operator": "at_least", "value": self.band}


@dataclass(frozen=True, slots=True)
class HourCondition:
    """Looks at the hour of the bank's own clock: one of some hours, or from one hour up to, not including, another.

    Attributes:
        hours: for `one_of` the hours; for `between` the first hour and the end, over midnight when the end is smaller.

    """

    operator: str
    hours: tuple[int, ...]

    def is_met(self, facts: PolicyFacts) -> bool:
        if self.operator == "one_of":
            return facts.hour in self.hours
        start, end = self.hours
        if start < end:
            return start <= facts.hour < end
        return facts.hour >= start or facts.hour < end

    def reason(self, facts: PolicyFacts) -> str:
        words = _("hour %(hour)s is %(phrase)s") if self.is_met(facts) else _("hour %(hour)s is not %(phrase)s")
        return words % {"hour": facts.hour, "phrase": self._phrase()}

    def phrase(self) -> str:
        return f"{FIELD_NAMES['hour']} {self._phrase()}"

    def to_json(self) -> dict[str, Any]:
        return {"field": "hour", "operator": self.operator, "value": list(self.hours)}

    def _phrase(self) -> str:
        if self.operator == "one_of":
            return _("one of %(values)s") % {"values": ", ".join(map(str, self.hours))}
        start, end = self.hours
        return _("between %(start)s:00 and %(end)s:00") % {"start": start, "end": end}


Block = tuple[Condition, ...]
"""Conditions that have to be met all together."""


def why_met(block: Block, facts: PolicyFacts) -> str | None:
    """Return the sentence why a block is met, or None when it certainly is not."""
    if any(condition.is_met(facts) is False for condition in block):
        return None
    return _(" and ").join(condition.reason(facts) for condition in block)


def why_fired(blocks: Sequence[Block], facts: PolicyFacts) -> list[str]:
    """Return a sentence for each block that is met; none when the policy does not fire. No blocks at all is always."""
    if not blocks:
        return [_("it applies always")]
    return [reason for block in blocks if (reason := why_met(block, facts)) is not None]


def _facts_listed(field: str, facts: PolicyFacts) -> frozenset[str]:
    if field == "maker_role":
        return facts.maker_roles
    value = str(getattr(facts, field))
    return frozenset({value} if value else ())


def _worth(amount: Money, compared: Money) -> str:
    if amount.currency == compared.currency:
        return amount.format()
    return f"{amount.format()} (≈ {compared.format()})"
