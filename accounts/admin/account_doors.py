"""Freeze, release and close a customer's account. What moves money on it is the business of `transactions`."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from accounts import numbers
from accounts import services as account_services
from accounts.models import Account, AccountStatus, Restriction
from bankops.core import clock
from bankops.core.admin.doors import Done, Door
from bankops.core.admin.forms import ReasonForm
from staff.actors import actor_of


class FreezeForm(ReasonForm):
    restriction = forms.TypedChoiceField(label=_("What to block"), coerce=Restriction)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        present = self.record.restriction if isinstance(self.record, Account) else Restriction.NONE
        offered = [one for one in reversed(Restriction) if one not in (Restriction.NONE, present)]
        restriction: forms.TypedChoiceField = self.fields["restriction"]  # type: ignore[assignment]
        restriction.choices = [(one.value, capfirst(one.label)) for one in offered]


class AccountDoor(Door):
    """A door on a customer's account that is not closed."""

    form_class = ReasonForm
    dangerous = True

    def offered(self, record: Any) -> bool:
        return bool(record.is_customer_account and record.status != AccountStatus.CLOSED)


class FreezeAccount(AccountDoor):
    name = "freeze_account"
    label = _("Freeze")
    permission = "accounts.freeze_account"
    form_class = FreezeForm
    icon = "ac_unit"

    def summary(self, record: Any) -> str | Promise:
        return _(
            "What you block is refused from this moment until the account is released. The money stays where it is."
        )

    def perform(self, request: HttpRequest, form: FreezeForm, record: Any) -> Done:
        restriction = form.cleaned_data["restriction"]
        account_services.freeze_account(
            account_id=record.pk,
            restriction=restriction,
            reason=form.cleaned_data["reason"],
            actor=actor_of(request),
            now=clock.now(),
        )
        return Done(
            _("Account %(number)s is frozen: %(restriction)s.")
            % {"number": numbers.display(record.number), "restriction": restriction.label}
        )


class ReleaseAccount(AccountDoor):
    name = "release_account"
    label = _("Release")
    permission = "accounts.release_account"
    dangerous = False
    icon = "lock_open"

    def offered(self, record: Any) -> bool:
        return super().offered(record) and record.restriction != Restriction.NONE

    def summary(self, record: Any) -> str | Promise:
        restriction = Restriction(record.restriction).label
        return _("The restriction “%(restriction)s” is lifted; money moves again.") % {"restriction": restriction}

    def perform(self, request: HttpRequest, form: ReasonForm, record: Any) -> Done:
        reason = form.cleaned_data["reason"]
        account_services.release_account(account_id=record.pk, reason=reason, actor=actor_of(request), now=clock.now())
        return Done(_("Account %(number)s is released.") % {"number": numbers.display(record.number)})


class CloseAccount(AccountDoor):
    name = "close_account"
    label = _("Close account")
    permission = "accounts.close_account"
    icon = "block"

    def offered(self, record: Any) -> bool:
        """Only an empty account can be closed, so the button waits until it is."""
        return super().offered(record) and not (record.balance.ledger or record.balance.held)

    def summary(self, record: Any) -> str | Promise:
        return _("The account is closed for good: it cannot be opened again. Its history stays.")

    def perform(self, request: HttpRequest, form: ReasonForm, record: Any) -> Done:
        now = clock.now()
        account_services.close_account(
            account_id=record.pk,
            reason=form.cleaned_data["reason"],
            actor=actor_of(request),
            now=now,
            business_date=clock.business_date(now),
        )
        return Done(_("Account %(number)s is closed.") % {"number": numbers.display(record.number)})
