"""How a customer is reached. Written by `accounts.services.particulars`."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models.particulars import Particular
from bankops.core.sealed import BlindIndexField, SealedTextField


class ContactKind(models.TextChoices):
    PHONE = "PHONE", _("phone")
    EMAIL = "EMAIL", _("e-mail")


class Contact(Particular):
    """A phone number (E.164) or an e-mail address.

    Attributes:
        verified_at: when somebody proved that they are reached there. Nothing writes or shows it yet.

    """

    customer = models.ForeignKey(
        "accounts.Customer", models.PROTECT, related_name="contacts", verbose_name=_("customer")
    )
    kind = models.CharField(_("kind"), max_length=5, choices=ContactKind)
    value = SealedTextField(_("value"))
    value_index = BlindIndexField(of="value", context="accounts.contact")
    is_preferred = models.BooleanField(_("preferred"), default=False)
    verified_at = models.DateTimeField(_("verified at"), null=True, blank=True)

    class Meta(Particular.Meta):
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")
        constraints = [
            models.CheckConstraint(condition=models.Q(kind__in=ContactKind.values), name="contact_kind_known"),
            models.UniqueConstraint(
                fields=["customer", "kind", "value_index"],
                name="contact_once",
                condition=models.Q(valid_until__isnull=True),
            ),
            models.UniqueConstraint(
                fields=["customer", "kind"],
                name="contact_one_preferred",
                condition=models.Q(valid_until__isnull=True, is_preferred=True),
            ),
        ]
        indexes = [
            # Who is behind a number that calls or writes.
            models.Index(fields=["value_index"], name="contact_by_value"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.value.masked if self.value else ''}".strip()
