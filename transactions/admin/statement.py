"""An account's statement: on the page, on paper, and as a file for spreadsheets."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice
from typing import Any

from django import forms
from django.http import HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts import numbers
from accounts.admin.links import holder
from accounts.models import Account
from bankops.core import clock, csv_cells
from bankops.core.admin.forms import DressedForm
from bankops.core.admin.pages import ReadingPage
from bankops.core.money import Money
from transactions import selectors
from transactions.models import Posting
from transactions.selectors import StatementLine

LINES_SHOWN = 1000
_COLUMNS = (_("Booking date"), _("Value date"), _("Reference"), _("Narrative"), _("Amount"), _("Balance"))


class PeriodForm(DressedForm):
    from_date = forms.DateField(label=_("From"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    to_date = forms.DateField(label=_("To"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("from_date") and cleaned.get("to_date") and cleaned["from_date"] > cleaned["to_date"]:
            self.add_error(
                "to_date", forms.ValidationError(_("The period ends before it begins."), code="period_reversed")
            )
        return cleaned


@dataclass(frozen=True, slots=True)
class Period:
    """The booking dates of a statement, both included."""

    from_date: date
    to_date: date


class StatementPage(ReadingPage):
    name = "statement"
    label = _("Statement")
    permission = "transactions.view_transaction"
    template = "transactions/statement.html"
    icon = "description"

    def show(self, request: HttpRequest, record: Any) -> HttpResponseBase:
        period = _default_period(clock.business_date())
        form = PeriodForm(_filled(request, period))
        if not form.is_valid():
            return self.render(request, record, {"form": form, "account": record}, status=422)
        asked = Period(form.cleaned_data["from_date"], form.cleaned_data["to_date"])
        if request.GET.get("format") == "csv":
            return _file(record, asked)
        return self.render(request, record, {"form": form, "period": asked, **_content(record, asked)})


def _default_period(today: date) -> Period:
    return Period(today.replace(day=1), today)


def _filled(request: HttpRequest, period: Period) -> dict[str, str]:
    given = {name: request.GET[name] for name in ("from_date", "to_date") if name in request.GET}
    return {"from_date": period.from_date.isoformat(), "to_date": period.to_date.isoformat(), **given}


def _content(account: Account, period: Period) -> dict[str, Any]:
    opening = selectors.balance_before(account, period.from_date)
    lines = list(islice(_lines(account, opening, period), LINES_SHOWN + 1))
    return {
        "account": account,
        "holder": holder(account),
        "opening": opening,
        "lines": lines[:LINES_SHOWN],
        "shown": LINES_SHOWN if len(lines) > LINES_SHOWN else None,
        "closing": _closing(account, period),
        "latest": selectors.postings_of(account).first() if not lines else None,
    }


def _closing(account: Account, period: Period) -> Money:
    return selectors.balance_before(account, period.to_date + timedelta(days=1))


def _lines(account: Account, opening: Money, period: Period) -> Iterator[StatementLine]:
    return selectors.statement_lines(account, opening=opening, from_date=period.from_date, to_date=period.to_date)


def _file(account: Account, period: Period) -> StreamingHttpResponse:
    name = f"statement-{account.number}-{period.from_date}-{period.to_date}.csv"
    content = csv_cells.lines(_rows(account, period))
    return StreamingHttpResponse(
        (part.encode() for part in _marked(content)),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"},
    )


def _marked(content: Iterator[str]) -> Iterator[str]:
    yield csv_cells.BYTE_ORDER_MARK
    yield from content


def _rows(account: Account, period: Period) -> Iterator[list[str]]:
    opening = selectors.balance_before(account, period.from_date)
    balance = opening
    yield [gettext("Account"), numbers.display(account.number), holder(account), account.currency]
    yield [str(column) for column in _COLUMNS]
    yield [period.from_date.isoformat(), "", "", gettext("Opening balance"), "", str(opening)]
    for line in _lines(account, opening, period):
        balance = line.balance
        yield [*_booking(line.posting), str(line.amount), str(line.balance)]
    yield [period.to_date.isoformat(), "", "", gettext("Closing balance"), "", str(balance)]


def _booking(posting: Posting) -> list[str]:
    entry = posting.entry
    reference = getattr(getattr(entry, "transaction", None), "reference", "")
    return [entry.booking_date.isoformat(), entry.value_date.isoformat(), reference, entry.description]
