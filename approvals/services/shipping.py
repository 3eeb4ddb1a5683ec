"""What a bank starts with: the shipped policies, and in the demo a few reference rates. Nothing that is there is changed."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from django.conf import settings
from django.db import transaction

from approvals.models import ApprovalRequest, Policy, PolicyVersion, ReferenceRate
from approvals.policies.minimum import readable
from approvals.policies.shipped import Shipped, for_sandbox, shipped
from approvals.services.policies import active_policies, lock_policies, write_version
from approvals.services.rates import lock_rate, write_rate
from bankops.core import operations, sandbox
from bankops.core.actor import Actor
from staff.errors import NotInDemo

_SHIPPED = "Shipped with bankops"
_DEMO_RATE = "Demo rate: rounded, and not a market rate"
DEMO_RATES = {"EUR": "8.00", "GBP": "9.00", "HKD": "0.90", "JPY": "0.05", "USD": "7.00"}


class Seeded(NamedTuple):
    """What was written, and the names of shipped policies that the bank has to ask for, because it is at work already."""

    written: list[PolicyVersion]
    to_be_submitted: list[str]


@transaction.atomic
def seed_policies(*, actor: Actor, now: datetime) -> Seeded:
    """Write the shipped policies whose names are not there yet. Writes `approvals.policy.changed`.

    A policy that was changed or retired stays so. This needs nobody's consent as long as nothing was ever asked for; from
    the first approval request on it writes nothing, because a policy can also ask for less than the strict default, and
    the database refuses it (`policy_version_under_consent`).
    """
    lock_policies()
    known = set(Policy.objects.values_list("name", flat=True))
    missing = [policy for policy in _to_ship() if policy.name not in known]
    if ApprovalRequest.objects.exists():
        return Seeded([], [policy.name for policy in missing])
    return Seeded([_write(policy, actor, now) for policy in missing], [])


def _to_ship() -> list[Shipped]:
    currency = settings.BANKOPS_BASE_CURRENCY
    return [*shipped(currency), *([for_sandbox(currency)] if sandbox.is_on() else [])]


def uncovered_operations() -> list[str]:
    """Return the operations that no active policy covers, sorted: whoever asks for one waits for two reviewers."""
    definitions = readable(active_policies())
    return [key for key in operations.registered() if not any(definition.covers(key) for definition in definitions)]


def _write(policy: Shipped, actor: Actor, now: datetime) -> PolicyVersion:
    return write_version(name=policy.name, definition=policy.definition, actor=actor, reason=_SHIPPED, now=now)


@transaction.atomic
def seed_demo_rates(*, actor: Actor, now: datetime) -> list[ReferenceRate]:
    """Write the demo's reference rates for currencies that have none, and return them.

    :raises NotInDemo: when the settings are not the demo's: what foreign money is worth is the bank's own to say.
    """
    if not getattr(settings, "BANKOPS_DEMO", False):
        raise NotInDemo
    for currency in sorted(DEMO_RATES):
        lock_rate(currency)
    missing = DEMO_RATES.keys() - set(ReferenceRate.objects.values_list("currency", flat=True))
    return [
        write_rate(currency=currency, rate=Decimal(DEMO_RATES[currency]), actor=actor, reason=_DEMO_RATE, now=now)
        for currency in sorted(missing - {settings.BANKOPS_BASE_CURRENCY})
    ]
