"""Put an account to sleep, wake it, close it, open it again. What moves money on it is the business of `transactions`."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts import errors, numbers, selectors
from accounts.models import AccountStatus, Restriction
from accounts.services import closing
from bankops.core.admin.confirmed import ReasonOnceForm
from bankops.core.admin.doors import Done
from bankops.core.admin.forms import ReasonForm
from staff.admin.submitting import SubmittingDoor


class CloseForm(ReasonOnceForm):
    payee = forms.CharField(
        label=_("Pay the balance out to account"),
        max_length=30,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        help_text=_("Twelve digits, with or without spaces. Empty when the balance is zero."),
    )


class LifeDoor(SubmittingDoor):
    """A door that changes a customer's account from one status to another.

    Attributes:
        stages: the statuses in which it makes sense.
        done: what has happened, with `number`.

    """

    stages: tuple[AccountStatus, ...]
    done: str | Promise

    def offered(self, record: Any) -> bool:
        return bool(record.is_customer_account and record.status in self.stages)

    def payload(self, form: Any, record: Any) -> dict[str, Any]:
        """Return what is submitted."""
        return {"account": record.public_id}

    def perform(self, request: HttpRequest, form: ReasonForm, record: Any) -> Done:
        done = str(self.done) % {"number": numbers.display(record.number)}
        return self.submit(request, form, self.payload(form, record), done=done)


class MarkDormant(LifeDoor):
    name = "mark_dormant"
    label = _("Mark dormant")
    permission = "accounts.mark_dormant"
    icon = "bedtime"
    stages = (AccountStatus.ACTIVE,)
    done = _("Account %(number)s is dormant.")

    def summary(self, record: Any) -> str | Promise:
        return _("Money still comes in; none goes out until two people agree to wake the account.")


class WakeAccount(LifeDoor):
    name = "wake_account"
    label = _("Wake")
    permission = "accounts.wake_account"
    icon = "wb_sunny"
    stages = (AccountStatus.DORMANT,)
    done = _("Account %(number)s is active again.")

    def summary(self, record: Any) -> str | Promise:
        return _("Money may leave the account again. Be sure that you speak with its holder.")


class CloseAccount(LifeDoor):
    name = "close_account"
    label = _("Close account")
    permission = "accounts.close_account"
    form_class = CloseForm
    dangerous = True
    icon = "block"
    stages = (AccountStatus.ACTIVE, AccountStatus.DORMANT)
    done = _("Account %(number)s is closed.")

    def offered(self, record: Any) -> bool:
        """Only an account that nothing blocks and nothing is held on can be closed, so the button waits until it is."""
        unblocked = record.restriction == Restriction.NONE
        return super().offered(record) and unblocked and not record.balance.held and record.balance.ledger >= 0

    def summary(self, record: Any) -> str | Promise:
        text = _(
            "Its balance with accrued interest, %(balance)s, is paid out; its standing orders end. Its history stays."
        )
        return text % {"balance": closing.whole_of(record.balance).format()}

    def payload(self, form: CloseForm, record: Any) -> dict[str, Any]:
        """Return what is submitted.

        :raises InvalidAccountNumber, AccountNotFound: when the payee is none.
        """
        typed = form.cleaned_data["payee"].strip()
        if not typed:
            return super().payload(form, record)
        payee = selectors.account_by_number(numbers.clean(typed))
        if payee is None:
            raise errors.AccountNotFound
        return {**super().payload(form, record), "payee": payee.public_id}


class ReopenAccount(LifeDoor):
    name = "reopen_account"
    label = _("Reopen")
    permission = "accounts.reopen_account"
    icon = "undo"
    stages = (AccountStatus.CLOSED,)
    done = _("Account %(number)s is open again.")

    def summary(self, record: Any) -> str | Promise:
        return _("The account is active again, as empty as it was left, once two people agree.")
