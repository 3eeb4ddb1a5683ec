"""What the bank takes for a possible duplicate. Written by `transactions.services.duplicate_policies`."""

from __future__ import annotations

from datetime import timedelta

from django.db import models
from django.utils.translation import gettext_lazy as _

from bankops.core import ids
from bankops.core.money import Money
from partners.models import Partner


class DuplicatePolicy(models.Model):
    """How look-alikes are found: the newest row of a partner counts, else the newest for everybody. Append-only.

    Attributes:
        partner: whom it is about; null for everybody, the bank's own people among them.
        window_minutes: how long a payment is remembered when others are compared with it.
        twins_tolerated: how many that look the same, and that nobody confirmed, do not hold the next one back.
        amount_within_basis_points: by how much amounts may differ and still look the same: 50 is half a percent.
        held_hours: how long a payment is held back before it expires.
        staff_too: payments that the bank's own people make are compared as well.

    """

    ID_PREFIX = "dpo"

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    partner = models.ForeignKey(
        "partners.Partner", models.PROTECT, null=True, related_name="+", verbose_name=_("partner"), db_index=False
    )
    window_minutes = models.PositiveIntegerField(_("window in minutes"), default=1440)
    twins_tolerated = models.PositiveSmallIntegerField(_("twins tolerated"), default=0)
    amount_within_basis_points = models.PositiveSmallIntegerField(_("amounts within, in basis points"), default=0)
    held_hours = models.PositiveSmallIntegerField(_("held for, in hours"), default=72)
    staff_too = models.BooleanField(_("staff, too"), default=False)
    set_at = models.DateTimeField(_("set at"))

    class Meta:
        verbose_name = _("duplicate policy")
        verbose_name_plural = _("duplicate policies")
        default_permissions = ("view",)
        permissions = [("change_duplicate_policy", _("Can change what counts as a possible duplicate"))]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(window_minutes__gte=1, window_minutes__lte=44_640),
                name="duplicate_window_sane",
            ),
            models.CheckConstraint(
                condition=models.Q(amount_within_basis_points__lte=1_000), name="duplicate_tolerance_at_most_a_tenth"
            ),
            models.CheckConstraint(condition=models.Q(twins_tolerated__lte=100), name="duplicate_twins_sane"),
            models.CheckConstraint(
                condition=models.Q(held_hours__gte=1, held_hours__lte=720), name="duplicate_held_hours_sane"
            ),
        ]
        indexes = [
            # The policy that counts for a partner, or for everybody.
            models.Index(fields=["partner", "-set_at", "-id"], name="duplicate_policy_newest"),
        ]

    def __str__(self) -> str:
        whom = ids.encode(Partner.ID_PREFIX, self.partner_id) if self.partner_id else _("everybody")
        return str(_("for %(whom)s") % {"whom": whom})

    @property
    def public_id(self) -> str:
        """The id it has in the audit trail: `dpo_…`."""
        return ids.encode(self.ID_PREFIX, self.id)

    @property
    def window(self) -> timedelta:
        """How long a payment is remembered."""
        return timedelta(minutes=self.window_minutes)

    @property
    def held_for(self) -> timedelta:
        """How long a payment is held back."""
        return timedelta(hours=self.held_hours)

    def alike_from(self, amount: Money) -> tuple[int, int]:
        """Return the smallest and the largest amount, in minor units, that look like `amount`."""
        return self.range_of(amount.minor)

    def range_of(self, minor: int) -> tuple[int, int]:
        """Return the same for an amount in minor units."""
        within = minor * self.amount_within_basis_points // 10_000
        return minor - within, minor + within
