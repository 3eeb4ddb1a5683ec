"""Reviews of customers: when somebody last looked at one as a whole, and what they found. Written by `accounts.services`."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.kyc.rating import RiskRating
from accounts.models.application import Application


class CustomerReview(models.Model):
    """One review with its risk rating: the first at the approval of the application, then one for every period. Append-only.

    Attributes:
        reasons: codes of `accounts.kyc.reasons` that led to the rating.
        answers: what the customer declared, as the rating took it.
        application: for the first one; null for periodic ones.

    """

    customer = models.ForeignKey("accounts.Customer", models.PROTECT, related_name="reviews")
    application = models.ForeignKey(Application, models.PROTECT, null=True, related_name="+")
    reviewed_on = models.DateField(_("reviewed on"))
    rating = models.CharField(_("risk rating"), max_length=6, choices=RiskRating)
    points = models.PositiveSmallIntegerField(_("points"))
    reasons = models.JSONField(_("reasons"), default=list)
    answers = models.JSONField(_("answers"), default=dict)
    next_review_on = models.DateField(_("next review on"))
    note = models.CharField(_("remark"), max_length=500, blank=True)
    actor_id = models.CharField(max_length=64)
    actor_name = models.CharField(_("who"), max_length=150)
    recorded_at = models.DateTimeField(_("recorded at"))

    class Meta:
        verbose_name = _("customer review")
        verbose_name_plural = _("customer reviews")
        default_permissions = ()
        constraints = [
            models.CheckConstraint(condition=models.Q(rating__in=RiskRating.values), name="review_rating_known"),
            models.CheckConstraint(
                condition=models.Q(next_review_on__gt=models.F("reviewed_on")), name="review_next_is_later"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reviewed_on} {self.rating}"
