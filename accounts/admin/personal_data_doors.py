"""Doors to a customer's personal data: see it, hand it out, erase it. Everywhere else it is masked, for everybody."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from accounts import personal_data
from accounts import services as account_services
from accounts.models import Customer, CustomerState
from bankops.core import clock
from bankops.core.admin import extensions
from bankops.core.admin.doors import Done, Door
from bankops.core.admin.forms import ReasonForm
from staff.actors import actor_of
from staff.admin.submitting import SubmittingDoor


class RevealForm(ReasonForm):
    parts = forms.MultipleChoiceField(label=_("What you need to see"), widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        parts: forms.MultipleChoiceField = self.fields["parts"]  # type: ignore[assignment]
        parts.choices = [(name, capfirst(str(part.label))) for name, part in personal_data.parts().items()]


class RevealPersonalData(Door):
    name = "reveal_personal_data"
    label = _("Show personal data")
    permission = "accounts.reveal_personal_data"
    form_class = RevealForm
    icon = "visibility"

    def summary(self, record: Any) -> str | Promise:
        return _("What you choose is shown once, on the next page. The trail records that you saw it, and why.")

    def perform(self, request: HttpRequest, form: RevealForm, record: Any) -> HttpResponse:
        shown = account_services.reveal_personal_data(
            customer=record,
            parts=form.cleaned_data["parts"],
            reason=form.cleaned_data["reason"],
            actor=actor_of(request),
            now=clock.now(),
        )
        context = {"shown": shown, "done_url": self.page_of(record)}
        return _never_stored(self.render(request, record, context, template="accounts/revealed.html"))


class ExportPersonalData(Door):
    name = "export_personal_data"
    label = _("Export personal data")
    permission = "accounts.export_personal_data"
    form_class = ReasonForm
    icon = "download"

    def summary(self, record: Any) -> str | Promise:
        return _("Makes one file with everything held about the customer, in clear. Hand it to nobody else.")

    def perform(self, request: HttpRequest, form: ReasonForm, record: Any) -> Any:
        pieces = account_services.export_personal_data(
            customer=record,
            reason=form.cleaned_data["reason"],
            reader=request.user,
            actor=actor_of(request),
            now=clock.now(),
        )
        headers = {"Content-Disposition": f'attachment; filename="{record.number}.json"'}
        return _never_stored(StreamingHttpResponse(pieces, content_type="application/json", headers=headers))


class PseudonymiseCustomer(SubmittingDoor):
    name = "pseudonymise_customer"
    label = _("Erase personal data")
    permission = "accounts.pseudonymise_customer"
    dangerous = True
    icon = "person_off"

    def offered(self, record: Any) -> bool:
        return bool(record.state != CustomerState.PSEUDONYMISED)

    def summary(self, record: Any) -> str | Promise:
        return _(
            "Name and particulars are erased for good, when two others agree; number, accounts and postings stay. It is refused"
            " while an account is open, and until the law lets the bank forget."
        )

    def perform(self, request: HttpRequest, form: ReasonForm, record: Any) -> Done:
        done = _("The personal data of customer %(number)s is erased.") % {"number": record.number}
        return self.submit(request, form, {"customer": record.public_id}, done=done)


def install() -> None:
    """Offer the doors on every customer's page."""
    extensions.add_pages(Customer, RevealPersonalData, ExportPersonalData, PseudonymiseCustomer)


def _never_stored(response: Any) -> Any:
    response["Cache-Control"] = "no-store"
    return response
