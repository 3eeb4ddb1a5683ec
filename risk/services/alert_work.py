"""Working alerts: taking the next one, handing back, handing on, stepping aside, closing.

An alert is in one person's hands at most. Nobody works one about themselves or about what they made: the services refuse
it, and the trigger `alert_worked_by_nobody_concerned` refuses whatever comes by another way.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import transaction

from accounts.access import ALL_BRANCHES
from bankops.core import audit
from bankops.core.actor import Actor
from bankops.core.audit import EventType
from bankops.core.db import prepared
from bankops.core.texts import require_reason
from risk import access, errors, events
from risk.bands import Band
from risk.locks import alert_for_update, next_alert_for_update
from risk.models import Alert, AlertConflict, AlertOutcome, AlertState, ConflictCause
from risk.services.alerts import close, subject_of
from staff.models import User
from staff.selectors import holds_right

WORK: Final = "risk.work_alert"
ALONE: Final = (AlertOutcome.FALSE_POSITIVE, AlertOutcome.CONFIRMED)
"""What an alert may come to without a case. What is reported is reported from one."""

_CONFLICT = "SELECT risk_conflict_of_interest(%(alert)s::uuid, %(user)s::uuid)"


@transaction.atomic
def take_next_alert(*, person: User, now: datetime) -> Alert:
    """Put the most urgent alert that somebody may work into their hands, and return it. Writes `risk.alert.taken`.

    What another one is just taking is passed over; two who ask at once get two alerts.

    :raises QueueEmpty: when none waits that this person may see and work.
    """
    alert = next_alert_for_update(person, all_branches=person.has_perm(ALL_BRANCHES))
    if alert is None:
        raise errors.QueueEmpty
    return _give(alert, person, event=events.ALERT_TAKEN, actor=person.as_actor(), now=now)


@transaction.atomic
def take_alert(*, alert_id: UUID, person: User, now: datetime) -> Alert:
    """Put one waiting alert into somebody's own hands, and return it. Writes `risk.alert.taken`.

    :raises UnknownAlert: when there is none that this person may see.
    :raises AlertNotWaiting: when somebody works it, or it is decided.
    :raises ConflictOfInterest: when it is about them or about what they made.
    """
    alert = alert_for_update(alert_id)
    check_visible(alert, person)
    if alert.state != AlertState.NEW:
        raise errors.AlertNotWaiting(alert=alert.reference, state=standing(alert))
    check_conflict(alert, person)
    return _give(alert, person, event=events.ALERT_TAKEN, actor=person.as_actor(), now=now)


@transaction.atomic
def hand_back_alert(*, alert_id: UUID, person: User, reason: str, now: datetime) -> Alert:
    """Put an alert in somebody's hands back into the queue, and return it. Writes `risk.alert.handed_back`.

    :raises ReasonRequired: when `reason` is blank.
    :raises UnknownAlert, AlertNotYours: when it is not in this person's hands.
    """
    reason = require_reason(reason)
    alert = _own(alert_id, person)
    return _release(alert, event=events.ALERT_HANDED_BACK, actor=person.as_actor(), reason=reason, now=now)


@transaction.atomic
def declare_conflict(*, alert_id: UUID, person: User, reason: str, now: datetime) -> Alert:
    """Note that somebody may not work an alert, by their own word, and return it. Writes `risk.alert.conflict_declared`.

    It is never offered to them again; what was in their hands waits again.

    :raises ReasonRequired: when `reason` is blank.
    :raises UnknownAlert: when there is none that this person may see.
    :raises AlertNotWaiting: when it is decided, part of a case, or in other hands.
    """
    reason = require_reason(reason)
    alert = alert_for_update(alert_id)
    check_visible(alert, person)
    mine = alert.state == AlertState.ASSIGNED and alert.assignee_id == person.pk
    if alert.state != AlertState.NEW and not mine:
        raise errors.AlertNotWaiting(alert=alert.reference, state=standing(alert))
    AlertConflict.objects.bulk_create(
        [AlertConflict(alert=alert, user=person, cause=ConflictCause.DECLARED, noted_at=now)], ignore_conflicts=True
    )
    actor = person.as_actor()
    if mine:
        return _release(alert, event=events.ALERT_CONFLICT_DECLARED, actor=actor, reason=reason, now=now)
    audit.record(events.ALERT_CONFLICT_DECLARED, actor=actor, subject=subject_of(alert), now=now, reason=reason)
    return alert


@transaction.atomic
def reassign_alert(*, alert_id: UUID, to: User, reason: str, actor: Actor, now: datetime) -> Alert:
    """Put an alert into somebody else's hands, and return it. Writes `risk.alert.reassigned`.

    :param to: holds `risk.work_alert` and may see the alert.
    :raises ReasonRequired: when `reason` is blank.
    :raises UnknownAlert: when there is none, or none that `to` may see.
    :raises AlertNotInWork: when it is decided or part of a case, or in these hands already.
    :raises NotAnAnalyst: when `to` may not work alerts.
    :raises ConflictOfInterest: when it is about `to` or about what they made.
    """
    reason = require_reason(reason)
    alert = alert_for_update(alert_id)
    if alert.state not in (AlertState.NEW, AlertState.ASSIGNED) or alert.assignee_id == to.pk:
        raise errors.AlertNotInWork(alert=alert.reference, state=standing(alert))
    if not holds_right(to, WORK):
        raise errors.NotAnAnalyst(name=to.full_name)
    check_visible(alert, to)
    check_conflict(alert, to)
    return _give(alert, to, event=events.ALERT_REASSIGNED, actor=actor, reason=reason, now=now)


@transaction.atomic
def close_alert(*, alert_id: UUID, outcome: AlertOutcome, reason: str, person: User, now: datetime) -> Alert:
    """Decide an alert in somebody's hands, and return it. Writes `risk.alert.closed`.

    One of high priority is decided in a case only, whose closing takes two people.

    :param outcome: `ALONE` has those there are.
    :raises ReasonRequired: when `reason` is blank.
    :raises UnknownAlertOutcome: for any other outcome.
    :raises UnknownAlert, AlertNotYours: when it is not in this person's hands.
    :raises HighAlertNeedsCase: when its priority is high.
    """
    reason = require_reason(reason)
    if outcome not in ALONE:
        choices = ", ".join(str(one.label) for one in ALONE)
        raise errors.UnknownAlertOutcome(outcome=outcome, choices=choices)
    alert = _own(alert_id, person)
    if alert.priority == Band.HIGH:
        raise errors.HighAlertNeedsCase(alert=alert.reference)
    return close(alert, outcome=outcome, reason=reason, actor=person.as_actor(), now=now)


def conflict_of(alert: Alert, person: User) -> ConflictCause | None:
    """Return why somebody may not work an alert, or None."""
    ((cause,),) = prepared(_CONFLICT, {"alert": alert.pk, "user": person.pk})
    return ConflictCause(cause) if cause else None


def check_conflict(alert: Alert, person: User) -> None:
    """:raises ConflictOfInterest: when somebody may not work an alert."""
    if cause := conflict_of(alert, person):
        raise errors.ConflictOfInterest(name=person.full_name, alert=alert.reference, cause=cause.label)


def check_visible(alert: Alert, person: User) -> None:
    """:raises UnknownAlert: when somebody may not see an alert."""
    if not access.visible_alerts(person, Alert.objects.filter(pk=alert.pk)).exists():
        raise errors.UnknownAlert


def _own(alert_id: UUID, person: User) -> Alert:
    """Lock an alert and return it, if it is in this person's hands."""
    alert = alert_for_update(alert_id)
    check_visible(alert, person)
    if alert.state != AlertState.ASSIGNED or alert.assignee_id != person.pk:
        raise errors.AlertNotYours(alert=alert.reference, state=standing(alert))
    return alert


def standing(alert: Alert) -> str:
    """Return where an alert stands, and in whose hands."""
    words = str(AlertState(alert.state).label)
    return f"{words}, {alert.assignee.full_name}" if alert.assignee and alert.is_open else words


def _give(alert: Alert, person: User, *, event: EventType, actor: Actor, now: datetime, reason: str = "") -> Alert:
    before = alert.assignee.full_name if alert.assignee else ""
    alert.state, alert.assignee, alert.assigned_at = AlertState.ASSIGNED, person, now
    alert.reminded_at = None
    alert.save(update_fields=["state", "assignee", "assigned_at", "reminded_at"])
    _tell(event, alert, actor=actor, now=now, reason=reason, worked_by=(before, person.full_name))
    return alert


def _release(alert: Alert, *, event: EventType, actor: Actor, reason: str, now: datetime) -> Alert:
    before = alert.assignee.full_name if alert.assignee else ""
    alert.state, alert.assignee, alert.assigned_at = AlertState.NEW, None, None
    alert.save(update_fields=["state", "assignee", "assigned_at"])
    _tell(event, alert, actor=actor, now=now, reason=reason, worked_by=(before, ""))
    return alert


def _tell(
    event: EventType, alert: Alert, *, actor: Actor, now: datetime, reason: str, worked_by: tuple[str, str]
) -> None:
    audit.record(
        event,
        actor=actor,
        subject=subject_of(alert),
        now=now,
        reason=reason,
        changes={"assignee": worked_by},
    )
