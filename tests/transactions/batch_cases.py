"""Batches that partners place, with everything usual filled in, through the real gate."""

from __future__ import annotations

from itertools import count

from accounts.models import Account
from accounts.partner_access import Right
from bankops.core import clock
from partners.caller import caller_as
from partners.models import Partner
from tests.api.callers import System, give
from transactions.services.transfer_batches import place_batch
from transactions.transfer_batches.items import Asked, Draft, Line
from transactions.transfer_batches.rights import sides_of

_serial = count(1)


def system_for(*accounts: Account, partner: Partner | None = None) -> System:
    """Return a partner's system that may use all of these accounts."""
    system = System(partner)
    for account in accounts:
        give(system.partner, account, Right.READ, Right.DEBIT, Right.CREDIT)
    return system


def line(payer: Account, payee: Account, amount: int, reference: str = "") -> Line:
    """Return a transfer of so many minor units, under a reference of its own unless it is given."""
    return Line(payer.public_id, payee.public_id, amount, reference or f"ITEM-{next(_serial)}", "")


def place(system: System, *lines: Line, reference: str = "", all_or_nothing: bool = False) -> Draft:
    """Place a batch as the partner would, under a key and a reference of its own unless it is given."""
    number = next(_serial)
    caller = caller_as(system.credential, scopes=frozenset(system.credential.scopes))
    asked = Asked(reference or f"BATCH-{number}", "CNY", all_or_nothing, lines, {})
    return place_batch(
        caller=caller,
        asked=asked,
        sides=sides_of(group_id=caller.group_id, lines=lines),
        key=f"idk-of-a-test-{number}",
        now=clock.now(),
        business_date=clock.business_date(clock.now()),
    )
