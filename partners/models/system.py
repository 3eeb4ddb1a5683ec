"""A partner's systems, and whom to call there. Written by `partners.services.systems` and `.contacts`."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from bankops.core import ids
from bankops.core.sealed import SealedTextField
from partners.models.partner import Partner


class PartnerSystem(models.Model):
    """One system of a partner's, such as a till server. A credential may say which one signs in with it."""

    ID_PREFIX = "psy"

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    partner = models.ForeignKey(Partner, models.PROTECT, related_name="systems", verbose_name=_("partner"))
    name = models.CharField(_("name"), max_length=100)
    purpose = models.CharField(_("what it is for"), max_length=200, blank=True)
    added_at = models.DateTimeField(_("added at"))
    retired_at = models.DateTimeField(_("retired at"), null=True, blank=True)

    class Meta:
        verbose_name = _("system of a partner")
        verbose_name_plural = _("systems of partners")
        default_permissions = ("view",)
        permissions = [
            ("add_system", _("Can add a system of a partner")),
            ("retire_system", _("Can retire a system of a partner")),
        ]
        constraints = [
            models.UniqueConstraint(
                "partner", Lower("name"), condition=models.Q(retired_at=None), name="partner_system_once"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def public_id(self) -> str:
        """The id in the audit trail: `psy_…`."""
        return ids.encode(self.ID_PREFIX, self.id)


class ContactRole(models.TextChoices):
    """What somebody at a partner is called about."""

    TECHNICAL = "TECHNICAL", _("technical")
    OPERATIONS = "OPERATIONS", _("operations")
    SECURITY = "SECURITY", _("security")


class PartnerContact(models.Model):
    """Somebody at a partner. Drafted first, so that what is asked for and kept with the request holds no personal data.

    Attributes:
        since: when two people had agreed to it; until then it is a draft that counts for nothing.

    """

    ID_PREFIX = "pct"

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    partner = models.ForeignKey(Partner, models.PROTECT, related_name="contacts", verbose_name=_("partner"))
    role = models.CharField(_("called about"), max_length=10, choices=ContactRole.choices)
    name = models.CharField(_("name"), max_length=100)
    email = SealedTextField(_("e-mail"))
    phone = SealedTextField(_("phone"), blank=True)
    drafted_at = models.DateTimeField(_("drafted at"))
    since = models.DateTimeField(_("since"), null=True, blank=True)
    until = models.DateTimeField(_("until"), null=True, blank=True)

    class Meta:
        verbose_name = _("contact at a partner")
        verbose_name_plural = _("contacts at partners")
        default_permissions = ("view",)
        permissions = [
            ("add_contact", _("Can add a contact at a partner")),
            ("end_contact", _("Can end a contact at a partner")),
            ("show_contact", _("Can see how a contact at a partner is reached")),
        ]
        constraints = [
            models.CheckConstraint(condition=models.Q(role__in=ContactRole.values), name="partner_contact_role_known"),
            models.CheckConstraint(
                condition=models.Q(until=None) | models.Q(since__isnull=False), name="partner_contact_begins_first"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def public_id(self) -> str:
        """The id in the audit trail: `pct_…`."""
        return ids.encode(self.ID_PREFIX, self.id)
