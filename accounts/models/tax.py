"""Where a customer is resident for tax. Written by `accounts.services.particulars`."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models.particulars import Particular
from bankops.core.sealed import SealedTextField


class TaxResidence(Particular):
    """A country's claim to tax somebody, as they certified it themselves (OECD Common Reporting Standard, section IV)."""

    customer = models.ForeignKey(
        "accounts.Customer", models.PROTECT, related_name="tax_residences", verbose_name=_("customer")
    )
    country = models.CharField(_("country"), max_length=2)
    tax_number = SealedTextField(_("tax number"), blank=True)
    self_certified_on = models.DateField(_("self-certified on"))

    class Meta(Particular.Meta):
        verbose_name = _("tax residence")
        verbose_name_plural = _("tax residences")
        constraints = [
            models.CheckConstraint(condition=models.Q(country__regex="^[A-Z]{2}$"), name="tax_country_code"),
            models.UniqueConstraint(
                fields=["customer", "country"], name="tax_country_once", condition=models.Q(valid_until__isnull=True)
            ),
        ]

    def __str__(self) -> str:
        return self.country
