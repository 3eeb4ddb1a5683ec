"""Who owns or controls an organisation. Written by `accounts.services.particulars`."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models.particulars import Particular
from bankops.core.sealed import SealedTextField

WHOLE = 10_000


class ControlKind(models.TextChoices):
    """How somebody controls an organisation: FATF recommendation 24, in the order in which it is asked."""

    SHARES = "SHARES", _("shares")
    VOTING = "VOTING", _("voting rights")
    OTHER_MEANS = "OTHER_MEANS", _("other means")
    SENIOR_MANAGER = "SENIOR_MANAGER", _("senior managing official")


class BeneficialOwner(Particular):
    """An owner: another customer (a person, or an organisation between), or somebody the bank knows by name only.

    Attributes:
        share: hundredths of a per cent, so that 10,000 is the whole; None where control has no share. Those of an
            organisation's standing owners never exceed the whole, and nobody owns themselves through others (trigger).

    """

    organisation = models.ForeignKey(
        "accounts.Customer", models.PROTECT, related_name="owners", verbose_name=_("organisation")
    )
    owner = models.ForeignKey(
        "accounts.Customer", models.PROTECT, related_name="owner_of", verbose_name=_("owner"), null=True, blank=True
    )
    outsider_name = SealedTextField(_("name"), null=True, blank=True)
    country = models.CharField(_("country"), max_length=2, blank=True)
    control = models.CharField(_("control by"), max_length=14, choices=ControlKind)
    share = models.PositiveIntegerField(_("share"), null=True, blank=True)

    class Meta(Particular.Meta):
        verbose_name = _("beneficial owner")
        verbose_name_plural = _("beneficial owners")
        constraints = [
            models.CheckConstraint(condition=models.Q(control__in=ControlKind.values), name="owner_control_known"),
            # A customer, or somebody by name; the name is wiped with the rest of the organisation's personal data.
            models.CheckConstraint(
                condition=models.Q(owner__isnull=True) | models.Q(outsider_name__isnull=True), name="owner_one_of_two"
            ),
            models.CheckConstraint(
                condition=models.Q(share__isnull=True) | models.Q(share__gt=0, share__lte=WHOLE),
                name="owner_share_of_whole",
            ),
            models.CheckConstraint(
                condition=~models.Q(control__in=[ControlKind.SHARES, ControlKind.VOTING])
                | models.Q(share__isnull=False),
                name="owner_share_said",
            ),
            models.UniqueConstraint(
                fields=["organisation", "owner", "control"],
                name="owner_once",
                condition=models.Q(valid_until__isnull=True, owner__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_control_display()} {self.per_cent}".strip()

    @property
    def per_cent(self) -> str:
        """The share as people write it, `33.34 %`, or nothing."""
        return "" if self.share is None else per_cent(self.share)


def per_cent(share: int) -> str:
    """Return hundredths of a per cent as people write them."""
    whole, rest = divmod(share, 100)
    return f"{whole}.{rest:02d} %" if rest else f"{whole} %"
