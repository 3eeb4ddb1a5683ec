"""What a transaction's page tells of its assessment: that it waits and what would let it pass, and to who may know, why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest

from risk.models import Alert, Assessment
from risk.outcomes import Outcome
from risk.selectors.assessments import answers_about
from risk.selectors.explaining import Explained, explained
from risk.services.keeping import dedupe_key
from transactions.models import HELD_BY_RISK, State, Transaction
from transactions.services.held import held_until


@dataclass(frozen=True, slots=True)
class RiskPanel:
    """What is shown.

    Attributes:
        until: until when it waits; None when risk does not hold it.
        was_stopped: risk has held or declined it, whatever became of it, or kept it from moving when it had been approved.
        explained: what was found last; None to whoever must not know, as they talk to customers, and of what was not assessed.
        before: what was said when it was ordered, to the same people, where it was asked about again.
        alert: the newest alert about it, to who works with alerts.

    """

    until: datetime | None
    was_stopped: bool
    explained: Explained | None
    before: Assessment | None
    alert: Alert | None


def risk_panel(request: HttpRequest, row: Transaction) -> RiskPanel:
    """Return what this person is shown of a transaction's assessment."""
    answers = answers_about(row.public_id)
    shown = answers if request.user.has_perm("risk.view_assessment") else []
    sees_alerts = request.user.has_perm("risk.view_alert")
    return RiskPanel(
        until=held_until(row) if row.waits_for_risk else None,
        was_stopped=_was_stopped(row, answers),
        explained=explained(shown[-1]) if shown else None,
        before=shown[0] if len(shown) > 1 else None,
        alert=_alert(row) if sees_alerts else None,
    )


def _was_stopped(row: Transaction, answers: Sequence[Assessment]) -> bool:
    if row.state == State.FAILED:
        return any(Outcome(one.outcome).stops for one in answers)
    return row.held_because in HELD_BY_RISK or (row.state == State.DECLINED and not row.held_because)


def _alert(row: Transaction) -> Alert | None:
    alerts = Alert.objects.filter(dedupe_key=dedupe_key(row.public_id))
    return alerts.order_by("-raised_at").first()
