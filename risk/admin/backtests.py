"""Back-tests: how far one is, and what it came to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bankops.core import clock
from bankops.core.admin.display import moment
from bankops.core.admin.pages import ReadingPage
from bankops.core.admin.readonly import BigTableAdmin
from risk.admin import badges
from risk.admin.backtest_doors import CancelBacktest
from risk.models import BacktestState, RuleBacktest
from risk.rules.reading import in_words
from risk.rules.tally import Tally
from risk.selectors.backtests import told
from risk.selectors.rule_figures import Verdict

ASKED_MOST = 1_800
"""So often a page asks how far it is, every two seconds: an hour."""


class Progress(ReadingPage):
    """How far it is: a part of a page, which the page asks for again and again until it is over."""

    name = "progress"
    label = gettext_lazy("Progress")
    permission = "risk.view_rulebacktest"
    template = "risk/backtest_progress.html"

    def offered(self, record: Any) -> bool:
        return False

    def show(self, request: HttpRequest, record: RuleBacktest) -> HttpResponse:
        asked = request.GET.get("asked", "")
        times = int(asked) if asked.isascii() and asked.isdecimal() and len(asked) <= len(str(ASKED_MOST)) else 0
        response = TemplateResponse(request, self.template, {"progress": progress_of(record, asked=times)})
        if record.state != BacktestState.RUNNING:
            response.headers["HX-Refresh"] = "true"  # the whole page: now there is a result
        return response


@dataclass(frozen=True, slots=True)
class Day:
    """One line of the chart: hits of both versions, and how wide their bars are, in percent of the widest."""

    day: str
    hits: int
    before: int
    hits_wide: int
    before_wide: int


@admin.register(RuleBacktest)
class RuleBacktestAdmin(BigTableAdmin):
    doors = (Progress, CancelBacktest)
    change_form_template = "risk/backtest.html"

    list_display = ("identity", "rule", "version", "days", "state_badge", "came_to", "requested_by_name", "asked")
    list_select_related = ("version__rule",)
    ordering = ("-id",)
    fields = ("identity",)
    readonly_fields = fields

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, obj: Model | None = None, **kwargs: Any
    ) -> HttpResponse:
        if isinstance(obj, RuleBacktest):
            context |= {"backtest": obj, "rule": obj.version.rule, "state": badges.backtest_badge(obj.state)}
            context |= {"words": in_words(obj.condition), "progress": progress_of(obj), **_result(obj)}
        return super().render_change_form(request, context, *args, obj=obj, **kwargs)

    @admin.display(description=gettext_lazy("back-test"))
    def identity(self, backtest: RuleBacktest) -> str:
        return backtest.public_id

    @admin.display(description=gettext_lazy("rule"))
    def rule(self, backtest: RuleBacktest) -> str:
        return str(backtest.version.rule)

    @admin.display(description=gettext_lazy("days"))
    def days(self, backtest: RuleBacktest) -> str:
        last = clock.business_date(backtest.until - timedelta(microseconds=1))
        return f"{clock.business_date(backtest.since)} – {last}"

    @admin.display(description=gettext_lazy("state"))
    def state_badge(self, backtest: RuleBacktest) -> SafeString:
        return badges.backtest_badge(backtest.state)

    @admin.display(description=gettext_lazy("hits"))
    def came_to(self, backtest: RuleBacktest) -> str:
        result = Tally.from_json(backtest.result)
        if backtest.compared_number is None:
            return str(result.hits)
        return _("%(hits)s instead of %(before)s") % {"hits": result.hits, "before": result.before}

    @admin.display(description=gettext_lazy("asked for at"))
    def asked(self, backtest: RuleBacktest) -> SafeString | str:
        return moment(backtest.requested_at)


def progress_of(backtest: RuleBacktest, *, asked: int = 0) -> dict[str, Any]:
    """Return what `backtest_progress.html` draws; `again` is the number of the next question, None for none."""
    runs = backtest.state == BacktestState.RUNNING
    return {"backtest": backtest, "runs": runs, "again": asked + 1 if runs and asked < ASKED_MOST else None}


def _result(backtest: RuleBacktest) -> dict[str, Any]:
    result = Tally.from_json(backtest.result)
    widest = max((count for counts in result.days.values() for count in counts), default=1) or 1
    days = [
        Day(day, hits, before, 100 * hits // widest, 100 * before // widest)
        for day, (hits, before) in sorted(result.days.items())
    ]
    known = {str(_KNOWN[Verdict(verdict)]): counts for verdict, counts in sorted(result.known.items())}
    samples = {str(_SAMPLES[kind]): names for kind, names in result.samples.items()}
    return {"result": result, "summary": told(backtest), "days": days, "known": known, "samples": samples}


_KNOWN = {
    Verdict.CONFIRMED: gettext_lazy("Confirmed cases"),
    Verdict.FALSE_POSITIVE: gettext_lazy("False alerts"),
}
_SAMPLES = {
    "gained": gettext_lazy("Hit now, and not before"),
    "lost": gettext_lazy("Hit before, and not any more"),
    "missed": gettext_lazy("Confirmed cases that it does not hit"),
}
