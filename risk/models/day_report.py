"""The daily report of risk, kept. Written by `risk.services.day_reports` only."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class RiskDayReport(models.Model):
    """A business day's alerts and cases as they were when it was kept; written again, until the day is over.

    Attributes:
        raised: alerts raised on that day, the same thing once.
        closed: alerts decided on that day; the next three add up to it.
        open_at_end, overdue_at_end: alerts undecided when the day ended, and those of them whose due date had passed.
        ageing: how many of them were how old, by `risk.selectors.day_report.AGES`.
        blocked: the money of alerts raised that day that was kept from moving, in minor units by currency.
        lines: how each reason did that day (`risk.selectors.tuning.Line.as_json`).

    """

    business_date = models.DateField(_("day"), primary_key=True)
    raised = models.PositiveIntegerField(_("raised"))
    closed = models.PositiveIntegerField(_("decided"))
    confirmed = models.PositiveIntegerField(_("confirmed"))
    false_positive = models.PositiveIntegerField(_("false positives"))
    reported = models.PositiveIntegerField(_("reported"))
    open_at_end = models.PositiveIntegerField(_("open at the end"))
    overdue_at_end = models.PositiveIntegerField(_("overdue at the end"))
    cases_opened = models.PositiveIntegerField(_("cases opened"))
    cases_closed = models.PositiveIntegerField(_("cases closed"))
    ageing = models.JSONField(_("ageing"), default=dict)
    blocked = models.JSONField(_("money stopped"), default=dict)
    lines = models.JSONField(_("by reason"), default=list)
    is_settled = models.BooleanField(_("settled"))
    made_at = models.DateTimeField(_("made at"))

    class Meta:
        verbose_name = _("day of risk")
        verbose_name_plural = _("risk by day")
        default_permissions = ("view",)
        permissions = [("view_registers", _("Can read and take the registers of large values and of reports"))]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(closed=models.F("confirmed") + models.F("false_positive") + models.F("reported")),
                name="risk_day_adds_up",
            ),
            models.CheckConstraint(
                condition=models.Q(overdue_at_end__lte=models.F("open_at_end")), name="risk_day_overdue_is_open"
            ),
        ]

    def __str__(self) -> str:
        return self.business_date.isoformat()
