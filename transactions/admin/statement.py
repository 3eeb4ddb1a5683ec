"""An account's statement: on the page, and as a file in the forms of `transactions.statements.forms`."""

from __future__ import annotations

from datetime import date
from http import HTTPStatus
from itertools import islice
from typing import Any

from django import forms
from django.http import HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext_lazy as _

from accounts.admin.badges import unusual
from accounts.models import Account
from bankops.core import clock
from bankops.core.admin.forms import DressedForm
from bankops.core.admin.pages import ReadingPage
from bankops.core.errors import BankOpsError
from staff.actors import person_at
from staff.models import User
from transactions import selectors, services
from transactions.statements import addresses
from transactions.statements.content import Statement, statement
from transactions.statements.days import Period
from transactions.statements.forms import FORMS, file_name, write
from transactions.statements.labels import ENGLISH, LANGUAGES

LINES_SHOWN = 1000


class StatementForm(DressedForm):
    from_date = forms.DateField(label=_("From"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    to_date = forms.DateField(label=_("To"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    language = forms.ChoiceField(label=_("Language of the file"), choices=LANGUAGES, required=False)
    format = forms.ChoiceField(choices=[(key, key) for key in FORMS], required=False, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("from_date") and cleaned.get("to_date") and cleaned["from_date"] > cleaned["to_date"]:
            self.add_error(
                "to_date", forms.ValidationError(_("The period ends before it begins."), code="period_reversed")
            )
        return cleaned


class StatementPage(ReadingPage):
    name = "statement"
    label = _("Statement")
    permission = "transactions.view_transaction"
    template = "transactions/statement.html"
    icon = "description"

    def show(self, request: HttpRequest, record: Any) -> HttpResponseBase:
        form = StatementForm(_filled(request, clock.business_date()))
        if not form.is_valid():
            return self._page(request, record, form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
        if not form.cleaned_data["format"]:
            return self._page(request, record, form, **_content(_asked_for(request, record, form)))
        try:
            return _file(request, record, form)
        except BankOpsError as refused:
            return self._page(request, record, form, status=refused.http_status, refused=refused)

    def _page(
        self, request: HttpRequest, record: Account, form: StatementForm, *, status: int = HTTPStatus.OK, **content: Any
    ) -> HttpResponseBase:
        shown = {"form": form, "account": record, "standing": unusual(record), "forms": FORMS.values()}
        return self.render(request, record, {**shown, **content}, status=status)


def _filled(request: HttpRequest, today: date) -> dict[str, str]:
    """Return what was asked for; without a period it is this month."""
    given = {name: request.GET[name] for name in StatementForm.base_fields if name in request.GET}
    return {"from_date": today.replace(day=1).isoformat(), "to_date": today.isoformat(), "language": ENGLISH, **given}


def _asked_for(request: HttpRequest, account: Account, form: StatementForm, **options: Any) -> Statement:
    period = Period(form.cleaned_data["from_date"], form.cleaned_data["to_date"])
    return statement(account, period, reader=person_at(request), made_at=clock.now(), **options)


def _content(made: Statement) -> dict[str, Any]:
    latest = None if made.count else selectors.postings_of(made.account).first()
    lines = list(islice(made.lines(), LINES_SHOWN))
    return {
        "statement": made,
        "lines": lines,
        "shown": LINES_SHOWN if made.count > LINES_SHOWN else None,
        "latest": latest,
    }


def _file(request: HttpRequest, account: Account, form: StatementForm) -> StreamingHttpResponse:
    """Write the file, or its beginning; note who takes it; then send it.

    :raises BankOpsError: when it cannot be written; nothing is noted and nothing sent.
    """
    person, kind = person_at(request), FORMS[form.cleaned_data["format"]]
    made = _asked_for(
        request,
        account,
        form,
        language=form.cleaned_data["language"] or ENGLISH,
        address=_address(person, account),
    )
    content = write(made, kind)
    services.take_statement(statement=made, form=kind.key, actor=person.as_actor(), now=made.made_at)
    return StreamingHttpResponse(
        content,
        content_type=kind.media_type,
        headers={
            "Content-Disposition": f'attachment; filename="{file_name(made, kind)}"',
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
        },
    )


def _address(person: User, account: Account) -> tuple[str, ...]:
    """Return the holder's postal address for those who may read personal data; a statement needs none to be right."""
    return addresses.postal_address(account) if person.has_perm(addresses.PERMISSION) else ()
