"""The daily report of risk: the days that were kept, and any day as it is now."""

from __future__ import annotations

from datetime import date
from http import HTTPStatus
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from bankops.core import clock
from bankops.core.admin.display import NOTHING, Tone, badge
from bankops.core.admin.forms import DressedForm
from bankops.core.admin.pages import ReadingPage
from bankops.core.admin.readonly import BigTableAdmin
from bankops.core.money import Money
from risk.admin.day_pages import LargeValuesPage, SuspiciousPage, TuningPage, day_field
from risk.models import RiskDayReport
from risk.selectors import day_report

EARLIEST = date(2000, 1, 1)


class DayForm(DressedForm):
    date = day_field(_("Day"))

    def clean_date(self) -> Any:
        """:raises ValidationError: for a day that has not come, or is too long ago."""
        asked = self.cleaned_data["date"]
        if not EARLIEST <= asked <= clock.business_date():
            raise forms.ValidationError(_("Choose a day that has come."), code="no_such_day")
        return asked


class DayPage(ReadingPage):
    name = "day"
    label = _("Look at a day")
    permission = "risk.view_riskdayreport"
    template = "risk/day_now.html"
    on_list = True
    icon = "today"

    def show(self, request: HttpRequest, record: Any) -> HttpResponseBase:
        form = DayForm({"date": request.GET.get("date") or clock.business_date().isoformat()})
        if not form.is_valid():
            return self.render(request, None, {"form": form}, status=HTTPStatus.UNPROCESSABLE_ENTITY)
        return self.render(request, None, {"form": form, **_content(form.cleaned_data["date"])})


def _content(on: date) -> dict[str, Any]:
    return {"found": day_report.figures(on), "kept": RiskDayReport.objects.filter(pk=on).first()}


@admin.register(RiskDayReport)
class RiskDayReportAdmin(BigTableAdmin):
    doors = (DayPage, TuningPage, LargeValuesPage, SuspiciousPage)

    list_display = (
        "on",
        "raised",
        "closed",
        "confirmed",
        "false_positive",
        "reported",
        "open_at_end",
        "overdue_at_end",
        "money_stopped",
        "settled",
    )
    list_filter = ("is_settled",)
    ordering = ("-business_date",)
    change_form_template = "risk/day.html"
    fields = ("business_date",)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, obj: Model | None = None, **kwargs: Any
    ) -> HttpResponse:
        if isinstance(obj, RiskDayReport):
            context |= {"form": DayForm({"date": obj.business_date.isoformat()}), **_content(obj.business_date)}
        return super().render_change_form(request, context, *args, obj=obj, **kwargs)

    @admin.display(description=_("day"))
    def on(self, kept: RiskDayReport) -> str:
        return kept.business_date.isoformat()

    @admin.display(description=_("money stopped"))
    def money_stopped(self, kept: RiskDayReport) -> SafeString | str:
        stopped = [(Money(minor, currency).format(),) for currency, minor in sorted(kept.blocked.items())]
        return format_html_join(", ", '<span class="bk-nowrap">{}</span>', stopped) or NOTHING

    @admin.display(description=_("settled"))
    def settled(self, kept: RiskDayReport) -> SafeString:
        return badge(_("settled"), Tone.GOOD) if kept.is_settled else badge(_("open"), Tone.WARNING)
