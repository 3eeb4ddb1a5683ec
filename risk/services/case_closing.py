"""Closing a case, and opening it again. One of high priority is closed by two people: `risk.close_high_risk_case`.

The database holds the same: the trigger `case_closed_under_consent` looks for the request that they approved, for this case
and this outcome.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import IntegrityError, transaction

from approvals.models import ApprovalRequest
from bankops.core import audit, ids
from bankops.core.actor import Actor
from bankops.core.db import transaction_required
from bankops.core.operations import only_through_gate
from bankops.core.texts import require_reason
from risk import errors, events
from risk.bands import Band
from risk.locks import alerts_for_update, case_for_update, case_with_alerts_for_update
from risk.models import Alert, AlertOutcome, AlertState, Case, CaseState
from risk.services import reports
from risk.services.alert_work import check_conflict
from risk.services.alerts import close as close_alert
from risk.services.alerts import subject_of as alert_subject
from risk.services.cases import check_case_visible, check_open, tell
from risk.services.urgency import due_at
from staff.models import User

BY_ONE: Final = "risk.close_case"
BY_TWO: Final = "risk.close_high_risk_case"
_CLOSING = ("outcome", "closed_at", "closed_by_id", "closed_by_name", "close_reason", "approval_request")


@only_through_gate("risk.close_case")
@transaction.atomic
def close_case(
    *, case_id: UUID, outcome: AlertOutcome, reason: str, actor: Actor, now: datetime, approval_request_id: str = ""
) -> Case:
    """Close a case that is not of high priority, with its alerts, and return it. Writes `risk.case.closed`.

    A report is frozen when it is closed as reported.

    :param approval_request_id: the request it was consented to (`apr_…`); empty when it needed none.
    :raises ConsentRequired: when the gate is not carrying it out.
    :raises ReasonRequired: when `reason` is blank.
    :raises UnknownCase, CaseClosed, CaseNotYours: when it is not an open one in the actor's hands.
    :raises CaseNeedsTwo: when its priority is high.
    :raises ReportMissing, ReportIncomplete, ReportOutdated: when it is to be closed as reported, and the report is not ready.
    """
    reason = require_reason(reason)
    case = case_with_alerts_for_update(case_id)
    refuse_closing(case, outcome, actor, by_two=False)
    return _close(case, outcome, reason, actor=actor, now=now, approval_request_id=approval_request_id)


@only_through_gate("risk.close_high_risk_case")
@transaction.atomic
def close_high_risk_case(
    *, case_id: UUID, outcome: AlertOutcome, reason: str, actor: Actor, now: datetime, approval_request_id: str = ""
) -> Case:
    """Close a case of high priority, to which two people agreed, and return it; see `close_case`.

    :raises ConsentRequired, ReasonRequired, UnknownCase, CaseClosed, CaseNotYours: as there.
    :raises ReportMissing, ReportIncomplete, ReportOutdated: as there.
    :raises CaseNeedsNoTwo: when its priority is not high.
    """
    reason = require_reason(reason)
    case = case_with_alerts_for_update(case_id)
    refuse_closing(case, outcome, actor, by_two=True)
    return _close(case, outcome, reason, actor=actor, now=now, approval_request_id=approval_request_id)


@transaction.atomic
def reopen_case(*, case_id: UUID, reason: str, person: User, now: datetime) -> Case:
    """Open a closed case again, with its alerts, and return it; it is this person's to work, and due anew.

    A frozen report stays as it was; the case can have another one. Writes `risk.case.reopened`.

    :raises ReasonRequired: when `reason` is blank.
    :raises UnknownCase: when there is none that this person may see.
    :raises CaseNotClosed: when it is open.
    :raises ConflictOfInterest: when an alert of it is about them or about what they made.
    :raises AlertOpenAgain: when the same thing has an open alert again: a case is opened from that one.
    """
    reason = require_reason(reason)
    case = case_for_update(case_id)
    check_case_visible(case, person)
    if case.is_open:
        raise errors.CaseNotClosed(case=case.reference, state=case.get_state_display())
    alerts = alerts_for_update(case.alerts.values_list("pk", flat=True))
    for alert in alerts:
        check_conflict(alert, person)
    before = case.outcome
    case.state, case.outcome, case.closed_at, case.approval_request = CaseState.OPEN, "", None, None
    case.closed_by_id = case.closed_by_name = case.close_reason = ""
    case.reopened_count += 1
    case.assignee = person
    case.due_at, case.reminded_at, case.escalated_at = due_at(Band(case.priority), now), None, None
    case.save(update_fields=["state", *_CLOSING, "reopened_count", "assignee", "due_at", "reminded_at", "escalated_at"])
    _take_alerts_back(alerts, case, person, now)
    tell(
        events.CASE_REOPENED,
        case,
        actor=person.as_actor(),
        now=now,
        reason=reason,
        changes={"state": (str(CaseState.CLOSED), str(CaseState.OPEN)), "outcome": (before, "")},
    )
    return case


def refuse_closing(case: Case, outcome: AlertOutcome, actor: Actor, *, by_two: bool) -> None:
    """Refuse what `close_case` and `close_high_risk_case` refuse of a case as it stands."""
    check_open(case)
    if actor.id != case.assignee.public_id:
        raise errors.CaseNotYours(case=case.reference, name=case.assignee.full_name)
    if by_two != needs_two(case):
        refusal = errors.CaseNeedsNoTwo if by_two else errors.CaseNeedsTwo
        raise refusal(case=case.reference)
    if outcome == AlertOutcome.REPORTED:
        reports.require_complete(case)


def needs_two(case: Case) -> bool:
    """Tell whether two people close it: it is of high priority, or one of its alerts has become so since."""
    return case.priority == Band.HIGH or case.alerts.filter(priority=Band.HIGH).exists()


def closing_of(case: Case) -> str:
    """Return the key of the operation that closes a case as it stands."""
    return BY_TWO if needs_two(case) else BY_ONE


@transaction_required
def _close(
    case: Case, outcome: AlertOutcome, reason: str, *, actor: Actor, now: datetime, approval_request_id: str
) -> Case:
    before = case.state
    if outcome == AlertOutcome.REPORTED:
        reports.freeze(case, actor=actor, now=now)
    case.state, case.outcome, case.close_reason = CaseState.CLOSED, outcome, reason
    case.waiting_for, case.waiting_until = "", None
    case.closed_at, case.closed_by_id, case.closed_by_name = now, actor.id, actor.name
    if approval_request_id:
        case.approval_request_id = ids.decode(ApprovalRequest.ID_PREFIX, approval_request_id)
    case.save(update_fields=["state", "waiting_for", "waiting_until", *_CLOSING])
    for alert in _in_case(case):
        close_alert(alert, outcome=outcome, reason=reason, actor=actor, now=now)
    tell(
        events.CASE_CLOSED,
        case,
        actor=actor,
        now=now,
        reason=reason,
        changes={"state": (str(before), str(CaseState.CLOSED)), "outcome": ("", str(outcome))},
    )
    return case


def _in_case(case: Case) -> list[Alert]:
    """Return the alerts that are decided with a case; the rows are locked (`case_with_alerts_for_update`)."""
    return list(case.alerts.filter(state=AlertState.IN_CASE).select_related("assignee").order_by("pk"))


@transaction_required
def _take_alerts_back(alerts: list[Alert], case: Case, person: User, now: datetime) -> None:
    for alert in alerts:
        alert.state, alert.outcome, alert.closed_at = AlertState.IN_CASE, "", None
        alert.closed_by_id = alert.closed_by_name = alert.close_reason = ""
        try:
            with transaction.atomic():
                alert.save(
                    update_fields=["state", "outcome", "closed_at", "closed_by_id", "closed_by_name", "close_reason"]
                )
        except IntegrityError as taken:
            raise errors.AlertOpenAgain(alert=alert.reference) from taken
        audit.record(
            events.ALERT_OPEN_AGAIN,
            actor=person.as_actor(),
            subject=alert_subject(alert),
            now=now,
            detail={"case": case.reference},
        )
