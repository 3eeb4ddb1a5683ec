"""The outbox. Written by `bankops.core.outbox.announce` in the transaction of the change it tells of."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class OutboxMessage(models.Model):
    """A fact to be told to the outside once its transaction has committed. Carried out by `notifications`."""

    topic = models.CharField(_("topic"), max_length=80)
    subject_id = models.CharField(_("record id"), max_length=64)
    payload = models.JSONField(_("payload"))
    request_id = models.CharField(_("request id"), max_length=64, blank=True)
    announced_at = models.DateTimeField(_("announced at"))
    dispatched_at = models.DateTimeField(_("dispatched at"), null=True)

    class Meta:
        verbose_name = _("outbox message")
        verbose_name_plural = _("outbox")
        default_permissions = ("view",)
        indexes = [
            # What is still to be carried out, oldest first.
            models.Index(fields=["id"], name="outbox_undispatched", condition=models.Q(dispatched_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return f"{self.topic} #{self.pk}"
