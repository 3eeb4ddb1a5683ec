"""The ends of business days: which are over, which failed, and what every step did."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Model, Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeDateFilter

from bankops.core import end_of_day
from bankops.core.admin import extensions
from bankops.core.admin.display import NOTHING, Tone, badge, moment
from bankops.core.admin.extensions import Panel
from bankops.core.admin.readonly import BigTableAdmin
from bankops.core.models import EndOfDayRun, EndOfDayStep, RunState, StepState

_TONES = {RunState.DONE: Tone.GOOD, RunState.FAILED: Tone.BAD}
_STEP_TONES = {StepState.DONE: Tone.GOOD, StepState.FAILED: Tone.BAD, StepState.BLOCKED: Tone.WARNING}


@admin.register(EndOfDayRun)
class EndOfDayRunAdmin(BigTableAdmin):
    """Newest day first; a day's page has its steps."""

    timeline_subject = "end_of_day"
    change_form_template = "bankops/end_of_day.html"

    list_display = ("business_date", "state_badge", "attempts", "started", "finished", "not_done")
    list_filter = (("state", ChoicesDropdownFilter), ("business_date", RangeDateFilter))
    fields = ("business_date", "state_badge", "attempts", "started", "finished")
    readonly_fields = fields
    ordering = ("-business_date",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[EndOfDayRun]:
        runs: QuerySet[EndOfDayRun] = super().get_queryset(request)
        return runs.prefetch_related(Prefetch("steps", EndOfDayStep.objects.order_by("position", "name")))

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, obj: Model | None = None, **kwargs: Any
    ) -> HttpResponse:
        if isinstance(obj, EndOfDayRun):
            state, started, finished = self.state_badge(obj), self.started(obj), self.finished(obj)
            context |= {"run": obj, "state": state, "started": started, "finished": finished}
        return super().render_change_form(request, context, *args, obj=obj, **kwargs)

    @admin.display(description=_("state"))
    def state_badge(self, run: EndOfDayRun) -> SafeString:
        state = RunState(run.state)
        return badge(state.label, _TONES.get(state, Tone.QUIET))

    @admin.display(description=_("started at"))
    def started(self, run: EndOfDayRun) -> SafeString | str:
        return moment(run.started_at)

    @admin.display(description=_("finished at"))
    def finished(self, run: EndOfDayRun) -> SafeString | str:
        return moment(run.finished_at)

    @admin.display(description=_("steps not done"))
    def not_done(self, run: EndOfDayRun) -> str:
        names = [end_of_day.label_of(step.name) for step in run.steps.all() if step.state != StepState.DONE]
        return ", ".join(names) or NOTHING


def steps(_request: HttpRequest, run: EndOfDayRun) -> Panel:
    """Return what became of a day's steps, in the order in which they are done."""
    return Panel("bankops/end_of_day_steps.html", {"rows": [_row(step) for step in run.steps.all()]})


def _row(step: EndOfDayStep) -> dict[str, Any]:
    state = StepState(step.state)
    blocked = state is StepState.BLOCKED
    return {
        "label": end_of_day.label_of(step.name),
        "state": badge(state.label, _STEP_TONES.get(state, Tone.QUIET)),
        "started": moment(step.started_at),
        "finished": moment(step.finished_at),
        "counts": end_of_day.counted_by(step),
        # A blocked step keeps the names of those it waits for.
        "error": ", ".join(map(end_of_day.label_of, step.error.split(", "))) if blocked else step.error,
    }


extensions.add_panel(EndOfDayRun, steps)
