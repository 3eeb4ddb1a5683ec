"""Where a customer lives or does business. Written by `accounts.services.particulars`."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models.particulars import Particular
from bankops.core.sealed import SealedTextField


class AddressType(models.TextChoices):
    RESIDENTIAL = "RESIDENTIAL", _("home")
    REGISTERED = "REGISTERED", _("registered office")
    BUSINESS = "BUSINESS", _("place of business")
    MAILING = "MAILING", _("for letters")


class Address(Particular):
    """An address. City, region and country stay in clear: statistics and sanctions rules read them, and they name nobody."""

    customer = models.ForeignKey(
        "accounts.Customer", models.PROTECT, related_name="addresses", verbose_name=_("customer")
    )
    type = models.CharField(_("type"), max_length=12, choices=AddressType)
    lines = SealedTextField(_("street and house"))
    postal_code = SealedTextField(_("postal code"), blank=True)
    city = models.CharField(_("city"), max_length=100)
    region = models.CharField(_("region"), max_length=100, blank=True)
    country = models.CharField(_("country"), max_length=2)

    class Meta(Particular.Meta):
        verbose_name = _("address")
        verbose_name_plural = _("addresses")
        constraints = [
            models.CheckConstraint(condition=models.Q(type__in=AddressType.values), name="address_type_known"),
            models.CheckConstraint(condition=models.Q(country__regex="^[A-Z]{2}$"), name="address_country_code"),
            # One address of a type at a time: letters go to one place.
            models.UniqueConstraint(
                fields=["customer", "type"], name="address_type_once", condition=models.Q(valid_until__isnull=True)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_type_display()}, {self.city}"
