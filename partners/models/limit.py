"""How much a partner may move: per transaction and day, and how much of the day is used up."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from bankops.core import ids
from bankops.core.money import Money
from partners.models.partner import Partner


class PartnerLimit(models.Model):
    """A partner's limits in one currency, minor units. In a currency without a row it can move nothing."""

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    partner = models.ForeignKey(Partner, models.PROTECT, related_name="limits", verbose_name=_("partner"))
    currency = models.CharField(_("currency"), max_length=3)
    per_transaction = models.BigIntegerField(_("per transaction"))
    per_day = models.BigIntegerField(_("per day"))
    set_at = models.DateTimeField(_("set at"))

    class Meta:
        verbose_name = _("partner's limit")
        verbose_name_plural = _("partners' limits")
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(fields=["partner", "currency"], name="partner_limit_once"),
            models.CheckConstraint(
                condition=models.Q(per_transaction__gte=0, per_day__gte=models.F("per_transaction")),
                name="partner_limit_in_order",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.single} / {self.daily}"

    @property
    def single(self) -> Money:
        """The most in one transaction."""
        return Money(self.per_transaction, self.currency)

    @property
    def daily(self) -> Money:
        """The most in one business day."""
        return Money(self.per_day, self.currency)


class PartnerUsage(models.Model):
    """What a partner has moved on a business day, minor units. Counted by `partners.services.allowance`."""

    partner = models.ForeignKey(Partner, models.PROTECT, related_name="usage", verbose_name=_("partner"))
    currency = models.CharField(_("currency"), max_length=3)
    day = models.DateField(_("business day"))
    used = models.BigIntegerField(_("used"))

    class Meta:
        verbose_name = _("use of a partner's limit")
        verbose_name_plural = _("use of partners' limits")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["partner", "currency", "day"], name="partner_usage_once_a_day"),
            models.CheckConstraint(condition=models.Q(used__gte=0), name="partner_usage_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.currency}"
