"""Stand-ins: one reviewer decides in another's place for a time. It brings time, not rights."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction

from approvals import errors, events, locks
from approvals.models import StandIn
from approvals.permissions import REVIEWERS
from bankops.core import audit
from bankops.core.db import transaction_required
from bankops.core.errors import PermissionRefused
from bankops.core.texts import require_reason
from staff.events import about
from staff.models import User
from staff.selectors import roles_of

LONGEST = timedelta(days=60)
OWN, ANY = "approvals.name_stand_in", "approvals.name_any_stand_in"


@transaction.atomic
def name_stand_in(
    *, absent: User, stand_in: User, starts_at: datetime, ends_at: datetime, actor: User, reason: str, now: datetime
) -> StandIn:
    """Let somebody decide in another's place, and return it. Writes `approvals.stand_in.named` with both names.

    What the absent person may not decide, and what the stand-in may not decide, stays forbidden (`decision_holds`).

    :param starts_at: inclusive, not before `now`.
    :param ends_at: exclusive, at most `LONGEST` after the start.
    :raises ReasonRequired: without a reason.
    :raises PermissionRefused: for oneself without `name_stand_in`, for another without `name_any_stand_in`.
    :raises StandInIsOneself, StandInPeriodRefused: when that makes no sense.
    :raises ReviewerDisabled: when the stand-in cannot sign in.
    :raises StandInWithoutRole: when they hold none of the absent person's reviewing roles.
    :raises StandInNamedAlready: when they stand in for them in that time already.
    :raises StandInCircle: when they would stand in for each other, through whatever chain.
    """
    reason = require_reason(reason)
    _require_right(absent, actor)
    _refuse_period(starts_at, ends_at, now)
    _refuse_people(absent, locks.reviewer_for_update(stand_in))
    if StandIn.objects.filter(
        absent=absent, stand_in=stand_in, ended_at__isnull=True, starts_at__lt=ends_at, ends_at__gt=starts_at
    ).exists():
        raise errors.StandInNamedAlready(stand_in=stand_in.full_name, absent=absent.full_name)
    named = StandIn(
        absent=absent,
        stand_in=stand_in,
        starts_at=starts_at,
        ends_at=ends_at,
        reason=reason,
        named_by=actor,
        named_at=now,
    )
    _insert(named)
    _record(named, events.STAND_IN_NAMED, actor=actor, reason=reason, now=now)
    return named


@transaction.atomic
def end_stand_in(*, stand_in_id: int, actor: User, reason: str, now: datetime) -> StandIn:
    """End a stand-in before its time, and return it. Writes `approvals.stand_in.ended` with both names.

    :raises ReasonRequired: without a reason.
    :raises UnknownStandIn: when there is none.
    :raises PermissionRefused: for oneself without `name_stand_in`, for another without `name_any_stand_in`.
    :raises StandInOver: when it ended already.
    """
    reason = require_reason(reason)
    rows = StandIn.objects.select_for_update(of=("self",)).select_related("absent", "stand_in")
    row = rows.filter(pk=stand_in_id).first()
    if row is None:
        raise errors.UnknownStandIn
    _require_right(row.absent, actor)
    if row.ended_at or row.ends_at <= now:
        raise errors.StandInOver(stand_in=row.stand_in.full_name, absent=row.absent.full_name)
    row.ended_at = now
    row.save(update_fields=["ended_at"])
    _record(row, events.STAND_IN_ENDED, actor=actor, reason=reason, now=now)
    return row


def _require_right(absent: User, actor: User) -> None:
    own = absent.pk == actor.pk
    if not (actor.has_perm(ANY) or (own and actor.has_perm(OWN))):
        raise PermissionRefused(actor=actor.full_name, permission=OWN if own else ANY)


def _refuse_period(starts_at: datetime, ends_at: datetime, now: datetime) -> None:
    if not now <= starts_at < ends_at <= starts_at + LONGEST:
        raise errors.StandInPeriodRefused(days=LONGEST.days)


def _refuse_people(absent: User, stand_in: User) -> None:
    if absent.pk == stand_in.pk:
        raise errors.StandInIsOneself(name=absent.full_name)
    reviewing = {*roles_of(absent)} & {*REVIEWERS}
    if reviewing.isdisjoint(roles_of(stand_in)):
        raise errors.StandInWithoutRole(stand_in=stand_in.full_name, absent=absent.full_name)


@transaction_required
def _insert(named: StandIn) -> None:
    """Write the row; whether people stand in for each other is what the database's guard `stand_in_holds` knows."""
    try:
        with transaction.atomic():
            named.save(force_insert=True)
    except IntegrityError as refused:
        if not str(refused).startswith(errors.StandInCircle.code):
            raise
        names = {"stand_in": named.stand_in.full_name, "absent": named.absent.full_name}
        raise errors.StandInCircle(**names) from refused


@transaction_required
def _record(row: StandIn, event: audit.EventType, *, actor: User, reason: str, now: datetime) -> None:
    audit.record(
        event,
        actor=actor.as_actor(),
        subject=about(row.absent),
        now=now,
        reason=reason,
        detail={
            "absent": row.absent.full_name,
            "stand_in": row.stand_in.full_name,
            "stand_in_id": row.stand_in.public_id,
            "from": row.starts_at.isoformat(),
            "until": (row.ended_at or row.ends_at).isoformat(),
        },
    )
