"""Standing orders: kept as data for now; nothing executes them yet. Written by the bank import."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from bankops.core import ids
from bankops.core.money import Money


class StandingOrder(models.Model):
    """A customer's order to pay the same amount again and again to an account at another bank."""

    ID_PREFIX = "so"

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    account = models.ForeignKey(
        "accounts.Account", models.PROTECT, related_name="standing_orders", verbose_name=_("account")
    )
    amount = models.BigIntegerField(_("amount"))
    currency = models.CharField(_("currency"), max_length=3)
    counterparty_bank = models.CharField(_("bank of the payee"), max_length=40)
    counterparty_account = models.CharField(_("account of the payee"), max_length=40)
    purpose = models.CharField(_("purpose"), max_length=60, blank=True)
    external_reference = models.CharField(_("reference at another system"), max_length=60, blank=True)

    class Meta:
        verbose_name = _("standing order")
        verbose_name_plural = _("standing orders")
        default_permissions = ("view",)
        constraints = [
            models.CheckConstraint(condition=models.Q(amount__gt=0), name="standing_order_amount_positive"),
            # An order taken over from another system is taken over once.
            models.UniqueConstraint(
                fields=["external_reference"],
                name="standing_order_external_once",
                condition=~models.Q(external_reference=""),
            ),
        ]

    def __str__(self) -> str:
        return f"standing order {self.external_reference or self.pk}"

    @property
    def money(self) -> Money:
        """What is paid each time."""
        return Money(self.amount, self.currency)
