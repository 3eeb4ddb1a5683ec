"""What a partner keeps with its transactions and holds for itself. Written by `services.notes` and `services.hold_notes`."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from transactions.models.hold import Hold
from transactions.models.transaction import Transaction


class TransactionNote(models.Model):
    """A partner's metadata: texts of its own by names of its own, which mean nothing to the bank; and its word for its payee.

    Metadata is the one thing about a transaction that can change later; a transaction with nothing to note has no row.

    Attributes:
        payee_as_written: the account number that the partner named its payee by; empty when it named it by id.
        version: raised by every change.

    """

    transaction = models.OneToOneField(
        Transaction, models.PROTECT, primary_key=True, related_name="note", verbose_name=_("transaction")
    )
    metadata = models.JSONField(_("metadata"), default=dict)
    payee_as_written = models.CharField(_("payee as written"), max_length=40, blank=True, default="", db_default="")
    version = models.PositiveIntegerField(_("version"), default=1)

    class Meta:
        verbose_name = _("partner's note")
        verbose_name_plural = _("partners' notes")
        default_permissions = ()

    def __str__(self) -> str:
        return f"note of {self.transaction_id}"


class HoldNote(models.Model):
    """A partner's metadata on its hold. It can change when the hold cannot any more; a hold with nothing to note has no row.

    Attributes:
        version: raised by every change.

    """

    hold = models.OneToOneField(Hold, models.PROTECT, primary_key=True, related_name="note", verbose_name=_("hold"))
    metadata = models.JSONField(_("metadata"), default=dict)
    version = models.PositiveIntegerField(_("version"), default=1)

    class Meta:
        verbose_name = _("partner's note on a hold")
        verbose_name_plural = _("partners' notes on holds")
        default_permissions = ()

    def __str__(self) -> str:
        return f"note of {self.hold_id}"
