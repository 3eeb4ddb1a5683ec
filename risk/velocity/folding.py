"""Add what moved to the counters, and forget what no window reaches any more. Safe to run at any moment, twice, or at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from django.db import connection, transaction

from risk.facts import Facts
from risk.models import VelocityCounter, VelocityTail
from risk.velocity.recording import record
from risk.velocity.subjects import slot_of

ROWS_AT_ONCE = 20_000
_PAGES_AT_ONCE = 2_000
COUNTED_FOR = timedelta(days=92)
"""The longest window, and the day in which its old end lies, and one more."""
KNOWN_FOR = timedelta(days=730)
"""How long a payee or device that is not seen again is not a new one."""
_LOCK = "SELECT pg_advisory_xact_lock(hashtext('risk_velocity_fold'))"


def fold(*, now: datetime, rows_at_once: int = ROWS_AT_ONCE) -> int:
    """Add to the counters what is committed and not in there yet; return how many rows of the tail that was.

    Each portion is a transaction of its own. While somebody else folds there is nothing to do, and 0 is returned. Nothing
    that is read changes by it.

    :param now: tells how old entries are, and so how exactly they have to be kept.
    """
    folded = 0
    while True:
        taken = _fold(now, rows_at_once)
        folded += taken
        if taken < rows_at_once:
            return folded


def forget(*, now: datetime, pages_at_once: int = _PAGES_AT_ONCE) -> None:
    """Delete counters of whom nobody has seen for `KNOWN_FOR`, and empty those not seen for `COUNTED_FOR`.

    Walks once over the table, each portion in a transaction of its own, in which the folder has to wait.
    """
    page: int | None = 0
    while page is not None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "SELECT risk_velocity_forget(%s, %s, %s, %s)",
                [page, pages_at_once, now - KNOWN_FOR, now - COUNTED_FOR],
            )
            page = cursor.fetchone()[0]


@transaction.atomic
def rebuild(*, movements: Callable[[], Iterable[Facts]], now: datetime, at_once: int = 1_000) -> int:
    """Forget every counter and count these movements anew; return how many that were.

    Movements wait from beginning to end, because what was recorded meanwhile would be counted twice or not at all: for a
    quiet hour. Readers see the old counters until then.

    :param movements: called when no movement can be recorded any more; all that were, in any order.
    """
    with connection.cursor() as cursor:
        cursor.execute(_LOCK)
        cursor.execute("LOCK TABLE risk_velocitytail IN SHARE ROW EXCLUSIVE MODE")
    VelocityTail.objects.all().delete()
    VelocityCounter.objects.all().delete()
    count, portion = 0, list[Facts]()
    for facts in movements():
        portion.append(facts)
        if len(portion) == at_once:
            count += _counted_anew(portion, now)
    return count + _counted_anew(portion, now)


def _counted_anew(portion: list[Facts], now: datetime) -> int:
    count = len(portion)
    record(movements=portion)
    fold(now=now)
    portion.clear()
    return count


@transaction.atomic
def _fold(now: datetime, rows: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT risk_velocity_fold(%s, %s)", [slot_of(now), rows])
        return int(cursor.fetchone()[0])
