"""What a check can find."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import models
from django.utils.translation import gettext_lazy as _


class CheckKind(models.TextChoices):
    """The four checks every application passes, or an override of two reviewers puts aside."""

    IDENTITY = "IDENTITY", _("identity")
    SCREENING = "SCREENING", _("screening")
    RISK_RATING = "RISK_RATING", _("risk rating")
    DOCUMENTS = "DOCUMENTS", _("documents")


class CheckState(models.TextChoices):
    PENDING = "PENDING", _("pending")
    PASSED = "PASSED", _("passed")
    FAILED = "FAILED", _("failed")
    MANUAL = "MANUAL", _("needs a person")


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found.

    Attributes:
        reasons: codes declared in `accounts.kyc.reasons`, in order; none is needed for a plain pass.
        reference: how the source calls it, for instance a screening run; no personal data.

    """

    state: CheckState
    reasons: tuple[str, ...] = ()
    reference: str = ""
