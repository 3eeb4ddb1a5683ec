"""Interest: the rates, and the door that sets one."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from accounts.models import Account, Product
from bankops.core.admin.display import moment
from bankops.core.admin.doors import Done
from bankops.core.admin.extensions import Panel
from bankops.core.admin.forms import ReasonForm
from bankops.core.admin.readonly import BigTableAdmin
from staff.admin.submitting import SubmittingDoor
from transactions.interest.amounts import rate_in_percent
from transactions.interest.reading import interest_of
from transactions.models import DayCount, InterestRate


class RateForm(ReasonForm):
    product = forms.ModelChoiceField(label=_("Product"), queryset=Product.objects.order_by("code"))
    currency = forms.CharField(label=_("Currency"), min_length=3, max_length=3, help_text=_("For instance CNY."))
    rate = forms.CharField(
        label=_("Rate in percent a year"),
        max_length=12,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
        help_text=_("At most four decimals: 1.50"),
    )
    day_count = forms.ChoiceField(
        label=_("Day count"), choices=[(one.value, capfirst(str(one.label))) for one in DayCount]
    )
    valid_from = forms.DateField(
        label=_("Valid from"), widget=forms.DateInput(attrs={"type": "date", "autocomplete": "off"}, format="%Y-%m-%d")
    )


class SetInterestRate(SubmittingDoor):
    name = "set_interest_rate"
    label = _("Set interest rate")
    permission = "transactions.set_interest_rate"
    form_class = RateForm
    on_list = True
    icon = "percent"

    def summary(self, record: Any) -> str | Promise:
        return _(
            "Every account of the product in this currency earns it from that day on. Two reviewers have to agree first; a "
            "rate that stands is never changed, a later one takes its place."
        )

    def perform(self, request: HttpRequest, form: RateForm, record: Any) -> Done:
        data = form.cleaned_data
        payload = {
            **{name: data[name] for name in ("currency", "rate", "day_count")},
            "product": data["product"].pk,
            "valid_from": data["valid_from"].isoformat(),
        }
        return self.submit(request, form, payload, done=str(_("The interest rate is set.")))


@admin.register(InterestRate)
class InterestRateAdmin(BigTableAdmin):
    doors = (SetInterestRate,)
    timeline_subject = "interest_rate"

    list_display = ("product", "currency", "percent", "day_count", "valid_from", "set_at")
    list_filter = ("product", "currency")
    list_select_related = ("product",)
    fields = ("product", "currency", "percent", "day_count", "valid_from", "set_at")
    readonly_fields = fields
    ordering = ("-valid_from", "-id")

    @admin.display(description=_("rate"))
    def percent(self, rate: InterestRate) -> str:
        return f"{rate_in_percent(rate.rate)} %"

    @admin.display(description=_("set at"))
    def set_at(self, rate: InterestRate) -> str:
        return moment(rate.created_at)


def interest(request: HttpRequest, account: Account) -> Panel | None:
    """Return what an account earns: accrued and not posted, its last days and months; nothing where it earns nothing."""
    if not request.user.has_perm("transactions.view_interestaccrual"):
        return None
    earned = interest_of(account)
    return Panel("transactions/interest.html", {"earned": earned}) if earned else None
