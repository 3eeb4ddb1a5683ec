"""Facts of a movement that is about to happen, and rules that meet it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from bankops.core.money import Money
from risk.facts import Facts, MovementKind, Party, bank_time
from risk.models import RuleVersion, VersionState
from risk.outcomes import Outcome
from tests.risk.rules.made import make_rule, make_version

NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
ALWAYS = 'amount >= money("0.01 CNY")'

_HOUR, _WEEKDAY = bank_time(NOW)
_TRANSFER = Facts(
    movement="tr_of_a_test",
    kind=MovementKind.TRANSFER,
    channel="partner",
    amount=Money.parse("2000.00", "CNY"),
    base_amount=Money.parse("2000.00", "CNY"),
    moment=NOW,
    hour=_HOUR,
    weekday=_WEEKDAY,
    payer=Party(account="acc_payer", ours=True),
    payee=Party(account="acc_payee", ours=True),
)


def transfer(**changed: Any) -> Facts:
    return replace(_TRANSFER, **changed)


def active(
    key: str, condition: str = ALWAYS, *, state: VersionState = VersionState.ACTIVE, **changed: Any
) -> RuleVersion:
    """Return a version that counts, under a rule whose reason code is its key."""
    told = {"weight": 100, "outcome": Outcome.REVIEW} | changed
    return make_version(make_rule(key, reason_code=key), state, condition=condition, **told)
