"""The outbox. Written by `bankops.core.outbox.announce` in the transaction of the change it tells of."""

from __future__ import annotations

from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.utils.translation import gettext_lazy as _


class TransactionNumber(models.Func):
    """The number of the transaction at hand, 64 bits: it never comes again (PostgreSQL's `xid8`)."""

    function = "pg_current_xact_id"
    template = "%(function)s()::text::bigint"
    output_field = models.BigIntegerField()


class OutboxMessage(models.Model):
    """A fact to be told to the outside once its transaction has committed. Carried out by `notifications`.

    Attributes:
        audience: the one outside who may read it, for instance a partner's id (`ptn_…`); empty where nobody may. What is
            written for an audience holds nothing that the audience may not know.
        event_id: how the audience knows it (`evt_…`), however often it is told.
        xid: its transaction. Keys are drawn before the commit, so a feed that went by key alone would never show what
            commits late; see `bankops.core.outbox.events_for`.

    """

    ID_PREFIX = "evt"

    topic = models.CharField(_("topic"), max_length=80)
    subject_id = models.CharField(_("record id"), max_length=64)
    payload = models.JSONField(_("payload"))
    request_id = models.CharField(_("request id"), max_length=64, blank=True)
    announced_at = models.DateTimeField(_("announced at"))
    dispatched_at = models.DateTimeField(_("dispatched at"), null=True)

    audience = models.CharField(_("audience"), max_length=64, blank=True, default="")
    event_id = models.UUIDField(_("event id"), db_default=RandomUUID(), editable=False)
    xid = models.BigIntegerField(db_default=TransactionNumber(), editable=False)

    class Meta:
        verbose_name = _("outbox message")
        verbose_name_plural = _("outbox")
        default_permissions = ("view",)
        indexes = [
            # What is still to be carried out, oldest first.
            models.Index(fields=["id"], name="outbox_undispatched", condition=models.Q(dispatched_at__isnull=True)),
            # An audience's feed, in its order.
            models.Index(fields=["audience", "xid", "id"], name="outbox_feed", condition=~models.Q(audience="")),
            # The how-manieth event of its record it is.
            models.Index(
                fields=["audience", "subject_id", "id"], name="outbox_of_subject", condition=~models.Q(audience="")
            ),
        ]
        constraints = [
            # An audience asks for one event by its id.
            models.UniqueConstraint(fields=["event_id"], name="outbox_event_once", condition=~models.Q(audience="")),
        ]

    def __str__(self) -> str:
        return f"{self.topic} #{self.pk}"
