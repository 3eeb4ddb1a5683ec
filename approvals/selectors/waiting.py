"""What open requests wait for: a reminder that is due, a reviewer who is missing; and how long the like took."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import DurationField, ExpressionWrapper, F, Q, QuerySet, Value
from django.db.models.functions import Least

from approvals.models import ApprovalRequest, State

HISTORY = timedelta(days=90)
_SAMPLE_MAX = 20_000
_LAST_PART, _LAST_TIME = 8, timedelta(hours=1)

# The same rules as approvals_exclusion, over all open requests at once (a test compares the two on every request of a mixed
# bank); each request is looked at again under its lock. `barred`: who made it, whom it is about, who was heard already.
_SHORT = """
    WITH waiting AS MATERIALIZED (
        SELECT r.id, r.expires_at, r.maker_id, r.stage_role, v.chain -> 'excluded_roles' AS excluded,
               (v.chain ->> 'pair_limit')::int AS pair_limit,
               (v.chain -> 'stages' -> (r.stage - 1) ->> 'quorum')::int
               - (SELECT count(*) FROM approvals_decision d
                   WHERE d.request_id = r.id AND d.version = r.version AND d.stage = r.stage) AS missing,
               array_remove(ARRAY(SELECT unnest(ARRAY[d.reviewer_id, d.in_place_of_id]) FROM approvals_decision d
                                   WHERE d.request_id = r.id AND d.version = r.version
                                  UNION SELECT c.person_id FROM approvals_requestconcern c WHERE c.request_id = r.id
                                  UNION SELECT r.maker_user_id), NULL) AS barred,
               ARRAY(SELECT g.user_id FROM approvals_reviewgrant g WHERE g.content_object_id = r.id) AS asked
          FROM approvals_approvalrequest r
          JOIN approvals_requestversion v ON v.request_id = r.id AND v.number = r.version
         WHERE r.state = 'PENDING' AND r.expires_at > %(now)s
    ), people AS MATERIALIZED (
        SELECT u.id, array_agg(g.name::text) AS roles
          FROM staff_user u
          JOIN staff_user_groups m ON m.user_id = u.id
          JOIN auth_group g ON g.id = m.group_id
         WHERE u.is_active GROUP BY u.id
    ), pairs AS MATERIALIZED (
        SELECT p.maker_id, p.stage_role, p.pair_limit,
               (SELECT CASE WHEN count(*) >= p.pair_limit AND count(DISTINCT last.reviewer_id) = 1
                            THEN (array_agg(last.reviewer_id))[1] END
                  FROM (SELECT d.reviewer_id FROM approvals_decision d
                         WHERE d.maker_id = p.maker_id AND d.role = p.stage_role AND d.verdict = 'APPROVE'
                         ORDER BY d.id DESC LIMIT p.pair_limit) last) AS tired
          FROM (SELECT DISTINCT maker_id, stage_role, pair_limit FROM waiting) p
    ), short AS (
        SELECT w.*, pairs.tired,
               EXISTS (SELECT FROM unnest(w.asked) a (id)
                        WHERE NOT EXISTS (SELECT FROM people p WHERE p.id = a.id AND w.stage_role = ANY (p.roles)
                                             AND NOT w.excluded ?| p.roles AND p.id <> ALL (w.barred))) AS has_lost_rights
          FROM waiting w JOIN pairs USING (maker_id, stage_role, pair_limit)
         WHERE (SELECT count(*) FROM people p
                 WHERE p.id = ANY (w.asked) AND w.stage_role = ANY (p.roles) AND NOT w.excluded ?| p.roles
                   AND p.id <> ALL (w.barred) AND p.id IS DISTINCT FROM pairs.tired) < w.missing
    )
    SELECT id, others FROM (
        SELECT s.id, s.expires_at, s.has_lost_rights,
               EXISTS (SELECT FROM people p
                        WHERE s.stage_role = ANY (p.roles) AND NOT s.excluded ?| p.roles
                          AND p.id IS DISTINCT FROM s.tired
                          AND p.id <> ALL (s.asked) AND p.id <> ALL (s.barred)) AS others
          FROM short s) found
     WHERE others OR has_lost_rights
     ORDER BY expires_at, id
     LIMIT %(limit)s
"""

_WAITS = """
    SELECT count(*), percentile_cont(0.5) WITHIN GROUP (ORDER BY waited), percentile_cont(0.9) WITHIN GROUP (ORDER BY waited)
      FROM (SELECT r.closed_at - v.made_at AS waited
              FROM (SELECT * FROM approvals_approvalrequest WHERE created_at >= %(since)s AND created_at <= %(now)s
                     ORDER BY created_at DESC, id DESC LIMIT %(sample)s) r
              JOIN approvals_requestversion v ON v.request_id = r.id AND v.number = r.version
             WHERE r.state = 'EXECUTED' AND r.stage_count = %(count)s
               AND ARRAY(SELECT s ->> 'role' FROM jsonb_array_elements(v.chain -> 'stages') WITH ORDINALITY t (s, n) ORDER BY n)
                   = %(roles)s::text[]) waits
"""


@dataclass(frozen=True, slots=True)
class Short:
    """A request that too few people may decide; `others` tells whether anybody else could be asked."""

    request_id: UUID
    others: bool


@dataclass(frozen=True, slots=True)
class Waits:
    """How long comparable requests took from submission to being carried out: half of them, and nine in ten."""

    count: int
    median: timedelta
    most: timedelta


def short_of_reviewers(*, now: datetime, limit: int) -> list[Short]:
    """Return undecided requests that fewer people may decide than are missing, where something can be done about it."""
    with connection.cursor() as cursor:
        cursor.execute(_SHORT, {"now": now, "limit": limit})
        return [Short(*row) for row in cursor.fetchall()]


def half_time_over(*, now: datetime) -> QuerySet[ApprovalRequest]:
    """Return undecided requests that have used up half of their time and have not been reminded of; most urgent first."""
    made, ends = F("versions__made_at"), F("expires_at")
    half = ExpressionWrapper((ends - made) / Value(2), output_field=DurationField())
    return (
        _undecided(now)
        .filter(reminded_half_at=None, reminded_end_at=None)
        .annotate(half=half)
        .filter(versions__made_at__lte=Value(now) - F("half"))
    )


def about_to_expire(*, now: datetime) -> QuerySet[ApprovalRequest]:
    """Return undecided requests in their last hour, or last eighth if that is shorter, not reminded of; most urgent first."""
    made, ends = F("versions__made_at"), F("expires_at")
    part = ExpressionWrapper((ends - made) / Value(_LAST_PART), output_field=DurationField())
    last = Least(part, Value(_LAST_TIME), output_field=DurationField())
    return (
        _undecided(now).filter(reminded_end_at=None).annotate(last=last).filter(expires_at__lte=Value(now) + F("last"))
    )


def expected_wait(*, roles: Sequence[str], now: datetime) -> Waits | None:
    """Return how long requests with the same stages took in the last `HISTORY`; None when there were none.

    Of the newest 20,000 requests in that time those count that were carried out.
    """
    asked: dict[str, Any] = {
        "since": now - HISTORY,
        "now": now,
        "sample": _SAMPLE_MAX,
        "count": len(roles),
        "roles": list(roles),
    }
    with connection.cursor() as cursor:
        cursor.execute(_WAITS, asked)
        count, median, most = cursor.fetchone()
    return Waits(count, median, most) if count else None


def _undecided(now: datetime) -> QuerySet[ApprovalRequest]:
    current = Q(state=State.PENDING, expires_at__gt=now, versions__number=F("version"))
    return ApprovalRequest.objects.filter(current).order_by("expires_at", "id")
