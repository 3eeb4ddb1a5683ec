"""Changes of a customer's data that somebody asked for. Written by `accounts.services.customer_changes`."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from bankops.core import ids
from bankops.core.sealed import SealedTextField


class CustomerChange(models.Model):
    """What is to change, sealed: the approval request names it by its digest and holds no personal data itself.

    Attributes:
        base_version: the customer's version that the maker saw.
        digest: keyed hash of customer, version and content; equal wishes are one row, whoever has them.
        content: canonical JSON (`accounts.changes`), sealed; NULL once the customer's personal data was wiped.

    """

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    customer = models.ForeignKey(
        "accounts.Customer", models.PROTECT, related_name="changes", verbose_name=_("customer")
    )
    base_version = models.PositiveIntegerField(_("based on version"))
    digest = models.CharField(_("digest"), max_length=64)
    content = SealedTextField(_("content"), null=True)
    made_by = models.CharField(_("made by"), max_length=100)
    made_at = models.DateTimeField(_("made at"))

    class Meta:
        verbose_name = _("change of a customer")
        verbose_name_plural = _("changes of customers")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["digest"], name="customer_change_once"),
        ]

    def __str__(self) -> str:
        return f"{self.digest[:8]} on version {self.base_version}"
