"""An account's balance at a moment of the past, and what was booked by the end of that day."""

from __future__ import annotations

from datetime import timedelta
from http import HTTPStatus
from typing import Any

from django import forms
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.admin.badges import unusual
from bankops.core import clock
from bankops.core.admin.forms import DressedForm
from bankops.core.admin.pages import ReadingPage
from transactions import selectors

_TYPED = "%Y-%m-%dT%H:%M"


class MomentForm(DressedForm):
    moment = forms.DateTimeField(
        label=_("Moment"),
        help_text=_("In the bank's time zone."),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local", "step": "1"}, format=_TYPED),
        input_formats=[_TYPED, f"{_TYPED}:%S"],
    )


class BalanceThenPage(ReadingPage):
    name = "balance_then"
    label = _("Balance in the past")
    permission = "transactions.view_transaction"
    template = "transactions/balance_then.html"
    icon = "history"

    def show(self, request: HttpRequest, record: Any) -> HttpResponseBase:
        now = timezone.localtime(clock.now()).strftime(_TYPED)
        form = MomentForm({"moment": request.GET.get("moment", now)})
        shown = {"form": form, "account": record, "standing": unusual(record)}
        if not form.is_valid():
            return self.render(request, record, shown, status=HTTPStatus.UNPROCESSABLE_ENTITY)
        moment = form.cleaned_data["moment"]
        day = timezone.localdate(moment)
        content = {
            "moment": moment,
            "day": day,
            "balance": selectors.balance_at(record, moment),
            "booked": selectors.balance_before(record, day + timedelta(days=1)),
        }
        return self.render(request, record, {**shown, **content})
