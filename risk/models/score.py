"""Models that score movements, learnt from what people decided: docs/score.md. Written by `risk.services.score_models` only."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from bankops.core import ids


class ScoreState(models.TextChoices):
    """Where a model is on its way: forward only, and into `ACTIVE` only from `SHADOW`. Stored: values never change."""

    CANDIDATE = "CANDIDATE", _("candidate")
    SHADOW = "SHADOW", _("shadow")
    ACTIVE = "ACTIVE", _("active")
    RETIRED = "RETIRED", _("retired")


class ScoreModelVersion(models.Model):
    """One model as it was learnt. Nothing of it ever changes but where it is on its way (trigger).

    Attributes:
        number: 1 for the first, then in the order of training.
        features_version: of `risk.score.features` that it was learnt over; it is of no use with another.
        content: its coefficients, as `risk.score.model` keeps them.
        content_hash: SHA-256 of the canonical JSON of `content`: what reviewers agree to, and what is checked when it is loaded.
        learnt_since, learnt_until: the first and last movement that it was learnt from or measured by.
        parts: of the movements it was learnt from, calibrated by and measured by: their time, and how many of which label.
        metrics: how good it was on the last of them, beside the rules alone.
        approval_request_id: the request (`apr_…`) that last moved it on.

    """

    ID_PREFIX = "scm"

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    number = models.PositiveIntegerField(_("number"))

    features_version = models.PositiveSmallIntegerField(_("version of the features"))
    content = models.JSONField(_("content"))
    content_hash = models.CharField(_("hash of the content"), max_length=64)
    learnt_since = models.DateTimeField(_("movements from"))
    learnt_until = models.DateTimeField(_("movements until"))
    parts = models.JSONField(_("movements"))
    metrics = models.JSONField(_("quality"))

    state = models.CharField(_("state"), max_length=9, choices=ScoreState, default=ScoreState.CANDIDATE, editable=False)
    trained_at = models.DateTimeField(_("trained at"))
    shadow_since = models.DateTimeField(_("in shadow since"), null=True)
    active_since = models.DateTimeField(_("active since"), null=True)
    retired_at = models.DateTimeField(_("retired at"), null=True)

    trained_by_id = models.CharField(_("maker's id"), max_length=64)
    trained_by_name = models.CharField(_("trained by"), max_length=150)
    approval_request_id = models.CharField(_("approval request"), max_length=64, blank=True)

    class Meta:
        verbose_name = _("score model")
        verbose_name_plural = _("score models")
        default_permissions = ("view",)
        permissions = [
            ("start_model_shadow", _("Can ask for a score model to run beside the active one")),
            ("activate_model", _("Can ask for a score model to count")),
            ("retire_model", _("Can ask for a score model to stop counting")),
        ]
        constraints = [
            # Requests and reasons speak of a model by its number.
            models.UniqueConstraint(fields=["number"], name="score_model_number_once"),
            # One counts, and one runs beside it.
            models.UniqueConstraint(
                fields=["state"], condition=Q(state=ScoreState.ACTIVE), name="score_model_one_active"
            ),
            models.UniqueConstraint(
                fields=["state"], condition=Q(state=ScoreState.SHADOW), name="score_model_one_shadow"
            ),
            models.CheckConstraint(condition=Q(content_hash__regex="^[0-9a-f]{64}$"), name="score_model_hashed"),
            models.CheckConstraint(
                condition=Q(learnt_until__gt=models.F("learnt_since")), name="score_model_learnt_over_a_time"
            ),
            models.CheckConstraint(condition=Q(number__gte=1, features_version__gte=1), name="score_model_counted"),
            models.CheckConstraint(
                condition=Q(
                    state=ScoreState.CANDIDATE,
                    shadow_since__isnull=True,
                    active_since__isnull=True,
                    retired_at__isnull=True,
                )
                | Q(
                    state=ScoreState.SHADOW,
                    shadow_since__isnull=False,
                    active_since__isnull=True,
                    retired_at__isnull=True,
                )
                | Q(
                    state=ScoreState.ACTIVE,
                    shadow_since__isnull=False,
                    active_since__isnull=False,
                    retired_at__isnull=True,
                )
                | Q(state=ScoreState.RETIRED, retired_at__isnull=False),
                name="score_model_state_dated",
            ),
        ]

    def __str__(self) -> str:
        return gettext("score model %(number)s") % {"number": self.number} if self.number else ""

    @property
    def public_id(self) -> str:
        """The id that the audit trail records: `scm_…`."""
        return ids.encode(self.ID_PREFIX, self.id)
