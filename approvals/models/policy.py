"""Policies and their versions, and what foreign money is worth to them. Written by `services/policies.py` and `rates.py` only."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.utils.translation import gettext_lazy as _

from bankops.core import ids


class Policy(models.Model):
    """A rule about who has to agree to what, under a name that stays. What it says stands in its versions.

    Rows are never changed or deleted (trigger). A policy without an active version is retired.
    """

    ID_PREFIX = "pol"

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    name = models.CharField(_("name"), max_length=100)

    created_at = models.DateTimeField(_("created at"))

    class Meta:
        verbose_name = _("approval policy")
        verbose_name_plural = _("approval policies")
        default_permissions = ("view",)
        permissions = [("change_policy", _("Can ask for a change of the approval policies"))]
        constraints = [
            # People speak of a policy by its name.
            models.UniqueConstraint(fields=["name"], name="policy_name_once"),
            models.CheckConstraint(condition=~models.Q(name=""), name="policy_has_name"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def public_id(self) -> str:
        """The id that the audit trail records: `pol_…`."""
        return ids.encode(self.ID_PREFIX, self.id)


class PolicyVersionState(models.TextChoices):
    ACTIVE = "ACTIVE", _("active")
    RETIRED = "RETIRED", _("retired")


class PolicyVersionQuerySet(models.QuerySet["PolicyVersion"]):
    def active(self) -> PolicyVersionQuerySet:
        """Keep the versions that count now: one for each policy that is not retired."""
        return self.filter(state=PolicyVersionState.ACTIVE)


class PolicyVersion(models.Model):
    """What a policy said from one moment to another. Only its retirement is ever written to it (trigger).

    Attributes:
        number: 1 for the policy's first version, then without gaps.
        definition: as `approvals.policies.definition` reads it.
        approval_request_id: the request (`apr_…`) its reviewers consented to; empty for what was shipped.

    """

    policy = models.ForeignKey(Policy, models.PROTECT, related_name="versions", verbose_name=_("policy"))
    number = models.PositiveIntegerField(_("version"))
    definition = models.JSONField(_("definition"))
    note = models.TextField(_("why"))

    state = models.CharField(
        _("state"), max_length=8, choices=PolicyVersionState, default=PolicyVersionState.ACTIVE, editable=False
    )

    activated_at = models.DateTimeField(_("active since"))
    retired_at = models.DateTimeField(_("retired at"), null=True)

    made_by_id = models.CharField(_("maker's id"), max_length=64)
    made_by_name = models.CharField(_("made by"), max_length=150)
    approval_request_id = models.CharField(_("approval request"), max_length=64, blank=True)

    objects = PolicyVersionQuerySet.as_manager()

    class Meta:
        verbose_name = _("policy version")
        verbose_name_plural = _("policy versions")
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(fields=["policy", "number"], name="policy_version_number_once"),
            # Also how every submission finds the versions that count.
            models.UniqueConstraint(
                fields=["policy"], condition=models.Q(state=PolicyVersionState.ACTIVE), name="policy_one_active_version"
            ),
            models.CheckConstraint(
                condition=models.Q(state=PolicyVersionState.ACTIVE, retired_at__isnull=True)
                | models.Q(state=PolicyVersionState.RETIRED, retired_at__isnull=False),
                name="policy_version_state_dated",
            ),
        ]

    def __str__(self) -> str:
        return f"version {self.number}"


class ReferenceRateQuerySet(models.QuerySet["ReferenceRate"]):
    def counting_at(self, now: datetime) -> ReferenceRateQuerySet:
        """Keep what was in force at `now`, the one that counts first."""
        return self.filter(valid_from__lte=now).order_by("-valid_from", "-id")


class ReferenceRate(models.Model):
    """What one unit of a currency is worth in the bank's base currency, for policies only: no money moves by it.

    Append-only (trigger). The latest that is in force counts.
    """

    currency = models.CharField(_("currency"), max_length=3)
    rate = models.DecimalField(
        _("rate"), max_digits=18, decimal_places=8, help_text=_("Units of the base currency for one of this currency.")
    )
    valid_from = models.DateTimeField(_("in force from"))
    note = models.TextField(_("why"))

    set_by_id = models.CharField(_("setter's id"), max_length=64)
    set_by_name = models.CharField(_("set by"), max_length=150)
    approval_request_id = models.CharField(_("approval request"), max_length=64, blank=True)

    objects = ReferenceRateQuerySet.as_manager()

    class Meta:
        verbose_name = _("reference rate")
        verbose_name_plural = _("reference rates")
        default_permissions = ("view",)
        permissions = [("set_reference_rate", _("Can ask for a reference rate to be set"))]
        constraints = [
            models.CheckConstraint(condition=models.Q(rate__gt=0), name="reference_rate_positive"),
        ]
        indexes = [
            # The rate in force, at every submission in a foreign currency.
            models.Index(fields=["currency", "-valid_from", "-id"], name="reference_rate_in_force"),
        ]

    def __str__(self) -> str:
        return f"{self.currency} {self.rate:f}"
