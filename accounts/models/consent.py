"""What a customer agreed to. Written by `accounts.services.consents`; withdrawn, never deleted."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class ConsentPurpose(models.TextChoices):
    """What for: one consent each, as the Personal Information Protection Law asks (articles 14 and 23; GDPR article 7)."""

    MARKETING = "MARKETING", _("offers and news")
    DATA_SHARING = "DATA_SHARING", _("sharing data with partners")
    CREDIT_BUREAU = "CREDIT_BUREAU", _("asking the credit bureau")
    PROFILING = "PROFILING", _("personal assessment by machines")


class ConsentChannel(models.TextChoices):
    BRANCH = "BRANCH", _("in the branch")
    PHONE = "PHONE", _("by phone")
    LETTER = "LETTER", _("by letter")
    ONLINE = "ONLINE", _("online")


class ConsentQuerySet(models.QuerySet["Consent"]):
    def standing(self) -> ConsentQuerySet:
        """Keep those that have not been withdrawn."""
        return self.filter(withdrawn_at__isnull=True)


class Consent(models.Model):
    """A consent given, and its withdrawal. A trigger refuses any other change."""

    customer = models.ForeignKey(
        "accounts.Customer", models.PROTECT, related_name="consents", verbose_name=_("customer")
    )
    purpose = models.CharField(_("purpose"), max_length=14, choices=ConsentPurpose)
    text_version = models.CharField(_("version of the text"), max_length=20)
    given_at = models.DateTimeField(_("given at"))
    channel = models.CharField(_("channel"), max_length=8, choices=ConsentChannel)
    withdrawn_at = models.DateTimeField(_("withdrawn at"), null=True, blank=True)

    objects = ConsentQuerySet.as_manager()

    class Meta:
        verbose_name = _("consent")
        verbose_name_plural = _("consents")
        default_permissions = ()
        permissions = [
            ("give_consent", _("Can record a customer's consent")),
            ("withdraw_consent", _("Can record that a customer withdrew a consent")),
        ]
        constraints = [
            models.CheckConstraint(condition=models.Q(purpose__in=ConsentPurpose.values), name="consent_purpose_known"),
            models.CheckConstraint(condition=models.Q(channel__in=ConsentChannel.values), name="consent_channel_known"),
            models.UniqueConstraint(
                fields=["customer", "purpose"], name="consent_once", condition=models.Q(withdrawn_at__isnull=True)
            ),
            models.CheckConstraint(
                condition=models.Q(withdrawn_at__isnull=True) | models.Q(withdrawn_at__gte=models.F("given_at")),
                name="consent_withdrawn_later",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_purpose_display()} ({self.text_version})"
