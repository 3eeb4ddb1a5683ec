"""Movements that risk stops: rules that do, and people who decide."""

from __future__ import annotations

from typing import Any

from accounts.models import Account
from bankops.core.operations import Outcome as Submitted
from risk.models import Alert, Assessment, RuleVersion
from risk.outcomes import Outcome
from staff.models import Branch, User
from staff.roles import Role
from tests.accounts.factories import make_account, make_customer
from tests.personas import hire
from tests.risk.assessment.movements import active
from tests.transactions.shipped import Shipped, order_transfer, submit
from transactions.models import Transaction

SUSPICIOUS = 'amount >= money("666 CNY") and amount < money("667 CNY")'
"""Meets CNY 666, so that other amounts of the same test are nobody's business."""


def stopping(
    outcome: Outcome = Outcome.BLOCK_AND_REVIEW, *, key: str = "number_of_the_beast", **changed: Any
) -> RuleVersion:
    return active(key, SUSPICIOUS, outcome=outcome, **{"weight": 400, **changed})


def known_later(outcome: Outcome = Outcome.BLOCK_AND_REVIEW) -> None:
    """Have a rule that hits a large movement once its payer has paid somebody else: `pays_somebody` brings that about."""
    active("known_since", 'amount >= money("60000 CNY") and count(payer, "24h") >= 1', outcome=outcome, weight=400)


def pays_somebody(bank: Shipped, payer: Account) -> None:
    paid = order_transfer(bank.maker, payer, make_account(customer=make_customer("Sun Li")), "1.00")
    assert paid.done


def analyst(branch: Branch, code: str = "R7", name: str = "Rao Min") -> User:
    return hire(code, name, Role.RISK_ANALYST, branch)


def ask_release(row: Transaction, by: User, **more: Any) -> Submitted:
    return submit("transactions.release_risk_held", by, {"transaction": row.public_id}, reason="talked to them", **more)


def decline(row: Transaction, by: User, **more: Any) -> Submitted:
    return submit("transactions.decline_risk_held", by, {"transaction": row.public_id}, reason="a mule", **more)


def said_of(row: Transaction) -> Assessment:
    """Return what was said when it was ordered."""
    return Assessment.objects.get(movement=row.public_id, number=1)


def said_later_of(row: Transaction) -> list[Assessment]:
    """Return what was said after that, in order."""
    return list(Assessment.objects.filter(movement=row.public_id, number__gt=1).order_by("number"))


def alert_of(row: Transaction) -> Alert:
    return Alert.objects.get(movement_id=row.public_id)
