"""The four checks of an application, and everything that ever happened to one. Written by `accounts.services.checks`."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.kyc.findings import CheckKind, CheckState
from accounts.models.application import Application


class CheckSource(models.TextChoices):
    """Who or what changed a check."""

    AUTOMATIC = "AUTOMATIC", _("automatic")
    PERSON = "PERSON", _("a person")
    OVERRIDE = "OVERRIDE", _("override, agreed by two reviewers")


class OverrideCode(models.TextChoices):
    """Why a check does not have to pass."""

    FALSE_POSITIVE = "FALSE_POSITIVE", _("false hit: somebody else is meant")
    CHECKED_ELSEWHERE = "CHECKED_ELSEWHERE", _("checked by other means")
    ORIGINAL_SEEN = "ORIGINAL_SEEN", _("original document seen")
    RISK_ACCEPTED = "RISK_ACCEPTED", _("risk accepted after enhanced due diligence")
    OTHER = "OTHER", _("other")


class Check(models.Model):
    """One of the four checks in one round of an application, as it is now.

    Attributes:
        reasons: codes of `accounts.kyc.reasons`.
        reference: how the source calls what it found.
        override_code: set while an override stands. It is of one finding only: another finding ends it.

    """

    application = models.ForeignKey(Application, models.PROTECT, related_name="checks", db_index=False)
    round = models.PositiveSmallIntegerField(_("round"))
    kind = models.CharField(_("check"), max_length=12, choices=CheckKind)
    state = models.CharField(_("state"), max_length=8, choices=CheckState, default=CheckState.PENDING)
    reasons = models.JSONField(_("reasons"), default=list)
    reference = models.CharField(_("reference"), max_length=100, blank=True)
    override_code = models.CharField(_("override"), max_length=20, choices=OverrideCode, blank=True)
    changed_at = models.DateTimeField(_("since"))

    class Meta:
        verbose_name = _("check")
        verbose_name_plural = _("checks")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["application", "round", "kind"], name="check_once"),
            models.CheckConstraint(condition=models.Q(kind__in=CheckKind.values), name="check_kind_known"),
            models.CheckConstraint(condition=models.Q(state__in=CheckState.values), name="check_state_known"),
            # What has passed needs no override.
            models.CheckConstraint(
                condition=models.Q(override_code="")
                | (models.Q(override_code__in=OverrideCode.values) & ~models.Q(state=CheckState.PASSED)),
                name="check_override_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.get_state_display()}"

    @property
    def is_settled(self) -> bool:
        """Whether it stands in the way no longer: passed, or put aside by an override."""
        return self.state == CheckState.PASSED or bool(self.override_code)


class CheckEvent(models.Model):
    """One change of a check: from what to what, by whom, when and why. Append-only (`migrations/kyc_guards.sql`).

    Attributes:
        note: in a person's own words.
        approval_request_id: the request (`apr_…`) under which an override was agreed.

    """

    check_row = models.ForeignKey(Check, models.PROTECT, related_name="events")
    at = models.DateTimeField(_("when"))
    source = models.CharField(_("source"), max_length=10, choices=CheckSource)
    before = models.CharField(_("before"), max_length=8, choices=CheckState)
    after = models.CharField(_("after"), max_length=8, choices=CheckState)
    reasons = models.JSONField(_("reasons"), default=list)
    reference = models.CharField(_("reference"), max_length=100, blank=True)
    override_code = models.CharField(_("override"), max_length=20, choices=OverrideCode, blank=True)
    note = models.CharField(_("reason"), max_length=500, blank=True)
    actor_id = models.CharField(max_length=64)
    actor_name = models.CharField(_("who"), max_length=150)
    approval_request_id = models.CharField(_("approval request"), max_length=64, blank=True)

    class Meta:
        verbose_name = _("change of a check")
        verbose_name_plural = _("changes of checks")
        default_permissions = ()
        constraints = [
            models.CheckConstraint(condition=models.Q(source__in=CheckSource.values), name="check_event_source_known"),
            # A check is put aside under a request that two reviewers agreed to, in writing, or not at all.
            models.CheckConstraint(
                condition=~models.Q(source=CheckSource.OVERRIDE)
                | (
                    models.Q(override_code__in=OverrideCode.values)
                    & ~models.Q(note="")
                    & ~models.Q(approval_request_id="")
                ),
                name="check_event_override_agreed",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.before} → {self.after}"
