"""What came in again, day by day: the days that were kept, and any day as it is now, narrowed by the address."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.contrib import admin
from django.db.models import Model, Q
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from bankops.core import clock, ids
from bankops.core.admin.display import Tone, badge
from bankops.core.admin.forms import DressedForm
from bankops.core.admin.pages import ReadingPage
from bankops.core.admin.readonly import BigTableAdmin
from bankops.core.errors import InvalidId
from partners.models import Partner
from transactions.admin.sentences import sentence_of
from transactions.admin.transactions import state_badge
from transactions.duplicates.day import ONE_DAY, DuplicateDay, Line, day, held_on, repeats_on, that_became
from transactions.duplicates.wording import rate_in_words
from transactions.models import DuplicateDayReport, DuplicateNote
from transactions.visibility import visible_transactions

SHOWN = 100
EARLIEST = date(2000, 1, 1)
REPEATED = ("replayed", "in_flight", "other_content", "same_reference", "look_alike", "abandoned")
BECAME = ("still_held", "released", "confirmed", "cancelled", "expired")
_OWN = "own"  # in the address, for the bank's own people


class DayForm(DressedForm):
    """What the page is narrowed by; every field stands in the address."""

    date = forms.DateField(label=_("Day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    partner = forms.ChoiceField(label=_("Partner"), required=False)
    became = forms.ChoiceField(label=_("What became of it"), required=False)

    def __init__(self, data: Any, *, lines: tuple[Line, ...]) -> None:
        super().__init__(data)
        partners = [(line.partner or _OWN, line.name) for line in lines]
        self._offer("partner", [("", _("Everybody")), *partners])
        self._offer("became", [("", _("Anything")), *((name, _label(name)) for name in BECAME)])

    def clean_date(self) -> Any:
        """:raises ValidationError: for a day that has no report, because it has not come or is too long ago."""
        asked = self.cleaned_data["date"]
        if not EARLIEST <= asked <= clock.business_date():
            raise forms.ValidationError(_("Choose a day that has come."), code="no_such_day")
        return asked

    def _offer(self, field: str, choices: list[Any]) -> None:
        known = {str(value) for value, _name in choices}
        asked = self.data.get(field, "")
        # Somebody who narrowed another day keeps the choice, although nothing of it happened on this one.
        self.fields[field].choices = choices if asked in known else [*choices, (asked, asked)]  # type: ignore[attr-defined]


class DayPage(ReadingPage):
    name = "day"
    label = _("Look at a day")
    permission = "transactions.view_duplicatedayreport"
    template = "transactions/duplicate_day_now.html"
    on_list = True
    icon = "today"

    def show(self, request: HttpRequest, record: Any) -> HttpResponseBase:
        asked = request.GET.dict()
        asked.setdefault("date", clock.business_date().isoformat())
        found = _day_of(asked["date"])
        form = DayForm(asked, lines=found.lines if found else ())
        if found is None or not form.is_valid():
            return self.render(request, None, {"form": form}, status=HTTPStatus.UNPROCESSABLE_ENTITY)
        return self.render(request, None, {"form": form, **content(request, found, form.cleaned_data)})


@admin.register(DuplicateDayReport)
class DuplicateDayReportAdmin(BigTableAdmin):
    doors = (DayPage,)

    list_display = ("on", "payments", "second_effects", "repeated", "held", "outcomes", "settled")
    list_filter = ("is_settled",)
    ordering = ("-business_date",)
    change_form_template = "transactions/duplicate_day.html"

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, obj: Model | None = None, **kwargs: Any
    ) -> HttpResponse:
        if isinstance(obj, DuplicateDayReport):
            found = day(obj.business_date)
            form = DayForm({"date": obj.business_date.isoformat()}, lines=found.lines)
            context |= {"form": form, **content(request, found, {})}
        return super().render_change_form(request, context, *args, obj=obj, **kwargs)

    @admin.display(description=_("day"))
    def on(self, kept: DuplicateDayReport) -> str:
        return kept.business_date.isoformat()

    @admin.display(description=_("repeated requests"))
    def repeated(self, kept: DuplicateDayReport) -> int:
        return sum(getattr(kept, name) for name in REPEATED)

    @admin.display(description=_("what became of it"))
    def outcomes(self, kept: DuplicateDayReport) -> str:
        return ", ".join(f"{_label(name)}: {count}" for name in BECAME if (count := getattr(kept, name))) or "—"

    @admin.display(description=_("settled"))
    def settled(self, kept: DuplicateDayReport) -> SafeString:
        return badge(_("settled"), Tone.GOOD) if kept.is_settled else badge(_("open"), Tone.WARNING)


@dataclass(frozen=True, slots=True)
class Row:
    """A partner's numbers as a line of a table: each with the address of what it counts, where there is one."""

    name: str
    cells: list[SafeString | int]
    amounts: str


def content(request: HttpRequest, found: DuplicateDay, narrowed: dict[str, Any]) -> dict[str, Any]:
    """Return what the page shows of a day, narrowed by partner and by what became of payments held back.

    Of single payments somebody sees those they may see anyway; the numbers are the whole bank's.
    """
    partner, column = narrowed.get("partner", ""), narrowed.get("became", "")
    lines = [line for line in found.lines if partner in ("", line.partner or _OWN)]
    held = held_on(found.date).filter(_of(partner))
    held = that_became(held, column) if column in BECAME else held
    mine = list(visible_transactions(request.user, held.select_related(*_WITH))[:SHOWN])
    whole = sum(getattr(line.figures, column if column in BECAME else "held") for line in lines)
    return {
        "found": found,
        "total": found.total,
        "rate": rate_in_words(found.total),
        "kept": DuplicateDayReport.objects.filter(pk=found.date).first(),
        "headings": ([_label(name) for name in REPEATED], [_label(name) for name in ("held", *BECAME)]),
        "repeated": list(_rows(found.date, lines, REPEATED)),
        "held_back": list(_rows(found.date, lines, ("held", *BECAME))),
        "held": [(row, sentence_of(row), state_badge(row)) for row in mine],
        "unseen": whole - len(mine),
        "repeats": _repeats(request, found.date, partner),
        "yesterday": found.date - ONE_DAY,
        "tomorrow": found.date + ONE_DAY if found.date < clock.business_date() else None,
        "narrowed": urlencode({name: narrowed[name] for name in ("partner", "became") if narrowed.get(name)}),
        "day_page": _address(),
    }


_WITH = ("partner", "twin", "debit_account__customer", "credit_account__customer")


def _repeats(request: HttpRequest, on: date, partner: str) -> list[DuplicateNote]:
    """Return the newest notes; of payments that somebody may not see, none."""
    seen = Q(transaction=None) | Q(transaction__in=visible_transactions(request.user).order_by().values("pk"))
    notes = repeats_on(on).filter(_of(partner), seen).select_related("partner", "transaction")
    return list(notes[:SHOWN])


def _rows(on: date, lines: list[Line], columns: tuple[str, ...]) -> Iterator[Row]:
    for line in lines:
        figures = {name: getattr(line.figures, name) for name in columns}
        if any(figures.values()):
            cells = [_cell(on, line, name, count) for name, count in figures.items()]
            yield Row(line.name, cells, ", ".join(money.format() for money in line.held_money))


def _cell(on: date, line: Line, column: str, count: int) -> SafeString | int:
    if column not in BECAME or not count:
        return count
    asked = urlencode({"date": on.isoformat(), "partner": line.partner or _OWN, "became": column})
    return format_html('<a class="bk-link" href="{}?{}#held-heading">{}</a>', _address(), asked, count)


def _of(partner: str) -> Q:
    if not partner:
        return Q()
    return Q(partner=None) if partner == _OWN else Q(partner__in=_keys(partner))


def _keys(partner: str) -> list[UUID]:
    try:
        return [ids.decode(Partner.ID_PREFIX, partner)]
    except InvalidId:
        return []


def _day_of(text: str) -> DuplicateDay | None:
    try:
        asked = date.fromisoformat(text)
    except ValueError:
        return None
    return day(asked) if EARLIEST <= asked <= clock.business_date() else None


def _label(name: str) -> str:
    columns = {column.name: column for column in DuplicateDayReport._meta.concrete_fields}
    return capfirst(str(columns[name].verbose_name))


def _address() -> str:
    return reverse("admin:transactions_duplicatedayreport_day")
