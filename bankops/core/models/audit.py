"""The audit trail. Written by `bankops.core.audit.record` only, sealed by `bankops.core.sealing`.

Rows are append-only: a trigger refuses DELETE, TRUNCATE and every UPDATE but one, the sealing of an unsealed row.
"""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class AuditEvent(models.Model):
    """Who did what to which record, when and why. Commits together with the change it describes, or not at all."""

    event_type = models.CharField(_("event"), max_length=80)
    occurred_at = models.DateTimeField(_("when"))
    recorded_at = models.DateTimeField(_("recorded at"), db_default=Now(), editable=False)

    actor_kind = models.CharField(_("actor kind"), max_length=10)
    actor_id = models.CharField(_("actor id"), max_length=64)
    actor_name = models.CharField(_("who"), max_length=150)

    subject_type = models.CharField(_("record kind"), max_length=60)
    subject_id = models.CharField(_("record id"), max_length=64)
    subject_label = models.CharField(_("record"), max_length=200)

    reason = models.TextField(_("reason"), blank=True)
    changes = models.JSONField(_("changes"), default=dict, help_text=_("field → [before, after]"))
    detail = models.JSONField(_("detail"), default=dict)
    request_id = models.CharField(_("request id"), max_length=64, blank=True)
    approval_request_id = models.CharField(_("approval request"), max_length=64, blank=True)

    # The seal: null until the sealing job has chained this row to the one before it.
    position = models.BigIntegerField(_("position in chain"), null=True, editable=False)
    previous_hash = models.BinaryField(null=True, max_length=32, editable=False)
    hash = models.BinaryField(null=True, max_length=32, editable=False)

    class Meta:
        verbose_name = _("audit event")
        verbose_name_plural = _("audit trail")
        default_permissions = ("view",)
        constraints = [
            # The chain has one row per position.
            models.UniqueConstraint(fields=["position"], name="audit_position_once"),
            # A row is sealed wholly or not at all.
            models.CheckConstraint(
                condition=models.Q(position__isnull=True, previous_hash__isnull=True, hash__isnull=True)
                | models.Q(position__isnull=False, previous_hash__isnull=False, hash__isnull=False),
                name="audit_seal_whole",
            ),
        ]
        indexes = [
            # The timeline on a record's page.
            models.Index(fields=["subject_type", "subject_id", "id"], name="audit_by_subject"),
            # "What did this person do": the auditor's first question.
            models.Index(fields=["actor_id", "id"], name="audit_by_actor"),
            # The sealing job's work list.
            models.Index(fields=["id"], name="audit_unsealed", condition=models.Q(position__isnull=True)),
        ]

    def __str__(self) -> str:
        return f"{self.event_type} #{self.pk}"
