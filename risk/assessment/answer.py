"""One assessment: what risk says of a movement, why, and what it looked at."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from risk.bands import Band, band_of
from risk.facts import Facts
from risk.outcomes import Outcome

FAILED: Final = "assessment_failed"
SCREENING_CONFIRMED: Final = "screening_confirmed"
SCREENING_POSSIBLE: Final = "screening_possible"
SCREENING_PENDING: Final = "screening_pending"
LISTS_MISSING: Final = "screening_lists_missing"


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that spoke against a movement.

    Attributes:
        code: stable, what partners and statistics know it by.
        weight: what it adds to the score.
        rule: the stable key of the rule that hit; empty when it was no rule.
        version: the version of that rule, as it was asked.
        about: who or what it is about beside the movement: a customer's public id, the code of a fault.

    """

    code: str
    weight: int
    outcome: Outcome
    rule: str = ""
    version: UUID | None = None
    about: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return it as it is kept."""
        told: dict[str, Any] = {"code": self.code, "weight": self.weight, "outcome": self.outcome.value}
        more = {"rule": self.rule, "version": str(self.version) if self.version else "", "about": self.about}
        return told | {name: value for name, value in more.items() if value}

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> Reason:
        """Read it as it was kept."""
        version = kept.get("version")
        return cls(
            code=kept["code"],
            weight=kept["weight"],
            outcome=Outcome(kept["outcome"]),
            rule=kept.get("rule", ""),
            version=UUID(version) if version else None,
            about=kept.get("about", ""),
        )


def in_order(reasons: Iterable[Reason]) -> tuple[Reason, ...]:
    """Return reasons by weight, the heaviest first; equal ones by code, so that two readers see one order."""
    return tuple(sorted(reasons, key=lambda one: (-one.weight, one.code, one.rule, one.about)))


@dataclass(frozen=True, slots=True)
class Assessment:
    """What risk says of one movement.

    Attributes:
        score: 0 to `risk.bands.SCORE_MAX`, the sum of the weights of its reasons.
        reasons: in order of weight.
        shadow: what versions of rules say that run beside the live ones; they change nothing.
        snoozed: what would have spoken against it, but is snoozed for its customer.
        failure: the code of the fault for which it could not be assessed; empty when it was.
        ruleset: the number of the state of all rules it was assessed by.
        facts: everything it was assessed by, with what was read.

    """

    id: UUID
    facts: Facts
    outcome: Outcome
    score: int
    reasons: tuple[Reason, ...]
    assessed_at: datetime
    milliseconds: float
    ruleset: int = 0
    failure: str = ""
    shadow: tuple[Reason, ...] = field(default=())
    snoozed: tuple[Reason, ...] = field(default=())

    @property
    def band(self) -> Band:
        """What approval policies are told."""
        return band_of(self.score)

    @property
    def stops(self) -> bool:
        """Whether the movement must not happen before somebody has looked at it, or at all."""
        return self.outcome.stops
