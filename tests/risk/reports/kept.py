"""Movements that were assessed, as the registers read them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.models import Account
from bankops.core import ids
from bankops.core.money import Money
from risk.assessment.answer import Assessment, Reason
from risk.facts import Facts, Party
from risk.models import Rule, RuleVersion
from risk.outcomes import Outcome
from risk.services import keeping
from tests.accounts.factories import NOW
from tests.risk.assessment.movements import transfer
from tests.risk.monitoring.moved import move
from tests.risk.rules.made import make_rule, make_version


def party(account: Account) -> Party:
    """Return an account as one side of a movement."""
    customer = account.customer.public_id if account.customer else None
    return Party(account=account.public_id, ours=True, customer=customer)


def assessed(
    reference: str,
    code: str,
    account: Account,
    *,
    at: datetime = NOW,
    rule: str = "large_value_person",
    amount: str = "600000",
    moved: bool = False,
    **changed: Any,
) -> Facts:
    """Have a transfer of an account's, or a movement changed otherwise, assessed, and moved."""
    money = Money.parse(amount, "CNY")
    facts = transfer(
        movement=ids.encode("tr", ids.uuid7()),
        amount=money,
        base_amount=money,
        moment=at,
        **{"payer": party(account), **changed},
    )
    reasons = (_reason(code, rule),) if code else ()
    made = Assessment(
        id=ids.uuid7(),
        facts=facts,
        outcome=Outcome.APPROVE,
        score=30 if code else 0,
        reasons=reasons,
        assessed_at=at,
        milliseconds=1.0,
    )
    with transaction.atomic():
        keeping.keep(assessment=made, reference=reference)
    if moved:
        move([facts])
    return facts


def _reason(code: str, rule: str) -> Reason:
    key = f"{rule}_{code}"
    known = Rule.objects.filter(key=key).first()
    version = RuleVersion.objects.get(rule=known) if known else make_version(make_rule(key, reason_code=code))
    return Reason(code=code, weight=30, outcome=Outcome.APPROVE, rule=rule, version=version.pk)
