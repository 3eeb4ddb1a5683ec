"""Filters of the lists of what is sent."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from unfold.contrib.filters.admin import RangeDateTimeFilter
from unfold.utils import parse_datetime_str


class BankClockFilter(RangeDateTimeFilter):
    """From a moment to another by the bank's own clock; Unfold's asks the database about moments without a zone."""

    def queryset(self, request: HttpRequest, queryset: QuerySet[Model]) -> QuerySet[Model]:
        ends = {"gte": self._moment("from"), "lte": self._moment("to")}
        return queryset.filter(**{f"{self.parameter_name}__{end}": at for end, at in ends.items() if at})

    def _moment(self, end: str) -> datetime | None:
        day, time = (self.used_parameters.get(f"{self.parameter_name}_{end}_{part}") for part in (0, 1))
        at: datetime | None = parse_datetime_str(f"{day} {time}") if day and time else None
        return timezone.make_aware(at) if at else None
