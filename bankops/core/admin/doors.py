"""Doors: how anything is changed through the admin.

Lists and pages are read-only. Each operation is a door: a page of its own that says what will happen, asks for what it
needs (a reason, mostly), and on POST makes one service call. An app declares one so, and names it on its admin class:

    class FreezeAccount(Door):
        name = "freeze_account"                     # in the address
        label = _("Freeze account")                 # on the button: a verb, never "Save"
        permission = "accounts.freeze_account"      # asked on GET and on POST
        form_class = FreezeForm                     # a DoorForm, or ReasonForm when the bank must record why

        def offered(self, record):                  # is the button shown in the record's present state?
            return not record.is_frozen

        def summary(self, record):                  # what will happen, before it does
            return _("Payments from %(number)s will be refused until it is released.") % {"number": record.number}

        def perform(self, request, form, record):
            reason = form.cleaned_data["reason"]
            freeze_account(account=record, actor=actor_of(request), reason=reason, now=clock.now())
            return Done(_("Account %(number)s is frozen.") % {"number": record.number})

    @admin.register(Account)
    class AccountAdmin(ReadOnlyAdmin):
        doors = (OpenAccount, FreezeAccount)

A refusal (`BankOpsError`) comes back on the form in plain words with its code, under its own HTTP status; the service
has changed nothing. A form that was not filled in rightly comes back with 422.
"""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, ClassVar

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.utils.functional import Promise

from bankops.core.admin.forms import DoorForm
from bankops.core.admin.pages import AdminPage
from bankops.core.errors import BankOpsError


@dataclass(frozen=True, slots=True)
class Done:
    """What a door did: a sentence for the person, and the record to show next (default: where the door is).

    `level` is one of Django's message levels: anything but success where nothing has been done yet (submitting.py).
    """

    message: str
    record: Model | None = None
    level: int = messages.SUCCESS


class Door(AdminPage):
    """One operation offered in the admin; see the module for how to declare one.

    Attributes:
        form_class: a `DoorForm`, or `ReasonForm` when the bank must record why.
        template: a page that extends `bankops/door.html`, when the form needs more than its fields.
        verb: what its form's button says, where that is not the label.

    """

    form_class: ClassVar[type[DoorForm]] = DoorForm
    verb: ClassVar[str | Promise] = ""
    template: ClassVar[str] = "bankops/door.html"

    # -- What a subclass says ------------------------------------------------------------------------------------

    def summary(self, record: Any) -> str | Promise:
        """Return what will happen, in a sentence or two."""
        return ""

    def initial(self, request: HttpRequest, record: Any) -> dict[str, Any]:
        """Return values to offer in the form."""
        return {}

    def perform(self, request: HttpRequest, form: Any, record: Any) -> Done | HttpResponseBase:
        """Make the one service call. Return `Done`, or a page of its own when something must be shown once."""
        raise NotImplementedError

    # -- The page ------------------------------------------------------------------------------------------------

    def respond(self, request: HttpRequest, record: Any) -> HttpResponseBase:
        """Show the form on GET; carry the operation out on POST."""
        if request.method != "POST":
            return self._page(request, self.form_class(record=record, initial=self.initial(request, record)), record)
        form = self.form_class(request.POST, request.FILES, record=record)
        if not form.is_valid():
            return self._page(request, form, record, status=HTTPStatus.UNPROCESSABLE_ENTITY)
        return self._carry_out(request, form, record)

    def _carry_out(self, request: HttpRequest, form: DoorForm, record: Model | None) -> HttpResponseBase:
        try:
            outcome = self.perform(request, form, record)
        except BankOpsError as refusal:
            form.add_error(None, ValidationError(str(refusal), code=refusal.code))
            return self._page(request, form, record, status=refusal.http_status)
        if isinstance(outcome, HttpResponseBase):
            return outcome
        messages.add_message(request, outcome.level, outcome.message)
        return HttpResponseRedirect(self.page_of(outcome.record or record))

    def _page(
        self, request: HttpRequest, form: DoorForm, record: Model | None, status: int = HTTPStatus.OK
    ) -> HttpResponse:
        form.focus_first()
        context = {
            "door": self,
            "summary": self.summary(record),
            "form": form,
            "refusals": form.non_field_errors().as_data(),
            "cancel_url": self.page_of(record),
        }
        return self.render(request, record, context, status=status)
