"""What a case's page shows: alerts, the graph, operations with where they stand, notes, files, links, the report's checklist."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django.contrib.admin import site
from django.db.models import Prefetch, Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts import access as account_access
from accounts import numbers
from accounts.models import Account, Customer
from approvals.models import ApprovalRequest, State
from bankops.core import clock, ids, operations
from bankops.core.admin.display import Tone, badge
from bankops.core.admin.records import address_of
from bankops.core.models import AuditEvent
from bankops.core.selectors import TimelineEntry, entry_of
from risk.admin.alert_badges import due, outcome_badge, priority_badge, state_badge
from risk.admin.case_badges import case_badge
from risk.admin.case_graph import graph_of
from risk.models import Alert, AlertReason, Case, CaseAction, CaseLink, LinkKind
from risk.selectors.alert_words import with_words, words_of
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
    report = reports.latest(case)
    written = reports.read(report) if report else None
    return {
        "case": case,
        "standing": case_badge(case),
        "priority": priority_badge(case.priority),
        "outcome": outcome_badge(case.outcome),
        "due": due(case.due_at, is_open=case.is_open, now=clock.now()),
        "alerts": [(one, state_badge(one), _says(one), _movement(request, one)) for one in alerts],
        "graph": graph_of(case, alerts, _names(request)),
        "actions": [_shown(one) for one in case.actions.select_related("approval_request").order_by("-id")],
        "notes": [
            (note, note.text.reveal() if note.text else "") for note in case.notes.order_by("-written_at", "-id")
        ],
        "files": list(case.files.order_by("-id")),
        "links": _linked(request, list(case.links.order_by("id"))),
        "report": report,
        "checklist": written.checklist() if written else [],
        "may_export": report is not None and request.user.has_perm("risk.export_report"),
        "may_work": case.is_open and case.assignee_id == request.user.pk,
    }


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


def _says(alert: Alert) -> list[str]:
    reasons = sorted(alert.reasons.all(), key=lambda one: (-one.weight, one.code))
    return [words_of(one) for one in reasons]


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


def _linked(request: HttpRequest, links: list[CaseLink]) -> list[tuple[CaseLink, str, str]]:
    """Return each link, its label and where it leads; an account that is not this person's to see has no number."""
    keys = [ids.decode(Account.ID_PREFIX, one.subject_id) for one in links if one.kind == LinkKind.ACCOUNT]
    known = {one.public_id: one for one in Account.objects.filter(pk__in=keys)} if keys else {}
    shown = []
    for link in links:
        account = known.get(link.subject_id)
        if account and not account_access.may_see(request.user, account):
            shown.append((link, _("Confidential account"), ""))
            continue
        label = numbers.display(link.label) if account else link.label
        shown.append((link, label, address_of(site, request, link.kind, link.subject_id)))
    return shown


def _names(request: HttpRequest) -> Callable[[Any], tuple[str, str, str]]:
    """Return how this person reads the records of the graph."""
    views_customers = request.user.has_perm("accounts.view_customer")

    def name(record: Any) -> tuple[str, str, str]:
        if isinstance(record, Alert):
            label = record.movement_reference or record.reference
            return label, str(record.get_kind_display()), reverse("admin:risk_alert_change", args=[record.pk])
        if isinstance(record, Account):
            if not account_access.may_see(request.user, record):
                return _("Confidential account"), "", ""
            url = reverse("admin:accounts_account_change", args=[record.pk])
            return numbers.display(record.number), account_access.holder(request.user, record), url
        assert isinstance(record, Customer)
        url = reverse("admin:accounts_customer_change", args=[record.pk]) if views_customers else ""
        return record.name, record.number, url

    return name
