"""From a score to one of three bands. The thresholds are the bank's (`BANKOPS_RISK_MEDIUM_FROM`, `BANKOPS_RISK_HIGH_FROM`)."""

from __future__ import annotations

from typing import Final

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

SCORE_MAX: Final = 1000
"""The highest score there is; the least is 0."""


class Band(models.TextChoices):
    """How high a score is. The values are those that approval policies know (`bankops.core.operations.Facts.risk_band`)."""

    LOW = "low", _("low")
    MEDIUM = "medium", _("medium")
    HIGH = "high", _("high")

    @property
    def height(self) -> int:
        """0 for the lowest; compare these, never the values."""
        return list(Band).index(self)


def band_of(score: int) -> Band:
    """Return the band of a score from 0 to `SCORE_MAX`: the threshold itself belongs to the higher one."""
    if score >= settings.BANKOPS_RISK_HIGH_FROM:
        return Band.HIGH
    return Band.MEDIUM if score >= settings.BANKOPS_RISK_MEDIUM_FROM else Band.LOW
