"""Pages over a range of days: how the reasons of alerts do, and the registers with their files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from http import HTTPStatus
from itertools import islice
from typing import Any, ClassVar

from django import forms
from django.contrib.admin import site
from django.http import HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bankops.core import clock, csv_cells
from bankops.core.admin.forms import DressedForm
from bankops.core.admin.pages import ReadingPage
from bankops.core.admin.records import address_of
from risk import services
from risk.admin.case_names import CaseNames
from risk.admin.movement_words import channel_in_words, kind_in_words
from risk.models import CaseReport
from risk.outcomes import Outcome
from risk.reporting.facts import accounts_by_case, customers_by_case
from risk.selectors import registers, tuning
from risk.selectors.case_veil import veils_of
from risk.selectors.days import Days
from risk.selectors.large_values import large_values
from staff.actors import actor_of

SHOWN = 200
_AT_ONCE = 50
LONGEST = timedelta(days=366)


def day_field(label: Any) -> forms.DateField:
    """Return a field for a day, in the browser's own shape."""
    return forms.DateField(label=label, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))


class RangeForm(DressedForm):
    """From the first day to the last; both stand in the address."""

    from_date = day_field(gettext_lazy("From"))
    to_date = day_field(gettext_lazy("To"))

    def clean(self) -> dict[str, Any]:
        """:raises ValidationError: for a range that ends before it begins, or is longer than a year."""
        data = super().clean() or {}
        first, last = data.get("from_date"), data.get("to_date")
        if first and last and not first <= last <= first + LONGEST:
            raise forms.ValidationError(_("Choose a range of at most a year that does not end before it begins."))
        return data

    @property
    def days(self) -> Days:
        """The range; of a form that is valid."""
        return Days(self.cleaned_data["from_date"], self.cleaned_data["to_date"])


class RangePage(ReadingPage):
    """A page over a range of days: this month where none is asked for."""

    on_list = True

    def show(self, request: HttpRequest, record: Any) -> HttpResponseBase:
        today = clock.business_date()
        usual = {"from_date": _month_ago(today).isoformat(), "to_date": today.isoformat()}
        form = RangeForm(usual | {name: request.GET[name] for name in usual if name in request.GET})
        if not form.is_valid():
            return self.render(request, None, self._framed(form), status=HTTPStatus.UNPROCESSABLE_ENTITY)
        return self.answer(request, form)

    def answer(self, request: HttpRequest, form: RangeForm) -> HttpResponseBase:
        """Answer with the page, or with a file instead of it."""
        return self.render(request, None, self._framed(form) | self.content(request, form.days))

    def _framed(self, form: RangeForm) -> dict[str, Any]:
        return {"form": form, "heading": self.label}

    def content(self, request: HttpRequest, days: Days) -> dict[str, Any]:
        """Return what the page shows of a range."""
        raise NotImplementedError


class TuningPage(RangePage):
    name = "tuning"
    label = gettext_lazy("Rules by what became of their alerts")
    permission = "risk.view_riskdayreport"
    template = "risk/tuning.html"
    icon = "tune"

    def content(self, request: HttpRequest, days: Days) -> dict[str, Any]:
        return {"lines": tuning.lines(days)}


class RegisterPage(RangePage):
    """A register: a table, and the same as a CSV file that no spreadsheet can be harmed by."""

    permission = "risk.view_registers"
    template = "risk/register.html"
    headings: ClassVar[tuple[Any, ...]]

    def rows(self, request: HttpRequest, days: Days) -> Iterator[list[str]]:
        """Yield the rows of the register, every cell as text."""
        raise NotImplementedError

    def address(self, request: HttpRequest, row: list[str]) -> str:
        """Return where a row's record is; empty where there is nothing to open."""
        return ""

    def answer(self, request: HttpRequest, form: RangeForm) -> HttpResponseBase:
        if request.GET.get("format") == "csv":
            return self._file(request, form.days)
        return super().answer(request, form)

    def content(self, request: HttpRequest, days: Days) -> dict[str, Any]:
        found = list(islice(self.rows(request, days), SHOWN + 1))
        return {
            "headings": self.headings,
            "rows": [(self.address(request, row), row) for row in found[:SHOWN]],
            "more": len(found) > SHOWN,
            "shown": SHOWN,
            "file": f"?from_date={days.first.isoformat()}&to_date={days.last.isoformat()}&format=csv",
        }

    def _file(self, request: HttpRequest, days: Days) -> StreamingHttpResponse:
        services.note_register_export(register=self.name, days=days, actor=actor_of(request), now=clock.now())
        head = [str(heading) for heading in self.headings]
        name = f"{self.name}-{days.first.isoformat()}-{days.last.isoformat()}.csv"
        return StreamingHttpResponse(
            _with_mark(csv_cells.lines(_headed(head, self.rows(request, days)))),
            content_type="text/csv; charset=utf-8",
            headers={
                "Content-Disposition": f'attachment; filename="{name}"',
                "Cache-Control": "no-store",
                "X-Content-Type-Options": "nosniff",
            },
        )


class LargeValuesPage(RegisterPage):
    name = "large_values"
    label = gettext_lazy("Register of large values")
    icon = "payments"
    headings = (
        gettext_lazy("Reference"),
        gettext_lazy("When"),
        gettext_lazy("Report by"),
        gettext_lazy("Kind"),
        gettext_lazy("Channel"),
        gettext_lazy("Amount"),
        gettext_lazy("Currency"),
        gettext_lazy("Customer"),
        gettext_lazy("Payer"),
        gettext_lazy("Payee"),
        gettext_lazy("Rules"),
        gettext_lazy("Counted with"),
        gettext_lazy("Decision"),
        gettext_lazy("Moved"),
        gettext_lazy("Id"),
    )

    def rows(self, request: HttpRequest, days: Days) -> Iterator[list[str]]:
        for one in large_values(request.user, days):
            yield [
                one.reference,
                _moment(one.at),
                one.report_by.isoformat(),
                kind_in_words(one.kind),
                channel_in_words(one.channel),
                str(one.amount),
                one.amount.currency,
                one.customer,
                one.payer,
                one.payee,
                " ".join(one.rules),
                one.counted_with,
                str(Outcome(one.outcome).label),
                _("yes") if one.moved else _("no"),
                one.movement,
            ]

    def address(self, request: HttpRequest, row: list[str]) -> str:
        return address_of(site, request, "transaction", row[-1])


class SuspiciousPage(RegisterPage):
    name = "suspicious"
    label = gettext_lazy("Register of reported suspicions")
    icon = "gavel"
    headings = (
        gettext_lazy("Case"),
        gettext_lazy("Report"),
        gettext_lazy("Frozen"),
        gettext_lazy("Opened"),
        gettext_lazy("Score"),
        gettext_lazy("Customers"),
        gettext_lazy("Accounts"),
        gettext_lazy("Written by"),
        gettext_lazy("SHA-256"),
        gettext_lazy("Id"),
    )

    def rows(self, request: HttpRequest, days: Days) -> Iterator[list[str]]:
        filed = registers.reports_filed(request.user, days)
        while some := list(islice(filed, _AT_ONCE)):
            yield from self._rows(request, some)

    def _rows(self, request: HttpRequest, filed: Sequence[CaseReport]) -> Iterator[list[str]]:
        """Yield the rows of some reports, in as many queries as for one."""
        cases = list({report.case_id: report.case for report in filed}.values())
        accounts, customers = accounts_by_case(cases), customers_by_case(cases)
        veils = veils_of(cases, request.user, accounts)
        for report in filed:
            case = report.case
            names = CaseNames(request, veils[case.pk])
            yield [
                case.reference,
                str(report.number),
                _moment(report.frozen_at),
                _moment(case.opened_at),
                str(case.score),
                ", ".join(map(names.customer_number, customers[case.pk])),
                ", ".join(map(names.account_number, accounts[case.pk])),
                report.written_by_name,
                report.sha256,
                case.public_id,
            ]

    def address(self, request: HttpRequest, row: list[str]) -> str:
        return address_of(site, request, "risk_case", row[-1])


def _month_ago(today: date) -> date:
    return today - timedelta(days=30)


def _moment(at: Any) -> str:
    return timezone.localtime(at).strftime("%Y-%m-%d %H:%M:%S")


def _headed(head: list[str], rows: Iterable[list[str]]) -> Iterator[list[str]]:
    yield head
    yield from rows


def _with_mark(lines: Iterable[str]) -> Iterator[str]:
    yield csv_cells.BYTE_ORDER_MARK
    yield from lines
