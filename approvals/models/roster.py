"""Who is on duty, who stands in for whom, and whose codes are locked. Written by `approvals.services`."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

EVERY_DAY = "1234567"


class Duty(models.Model):
    """A stretch of days on which somebody takes reviews of one role. Rotation asks people on duty first.

    Attributes:
        weekdays: ISO weekday digits, `12345` for Monday to Friday, in the bank's own time zone.
        until: the last day, inclusive; None for open end.

    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="duties", verbose_name=_("reviewer")
    )
    role = models.CharField(_("role"), max_length=20)
    weekdays = models.CharField(_("weekdays"), max_length=7, default=EVERY_DAY)
    since = models.DateField(_("from"))
    until = models.DateField(_("until"), null=True, blank=True)

    class Meta:
        verbose_name = _("duty")
        verbose_name_plural = _("duty roster")
        default_permissions = ("view",)
        permissions = [("change_roster", _("Can change the duty roster"))]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(until__isnull=True) | models.Q(until__gte=models.F("since")),
                name="duty_ends_after_start",
            ),
            models.CheckConstraint(
                condition=models.Q(weekdays__regex="^1?2?3?4?5?6?7?$") & ~models.Q(weekdays=""), name="duty_weekdays"
            ),
        ]
        indexes = [models.Index(fields=["role", "since"], name="duty_by_role")]

    def __str__(self) -> str:
        return f"duty {self.pk}"


class StandIn(models.Model):
    """That one reviewer decides in another's place for a time. It brings time, not rights: both hold the role.

    Attributes:
        starts_at, ends_at: from, inclusive, to, exclusive.
        ended_at: when it was ended early; None while it runs as planned.

    """

    absent = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("away"))
    stand_in = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("stands in")
    )
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("until"))
    ended_at = models.DateTimeField(_("ended early at"), null=True, blank=True)
    reason = models.TextField(_("reason"))
    named_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("named by"))
    named_at = models.DateTimeField(_("named at"))

    class Meta:
        verbose_name = _("stand-in")
        verbose_name_plural = _("stand-ins")
        default_permissions = ("view",)
        permissions = [
            ("name_stand_in", _("Can name a stand-in for themselves")),
            ("name_any_stand_in", _("Can name a stand-in for somebody else")),
        ]
        constraints = [
            models.CheckConstraint(condition=~models.Q(absent=models.F("stand_in")), name="stand_in_is_another"),
            models.CheckConstraint(condition=models.Q(ends_at__gt=models.F("starts_at")), name="stand_in_bounded"),
        ]
        indexes = [
            # "Whose work may I do now?" and "who does mine?"
            models.Index(fields=["stand_in", "ends_at"], name="stand_in_by_stand_in"),
            models.Index(fields=["absent", "ends_at"], name="stand_in_by_absent"),
        ]

    def __str__(self) -> str:
        return f"stand-in {self.pk}"


class CodeLock(models.Model):
    """Wrong codes in a row when deciding. Five lock deciding for this person until an administrator unlocks it."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.PROTECT, primary_key=True, related_name="code_lock")
    failure_count = models.PositiveSmallIntegerField(_("wrong codes"), default=0)
    locked_at = models.DateTimeField(_("locked at"), null=True)

    class Meta:
        verbose_name = _("lock after wrong codes")
        verbose_name_plural = _("locks after wrong codes")
        default_permissions = ()
        permissions = [("unlock_reviewer", _("Can unlock somebody who entered too many wrong codes when deciding"))]

    def __str__(self) -> str:
        return f"code lock of {self.user_id}"
