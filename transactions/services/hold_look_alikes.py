"""Holds of partners that look like another payment: refused, unless the partner says why both are wanted.

A hold is not held back itself, as a payment is: it moves no money, and whoever placed it can place it again with the reason.
"""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext

from accounts.models import Account
from bankops.core import clock
from bankops.core.actor import Actor
from bankops.core.db import transaction_required
from transactions.duplicates.errors import PossibleDuplicate
from transactions.models import Channel, Hold, Kind, Transaction
from transactions.services import duplicates
from transactions.services.duplicate_notes import note_confirmed_hold
from transactions.services.duplicates import Twins
from transactions.services.instructions import Instruction


@transaction_required
def refuse_look_alike(hold: Hold, payee: Account, *, actor: Actor, genuine_because: str) -> None:
    """Compare a partner's unsaved hold with payments and other holds, under the locks of both accounts.

    Where it looks like too many and its partner says why it is wanted, it is confirmed as genuine and noted.

    :raises PossibleDuplicate: when nobody said so.
    """
    instruction = _announced(hold, payee, actor)
    if (policy := duplicates.policy_for(instruction)) is None:
        return
    twins = duplicates.look(instruction, policy)
    if not twins.are_too_many:
        return
    if not genuine_because.strip():
        raise PossibleDuplicate(twin=_named(hold, twins))
    hold.confirmed_genuine_at = hold.placed_at
    note_confirmed_hold(hold=hold, twin=twins.twin, actor=actor)


def _announced(hold: Hold, payee: Account, actor: Actor) -> Instruction:
    """Return the transfer that a hold announces."""
    return Instruction(
        Kind.TRANSFER,
        debit=hold.account,
        credit=payee,
        amount=hold.money,
        actor=actor,
        now=hold.placed_at,
        business_date=clock.business_date(hold.placed_at),
        channel=Channel.PARTNER,
        partner_id=hold.partner_id,
    )


def _named(hold: Hold, twins: Twins) -> str:
    """Return the id of what a hold looks like, where the same partner ordered that; of others it is not told."""
    payment: dict[str, Any] = {"pk": twins.twin, "partner": hold.partner_id}
    held: dict[str, Any] = {"pk": twins.hold, "partner": hold.partner_id}
    own = Transaction.objects.filter(**payment).first() or Hold.objects.filter(**held).first()
    return own.public_id if own else gettext("another payment")
