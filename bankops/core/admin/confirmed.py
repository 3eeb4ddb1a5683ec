"""Doors that ask twice: fill in, read what is about to happen, confirm. For what cannot simply be undone, such as money.

The form's idempotency key is fixed when it is first shown and travels through both steps, so a double click, a reload or
the browser's way back leads to the one thing that was done, never to a second one.
"""

from __future__ import annotations

from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from bankops.core.admin.doors import Done, Door
from bankops.core.admin.forms import DoorForm, ReasonForm


class ConfirmedDoor(Door):
    """A door whose first POST shows a confirmation, and whose second one makes the service call.

    A subclass says `plan`, `confirmation` and `carry_out` instead of `perform`.
    """

    template: ClassVar[str] = "bankops/fill_in.html"
    confirmation_template: ClassVar[str] = "bankops/confirm.html"

    def plan(self, request: HttpRequest, form: Any, record: Any) -> Any:
        """Return what is about to happen, worked out from the form.

        :raises BankOpsError: when it can be seen already that it cannot.
        """
        raise NotImplementedError

    def confirmation(self, plan: Any) -> dict[str, Any]:
        """Return what the confirmation page shows: `headline`, and whatever else its template takes."""
        raise NotImplementedError

    def carry_out(self, request: HttpRequest, plan: Any) -> Done:
        """Make the one service call."""
        raise NotImplementedError

    def perform(self, request: HttpRequest, form: DoorForm, record: Any) -> Done | HttpResponse:
        if "change" in request.POST:
            return self._page(request, form, record)
        plan = self.plan(request, form, record)
        if "confirmed" in request.POST:
            return self.carry_out(request, plan)
        context = {"door": self, "form": _hidden(form), "cancel_url": self.page_of(record), **self.confirmation(plan)}
        return self.render(request, record, context, template=self.confirmation_template)


class OnceForm(DoorForm):
    """The form of a door that moves money: without its key the bank could not tell a repetition from a second order."""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not cleaned.get("idempotency_key"):
            text = _("This form is incomplete. Open it again from the record's page.")
            raise ValidationError(text, code="idempotency_key_required")
        return cleaned


class ReasonOnceForm(ReasonForm, OnceForm):
    """Why, with the key that makes a double click one order. For every door through which money moves."""


def _hidden(form: DoorForm) -> DoorForm:
    for field in form.fields.values():
        field.widget = field.hidden_widget()
    return form
