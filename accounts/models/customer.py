"""Customers and what identifies them. Written by `accounts.services.customers`."""

from __future__ import annotations

from datetime import date

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models.functions import Length
from django.db.models.lookups import Exact, GreaterThan
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from accounts.kyc.rating import RiskRating
from bankops.core import ids
from bankops.core.sealed import BlindIndexField, SealedTextField
from bankops.core.word_search import Words


class CustomerKind(models.TextChoices):
    PERSON = "PERSON", _("person")
    ORGANISATION = "ORGANISATION", _("organisation")


class CustomerState(models.TextChoices):
    """Whether the bank keeps accounts for somebody. Moved by `accounts.services.applications` (docs/kyc.md)."""

    PROSPECT = "PROSPECT", _("not approved yet")
    ACTIVE = "ACTIVE", _("customer")
    REJECTED = "REJECTED", _("rejected")
    PSEUDONYMISED = "PSEUDONYMISED", _("personal data erased")


class Customer(models.Model):
    """A person or organisation the bank keeps accounts for.

    Attributes:
        ownership_note: why an organisation has no beneficial owner to name, for instance that it is listed.
        version: raised with every change of the customer's data; who changes them says which version they saw.

    """

    ID_PREFIX = "cus"

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    number = models.CharField(_("customer number"), max_length=20)
    kind = models.CharField(_("kind"), max_length=12, choices=CustomerKind)
    name = models.CharField(_("name"), max_length=200)
    birth_date = SealedTextField(_("date of birth"), null=True, blank=True)  # ISO 8601: 1970-03-04
    branch = models.ForeignKey("staff.Branch", models.PROTECT, related_name="customers", verbose_name=_("branch"))
    risk_rating = models.CharField(_("risk rating"), max_length=6, choices=RiskRating, default=RiskRating.MEDIUM)
    ownership_note = models.CharField(_("why no owner is named"), max_length=200, blank=True)
    version = models.PositiveIntegerField(_("version"), default=1, editable=False)
    created_at = models.DateTimeField(_("registered at"))

    state = models.CharField(_("state"), max_length=13, choices=CustomerState, default=CustomerState.PROSPECT)
    kyc_reviewed_on = models.DateField(_("last reviewed on"), null=True, blank=True)
    next_review_on = models.DateField(_("next review on"), null=True, blank=True)

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("customer")
        verbose_name_plural = _("customers")
        default_permissions = ("view",)
        permissions = [
            ("register_customer", _("Can register a customer")),
            ("reveal_personal_data", _("Can see a customer's personal data in clear, with a reason")),
            ("export_personal_data", _("Can export everything held about a customer")),
            ("pseudonymise_customer", _("Can erase a former customer's personal data")),
            ("update_customer", _("Can change a customer's data")),
            ("raise_risk_rating", _("Can rate a customer higher than the facts alone do")),
        ]
        constraints = [
            models.UniqueConstraint(fields=["number"], name="customer_number_once"),
            models.CheckConstraint(condition=models.Q(kind__in=CustomerKind.values), name="customer_kind_known"),
            models.CheckConstraint(condition=models.Q(risk_rating__in=RiskRating.values), name="customer_risk_known"),
            models.CheckConstraint(condition=~models.Q(name=""), name="customer_has_name"),
            models.CheckConstraint(condition=models.Q(state__in=CustomerState.values), name="customer_state_known"),
        ]
        indexes = [
            # Whose periodic review is due.
            models.Index(
                fields=["next_review_on", "id"],
                name="customer_review_due",
                condition=models.Q(next_review_on__isnull=False),
            ),
            # The list narrowed to one rating, newest first.
            models.Index(fields=["risk_rating", "-id"], name="customer_by_risk"),
            # Search by the beginnings of a name's words.
            GinIndex(Words("name"), name="customer_by_words"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.name}"

    @property
    def public_id(self) -> str:
        """The id partners see: `cus_…`."""
        return ids.encode(self.ID_PREFIX, self.id)

    def reveal_birth_date(self) -> date | None:
        """Return the date of birth in clear."""
        return date.fromisoformat(self.birth_date.reveal()) if self.birth_date else None


class IdentifierType(models.TextChoices):
    RESIDENT_ID = "RESIDENT_ID", _("resident identity number")
    PASSPORT = "PASSPORT", _("passport")
    CREDIT_CODE = "CREDIT_CODE", _("unified social credit code")
    COMPANY_NUMBER = "COMPANY_NUMBER", _("company registration number")
    LEI = "LEI", _("legal entity identifier")
    EXTERNAL = "EXTERNAL", _("number at another system")


class CustomerIdentifier(models.Model):
    """A number somebody else gave the customer: identity card, passport, company register, the bank they came from."""

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    customer = models.ForeignKey(
        "accounts.Customer", models.PROTECT, related_name="identifiers", verbose_name=_("customer")
    )
    type = models.CharField(_("type"), max_length=16, choices=IdentifierType)
    issuer = models.CharField(_("issuer"), max_length=40)

    value = SealedTextField(_("value"), max_length=60)  # empty only once the customer has been pseudonymised
    value_index = BlindIndexField(of="value", context="accounts.identifier")

    issued_on = models.DateField(_("issued on"), null=True, blank=True)
    expires_on = models.DateField(_("expires on"), null=True, blank=True)
    verified_at = models.DateTimeField(_("verified at"), null=True, blank=True)
    ended_on = models.DateField(
        _("ended on"), null=True, blank=True
    )  # given back, lost or replaced; still the customer's

    class Meta:
        verbose_name = _("identifier")
        verbose_name_plural = _("identifiers")
        default_permissions = ("view",)
        constraints = [
            # One issuer gives a number to one customer only: the same document cannot open two identities.
            models.UniqueConstraint(fields=["type", "issuer", "value_index"], name="identifier_once"),
            models.CheckConstraint(condition=models.Q(type__in=IdentifierType.values), name="identifier_type_known"),
            # What has a value can be found by it; what was wiped leaves nothing to compare with.
            models.CheckConstraint(
                condition=models.Q(GreaterThan(Length("value"), 0), value_index__isnull=False)
                | models.Q(Exact(Length("value"), 0), value_index__isnull=True),
                name="identifier_indexed",
            ),
            models.CheckConstraint(
                condition=models.Q(issued_on__isnull=True)
                | models.Q(expires_on__isnull=True)
                | models.Q(expires_on__gte=models.F("issued_on")),
                name="identifier_expires_after_issue",
            ),
        ]
        indexes = [
            # Search by a number, whoever issued it.
            models.Index(fields=["value_index"], name="identifier_by_value"),
        ]

    def __str__(self) -> str:
        return f"{self.get_type_display()} {self.masked}"

    @property
    def masked(self) -> str:
        """The value with all but its last four characters hidden."""
        return self.value.masked
