"""What a transaction's page tells of its assessment: that it waits and what would let it pass, and to who may know, why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest

from risk.models import Alert
from risk.selectors.assessments import assessment_of
from risk.selectors.explaining import Explained, explained
from risk.services.keeping import dedupe_key
from transactions.models import HELD_BY_RISK, State, Transaction
from transactions.services.held import held_until


@dataclass(frozen=True, slots=True)
class RiskPanel:
    """What is shown.

    Attributes:
        until: until when it waits; None when risk does not hold it.
        was_stopped: risk has held or declined it, whatever became of it.
        explained: what was found; None to whoever must not know, because they talk to customers, and of what was not assessed.
        alert: the newest alert about it, to who works with alerts.

    """

    until: datetime | None
    was_stopped: bool
    explained: Explained | None
    alert: Alert | None


def risk_panel(request: HttpRequest, row: Transaction) -> RiskPanel:
    """Return what this person is shown of a transaction's assessment."""
    kept = assessment_of(row.public_id) if request.user.has_perm("risk.view_assessment") else None
    sees_alerts = request.user.has_perm("risk.view_alert")
    return RiskPanel(
        until=held_until(row) if row.waits_for_risk else None,
        was_stopped=row.held_because in HELD_BY_RISK or (row.state == State.DECLINED and not row.held_because),
        explained=explained(kept) if kept else None,
        alert=_alert(row) if sees_alerts else None,
    )


def _alert(row: Transaction) -> Alert | None:
    alerts = Alert.objects.filter(dedupe_key=dedupe_key(row.public_id))
    return alerts.order_by("-raised_at").first()
