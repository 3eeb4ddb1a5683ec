"""Trying a version over past movements: begun from the rule's page, stopped from its own."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from bankops.core import clock
from bankops.core.admin.doors import Done, Door
from bankops.core.admin.forms import DoorForm
from risk.admin.rule_forms import VersionForm
from risk.models import BacktestState, Rule, RuleBacktest, VersionState
from risk.services import backtests
from staff.actors import actor_of

_TRIED = (VersionState.DRAFT, VersionState.SHADOW, VersionState.ACTIVE)


class BacktestForm(VersionForm):
    first_day = forms.DateField(label=_("First day"), widget=forms.DateInput(attrs={"type": "date"}))
    last_day = forms.DateField(label=_("Last day"), widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, states=_TRIED, **kwargs)
        del self.fields["reason"]  # it changes nothing, so there is nothing to give a reason for
        self.order_fields(["version", "first_day", "last_day"])


class RunBacktest(Door):
    name = "run_backtest"
    label = _("Back-test")
    permission = "risk.run_backtest"
    form_class = BacktestForm
    verb = _("Start")
    icon = "history"

    def offered(self, record: Rule) -> bool:
        return record.versions.filter(state__in=_TRIED).exists()

    def summary(self, record: Any) -> str | Promise:
        return _(
            "The version is tried over what was assessed on these days, beside the active one. Nothing comes of its hits."
        )

    def initial(self, request: HttpRequest, record: Any) -> dict[str, Any]:
        today = clock.business_date()
        return {"first_day": (today - timedelta(days=30)).isoformat(), "last_day": today.isoformat()}

    def perform(self, request: HttpRequest, form: Any, record: Rule) -> Done:
        version = record.versions.get(number=form.wish["version"])
        backtest = backtests.start_backtest(
            version_id=version.pk,
            since=_midnight(form.cleaned_data["first_day"]),
            until=_midnight(form.cleaned_data["last_day"] + timedelta(days=1)),
            actor=actor_of(request),
            now=clock.now(),
        )
        return Done(gettext("The back-test has begun."), backtest)


class CancelBacktest(Door):
    name = "cancel_backtest"
    label = _("Cancel back-test")
    permission = "risk.run_backtest"
    form_class = DoorForm
    dangerous = True
    icon = "cancel"

    def offered(self, record: RuleBacktest) -> bool:
        return record.state == BacktestState.RUNNING

    def summary(self, record: Any) -> str | Promise:
        return _("It stops where it is. What it has counted so far stays readable.")

    def perform(self, request: HttpRequest, form: DoorForm, record: RuleBacktest) -> Done:
        backtests.cancel_backtest(backtest_id=record.pk, actor=actor_of(request), now=clock.now())
        return Done(gettext("The back-test is cancelled."))


def _midnight(day: date) -> datetime:
    """Return when a day of the bank begins."""
    return timezone.make_aware(datetime.combine(day, time.min), timezone.get_default_timezone())
