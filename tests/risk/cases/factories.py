"""Cases as an analyst opens them, and requests as two people decide them."""

from __future__ import annotations

from typing import Any

from approvals.models import ApprovalRequest
from bankops.core import clock, operations
from bankops.core.operations import Order, Outcome
from risk import services
from risk.models import Alert, AlertOutcome, Case, CaseReport
from risk.reporting.draft import PARTS
from risk.services.case_closing import closing_of
from staff.models import User
from tests.accounts.factories import NOW
from tests.approvals.factories import approve_all
from tests.risk.alerts.factories import make_alert


def make_case(person: User, score: int = 400, *, alerts: list[Alert] | None = None, **about: Any) -> Case:
    alerts = alerts or [make_alert(score, **about)]
    return services.open_case(
        alert_ids=[alert.pk for alert in alerts], person=person, reason="they belong together", now=NOW
    )


def submit_closing(
    case: Case, by: User, outcome: AlertOutcome = AlertOutcome.CONFIRMED, *, key: str = "", reason: str = "done"
) -> Outcome:
    payload = {"case": case.public_id, "outcome": outcome.value}
    order = Order(actor=by.as_actor(), now=clock.now(), reason=reason)
    return operations.submit(key or closing_of(case), payload, order)


def close(case: Case, by: User, outcome: AlertOutcome = AlertOutcome.CONFIRMED) -> Case:
    """Close a case, with whoever has to agree; the shipped policies are in force."""
    told = submit_closing(case, by, outcome)
    if not told.done:
        assert isinstance(told.request, ApprovalRequest)
        assert approve_all(told.request).state == "EXECUTED"
    return Case.objects.select_related("assignee").get(pk=case.pk)


def complete_report(case: Case, by: User) -> CaseReport:
    report = services.draft_report(case_id=case.pk, person=by, now=NOW)
    texts = {part.name: f"{part.label}: said." for part in PARTS}
    return services.change_report(case_id=case.pk, texts=texts, version=report.version, person=by, now=NOW)
