"""The end of every business day: one run per date and what became of its steps. Written by `bankops.core.end_of_day`."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class RunState(models.TextChoices):
    RUNNING = "RUNNING", _("running")
    DONE = "DONE", _("done")
    FAILED = "FAILED", _("failed")


class StepState(models.TextChoices):
    RUNNING = "RUNNING", _("running")
    DONE = "DONE", _("done")
    FAILED = "FAILED", _("failed")
    BLOCKED = "BLOCKED", _("waits for an earlier step")


class EndOfDayRun(models.Model):
    """The end of one business day. Run again, it does only what is not done yet."""

    business_date = models.DateField(_("business date"))
    state = models.CharField(_("state"), max_length=8, choices=RunState)
    attempts = models.PositiveIntegerField(_("attempts"), default=0)
    started_at = models.DateTimeField(_("started at"))
    finished_at = models.DateTimeField(_("finished at"), null=True)

    class Meta:
        verbose_name = _("end of day")
        verbose_name_plural = _("ends of day")
        default_permissions = ("view",)
        constraints = [
            # A day ends once; also how the last day that ended is found.
            models.UniqueConstraint(fields=["business_date"], name="end_of_day_once"),
            models.CheckConstraint(condition=models.Q(state__in=RunState.values), name="end_of_day_state_known"),
        ]

    def __str__(self) -> str:
        return f"end of {self.business_date}"

    @property
    def public_id(self) -> str:
        """How the audit trail names it: by its date."""
        return self.business_date.isoformat()


class EndOfDayStep(models.Model):
    """One step of one run.

    Attributes:
        counts: what it did, in numbers: `{"accounts": 100000}`.
        error: what went wrong, in a code or the name of the fault; the log has the rest.

    """

    run = models.ForeignKey(EndOfDayRun, models.PROTECT, related_name="steps")
    name = models.CharField(_("step"), max_length=60)
    position = models.PositiveSmallIntegerField(_("position"))
    state = models.CharField(_("state"), max_length=8, choices=StepState)
    counts = models.JSONField(_("counts"), default=dict)
    error = models.CharField(_("error"), max_length=500, blank=True)
    started_at = models.DateTimeField(_("started at"))
    finished_at = models.DateTimeField(_("finished at"), null=True)

    class Meta:
        verbose_name = _("step of an end of day")
        verbose_name_plural = _("steps of an end of day")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["run", "name"], name="end_of_day_step_once"),
            models.CheckConstraint(condition=models.Q(state__in=StepState.values), name="end_of_day_step_state_known"),
        ]

    def __str__(self) -> str:
        return f"{self.name} #{self.pk}"
