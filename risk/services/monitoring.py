"""Monitoring over what moved: each run looks at what came since the last one, and keeps what it found (docs/monitoring.md)."""

from __future__ import annotations

import logging
import pickle
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from django.conf import settings
from django.db import connection, transaction

from bankops.core import clock, encryption
from bankops.core.money import Money
from risk.models import MonitorState, MovedMoney
from risk.patterns import Account, Monitor, Settings, Transfer
from risk.services.patterns import keep_pattern

logger = logging.getLogger(__name__)

CASH = Account("", "")
_CONTEXT = "risk.monitor"
_FORMAT = 1
"""Raised when a monitor of an earlier version cannot go on in this one."""
_AFTER_HEADER = b"\0"
_READ_AT_ONCE = 5_000
_OLDEST_OPEN = "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint"


@dataclass(frozen=True, slots=True)
class Monitored:
    """What one run did.

    Attributes:
        movements: that it looked at.
        left_out: without an amount in the base currency, for want of a rate.
        found: new patterns.
        grown: patterns that grew.

    """

    movements: int
    left_out: int
    found: int
    grown: int


@transaction.atomic
def monitor(*, now: datetime) -> Monitored:
    """Look at what moved since the last run and keep the patterns that it makes, or makes grow, each with an alert.

    All or nothing: a run that is broken off is done again by the next one. Two at once wait for each other. What is not
    committed yet belongs to the next run.
    """
    state = MonitorState.objects.select_for_update().get(pk=1)
    watching = _remembered(state) or _rebuilt(state)
    up_to = _oldest_open()
    fresh = MovedMoney.objects.filter(xid__gte=state.fed_below, xid__lt=up_to)
    left_out = fresh.filter(base_amount=None).count()
    looked_at = found = grown = 0
    for day in _days(fresh, state.fed_until):
        looked_at += len(day)
        state.fed_until = day[-1].at
        for alert in watching.feed(day):
            is_new = keep_pattern(alert, now=now)
            found, grown = found + is_new, grown + (not is_new)
    state.fed_below = up_to
    state.memory = _to_keep(watching)
    state.save(update_fields=["fed_below", "fed_until", "memory"])
    return Monitored(looked_at, left_out, found, grown)


def wanted() -> Settings:
    """Return how the bank wants to be monitored, by its settings."""
    return Settings(
        own_accounts=frozenset({CASH}),
        threshold=Money.parse(settings.BANKOPS_MONITORING_THRESHOLD, settings.BANKOPS_BASE_CURRENCY).minor,
        alerts_for_ten_thousand=settings.BANKOPS_MONITORING_ALERTS,
    )


def _remembered(state: MonitorState) -> Monitor | None:
    """Return the monitor as the last run left it; None when there is none that can be used: then it is made anew.

    What is unpickled was encrypted under the bank's key and bound to its place: nobody makes it up who can only write the table.
    """
    if not state.memory:
        return None
    try:
        plain = zlib.decompress(encryption.decrypt(bytes(state.memory), context=_CONTEXT))
        header, _separator, kept = plain.partition(_AFTER_HEADER)
        if header != _header():
            return None
        watching: Monitor = pickle.loads(kept)  # noqa: S301 - sealed by `_to_keep`
    except Exception:
        logger.exception("monitoring starts anew: its memory cannot be opened")
        return None
    return watching


def _to_keep(watching: Monitor) -> bytes:
    plain = _header() + _AFTER_HEADER + pickle.dumps(watching)
    return encryption.encrypt(zlib.compress(plain, 1), context=_CONTEXT)


def _header() -> bytes:
    """Return what a memory must begin with to be of use: written by this version of the product, for these settings."""
    return f"{_FORMAT} {wanted()!r}".encode()


def _rebuilt(state: MonitorState) -> Monitor:
    """Return a monitor that knows what was looked at already. What it answers to that was told before."""
    watching = Monitor(wanted())
    if state.fed_until is not None:
        since = state.fed_until - timedelta(days=watching.settings.days_to_rebuild)
        for day in _days(MovedMoney.objects.filter(xid__lt=state.fed_below, moment__gte=since), None):
            watching.feed(day)
    return watching


def _days(rows: Iterable[MovedMoney], begin: datetime | None) -> Iterator[list[Transfer]]:
    """Return movements by the bank's days, in order of time. One that comes late counts as of when the others had come to."""
    for _day, transfers in groupby(_transfers(rows, begin), lambda one: clock.business_date(one.at)):
        yield list(transfers)


def _transfers(rows: Iterable[MovedMoney], begin: datetime | None) -> Iterator[Transfer]:
    """Return what can be compared by its amount."""
    known = rows.filter(base_amount__gt=0).order_by("moment", "id")  # type: ignore[attr-defined]
    for row in known.iterator(chunk_size=_READ_AT_ONCE):
        at = max(row.moment, begin) if begin else row.moment
        yield Transfer(row.pk, _account(row.payer), _account(row.payee), row.base_amount, at)


def _account(token: str) -> Account:
    return Account("", token)


def _oldest_open() -> int:
    with connection.cursor() as cursor:
        cursor.execute(_OLDEST_OPEN)
        return int(cursor.fetchone()[0])
