"""What a payment about to be made looks like: read before it is confirmed, and asked again under the locks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from accounts.models import Account
from bankops.core import clock
from bankops.core.actor import Actor
from bankops.core.money import Money
from transactions import selectors
from transactions.models import Channel, Kind, Transaction
from transactions.services import duplicates
from transactions.services.instructions import Instruction

_WARNED_FOR = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class LookAlike:
    """The newest payment that looks the same, and whether it will be held back unless somebody says why both are wanted."""

    twin: Transaction
    will_be_held: bool


def look_alike(
    kind: Kind, *, debit: Account, credit: Account, amount: Money, actor: Actor, now: datetime
) -> LookAlike | None:
    """Return what a payment of the bank's own people looks like at this moment, or None."""
    day = clock.business_date(now)
    instruction = Instruction(kind, debit, credit, amount, actor, now, day, channel=Channel.STAFF)
    policy = duplicates.policy_for(instruction)
    twins = duplicates.foresee(instruction, policy) if policy else None
    if twins and twins.are_too_many and twins.twin:
        return LookAlike(Transaction.objects.get(pk=twins.twin), will_be_held=True)
    twin = selectors.look_alike(debit=debit.pk, credit=credit.pk, amount=amount, since=now - _WARNED_FOR)
    return LookAlike(twin, will_be_held=False) if twin else None
