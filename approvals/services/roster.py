"""The duty roster: who takes the reviews of a role on which days. Rotation asks people on duty first."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Q

from approvals import errors, events, locks
from approvals.models import Duty
from approvals.models.roster import EVERY_DAY
from approvals.permissions import REVIEWERS
from bankops.core import audit
from bankops.core.actor import Actor
from bankops.core.db import transaction_required
from staff.events import about
from staff.models import User
from staff.roles import Role
from staff.selectors import roles_of


@transaction.atomic
def add_duty(
    *,
    user: User,
    role: Role,
    weekdays: str,
    since: date,
    until: date | None,
    actor: Actor,
    now: datetime,
    business_date: date,
) -> Duty:
    """Put somebody on the roster, and return the duty. Writes `approvals.duty.added`.

    :param weekdays: ISO digits in any order, `12345` for Monday to Friday.
    :param since: the first day; not before `business_date`.
    :param until: the last day, inclusive; None for open end.
    :raises ReviewerDisabled: when they cannot sign in.
    :raises DutyWithoutRole: when they do not hold the role, or nobody reviews in it.
    :raises DutyPeriodRefused: when there would be no day at all, or one in the past.
    :raises DutyOverlaps: when they are on duty in this role on one of these weekdays already.
    """
    user = locks.reviewer_for_update(user)
    if role not in REVIEWERS or role not in roles_of(user):
        raise errors.DutyWithoutRole(name=user.full_name, role=role.label)
    weekdays = "".join(sorted({*weekdays} & {*EVERY_DAY}))
    if not weekdays or since < business_date or (until is not None and until < since):
        raise errors.DutyPeriodRefused
    _refuse_overlap(user, role, weekdays, since, until)
    duty = Duty.objects.create(user=user, role=role.value, weekdays=weekdays, since=since, until=until)
    _record(duty, events.DUTY_ADDED, actor=actor, now=now)
    return duty


@transaction.atomic
def end_duty(*, duty_id: int, last_day: date, actor: Actor, now: datetime, business_date: date) -> Duty:
    """Take somebody off the roster after `last_day`, and return the duty. Writes `approvals.duty.ended`.

    A duty that would end before its first day never was one: its row goes, the audit trail keeps what was planned.

    :param last_day: the last day on duty; yesterday means from today on.
    :raises UnknownDuty: when there is none.
    :raises DutyEndsEarlier: when it ended before, or would end later than it does now, or before yesterday.
    """
    duty = Duty.objects.select_for_update(of=("self",)).select_related("user").filter(pk=duty_id).first()
    if duty is None:
        raise errors.UnknownDuty
    present = duty.until or date.max
    if not business_date - timedelta(days=1) <= last_day < present:
        raise errors.DutyEndsEarlier(until=duty.until or "–")
    duty.until = last_day
    _record(duty, events.DUTY_ENDED, actor=actor, now=now)
    if last_day < duty.since:
        Duty.objects.filter(pk=duty.pk).delete()
    else:
        duty.save(update_fields=["until"])
    return duty


def _refuse_overlap(user: User, role: Role, weekdays: str, since: date, until: date | None) -> None:
    still_on = Duty.objects.filter(Q(until__isnull=True) | Q(until__gte=since), user=user, role=role.value)
    others = still_on.filter(since__lte=until) if until else still_on
    if any({*other.weekdays} & {*weekdays} for other in others):
        raise errors.DutyOverlaps(name=user.full_name, role=role.label)


@transaction_required
def _record(duty: Duty, event: audit.EventType, *, actor: Actor, now: datetime) -> None:
    audit.record(
        event,
        actor=actor,
        subject=about(duty.user),
        now=now,
        detail={
            "role": duty.role,
            "weekdays": duty.weekdays,
            "since": duty.since.isoformat(),
            "until": duty.until.isoformat() if duty.until else "",
        },
    )
