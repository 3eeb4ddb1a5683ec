"""Conditions, and what they say of a submission.

A condition knows three answers: met, not met, and *cannot be told* (the amount has no known worth, nobody assessed the
risk). What cannot be told counts as met, because a policy exists to ask for consent; but within a block, a condition that
is certainly not met still decides. Every answer comes with the sentence a reviewer reads.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

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


@dataclass(frozen=True, slots=True)
class Answer:
    """What a condition says: whether it is met (None: cannot be told), and why, in a sentence's words."""

    met: bool | None
    reason: str


class Condition(Protocol):
    """One line of a block."""

    def ask(self, facts: PolicyFacts) -> Answer:
        """Say whether it is met."""

    def phrase(self) -> str:
        """Return what it asks, in plain words: `amount at least CNY 50,000.00`."""

    def to_json(self) -> dict[str, Any]:
        """Return it as policies write it."""


@dataclass(frozen=True, slots=True)
class AmountCondition:
    """Compares the amount with a limit: exactly within one currency, otherwise by the bank's base currency."""

    operator: str
    limit: Money

    def ask(self, facts: PolicyFacts) -> Answer:
        if facts.amount is None:
            return Answer(met=False, reason=_("there is no amount"))
        compared = self._comparable(facts)
        if compared is None:
            words = _("nobody can tell what %(amount)s is worth in %(currency)s, so it counts as %(phrase)s")
            return Answer(
                met=None,
                reason=words
                % {"amount": facts.amount.format(), "currency": self.limit.currency, "phrase": self._phrase()},
            )
        met = AMOUNT_TESTS[self.operator](compared.minor, self.limit.minor)
        words = _("amount %(amount)s is %(phrase)s") if met else _("amount %(amount)s is not %(phrase)s")
        return Answer(met=met, reason=words % {"amount": _worth(facts.amount, compared), "phrase": self._phrase()})

    def phrase(self) -> str:
        return f"{FIELD_NAMES['amount']} {self._phrase()}"

    def to_json(self) -> dict[str, Any]:
        return {"field": "amount", "operator": self.operator, "value": money_text(self.limit)}

    def _comparable(self, facts: PolicyFacts) -> Money | None:
        amounts = (facts.amount, facts.base_amount)
        return next((money for money in amounts if money and money.currency == self.limit.currency), None)

    def _phrase(self) -> str:
        return str(_AMOUNT_PHRASES[self.operator]).format(limit=self.limit.format())


@dataclass(frozen=True, slots=True)
class ListCondition:
    """Looks whether a fact is among the listed values, or among none of them."""

    field: str
    operator: str
    values: tuple[str, ...]

    def ask(self, facts: PolicyFacts) -> Answer:
        present = _facts_listed(self.field, facts)
        if not present and self.field in ("branch", "risk_band"):
            return Answer(
                met=None,
                reason=_("%(field)s is not known, so it counts as %(phrase)s")
                % {"field": FIELD_NAMES[self.field], "phrase": self._phrase()},
            )
        if not present and self.field == "currency":
            return Answer(met=False, reason=_("there is no amount"))
        met = present.isdisjoint(self.values) == (self.operator == "none_of")
        words = _("%(field)s %(value)s is %(phrase)s") if met else _("%(field)s %(value)s is not %(phrase)s")
        value = ", ".join(sorted(present)) or "–"
        return Answer(
            met=met, reason=words % {"field": FIELD_NAMES[self.field], "value": value, "phrase": self._phrase()}
        )

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

    def ask(self, facts: PolicyFacts) -> Answer:
        words = {"risk": facts.risk_band, "band": self.band}
        if facts.risk_band not in RISK_BANDS:
            return Answer(met=None, reason=_("nobody assessed the risk, so it counts as at least %(band)s") % words)
        met = RISK_BANDS.index(facts.risk_band) >= RISK_BANDS.index(self.band)
        reason = _("risk %(risk)s is at least %(band)s") if met else _("risk %(risk)s is not at least %(band)s")
        return Answer(met=met, reason=reason % words)

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

    def ask(self, facts: PolicyFacts) -> Answer:
        met = facts.hour in self._covered()
        words = _("hour %(hour)s is %(phrase)s") if met else _("hour %(hour)s is not %(phrase)s")
        return Answer(met=met, reason=words % {"hour": facts.hour, "phrase": self._phrase()})

    def phrase(self) -> str:
        return f"{FIELD_NAMES['hour']} {self._phrase()}"

    def to_json(self) -> dict[str, Any]:
        return {"field": "hour", "operator": self.operator, "value": list(self.hours)}

    def _covered(self) -> set[int]:
        if self.operator == "one_of":
            return set(self.hours)
        start, end = self.hours
        return {hour % 24 for hour in range(start, end if end > start else end + 24)}

    def _phrase(self) -> str:
        if self.operator == "one_of":
            return _("one of %(values)s") % {"values": ", ".join(map(str, self.hours))}
        start, end = self.hours
        return _("between %(start)s:00 and %(end)s:00") % {"start": start, "end": end}


Block = tuple[Condition, ...]
"""Conditions that have to be met all together."""


def why_met(block: Block, facts: PolicyFacts) -> str | None:
    """Return the sentence why a block is met, or None when it certainly is not."""
    answers = [condition.ask(facts) for condition in block]
    if any(answer.met is False for answer in answers):
        return None
    return _(" and ").join(answer.reason for answer in answers)


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
