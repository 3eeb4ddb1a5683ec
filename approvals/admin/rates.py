"""Reference rates: what foreign money is worth to the approval policies."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from approvals.models import ReferenceRate
from bankops.core.admin.display import moment
from bankops.core.admin.doors import Done
from bankops.core.admin.forms import ReasonForm
from bankops.core.admin.readonly import BigTableAdmin
from staff.admin.submitting import SubmittingDoor


class RateForm(ReasonForm):
    currency = forms.CharField(label=_("Currency"), max_length=3, min_length=3, help_text=_("For instance USD."))
    rate = forms.CharField(
        label=_("Rate"), max_length=30, widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        text = _("How many %(base)s one of this currency is worth, for instance 7.12.")
        self.fields["rate"].help_text = str(text) % {"base": settings.BANKOPS_BASE_CURRENCY}


class SetReferenceRate(SubmittingDoor):
    name = "set_reference_rate"
    label = _("Set rate")
    permission = "approvals.set_reference_rate"
    form_class = RateForm
    on_list = True
    icon = "currency_exchange"

    def summary(self, record: Any) -> str | Promise:
        return _(
            "Policies compare foreign amounts by this rate; no money moves by it. Two reviewers have to agree first; until "
            "then nothing changes."
        )

    def perform(self, request: HttpRequest, form: Any, record: Any) -> Done:
        data = form.cleaned_data
        payload = {"currency": data["currency"], "rate": data["rate"]}
        return self.submit(request, form, payload, done=str(_("The rate counts from now on.")))


@admin.register(ReferenceRate)
class ReferenceRateAdmin(BigTableAdmin):
    doors = (SetReferenceRate,)

    list_display = ("currency", "worth", "since", "set_by_name", "note")
    list_filter = ("currency",)
    ordering = ("-valid_from", "-id")
    fields = ("currency", "worth", "since", "set_by_name", "note", "approval_request_id")
    readonly_fields = fields

    @admin.display(description=_("rate"))
    def worth(self, rate: ReferenceRate) -> SafeString:
        figure = f"{rate.rate:f}".rstrip("0").rstrip(".")
        return format_html('<span class="bk-amount">{} {}</span>', figure, settings.BANKOPS_BASE_CURRENCY)

    @admin.display(description=_("in force from"))
    def since(self, rate: ReferenceRate) -> SafeString | str:
        return moment(rate.valid_from)
