"""Pages of a list, newest first, that neither skip nor repeat a row while others are written."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from django.core import signing
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest

from bankops.core.api.errors import InvalidCursor, ParameterInvalid

M = TypeVar("M", bound=Model)

LIMIT_DEFAULT, LIMIT_MAX = 25, 100


def page_of(
    rows: QuerySet[M], request: HttpRequest, show: Callable[[M], dict[str, Any]], *, moment: str = "created_at"
) -> dict[str, Any]:
    """Return `{"data", "has_more", "next_cursor"}`: at most `limit` (1 to 100, 25) rows by (`moment`, id), newest first.

    :param rows: filtered as the caller asked, without an order; the key is a UUID.
    :raises InvalidCursor: for a cursor of another list, or of this one with other filters.
    :raises ParameterInvalid: for an impossible `limit`.
    """
    limit = limit_of(request)
    if cursor := request.GET.get("cursor"):
        place = read_cursor(request, cursor)
        at, key = datetime.fromisoformat(place[0]), UUID(place[1])
        rows = rows.filter(Q(**{f"{moment}__lte": at}) & (Q(**{f"{moment}__lt": at}) | Q(pk__lt=key)))
    found = list(rows.order_by(f"-{moment}", "-pk")[: limit + 1])
    shown, more = found[:limit], len(found) > limit
    next_cursor = None
    if more:
        next_cursor = cursor_to(request, [getattr(shown[-1], moment).isoformat(), str(shown[-1].pk)])
    return {"data": [show(row) for row in shown], "has_more": more, "next_cursor": next_cursor}


def page_by(
    rows: QuerySet[M], request: HttpRequest, show: Callable[[M], dict[str, Any]], *, field: str
) -> dict[str, Any]:
    """Return a page like `page_of`'s: at most `limit` rows by one field that no two of them share, the highest first.

    :param field: a number, or a UUIDv7, which sorts by age.
    :raises InvalidCursor, ParameterInvalid: as `page_of`.
    """
    limit = limit_of(request)
    if cursor := request.GET.get("cursor"):
        rows = rows.filter(**{f"{field}__lt": read_cursor(request, cursor)})
    found = list(rows.order_by(f"-{field}")[: limit + 1])
    shown, more = found[:limit], len(found) > limit
    place = getattr(shown[-1], field) if more else None
    next_cursor = cursor_to(request, place if isinstance(place, int) else str(place)) if more else None
    return {"data": [show(row) for row in shown], "has_more": more, "next_cursor": next_cursor}


def limit_of(request: HttpRequest) -> int:
    """Return how many rows the caller wants at most.

    :raises ParameterInvalid: for what is no number from 1 to 100.
    """
    given = request.GET.get("limit", str(LIMIT_DEFAULT))
    if not (given.isascii() and given.isdecimal() and len(given) < 4 and 1 <= int(given) <= LIMIT_MAX):
        raise ParameterInvalid(name="limit", wanted=f"1-{LIMIT_MAX}")
    return int(given)


def _salt(request: HttpRequest) -> str:
    """Return what ties a cursor to its list: the address and the filters, whatever their order."""
    filters = sorted(
        (name, *values) for name, values in request.GET.lists() if name not in {"cursor", "limit", "expand"}
    )
    return f"bankops.api.pages {request.path} {filters}"


def cursor_to(request: HttpRequest, place: Any) -> str:
    """Return a cursor to a place in the list at hand, JSON primitives."""
    return signing.dumps(place, salt=_salt(request))


def read_cursor(request: HttpRequest, cursor: str) -> Any:
    """Return the place that a cursor of this list leads to.

    :raises InvalidCursor: when it is another list's, or none of ours.
    """
    try:
        return signing.loads(cursor, salt=_salt(request))
    except signing.BadSignature as error:
        raise InvalidCursor from error
