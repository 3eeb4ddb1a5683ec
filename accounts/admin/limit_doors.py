"""Set an account's overdraft limit, and the limits of what may leave it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from accounts import numbers
from accounts.models import Account, AccountStatus, LimitChannel, LimitPeriod
from accounts.services.limits import limits_of, name_of, overdraft_of
from bankops.core.admin.confirmed import ReasonOnceForm
from bankops.core.admin.doors import Done
from bankops.core.admin.forms import ReasonForm
from staff.admin.submitting import SubmittingDoor


def _amount(label: Any, **options: Any) -> forms.CharField:
    widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
    return forms.CharField(label=label, max_length=40, widget=widget, **options)


class OverdraftForm(ReasonOnceForm):
    limit = _amount(_("Overdraft limit"), help_text=_("How far the balance may go below zero. 0: not at all."))


class LimitsForm(ReasonForm):
    """One field for every channel and period; an empty one is no limit."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for channel in LimitChannel:
            for period in LimitPeriod:
                label = capfirst(name_of((channel.value, period.value)))
                self.fields[f"{channel.value}_{period.value}"] = _amount(label, required=False)
        self.order_fields([name for name in self.fields if name != "reason"])
        self.dress()


class TermsDoor(SubmittingDoor):
    """A door on what an open customer's account may do."""

    def offered(self, record: Any) -> bool:
        return bool(record.is_customer_account and record.status != AccountStatus.CLOSED)


class SetOverdraft(TermsDoor):
    name = "set_overdraft"
    label = _("Set overdraft")
    permission = "accounts.set_overdraft"
    form_class = OverdraftForm
    icon = "vertical_align_bottom"

    def summary(self, record: Any) -> str | Promise:
        return _("At present %(limit)s.") % {"limit": overdraft_of(record).format()}

    def initial(self, request: HttpRequest, record: Any) -> dict[str, Any]:
        return {"limit": str(overdraft_of(record))}

    def perform(self, request: HttpRequest, form: OverdraftForm, record: Any) -> Done:
        payload = {
            "account": record.public_id,
            "limit": form.cleaned_data["limit"],
            "currency": record.currency,
        }
        done = _("The overdraft limit of account %(number)s is set.") % {"number": numbers.display(record.number)}
        return self.submit(request, form, payload, done=done)


class SetLimits(TermsDoor):
    name = "set_limits"
    label = _("Set limits")
    permission = "accounts.set_limits"
    form_class = LimitsForm
    icon = "speed"

    def summary(self, record: Any) -> str | Promise:
        text = _(
            "In %(currency)s. Transfers, withdrawals and announced payments count, those that wait too. Empty: none."
        )
        return text % {"currency": record.currency}

    def initial(self, request: HttpRequest, record: Account) -> dict[str, Any]:
        return {f"{channel}_{period}": str(limit) for (channel, period), limit in limits_of(record).items()}

    def perform(self, request: HttpRequest, form: LimitsForm, record: Any) -> Done:
        given = {
            channel.value: {
                period.value: figure
                for period in LimitPeriod
                if (figure := form.cleaned_data[f"{channel.value}_{period.value}"].strip())
            }
            for channel in LimitChannel
        }
        payload = {"account": record.public_id, "limits": given}
        done = _("The limits of account %(number)s are set.") % {"number": numbers.display(record.number)}
        return self.submit(request, form, payload, done=done)
