"""Whose turn it is to be screened: taken, done, or put back with the reason why it failed. Each under its row's lock.

A customer who cannot be read keeps nobody else waiting. Its turn stays and comes again after an hour, it counts as never
screened until then, so that its money waits, and analysts are told.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.db import connection
from django.db.models import Q
from django.urls import reverse

from accounts.models import Customer
from bankops.core.db import transaction_required
from notifications.services import notices
from risk.models import DueBecause, RescreenChunk, ScreeningDue, ScreeningState
from risk.notice_kinds import SCREENING_FAILED
from staff.selectors import active_with_right

AGAIN: Final = timedelta(hours=1)
WHO_LOOKS: Final = "risk.decide_hit"

_TAKE = """
    SELECT id, customer_id FROM risk_screeningdue WHERE failed_at IS NULL OR failed_at <= %(again)s
     ORDER BY id LIMIT %(most)s FOR UPDATE SKIP LOCKED
"""
_TAKE_THEIRS = """
    DELETE FROM risk_screeningdue WHERE id IN (
        SELECT id FROM risk_screeningdue WHERE customer_id = ANY (%s::uuid[]) FOR UPDATE SKIP LOCKED)
"""
_FORGET_FAILED = """
    DELETE FROM risk_screeningdue WHERE id IN (
        SELECT id FROM risk_screeningdue
         WHERE customer_id = ANY (%(customers)s::uuid[]) AND failed_at IS NOT NULL AND id <= %(latest)s FOR UPDATE SKIP LOCKED)
"""
_QUEUE_OLD = """
    INSERT INTO risk_screeningdue (customer_id, because)
    SELECT s.customer_id, %(because)s FROM risk_screeningstate s
     WHERE s.screened_at < %(before)s AND NOT EXISTS (SELECT FROM risk_screeningdue d WHERE d.customer_id = s.customer_id)
     ORDER BY s.screened_at LIMIT %(most)s
"""
_QUEUE_PART = """
    INSERT INTO risk_screeningdue (customer_id, because)
    SELECT id, %(because)s FROM accounts_customer
     WHERE state <> 'PSEUDONYMISED'
       AND (%(after)s::uuid IS NULL OR id > %(after)s::uuid) AND (%(upto)s::uuid IS NULL OR id <= %(upto)s::uuid)
     ORDER BY id
"""


def somebody_waits(now: datetime) -> bool:
    """Tell whether it is anybody's turn."""
    return ScreeningDue.objects.filter(Q(failed_at=None) | Q(failed_at__lte=now - AGAIN)).exists()


@transaction_required
def take(*, most: int, now: datetime) -> dict[int, UUID]:
    """Lock the turns that wait longest and that nobody has in hand, and return whose they are."""
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, {"again": now - AGAIN, "most": most})
        return dict(cursor.fetchall())


@transaction_required
def take_away(customer_ids: Collection[UUID]) -> None:
    """End the turns of customers who are about to be screened, but for those that a worker has in hand.

    Before the customers are read: whoever changes one from then on has another turn.
    """
    with connection.cursor() as cursor:
        cursor.execute(_TAKE_THEIRS, [list(customer_ids)])


@transaction_required
def end(taken: Mapping[int, UUID], failures: Mapping[UUID, str], now: datetime) -> None:
    """Take away the turns that were taken, and put back those of the customers who could not be screened.

    With a turn goes whatever failed of the same customer before it was queued.

    :param failures: by customer, the code of the fault.
    """
    done = {key: customer for key, customer in taken.items() if customer not in failures}
    ScreeningDue.objects.filter(pk__in=done).delete()
    with connection.cursor() as cursor:
        cursor.execute(_FORGET_FAILED, {"customers": list(set(done.values())), "latest": max(done, default=0)})
    for customer, failure in failures.items():
        kept = ScreeningDue.objects.filter(pk__in=[key for key, whose in taken.items() if whose == customer])
        kept.update(failed_at=now, failure=failure[:100])
    if failures:
        ScreeningState.objects.filter(customer__in=failures.keys()).delete()
        _tell(failures.keys(), now)


def queue_old(*, now: datetime, after_days: int, most: int = 10_000) -> int:
    """Have those screened again who were not for `after_days`, the longest first; return how many were queued."""
    before = now - timedelta(days=after_days)
    asked: dict[str, Any] = {"because": DueBecause.INTERVAL.value, "before": before, "most": most}
    with connection.cursor() as cursor:
        cursor.execute(_QUEUE_OLD, asked)
        queued: int = cursor.rowcount
    return queued


@transaction_required
def queue_part(chunk: RescreenChunk) -> None:
    """Give every customer of a part that could not be screened at once a turn of its own."""
    asked: dict[str, Any] = {"because": DueBecause.LISTED.value, "after": chunk.after, "upto": chunk.upto}
    with connection.cursor() as cursor:
        cursor.execute(_QUEUE_PART, asked)


def _tell(customer_ids: Collection[UUID], now: datetime) -> None:
    """Tell analysts, once an hour: of the first, and of how many."""
    first = Customer.objects.filter(pk__in=customer_ids).order_by("number").first()
    if first is None:
        return
    notices.tell(
        active_with_right(WHO_LOOKS).values_list("pk", flat=True),
        SCREENING_FAILED,
        words={"customer": first.number, "count": len(customer_ids)},
        link=reverse("admin:accounts_customer_change", args=[first.pk]),
        source=f"screening failed {now:%Y-%m-%dT%H}",
        now=now,
    )
