"""Create, change, suspend, resume and end a standing order: asked twice where money will move by it."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

from django import forms
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from accounts import numbers
from accounts import selectors as account_selectors
from accounts.models import Account, AccountStatus
from bankops.core import clock, operations
from bankops.core.admin.confirmed import ConfirmedDoor, OnceForm, ReasonOnceForm
from bankops.core.admin.doors import Done
from bankops.core.admin.forms import ReasonForm, capitalised
from bankops.core.admin.submitting import told
from bankops.core.money import Money
from bankops.core.operations import Order
from staff.admin.submitting import SubmittingDoor, order_of
from transactions.errors import UnknownAccount
from transactions.models import OrderState, StandingOrder
from transactions.models.standing_order import OPEN_STATES, HolidayRule, Unit
from transactions.standing_orders import payees, wording
from transactions.standing_orders.payload import terms_of

_DATE = {"type": "date", "autocomplete": "off"}
_UPCOMING = 5


class TermsForm(OnceForm):
    amount = forms.CharField(
        label=_("Amount"), max_length=40, widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
    )
    payee_account = forms.CharField(
        label=_("To account here"), max_length=30, required=False, help_text=_("Or fill in bank and account below.")
    )
    counterparty_bank = forms.CharField(
        label=_("Bank of the payee"),
        max_length=40,
        required=False,
        help_text=_("BIC or, in China, the CNAPS code of 12 digits. An IBAN needs none."),
    )
    counterparty_account = forms.CharField(
        label=_("Account there"),
        max_length=60,
        required=False,
        help_text=_("IBAN, where the country has them; else the account number."),
    )
    payee_name = forms.CharField(
        label=_("Payee's name"),
        max_length=payees.NAME_MAX,
        required=False,
        help_text=_("Of a payee at another bank: it is held against lists. In a change, empty: as it is."),
    )
    purpose = forms.CharField(
        label=_("Purpose"), max_length=60, required=False, help_text=_("The customer reads this on the statement.")
    )
    first_date = forms.DateField(label=_("First payment"), widget=forms.DateInput(attrs=_DATE, format="%Y-%m-%d"))
    last_date = forms.DateField(
        label=_("Last payment"),
        required=False,
        widget=forms.DateInput(attrs=_DATE, format="%Y-%m-%d"),
        help_text=_("Empty: until further notice."),
    )
    every = forms.IntegerField(label=_("Every"), initial=1, min_value=1, max_value=60)
    unit = forms.ChoiceField(label=_("Weeks or months"), choices=capitalised(Unit), initial=Unit.MONTH)
    day = forms.IntegerField(
        label=_("On day of the month"),
        required=False,
        min_value=1,
        max_value=31,
        help_text=_("For months. Empty: that of the first payment; 31 is the last day of a shorter month."),
    )
    on_holiday = forms.ChoiceField(
        label=_("On a holiday, pay on"), choices=capitalised(HolidayRule), initial=HolidayRule.FOLLOWING
    )
    retry_days = forms.IntegerField(
        label=_("Without money, try again on business days"), initial=3, min_value=0, max_value=10
    )

    def payload(self, currency: str) -> dict[str, Any]:
        """Return the terms as the operations take them."""
        data = self.cleaned_data
        day = (data["day"] or data["first_date"].day) if data["unit"] == Unit.MONTH else None
        return {
            **{name: data[name] for name in ("counterparty_bank", "counterparty_account", "payee_name", "purpose")},
            **{name: data[name] for name in ("every", "unit", "on_holiday", "retry_days")},
            "amount": str(Money.parse(data["amount"], currency)),
            "currency": currency,
            "payee_account": _account_id(data["payee_account"]),
            "day": day,
            "first_date": _iso(data["first_date"]),
            "last_date": _iso(data["last_date"]),
        }


class _TermsDoor(ConfirmedDoor):
    """A door whose confirmation shows the terms in words and the next payments on the bank's calendar."""

    form_class = TermsForm
    confirmation_template = "transactions/confirm_standing_order.html"
    done: ClassVar[str | Promise]

    def names(self, record: Any) -> dict[str, Any]:
        """Return what the payload names beside the terms."""
        raise NotImplementedError

    def currency(self, record: Any) -> str:
        return str(record.currency)

    def plan(self, request: HttpRequest, form: TermsForm, record: Any) -> tuple[dict[str, Any], Order]:
        operation = operations.get(self.permission)
        payload = operation.clean({**self.names(record), **form.payload(self.currency(record))})
        return payload, order_of(request, form)

    def confirmation(self, plan: tuple[dict[str, Any], Order]) -> dict[str, Any]:
        payload, order = plan
        operations.get(self.permission).refuse(payload, order)
        terms = terms_of(payload)
        begin = max(clock.business_date(order.now), terms.first_date)
        return {
            "headline": capfirst(wording.said(terms)),
            "upcoming": [
                {"date": day, "due": due, "moved": day != due} for day, due in terms.schedule.next_due(begin, _UPCOMING)
            ],
        }

    def carry_out(self, request: HttpRequest, plan: tuple[dict[str, Any], Order]) -> Done:
        outcome = operations.submit(self.permission, *plan)
        return told(outcome, done=str(self.done), record=outcome.result)


class CreateStandingOrder(_TermsDoor):
    name = "create_standing_order"
    label = _("Standing order")
    permission = "transactions.create_standing_order"
    icon = "event_repeat"
    done = _("The standing order is created.")

    def offered(self, record: Any) -> bool:
        return bool(record.is_customer_account and record.status == AccountStatus.ACTIVE)

    def summary(self, record: Any) -> str | Promise:
        return _("Pays the same amount from this account again and again. A payment asks nobody again.")

    def names(self, record: Any) -> dict[str, Any]:
        return {"account": record.public_id}


class ChangeStandingOrder(_TermsDoor):
    name = "change_standing_order"
    label = _("Change")
    permission = "transactions.change_standing_order"
    icon = "edit_calendar"
    done = _("The standing order is changed.")

    def offered(self, record: Any) -> bool:
        return record.state in OPEN_STATES

    def summary(self, record: Any) -> str | Promise:
        return _("The new terms count for every payment that is not made yet.")

    def names(self, record: Any) -> dict[str, Any]:
        return {"standing_order": record.public_id, "version": record.version}

    def initial(self, request: HttpRequest, record: Any) -> dict[str, Any]:
        same = ("counterparty_bank", "purpose", "every", "unit", "day", "on_holiday", "retry_days")
        return {
            **{name: getattr(record, name) for name in (*same, "first_date", "last_date")},
            "amount": str(record.money),
            "counterparty_account": payees.display(record.counterparty_account),
            "payee_account": record.payee_account.number if record.payee_account else "",
        }


class _StepDoor(SubmittingDoor):
    """Suspend, resume or end, with a reason."""

    states: ClassVar[tuple[str, ...]]
    said: ClassVar[str | Promise]
    done: ClassVar[str | Promise]

    def offered(self, record: Any) -> bool:
        return record.state in self.states

    def summary(self, record: Any) -> str | Promise:
        return self.said

    def perform(self, request: HttpRequest, form: ReasonForm, record: StandingOrder) -> Done:
        payload = {"standing_order": record.public_id, "version": record.version}
        return self.submit(request, form, payload, done=str(self.done), record=record)


class SuspendStandingOrder(_StepDoor):
    name = "suspend_standing_order"
    label = _("Suspend")
    permission = "transactions.suspend_standing_order"
    icon = "pause"
    states = (OrderState.ACTIVE,)
    said = _("Nothing is paid until it is resumed; what is due meanwhile is not made up for.")
    done = _("The standing order is suspended.")


class ResumeStandingOrder(_StepDoor):
    name = "resume_standing_order"
    label = _("Resume")
    permission = "transactions.resume_standing_order"
    form_class = ReasonOnceForm
    icon = "play_arrow"
    states = (OrderState.SUSPENDED,)
    said = _("It is paid again from its next date on.")
    done = _("The standing order is resumed.")


class EndStandingOrder(_StepDoor):
    name = "end_standing_order"
    label = _("End")
    permission = "transactions.end_standing_order"
    icon = "event_busy"
    dangerous = True
    states = tuple(OPEN_STATES)
    said = _("It is ended for good. What waits to be tried again is not paid either.")
    done = _("The standing order is ended.")


def _account_id(text: str) -> str:
    """Return the public id of the account with this number, or nothing for none."""
    if not text.strip():
        return ""
    number = numbers.clean(text)
    account: Account | None = account_selectors.account_by_number(number)
    if account is None:
        raise UnknownAccount(account=numbers.display(number))
    return account.public_id


def _iso(day: date | None) -> str:
    return day.isoformat() if day else ""
