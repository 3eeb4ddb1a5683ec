"""The inbox: which requests somebody sees there, in which order, narrowed by what."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import ROUND_CEILING, Decimal
from enum import StrEnum
from functools import cache
from uuid import UUID

from django.db import connection
from django.db.models import Q, QuerySet
from django.db.models.expressions import RawSQL
from iso4217 import Currency

from approvals.models import OPEN, ApprovalRequest
from bankops.core.money import MINOR_MAX
from staff.models import User

Requests = QuerySet[ApprovalRequest]
_USUAL_PLACES = 2


class Scope(StrEnum):
    """Whose requests: those I may decide now, those I made, all that are open, all that have ended."""

    FOR_ME = "mine"
    MADE = "made"
    OPEN = "open"
    CLOSED = "closed"


def decidable_ids(person: User, now: datetime) -> list[UUID]:
    """Return the requests that somebody may decide at `now`, in no particular order."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT approvals_decidable(%s, %s)", [person.pk, now])
        return [request for (request,) in cursor.fetchall()]


def decidable(person: User, now: datetime) -> Requests:
    """Return the same as requests."""
    return among(ApprovalRequest.objects.all(), decidable_ids(person, now))


def among(requests: Requests, chosen: Sequence[UUID]) -> Requests:
    """Keep the chosen requests. Thousands are one parameter, not thousands of them."""
    return requests.filter(pk__in=RawSQL("SELECT unnest(%s::uuid[])", [list(chosen)]))


def in_scope(requests: Requests, scope: Scope, person: User, decidable: Callable[[], Sequence[UUID]]) -> Requests:
    """Narrow requests to a scope; `decidable` is asked, if need be, for the ids of those that `person` may decide."""
    if scope is Scope.FOR_ME:
        return among(requests, decidable())
    if scope is Scope.MADE:
        return requests.filter(maker_id=person.public_id)
    return requests.filter(state__in=OPEN) if scope is Scope.OPEN else requests.exclude(state__in=OPEN)


def order_in(scope: Scope) -> tuple[str, ...]:
    """Return the order of a scope: open work overdue first and then by expiry, the rest newest first."""
    return ("expires_at", "id") if scope in (Scope.FOR_ME, Scope.OPEN) else ("-created_at", "-id")


def of_at_least(requests: Requests, figure: Decimal) -> Requests:
    """Keep requests about `figure` or more, in major units of whatever currency each is in."""
    wanted = Q(amount__gte=_minor(figure, _USUAL_PLACES)) & ~Q(currency__in=list(_unusual_places()))
    for currency, places in _unusual_places().items():
        wanted |= Q(currency=currency, amount__gte=_minor(figure, places))
    return requests.filter(wanted, amount__isnull=False)


def _minor(figure: Decimal, places: int) -> int:
    return min(int(figure.scaleb(places).to_integral_value(ROUND_CEILING)), MINOR_MAX)


@cache
def _unusual_places() -> dict[str, int]:
    """Return the currencies that do not have two decimal places, with how many they have."""
    return {
        currency.code: currency.exponent
        for currency in Currency
        if currency.exponent is not None and currency.exponent != _USUAL_PLACES
    }
