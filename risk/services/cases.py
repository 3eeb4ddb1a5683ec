"""Cases: opened from alerts, handed on, left waiting, taken up again. What is added to them: `risk.services.case_content`;
their closing: `risk.services.case_closing`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from django.db import connection, transaction

from bankops.core import audit, clock
from bankops.core.actor import Actor
from bankops.core.audit import EventType
from bankops.core.db import transaction_required
from bankops.core.texts import check_fits, require_reason
from risk import access, errors, events
from risk.bands import band_of
from risk.locks import alerts_for_update, case_for_update
from risk.models import Alert, AlertState, Case, CaseState
from risk.services.alert_work import check_conflict, check_visible, standing
from risk.services.alerts import subject_of as alert_subject
from staff.models import User
from staff.selectors import holds_right

WORK: Final = "risk.work_case"


@transaction.atomic
def open_case(*, alert_ids: Sequence[UUID], person: User, reason: str, now: datetime) -> Case:
    """Make a case of alerts that wait or are in somebody's own hands, and return it; it is theirs to work.

    It is as risky as the riskiest of them, due when the first of them is, and of the first one's branch. Writes
    `risk.case.opened`, and `risk.alert.put_into_case` of each.

    :raises ReasonRequired: when `reason` is blank.
    :raises CaseWithoutAlert: without alerts.
    :raises UnknownAlert: when there is one that this person may not see.
    :raises AlertNotWaiting: when one is decided, part of a case, or in other hands.
    :raises ConflictOfInterest: when one is about them or about what they made.
    """
    reason = require_reason(reason)
    alerts = alerts_for_update(alert_ids)
    if not alerts:
        raise errors.CaseWithoutAlert
    check_can_join(alerts, person)
    score = max(alert.score for alert in alerts)
    case = Case(
        reference=_next_reference(now),
        score=score,
        priority=band_of(score),
        branch_id=alerts[0].branch_id,
        assignee=person,
        opened_at=now,
        opened_by_id=person.public_id,
        opened_by_name=person.full_name,
        due_at=min(alert.due_at for alert in alerts),
    )
    case.save(force_insert=True)
    references = [alert.reference for alert in alerts]
    tell(events.CASE_OPENED, case, actor=person.as_actor(), now=now, reason=reason, detail={"alerts": references})
    join(alerts, case, actor=person.as_actor(), now=now)
    return case


@transaction.atomic
def add_alert_to_case(*, case_id: UUID, alert_id: UUID, person: User, now: datetime) -> Case:
    """Make one more alert part of a case, and return the case. Writes `risk.case.alert_added`.

    :raises UnknownCase, CaseClosed, CaseNotYours: when it is not an open one in this person's hands.
    :raises UnknownAlert, AlertNotWaiting, ConflictOfInterest: as `open_case`.
    """
    case = own_case(case_id, person)
    alerts = alerts_for_update([alert_id])
    check_can_join(alerts, person)
    case.score = max(case.score, alerts[0].score)
    case.priority = band_of(case.score)
    case.due_at = min(case.due_at, alerts[0].due_at)
    case.save(update_fields=["score", "priority", "due_at"])
    tell(events.CASE_ALERT_ADDED, case, actor=person.as_actor(), now=now, detail={"alerts": [alerts[0].reference]})
    join(alerts, case, actor=person.as_actor(), now=now)
    return case


@transaction.atomic
def park_case(*, case_id: UUID, waiting_for: str, until: date | None, person: User, now: datetime) -> Case:
    """Note that a case waits for something, and return it. Writes `risk.case.parked`. It stays due when it was.

    :param until: the day on which to look again, of which whoever works it is told; None where it is not known.
    :raises ReasonRequired: when `waiting_for` is blank.
    :raises TextTooLong: beyond 200 characters.
    :raises UnknownCase, CaseClosed, CaseNotYours: when it is not an open one in this person's hands.
    """
    kept = require_reason(waiting_for)
    check_fits(Case, waiting_for=kept)
    case = own_case(case_id, person)
    case.state, case.waiting_for, case.waiting_until = CaseState.WAITING, kept, until
    case.reminded_to_look_at = None
    case.save(update_fields=["state", "waiting_for", "waiting_until", "reminded_to_look_at"])
    tell(events.CASE_WAITS, case, actor=person.as_actor(), now=now, reason=kept)
    return case


@transaction.atomic
def resume_case(*, case_id: UUID, person: User, now: datetime) -> Case:
    """Take a case up again that waited, and return it. Writes `risk.case.resumed`.

    :raises UnknownCase, CaseClosed, CaseNotYours: when it is not an open one in this person's hands.
    :raises CaseUnchanged: when it does not wait.
    """
    case = own_case(case_id, person)
    if case.state != CaseState.WAITING:
        raise errors.CaseUnchanged(case=case.reference, state=case.get_state_display())
    case.state, case.waiting_for, case.waiting_until = CaseState.OPEN, "", None
    case.save(update_fields=["state", "waiting_for", "waiting_until"])
    tell(events.CASE_RESUMED, case, actor=person.as_actor(), now=now)
    return case


@transaction.atomic
def reassign_case(*, case_id: UUID, to: User, reason: str, actor: Actor, now: datetime) -> Case:
    """Put a case into somebody else's hands, and return it. Writes `risk.case.reassigned`.

    :raises ReasonRequired: when `reason` is blank.
    :raises UnknownCase, CaseClosed: when there is no open one, or none that `to` may see.
    :raises CaseUnchanged: when it is in these hands already.
    :raises NotAnAnalyst: when `to` may not work cases.
    :raises ConflictOfInterest: when an alert of it is about `to` or about what they made.
    """
    reason = require_reason(reason)
    case = case_for_update(case_id)
    check_open(case)
    if case.assignee_id == to.pk:
        raise errors.CaseUnchanged(case=case.reference, state=to.full_name)
    if not holds_right(to, WORK):
        raise errors.NotAnAnalyst(name=to.full_name)
    check_case_visible(case, to)
    for alert in case.alerts.all():
        check_conflict(alert, to)
    before, case.assignee = case.assignee.full_name, to
    case.reminded_at = case.reminded_to_look_at = None
    case.save(update_fields=["assignee", "reminded_at", "reminded_to_look_at"])
    tell(
        events.CASE_REASSIGNED,
        case,
        actor=actor,
        now=now,
        reason=reason,
        changes={"assignee": (before, to.full_name)},
    )
    return case


# -- What the other services on cases need ----------------------------------------------------------------------------


@transaction_required
def own_case(case_id: UUID, person: User) -> Case:
    """Lock a case and return it, if it is open and in this person's hands.

    :raises UnknownCase, CaseClosed, CaseNotYours: otherwise.
    """
    case = case_for_update(case_id)
    check_case_visible(case, person)
    check_open(case)
    if case.assignee_id != person.pk:
        raise errors.CaseNotYours(case=case.reference, name=case.assignee.full_name)
    return case


def check_open(case: Case) -> None:
    """:raises CaseClosed: when it is closed."""
    if not case.is_open:
        raise errors.CaseClosed(case=case.reference)


def check_case_visible(case: Case, person: User) -> None:
    """:raises UnknownCase: when this person may not see it."""
    if not access.visible_cases(person, Case.objects.filter(pk=case.pk)).exists():
        raise errors.UnknownCase


def check_can_join(alerts: Iterable[Alert], person: User) -> None:
    """Refuse alerts, which are locked, that this person may not make part of a case."""
    for alert in alerts:
        check_visible(alert, person)
        mine = alert.state == AlertState.ASSIGNED and alert.assignee_id == person.pk
        if alert.state != AlertState.NEW and not mine:
            raise errors.AlertNotWaiting(alert=alert.reference, state=standing(alert))
        check_conflict(alert, person)


@transaction_required
def join(alerts: Iterable[Alert], case: Case, *, actor: Actor, now: datetime) -> None:
    """Make alerts, which are locked, part of a case."""
    for alert in alerts:
        before = alert.state
        alert.case, alert.state = case, AlertState.IN_CASE
        alert.save(update_fields=["case", "state"])
        audit.record(
            events.ALERT_INTO_CASE,
            actor=actor,
            subject=alert_subject(alert),
            now=now,
            changes={"state": (str(before), str(alert.state))},
            detail={"case": case.reference},
        )


@transaction_required
def tell(event: EventType, case: Case, *, actor: Actor, now: datetime, **more: Any) -> None:
    """Write an audit event about a case."""
    audit.record(event, actor=actor, subject=subject_of(case), now=now, **more)


def subject_of(case: Case) -> audit.Subject:
    """Return how the audit trail names a case."""
    return audit.Subject("risk_case", case.public_id, case.reference)


def _next_reference(now: datetime) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('risk_case_number_seq')")
        (number,) = cursor.fetchone()
    return f"RC-{clock.business_date(now).year}-{number:06d}"
