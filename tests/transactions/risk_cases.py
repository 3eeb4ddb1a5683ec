"""Movements that risk stops: rules that do, and people who decide."""

from __future__ import annotations

from typing import Any

from bankops.core.operations import Outcome as Submitted
from risk.models import Alert, Assessment, RuleVersion
from risk.outcomes import Outcome
from staff.models import Branch, User
from staff.roles import Role
from tests.personas import hire
from tests.risk.assessment.movements import active
from tests.transactions.shipped import submit
from transactions.models import Transaction

SUSPICIOUS = 'amount >= money("666 CNY") and amount < money("667 CNY")'
"""Meets CNY 666, so that other amounts of the same test are nobody's business."""


def stopping(
    outcome: Outcome = Outcome.BLOCK_AND_REVIEW, *, key: str = "number_of_the_beast", **changed: Any
) -> RuleVersion:
    return active(key, SUSPICIOUS, outcome=outcome, **{"weight": 400, **changed})


def analyst(branch: Branch, code: str = "R7", name: str = "Rao Min") -> User:
    return hire(code, name, Role.RISK_ANALYST, branch)


def ask_release(row: Transaction, by: User, **more: Any) -> Submitted:
    return submit("transactions.release_risk_held", by, {"transaction": row.public_id}, reason="talked to them", **more)


def decline(row: Transaction, by: User, **more: Any) -> Submitted:
    return submit("transactions.decline_risk_held", by, {"transaction": row.public_id}, reason="a mule", **more)


def said_of(row: Transaction) -> Assessment:
    return Assessment.objects.get(movement=row.public_id)


def alert_of(row: Transaction) -> Alert:
    return Alert.objects.get(movement_id=row.public_id)
