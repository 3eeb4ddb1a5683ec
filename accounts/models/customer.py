"""Customers and what identifies them. Written by `accounts.services.customers`."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from bankops.core import ids
from bankops.core.masking import mask_tail


class CustomerKind(models.TextChoices):
    PERSON = "PERSON", _("person")
    ORGANISATION = "ORGANISATION", _("organisation")


class Customer(models.Model):
    """A person or organisation the bank keeps accounts for."""

    ID_PREFIX = "cus"

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    number = models.CharField(_("customer number"), max_length=20)
    kind = models.CharField(_("kind"), max_length=12, choices=CustomerKind)
    name = models.CharField(_("name"), max_length=200)
    birth_date = models.DateField(_("date of birth"), null=True, blank=True)
    branch = models.ForeignKey("staff.Branch", models.PROTECT, related_name="customers", verbose_name=_("branch"))
    created_at = models.DateTimeField(_("registered at"))

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("customer")
        verbose_name_plural = _("customers")
        default_permissions = ("view",)
        permissions = [("register_customer", _("Can register a customer"))]
        constraints = [
            models.UniqueConstraint(fields=["number"], name="customer_number_once"),
            models.CheckConstraint(condition=models.Q(kind__in=CustomerKind.values), name="customer_kind_known"),
            models.CheckConstraint(condition=~models.Q(name=""), name="customer_has_name"),
        ]
        indexes = [
            # Search by the beginning of a name.
            models.Index(models.functions.Upper("name"), "id", name="customer_by_name"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.name}"

    @property
    def public_id(self) -> str:
        """The id partners see: `cus_…`."""
        return ids.encode(self.ID_PREFIX, self.id)


class IdentifierType(models.TextChoices):
    RESIDENT_ID = "RESIDENT_ID", _("resident identity number")
    PASSPORT = "PASSPORT", _("passport")
    COMPANY_NUMBER = "COMPANY_NUMBER", _("company registration number")
    EXTERNAL = "EXTERNAL", _("number at another system")


class CustomerIdentifier(models.Model):
    """A number somebody else gave the customer: identity card, passport, company register, the bank they came from."""

    customer = models.ForeignKey(
        "accounts.Customer", models.PROTECT, related_name="identifiers", verbose_name=_("customer")
    )
    type = models.CharField(_("type"), max_length=16, choices=IdentifierType)
    issuer = models.CharField(_("issuer"), max_length=40)
    value = models.CharField(_("value"), max_length=60)

    class Meta:
        verbose_name = _("identifier")
        verbose_name_plural = _("identifiers")
        default_permissions = ("view",)
        constraints = [
            # One issuer gives a number to one customer only: the same document cannot open two identities.
            models.UniqueConstraint(fields=["type", "issuer", "value"], name="identifier_once"),
            models.CheckConstraint(condition=models.Q(type__in=IdentifierType.values), name="identifier_type_known"),
            models.CheckConstraint(condition=~models.Q(value=""), name="identifier_has_value"),
        ]

    def __str__(self) -> str:
        return f"{self.get_type_display()} {self.masked}"

    @property
    def masked(self) -> str:
        """The value with all but its last four characters hidden."""
        return mask_tail(self.value)
