"""The inbox's tabs, filters and columns. Where somebody is in it stands in the address."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.contrib.admin.views.main import SEARCH_VAR
from django.db.models import Q, QuerySet, prefetch_related_objects
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import DropdownFilter
from unfold.contrib.filters.admin.text_filters import TextFilter
from unfold.views import ChangeList

from approvals import selectors
from approvals.admin.waiting import decidable_at
from approvals.admin.wording import SOON, label_of
from approvals.models import ApprovalRequest, RequestVersion, State
from approvals.selectors.inbox import Scope, in_scope, of_at_least, order_in
from approvals.services.decisions import DECIDE
from bankops.core import clock, operations
from bankops.core.errors import InvalidAmount
from bankops.core.money import Money
from staff.actors import person_at
from staff.models import User

Requests = QuerySet[ApprovalRequest]
SCOPE = "scope"
_SCOPES: dict[Scope, str | Promise] = {
    Scope.FOR_ME: _("For me"),
    Scope.MADE: _("Made by me"),
    Scope.OPEN: _("All open"),
    Scope.CLOSED: _("Ended"),
}
_AGES = {"1h": timedelta(hours=1), "4h": timedelta(hours=4), "1d": timedelta(days=1), "7d": timedelta(days=7)}
_PEOPLE_MAX = 50
_ANY_CURRENCY = "CNY"  # only to read a figure with two decimal places


def scope_of(request: HttpRequest) -> Scope:
    """Return the scope in the address; else what this person comes for: to decide, to see what became of it, to look on."""
    try:
        return Scope(request.GET.get(SCOPE, ""))
    except ValueError:
        return _usual_scope(person_at(request))


def _usual_scope(person: Any) -> Scope:
    if person.has_perm(DECIDE):
        return Scope.FOR_ME
    looks_on = person.has_perm(selectors.VIEW_PAYLOAD) or person.has_perm("approvals.reassign_request")
    return Scope.OPEN if looks_on else Scope.MADE


@dataclass(frozen=True, slots=True)
class Tab:
    """One scope as a tab; the filters stay when it is changed."""

    label: str | Promise
    query: str
    is_current: bool


def tabs(request: HttpRequest, changelist: ChangeList) -> Iterator[Tab]:
    """Yield the scopes that make sense for this person."""
    current = scope_of(request)
    for scope, label in _SCOPES.items():
        if scope is not Scope.FOR_ME or request.user.has_perm(DECIDE):
            yield Tab(label, changelist.get_query_string({SCOPE: scope.value}, remove=["p"]), scope is current)


class ScopeFilter(DropdownFilter):
    """The tabs, once more among the filters, so that applying those keeps the tab."""

    title = _("tab")
    parameter_name = SCOPE

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(scope.value, label) for scope, label in _SCOPES.items()]

    def queryset(self, request: HttpRequest, queryset: Requests) -> Requests:
        if request.GET.get(SEARCH_VAR):
            return queryset  # a reference is looked for everywhere
        return in_scope(queryset, scope_of(request), person_at(request), lambda: decidable_at(request))


class OperationFilter(DropdownFilter):
    title = _("operation")
    parameter_name = "what"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(key, str(operation.label)) for key, operation in operations.registered().items()]

    def queryset(self, request: HttpRequest, queryset: Requests) -> Requests:
        return queryset.filter(operation=self.value()) if self.value() else queryset


class StateFilter(DropdownFilter):
    title = _("state")
    parameter_name = "standing"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(state.value, state.label) for state in State if state != State.APPROVED]

    def queryset(self, request: HttpRequest, queryset: Requests) -> Requests:
        return queryset.filter(state=self.value()) if self.value() else queryset


class DueFilter(DropdownFilter):
    title = _("time left")
    parameter_name = "due"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("overdue", _("overdue")), ("soon", _("less than two hours")), ("day", _("less than a day"))]

    def queryset(self, request: HttpRequest, queryset: Requests) -> Requests:
        now = clock.now()
        if self.value() == "overdue":
            return queryset.filter(expires_at__lte=now)
        if self.value() in ("soon", "day"):
            latest = now + (SOON if self.value() == "soon" else timedelta(days=1))
            return queryset.filter(expires_at__gt=now, expires_at__lte=latest)
        return queryset


class AgeFilter(DropdownFilter):
    title = _("waiting for")
    parameter_name = "age"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        labels = (_("more than an hour"), _("more than four hours"), _("more than a day"), _("more than a week"))
        return list(zip(_AGES, labels, strict=True))

    def queryset(self, request: HttpRequest, queryset: Requests) -> Requests:
        age = _AGES.get(self.value() or "")
        return queryset.filter(created_at__lte=clock.now() - age) if age else queryset


class AmountFilter(TextFilter):
    """Looks only at what this person may read: amounts could be guessed by narrowing them otherwise."""

    title = _("amount from")
    parameter_name = "amount_from"

    def queryset(self, request: HttpRequest, queryset: Requests) -> Requests:
        if not self.value():
            return queryset
        figure = _figure(self.value())
        return queryset.none() if figure is None else of_at_least(_readable(queryset, request), figure)


class BranchFilter(TextFilter):
    """Likewise."""

    title = _("branch code")
    parameter_name = "branch"

    def queryset(self, request: HttpRequest, queryset: Requests) -> Requests:
        branch = (self.value() or "").strip()
        return _readable(queryset, request).filter(branch_code=branch) if branch else queryset


class MakerFilter(TextFilter):
    """By employee number, or a part of the name of somebody who works here."""

    title = _("maker")
    parameter_name = "maker"

    def queryset(self, request: HttpRequest, queryset: Requests) -> Requests:
        text = (self.value() or "").strip()
        if not text:
            return queryset
        named = User.objects.filter(Q(employee_number=text.upper()) | Q(full_name__icontains=text))
        people = [person.public_id for person in named.order_by("employee_number")[:_PEOPLE_MAX]]
        return queryset.filter(maker_id__in=[*people, text])


class Inbox(ChangeList):
    """The list with what each row needs: its reviewers, and what it is about where this person may read that."""

    def get_ordering(self, request: HttpRequest, queryset: Requests) -> list[str]:
        return [*order_in(scope_of(request))]

    result_list: Any

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        rows: list[Any] = list(self.result_list)
        prefetch_related_objects(rows, "grants__user")
        summaries = _summaries(rows, person_at(request))
        for row in rows:
            row.summary = summaries.get(row.pk)
            row.now = clock.now()
        self.result_list = rows


def summary_of(row: Any) -> str | None:
    """Return what a row of the inbox is about, or None when this person may not read it."""
    return getattr(row, "summary", None)


def what(row: ApprovalRequest) -> str:
    """Return the operation's name for people."""
    return str(label_of(row))


def _summaries(rows: list[ApprovalRequest], person: User) -> dict[Any, str]:
    readable = selectors.readable_ids(rows, person)
    current = {(row.pk, row.version) for row in rows if row.pk in readable}
    versions = RequestVersion.objects.filter(request__in=readable).values_list(
        "request_id", "number", "description__summary"
    )
    return {request: summary for request, number, summary in versions if (request, number) in current}


def _readable(queryset: Requests, request: HttpRequest) -> Requests:
    return queryset.filter(selectors.readable_by(person_at(request)))


def _figure(text: str | None) -> Decimal | None:
    try:
        return Money.parse((text or "").replace(",", ""), _ANY_CURRENCY).decimal
    except InvalidAmount:
        return None
