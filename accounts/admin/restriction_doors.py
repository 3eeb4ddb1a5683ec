"""Freeze an account, and lift one of the restrictions that stand on it."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from accounts import numbers, wording
from accounts.models import BLOCKING, Account, AccountStatus, Restriction, RestrictionReason
from bankops.core.admin.doors import Done
from bankops.core.admin.forms import ReasonForm, capitalised
from staff.admin.submitting import SubmittingDoor


class FreezeForm(ReasonForm):
    restriction = forms.ChoiceField(label=_("What to block"), choices=capitalised(reversed(BLOCKING)))
    reason_code = forms.ChoiceField(label=_("Why"), choices=capitalised(RestrictionReason.of_people()))
    legal_reference = forms.CharField(
        label=_("Legal reference"),
        max_length=120,
        required=False,
        help_text=_("File number of the order. A court's order needs one."),
    )
    last_day = forms.DateField(
        label=_("Last day"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("It ends by itself after this day. Empty: open end."),
    )


class ReleaseForm(ReasonForm):
    restriction = forms.ChoiceField(label=_("Which restriction"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        standing = wording.standing_restrictions(self.record) if isinstance(self.record, Account) else ()
        restriction: forms.ChoiceField = self.fields["restriction"]  # type: ignore[assignment]
        restriction.choices = [(one.public_id, capfirst(wording.restriction_in_words(one))) for one in standing]
        if len(standing) == 1:
            restriction.initial = standing[0].public_id


class FreezeAccount(SubmittingDoor):
    name = "freeze_account"
    label = _("Freeze")
    permission = "accounts.freeze_account"
    form_class = FreezeForm
    dangerous = True
    icon = "ac_unit"

    def offered(self, record: Any) -> bool:
        return bool(record.is_customer_account and record.status != AccountStatus.CLOSED)

    def summary(self, record: Any) -> str | Promise:
        if record.restriction == Restriction.NONE:
            return _("What you block is refused from this moment on. The money stays where it is.")
        standing = "; ".join(wording.restriction_in_words(one) for one in wording.standing_restrictions(record))
        text = _("This comes on top of what blocks the account already (%(standing)s), and ends for itself.")
        return text % {"standing": standing}

    def perform(self, request: HttpRequest, form: FreezeForm, record: Any) -> Done:
        data = form.cleaned_data
        payload = {
            "account": record.public_id,
            "restriction": data["restriction"],
            "reason_code": data["reason_code"],
            "legal_reference": data["legal_reference"],
            "ends_at": _end_of(data["last_day"]),
        }
        done = _("Account %(number)s is frozen: %(restriction)s.") % {
            "number": numbers.display(record.number),
            "restriction": Restriction(data["restriction"]).label,
        }
        return self.submit(request, form, payload, done=done)


class ReleaseAccount(SubmittingDoor):
    name = "release_account"
    label = _("Release")
    permission = "accounts.release_account"
    form_class = ReleaseForm
    icon = "lock_open"

    def offered(self, record: Any) -> bool:
        return bool(record.is_customer_account and record.restriction != Restriction.NONE)

    def summary(self, record: Any) -> str | Promise:
        return _("Lifts the restriction you choose, once two people agree. Others that stand on the account go on.")

    def perform(self, request: HttpRequest, form: ReleaseForm, record: Any) -> Done:
        payload = {"restriction": form.cleaned_data["restriction"]}
        done = _("One restriction of account %(number)s is lifted.") % {"number": numbers.display(record.number)}
        return self.submit(request, form, payload, done=done)


def _end_of(day: date | None) -> str:
    """Return the moment after a day's last, on the bank's own clock; an empty string without a day."""
    if day is None:
        return ""
    return timezone.make_aware(datetime.combine(day + timedelta(days=1), time.min)).isoformat()
