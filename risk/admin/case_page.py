"""What a case's page shows: alerts, the graph, operations with where they stand, notes, files, links, the report's checklist."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.contrib.admin import site
from django.db.models import Prefetch, Q
from django.http import HttpRequest
from django.utils.translation import gettext as _

from approvals.models import ApprovalRequest, State
from bankops.core import clock, ids, operations
from bankops.core.admin.display import Tone, badge
from bankops.core.admin.records import address_of
from bankops.core.models import AuditEvent
from bankops.core.selectors import TimelineEntry, entry_of
from risk.admin.alert_badges import due, outcome_badge, priority_badge, state_badge
from risk.admin.case_badges import case_badge
from risk.admin.case_graph import Records, graph_of
from risk.admin.case_names import CaseNames
from risk.admin.pattern_links import patterns_of
from risk.confidential import Veil
from risk.models import Alert, AlertReason, Case, CaseAction
from risk.reporting.draft import PARTS
from risk.reporting.facts import accounts_of, customers_of
from risk.selectors.alert_words import with_words, words_of
from risk.selectors.case_movements import movements_of
from risk.selectors.case_veil import veil_of, veiled
from risk.selectors.case_weight import weight_of
from risk.services import reports

TIMELINE_SHOWN = 100
_TONES = {State.PENDING: Tone.WARNING, State.EXECUTED: Tone.GOOD}


def page_of(request: HttpRequest, case: Case) -> dict[str, Any]:
    """Return what the template shows, in a constant number of queries."""
    alerts = list(
        case.alerts.prefetch_related(Prefetch("reasons", with_words(AlertReason.objects.all())))
        .select_related("assignee")
        .order_by("-score", "id")
    )
    accounts, movements = accounts_of(case), movements_of(case)
    veil = veil_of(case, request.user, accounts, movements)
    names = CaseNames(request, veil)
    records = Records(alerts, movements, accounts, customers_of(case), ownerless=veil.accounts)
    weight = weight_of(case)
    links = list(case.links.order_by("id"))
    return {
        "case": case,
        "standing": case_badge(case),
        "score": weight.score,
        "priority": priority_badge(weight.priority),
        "outcome": outcome_badge(case.outcome),
        "due": due(weight.due_at, is_open=case.is_open, now=clock.now()),
        "alerts": [_alert(request, one) for one in alerts],
        "graph": graph_of(case, records, names),
        "actions": [
            (names.subject(one), *_shown(one))
            for one in case.actions.select_related("approval_request").order_by("-id")
        ],
        "notes": [
            (note, note.text.reveal() if note.text else "") for note in case.notes.order_by("-written_at", "-id")
        ],
        "files": list(case.files.order_by("-id")),
        "links": [(link, *names.link(link)) for link in links],
        **_report(case, veil),
        "may_work": case.is_open and case.assignee_id == request.user.pk,
    }


def _report(case: Case, veil: Veil) -> dict[str, Any]:
    """Return the newest report, with what each part asks for and says."""
    report = reports.latest(case)
    written = reports.read(report) if report else None
    said = veiled(written.texts, veil) if written else {}
    return {"report": report, "parts": [(part, said.get(part.name, "").strip()) for part in PARTS] if written else []}


def timeline_of(case: Case) -> list[TimelineEntry]:
    """Return what happened to a case, to its alerts and to the requests that were ordered from it, newest first."""
    alerts = [ids.encode(Alert.ID_PREFIX, key) for key in case.alerts.values_list("pk", flat=True)]
    requests = [
        one.public_id
        for one in ApprovalRequest.objects.filter(pk__in=case.actions.values("approval_request")).only("id")
    ]
    about = (
        Q(subject_type="risk_case", subject_id=case.public_id)
        | Q(subject_type="risk_alert", subject_id__in=alerts)
        | Q(subject_type="approval_request", subject_id__in=requests)
    )
    events = AuditEvent.objects.filter(about).order_by("-id")[:TIMELINE_SHOWN]
    return [_entry(event, case) for event in events]


def _entry(event: AuditEvent, case: Case) -> TimelineEntry:
    """Return an event as it is read on the case's page: of another record, with what that is called."""
    entry = entry_of(event)
    own = event.subject_id == case.public_id
    return entry if own else replace(entry, label=f"{entry.label}: {event.subject_label}")


def _alert(request: HttpRequest, alert: Alert) -> tuple[Alert, Any, list[str], str, list[tuple[str, str]]]:
    """Return an alert with where it stands, what it says, where its movement is, and its patterns."""
    reasons = sorted(alert.reasons.all(), key=lambda one: (-one.weight, one.code))
    says = [words_of(one) for one in reasons]
    return alert, state_badge(alert), says, _movement(request, alert), patterns_of(request, reasons)


def _movement(request: HttpRequest, alert: Alert) -> str:
    """Return where an alert's movement is; empty where there is none to open."""
    return address_of(site, request, "transaction", alert.movement_id) if alert.movement_id else ""


def _shown(action: CaseAction) -> tuple[CaseAction, str, Any]:
    """Return an operation, what people call it, and where its request stands."""
    known = operations.registered().get(action.operation)
    label = str(known.label) if known else action.operation
    request = action.approval_request
    if request is None:
        done = badge(State.EXECUTED.label, Tone.GOOD)
        return action, label, done if action.done else badge(_("on record, not carried out yet"), Tone.WARNING)
    state = State(request.state)
    words = request.where_it_stands() if request.is_open else str(state.label)
    return action, label, badge(words, _TONES.get(state, Tone.BAD))
