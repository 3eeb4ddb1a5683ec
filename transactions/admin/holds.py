"""Holds: the list, one hold's page, and the doors that place, capture and release."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter, FieldTextFilter, RangeDateTimeFilter

from accounts import numbers
from accounts import selectors as account_selectors
from accounts.admin import badges
from accounts.models import Account, AccountStatus
from bankops.core import clock
from bankops.core.admin.confirmed import OnceForm
from bankops.core.admin.display import Tone, amount, badge, moment
from bankops.core.admin.doors import Done, Door
from bankops.core.admin.forms import ReasonForm
from bankops.core.admin.readonly import BigTableAdmin
from bankops.core.admin.submitting import told
from bankops.core.money import Money
from staff.actors import actor_of
from staff.admin.submitting import SubmittingDoor
from transactions import errors
from transactions import services as transaction_services
from transactions.admin.outcomes import transaction_of
from transactions.models import Hold, HoldPurpose, HoldState, State
from transactions.visibility import visible_holds
from transactions.wording import named

_TONES = {HoldState.PENDING: Tone.WARNING, HoldState.POSTED: Tone.GOOD}


class PlaceHoldForm(ReasonForm, OnceForm):
    amount = forms.CharField(label=_("Amount"), max_length=40, widget=forms.TextInput(attrs={"inputmode": "decimal"}))
    payee = forms.CharField(
        label=_("For a payment to account"),
        max_length=30,
        required=False,
        help_text=_("Whom it will be paid to when it is captured. Empty: the bank only sets it aside."),
    )
    days = forms.IntegerField(
        label=_("Ends after days"), min_value=1, max_value=366, required=False, help_text=_("Empty: open end.")
    )


class PlaceHold(Door):
    name = "place_hold"
    label = _("Hold money")
    permission = "transactions.place_hold"
    form_class = PlaceHoldForm
    icon = "lock"

    def offered(self, record: Any) -> bool:
        return bool(record.is_customer_account and record.status == AccountStatus.ACTIVE)

    def summary(self, record: Any) -> str | Promise:
        return _(
            "The money stays on the account and cannot be spent until it is captured, given back, or its time is over."
        )

    def perform(self, request: HttpRequest, form: PlaceHoldForm, record: Any) -> Done:
        data, now = form.cleaned_data, clock.now()
        payee = _payee(data["payee"])
        hold = transaction_services.place_hold(
            account_id=record.pk,
            amount=Money.parse(data["amount"], record.currency),
            purpose=HoldPurpose.PAYMENT if payee else HoldPurpose.MANUAL,
            payee_id=payee.pk if payee else None,
            ends_at=now + timedelta(days=data["days"]) if data["days"] else None,
            reason=data["reason"],
            idempotency_key=data["idempotency_key"],
            actor=actor_of(request),
            now=now,
        )
        return Done(_("%(amount)s is held.") % {"amount": hold.money.format()}, hold)


class CaptureHoldForm(OnceForm):
    amount = forms.CharField(
        label=_("Amount"), max_length=40, help_text=_("At most what is held; the rest is given back.")
    )
    narrative = forms.CharField(label=_("Narrative"), max_length=200, required=False)


class CaptureHold(SubmittingDoor):
    name = "capture_hold"
    label = _("Capture")
    permission = "transactions.capture_hold"
    form_class = CaptureHoldForm
    icon = "payments"

    def offered(self, record: Any) -> bool:
        return bool(record.state == HoldState.PENDING and record.purpose == HoldPurpose.PAYMENT)

    def summary(self, record: Any) -> str | Promise:
        text = _("Pays out of the %(held)s held on %(account)s to %(payee)s. What you leave is given back at once.")
        return text % {"held": record.money.format(), "account": named(record.account), "payee": named(record.payee)}

    def initial(self, request: HttpRequest, record: Any) -> dict[str, Any]:
        return {"amount": str(record.money)}

    def perform(self, request: HttpRequest, form: CaptureHoldForm, record: Any) -> Done:
        data = form.cleaned_data
        money = Money.parse(data["amount"], record.currency)
        payload = {
            "hold": record.public_id,
            "amount": str(money),
            "currency": money.currency,
            "narrative": data["narrative"],
        }
        outcome = self.outcome(request, form, payload)
        if not outcome.done:
            return told(outcome, done="")
        paid = transaction_of(outcome)
        return Done(
            _("%(amount)s paid: %(reference)s.") % {"amount": money.format(), "reference": paid.reference}, paid
        )


class VoidHold(Door):
    name = "void_hold"
    label = _("Give back")
    permission = "transactions.void_hold"
    form_class = ReasonForm
    dangerous = True
    icon = "lock_open"

    def offered(self, record: Any) -> bool:
        waits = record.transaction is not None and record.transaction.state == State.AWAITING_APPROVAL
        return bool(record.state == HoldState.PENDING and not waits)

    def summary(self, record: Any) -> str | Promise:
        return _("%(amount)s can be spent again at once.") % {"amount": record.money.format()}

    def perform(self, request: HttpRequest, form: ReasonForm, record: Any) -> Done:
        reason, now = form.cleaned_data["reason"], clock.now()
        transaction_services.void_hold(hold_id=record.pk, reason=reason, actor=actor_of(request), now=now)
        return Done(_("%(amount)s is given back.") % {"amount": record.money.format()})


@admin.register(Hold)
class HoldAdmin(BigTableAdmin):
    doors = (CaptureHold, VoidHold)
    timeline_subject = "hold"

    list_display = ("placed", "account_number", "state_badge", "money", "taken", "purpose", "ends")
    list_filter = (
        ("state", ChoicesDropdownFilter),
        ("purpose", ChoicesDropdownFilter),
        ("currency", FieldTextFilter),
        ("placed_at", RangeDateTimeFilter),
    )
    list_select_related = ("account__customer", "payee__customer", "transaction", "partner")
    fields = (
        "account_number", "paid_to", "state_badge", "money", "taken", "purpose", "reason", "external_reference",
        "partner", "placed", "ends", "ended", "transaction",
    )  # fmt: skip
    readonly_fields = fields
    ordering = ("-placed_at", "-id")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Hold]:
        holds = visible_holds(request.user, super().get_queryset(request)).select_related(*self.list_select_related)
        return holds.prefetch_related(badges.standing_of("account"))

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Hold | None:
        hold: Hold | None = super().get_object(request, object_id, from_field)
        if hold and hold.payee:
            hold.__dict__["payee_standing"] = badges.unusual_as_seen(request.user, hold.payee)
        return hold

    @admin.display(description=_("account"))
    def account_number(self, hold: Hold) -> SafeString:
        return badges.named(hold.account)

    @admin.display(description=_("payee"))
    def paid_to(self, hold: Hold) -> SafeString | str:
        if hold.payee is None:
            return "—"
        return format_html("{} {}", named(hold.payee), hold.__dict__.get("payee_standing", ""))

    @admin.display(description=_("state"))
    def state_badge(self, hold: Hold) -> SafeString:
        state = HoldState(hold.state)
        return badge(state.label, _TONES.get(state, Tone.QUIET))

    @admin.display(description=_("amount"))
    def money(self, hold: Hold) -> str:
        return amount(hold.money)

    @admin.display(description=_("captured"))
    def taken(self, hold: Hold) -> str:
        return amount(hold.captured_money) if hold.captured_money else "—"

    @admin.display(description=_("placed at"))
    def placed(self, hold: Hold) -> str:
        return moment(hold.placed_at)

    @admin.display(description=_("ends at"))
    def ends(self, hold: Hold) -> str:
        return moment(hold.ends_at) if hold.ends_at else "—"

    @admin.display(description=_("ended at"))
    def ended(self, hold: Hold) -> str:
        return moment(hold.closed_at) if hold.closed_at else "—"


def _payee(text: str) -> Account | None:
    if not text.strip():
        return None
    number = numbers.clean(text)
    account = account_selectors.account_by_number(number)
    if account is None:
        raise errors.UnknownAccount(account=numbers.display(number))
    return account
