"""Who has rights on an account beside its owner. Written by `accounts.services.parties`; ended, never deleted."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from bankops.core.money import Money


class PartyRole(models.TextChoices):
    """What somebody is to the account. Its owner is `Account.customer` and has no row."""

    JOINT = "JOINT", _("joint owner")
    DISPONENT = "DISPONENT", _("disponent")


class PartyRights(models.TextChoices):
    """What somebody may do, each including the one before."""

    VIEW = "VIEW", _("view")
    DEBIT = "DEBIT", _("view and debit")
    FULL = "FULL", _("everything the owner may")


class Signature(models.TextChoices):
    """Whether one signature is enough."""

    SINGLE = "SINGLE", _("alone")
    JOINT = "JOINT", _("together with another who may")


class AccountPartyQuerySet(models.QuerySet["AccountParty"]):
    def standing(self) -> AccountPartyQuerySet:
        """Keep those whose rights have not ended."""
        return self.filter(valid_until__isnull=True)


class AccountParty(models.Model):
    """Somebody with rights on an account beside its owner (`Account.customer`).

    Attributes:
        debit_limit: minor units a debit, in the account's currency; None is no limit of their own.
        valid_from: the day the rights began; None where the bank they were taken over from did not say.

    """

    account = models.ForeignKey("accounts.Account", models.PROTECT, related_name="parties", verbose_name=_("account"))
    customer = models.ForeignKey(
        "accounts.Customer", models.PROTECT, related_name="party_of", verbose_name=_("customer")
    )
    role = models.CharField(_("role"), max_length=10, choices=PartyRole)

    rights = models.CharField(_("rights"), max_length=5, choices=PartyRights, default=PartyRights.VIEW)
    debit_limit = models.BigIntegerField(
        _("limit of a debit"), null=True, blank=True, help_text=_("In minor units. Empty: no limit of their own.")
    )
    signature = models.CharField(_("signs"), max_length=6, choices=Signature, default=Signature.SINGLE)

    valid_from = models.DateField(_("since"), null=True, blank=True)
    valid_until = models.DateField(_("ended on"), null=True, blank=True)

    objects = AccountPartyQuerySet.as_manager()

    class Meta:
        verbose_name = _("account party")
        verbose_name_plural = _("account parties")
        default_permissions = ("view",)
        permissions = [
            ("add_party", _("Can give somebody rights on an account")),
            ("remove_party", _("Can end somebody's rights on an account")),
        ]
        constraints = [
            # Somebody has one set of rights on an account at a time.
            models.UniqueConstraint(
                fields=["account", "customer"], name="party_once", condition=models.Q(valid_until__isnull=True)
            ),
            models.CheckConstraint(condition=models.Q(role__in=PartyRole.values), name="party_role_known"),
            models.CheckConstraint(condition=models.Q(rights__in=PartyRights.values), name="party_rights_known"),
            models.CheckConstraint(condition=models.Q(signature__in=Signature.values), name="party_signature_known"),
            models.CheckConstraint(
                condition=models.Q(debit_limit__isnull=True) | models.Q(debit_limit__gt=0, rights=PartyRights.DEBIT),
                name="party_limit_of_debits",
            ),
            models.CheckConstraint(
                condition=models.Q(valid_until__gte=models.F("valid_from"))
                | models.Q(valid_until__isnull=True)
                | models.Q(valid_from__isnull=True),
                name="party_ends_after_it_begins",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_role_display()} #{self.pk}"

    @property
    def limit_money(self) -> Money | None:
        """The limit of a debit; needs `account` loaded."""
        return None if self.debit_limit is None else Money(self.debit_limit, self.account.currency)
