"""By what the queue is narrowed; every choice stands in the address."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import DropdownFilter

from bankops.core import clock
from risk.models import IN_QUEUE, Alert, AlertReason, AlertState

_STATES = {
    "open": IN_QUEUE,
    "unassigned": (AlertState.NEW,),
    "cases": (AlertState.IN_CASE,),
    "closed": (AlertState.CLOSED,),
}


class QueueFilter(admin.SimpleListFilter):
    """Whose alerts: what waits or is being worked unless something else is chosen."""

    title = _("queue")
    parameter_name = "queue"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("mine", _("mine")),
            ("unassigned", _("nobody's")),
            ("overdue", _("overdue")),
            ("cases", _("in cases")),
            ("closed", _("closed")),
            ("all", _("everything")),
        ]

    def choices(self, changelist: Any) -> Iterator[Any]:
        """Call the list without a choice by what it shows."""
        first, *others = super().choices(changelist)
        yield {**first, "display": _("to be decided")}
        yield from others

    def queryset(self, request: HttpRequest, queryset: QuerySet[Alert]) -> QuerySet[Alert]:
        asked = self.value() or "open"
        if asked == "mine":
            return queryset.filter(state=AlertState.ASSIGNED, assignee=request.user.pk)
        if asked == "overdue":
            return queryset.filter(state__in=IN_QUEUE, due_at__lte=clock.now())
        return queryset.filter(state__in=_STATES.get(asked, tuple(AlertState)))


class ReasonFilter(DropdownFilter):
    """Alerts that give a certain reason. The choices are the codes seen lately, and the one that was asked for."""

    title = _("reason")
    parameter_name = "reason"
    _LATEST = 2_000

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        latest = AlertReason.objects.order_by("-id").values_list("code", flat=True)[: self._LATEST]
        asked = request.GET.get(self.parameter_name, "")
        return [(code, code) for code in sorted({*latest, asked} - {""})]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Alert]) -> QuerySet[Alert]:
        asked = self.value()
        return queryset.filter(reasons__code=asked) if asked else queryset
