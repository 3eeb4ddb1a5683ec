"""Closing a case. Of high priority: two people, always; otherwise what the bank's policies ask."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django.db.models import Sum
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from bankops.core import ids
from bankops.core.audit import Subject
from bankops.core.operations import Description, Facts, Operation, Order, Review
from bankops.core.texts import require_reason
from risk import errors, locks
from risk.models import AlertOutcome, AlertState, Case, CaseState
from risk.selectors.case_weight import weight_of
from risk.selectors.concerned import concerned_in
from risk.services import case_closing, reports
from risk.services.cases import subject_of
from staff.events import about as about_person

Payload = Mapping[str, Any]


class CloseCase(Operation):
    """Payload: `{"case": "rcs_…", "outcome": "FALSE_POSITIVE"}`; the order says why."""

    key = case_closing.BY_ONE
    label = _("Close case")
    usual_review = Review.FROM_PARTNERS
    discreet = True
    needs_two: ClassVar[bool] = False

    def clean(self, payload: Payload) -> dict[str, Any]:
        """:raises InvalidId, UnknownCase, UnknownAlertOutcome: naming the fault."""
        return {"case": _case(payload).public_id, "outcome": str(_outcome(payload).value)}

    def facts(self, payload: Payload) -> Facts:
        case = _case(payload)
        return Facts(branch=case.branch.code if case.branch else "", risk_band=str(weight_of(case).priority))

    def concerns(self, payload: Payload) -> Sequence[Subject]:
        """Return the case, and everybody who may not work it: they do not decide about it either."""
        case = _case(payload)
        return [subject_of(case), *(about_person(one) for one in concerned_in(case))]

    def preconditions(self, payload: Payload) -> dict[str, Any]:
        """Return what is decided about: whatever is added meanwhile makes the request stale."""
        case = _case(payload)
        report = reports.latest(case)
        return {
            "state": str(case.state),
            "priority": str(weight_of(case).priority),
            "assignee": case.assignee.public_id,
            "alerts": case.alerts.count(),
            "raised": case.alerts.aggregate(sum=Sum("raised_count"))["sum"] or 0,
            "concerned": [one.public_id for one in concerned_in(case)],
            "notes": case.notes.count(),
            "files": case.files.count(),
            "links": case.links.count(),
            "operations": case.actions.count(),
            "report": report.sha256 if report else "",
            "facts": reports.fingerprint(case) if _outcome(payload) == AlertOutcome.REPORTED else "",
        }

    def describe(self, payload: Payload) -> Description:
        case, outcome = _case(payload), _outcome(payload)
        count = case.alerts.count()
        text = gettext("Close case %(case)s with its %(count)s alerts: %(outcome)s.")
        report = reports.latest(case) if outcome == AlertOutcome.REPORTED else None
        priority = str(weight_of(case).priority.label)
        return Description(
            summary=text % {"case": case.reference, "count": count, "outcome": outcome.label},
            changes={
                gettext("State"): (str(CaseState(case.state).label), str(CaseState.CLOSED.label)),
                gettext("Outcome"): ("", str(outcome.label)),
                gettext("Priority"): (priority, priority),
                **({gettext("Report"): ("", f"SHA-256 {report.sha256}")} if report else {}),
            },
            warnings=_warnings(case),
        )

    def refuse(self, payload: Payload, order: Order) -> None:
        """:raises ReasonRequired, CaseClosed, CaseNotYours, CaseNeedsTwo, CaseNeedsNoTwo: as the service would.
        :raises ReportMissing, ReportIncomplete, ReportOutdated: as the service would.
        """
        require_reason(order.reason)
        case_closing.refuse_closing(_case(payload), _outcome(payload), order.actor, by_two=self.needs_two)

    def lock(self, payload: Payload) -> None:
        locks.case_with_alerts_for_update(_case(payload).pk)

    def execute(self, payload: Payload, order: Order) -> Case:
        return case_closing.close_case(**_terms(payload, order))

    def subject_of(self, result: Any) -> Subject:
        return subject_of(result)


class CloseHighRiskCase(CloseCase):
    """Payload: as `CloseCase`."""

    key = case_closing.BY_TWO
    label = _("Close case of high risk")
    permission = "risk.close_case"
    usual_review = Review.ALWAYS
    always_two = True
    needs_two = True

    def execute(self, payload: Payload, order: Order) -> Case:
        return case_closing.close_high_risk_case(**_terms(payload, order))


def _terms(payload: Payload, order: Order) -> dict[str, Any]:
    return {
        "case_id": _case(payload).pk,
        "outcome": _outcome(payload),
        "reason": order.reason,
        "actor": order.actor,
        "now": order.now,
        "approval_request_id": order.request_id,
    }


def _warnings(case: Case) -> list[str]:
    stopped = case.alerts.filter(stopped=True, state=AlertState.IN_CASE).count()
    text = gettext("%(count)s of its alerts are about money that was stopped.")
    return [text % {"count": stopped}] if stopped else []


def _outcome(payload: Payload) -> AlertOutcome:
    """:raises UnknownAlertOutcome: when the payload names none."""
    asked = str(payload.get("outcome", ""))
    if asked not in AlertOutcome.values:
        choices = ", ".join(str(one.label) for one in AlertOutcome)
        raise errors.UnknownAlertOutcome(outcome=asked, choices=choices)
    return AlertOutcome(asked)


def _case(payload: Payload) -> Case:
    """:raises InvalidId, UnknownCase: when the payload names none."""
    key = ids.decode(Case.ID_PREFIX, str(payload.get("case", "")))
    case = Case.objects.select_related("branch", "assignee").filter(pk=key).first()
    if case is None:
        raise errors.UnknownCase
    return case
