"""What becomes of a movement that was assessed."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import models
from django.utils.translation import gettext_lazy as _


class Outcome(models.TextChoices):
    """In order of severity, the mildest first. Stored: values never change."""

    APPROVE = "APPROVE", _("let through")
    REVIEW = "REVIEW", _("let through and look at it")
    BLOCK_AND_REVIEW = "BLOCK_AND_REVIEW", _("hold back until somebody has looked")
    DECLINE = "DECLINE", _("refuse")

    @property
    def severity(self) -> int:
        """0 for the mildest; compare these, never the values."""
        return _SEVERITY[self]

    @property
    def stops(self) -> bool:
        """Whether the movement must not happen before somebody has looked at it, or at all."""
        return self in (Outcome.BLOCK_AND_REVIEW, Outcome.DECLINE)


_SEVERITY = {outcome: severity for severity, outcome in enumerate(Outcome)}


def strictest(outcomes: Iterable[Outcome]) -> Outcome:
    """Return the most severe of them; without any, the mildest there is."""
    return max(outcomes, key=lambda outcome: outcome.severity, default=Outcome.APPROVE)
