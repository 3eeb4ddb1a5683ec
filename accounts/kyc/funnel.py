"""Where an application stands: one pure function over what is known about it.

The stage stored with an application serves lists and clocks only. It is computed here, from the facts, after every change.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.kyc.findings import CheckKind


class Stage(models.TextChoices):
    """The way of an application, in order; whatever follows `REVIEW` is an end."""

    REGISTERED = "REGISTERED", _("registered")
    DOCUMENTS = "DOCUMENTS", _("documents")
    CHECKS = "CHECKS", _("checks")
    REVIEW = "REVIEW", _("review")
    APPROVED = "APPROVED", _("approved")
    REJECTED = "REJECTED", _("rejected")
    WITHDRAWN = "WITHDRAWN", _("withdrawn")
    EXPIRED = "EXPIRED", _("expired")


class Ending(models.TextChoices):
    """How a round of an application ended."""

    APPROVED = "APPROVED", _("approved")
    REJECTED = "REJECTED", _("rejected")
    WITHDRAWN = "WITHDRAWN", _("withdrawn")
    EXPIRED = "EXPIRED", _("expired")


STEPS = (Stage.REGISTERED, Stage.DOCUMENTS, Stage.CHECKS, Stage.REVIEW, Stage.APPROVED)
OPEN = STEPS[:-1]


@dataclass(frozen=True, slots=True)
class FunnelFacts:
    """What is known about the present round.

    Attributes:
        ending: how it ended; None while it is open.
        any_document: at least one document is there that was not refused.
        documents_complete: one of every required kind is there that was not refused.
        settled: per check, whether it passed or was overridden. A check that is missing is not settled.

    """

    ending: Ending | None
    any_document: bool
    documents_complete: bool
    settled: Mapping[CheckKind, bool]


def stage_of(facts: FunnelFacts) -> Stage:
    """Return the stage: the end where there is one, otherwise the first step whose work is not done."""
    if facts.ending is not None:
        return Stage(facts.ending.value)
    if not facts.any_document:
        return Stage.REGISTERED
    if not facts.documents_complete:
        return Stage.DOCUMENTS
    if not all(facts.settled.get(kind, False) for kind in CheckKind):
        return Stage.CHECKS
    return Stage.REVIEW
