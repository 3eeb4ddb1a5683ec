"""Money that moved, as risk remembers it: who paid whom, how much and when. Written by `risk.services.moved` only."""

from __future__ import annotations

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _

from bankops.core.models.outbox import TransactionNumber

MOVEMENT_PREFIX = "tr"
"""Of the public ids of what moves money; it belongs to the floor above."""


class MovedMoney(models.Model):
    """One movement that was carried out, written in its own transaction: what monitoring and the registers read.

    Attributes:
        id: of the transaction.
        xid: its database transaction. Monitoring goes by it, so that what commits late is not passed over.
        kind: as in `risk.facts.MovementKind`.
        payer, payee: `acc_…` of an account of ours; of another bank's, a digest that tells it from all others
            (`risk.velocity.subjects.token_of`); empty for cash.
        amount, currency: what moved, in minor units.
        base_amount: the same in the bank's base currency; None when there was no rate.

    """

    id = models.UUIDField(primary_key=True)
    xid = models.BigIntegerField(db_default=TransactionNumber(), editable=False)

    kind = models.CharField(_("kind"), max_length=12)
    channel = models.CharField(_("channel"), max_length=12)
    moment = models.DateTimeField(_("moment"))
    payer = models.CharField(_("payer"), max_length=40, blank=True)
    payee = models.CharField(_("payee"), max_length=40, blank=True)
    customer = models.CharField(_("customer"), max_length=40, blank=True)

    amount = models.BigIntegerField(_("amount"))
    currency = models.CharField(_("currency"), max_length=3)
    base_amount = models.BigIntegerField(_("amount in the base currency"), null=True)

    class Meta:
        verbose_name = _("movement seen")
        verbose_name_plural = _("movements seen")
        default_permissions = ()
        indexes = [
            # Monitoring reads what came since it last looked.
            models.Index(fields=["xid"], name="moved_since"),
            # The register of large values reads what was summed up with a movement: a day or two. Rows lie in the order of time.
            BrinIndex(fields=["moment"], name="moved_by_time", pages_per_range=16),
        ]
        constraints = [
            models.CheckConstraint(condition=models.Q(amount__gt=0), name="moved_amount_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"
