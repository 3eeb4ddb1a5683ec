"""Holds that partners' systems place: money announced to a payee, then captured or released. For the API.

A hold counts against its partner's limits from when it is placed, so that a capture needs nothing more; what is not captured
is given back to the day it was placed on.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final, NamedTuple
from uuid import UUID

from django.db import transaction

from bankops.core import clock, ids, operations
from bankops.core.money import Money
from bankops.core.operations import Order
from partners.caller import Caller
from partners.services.allowance import take_allowance
from transactions import errors
from transactions.models import Channel, Hold, HoldPurpose, HoldState, Transaction
from transactions.partner_visibility import own_holds
from transactions.services.hold_notes import write_hold_note
from transactions.services.holds import place_hold, void_hold

STATUSES: Final[Mapping[HoldState, str]] = {
    HoldState.PENDING: "pending",
    HoldState.POSTED: "captured",
    HoldState.VOIDED: "released",
    HoldState.EXPIRED: "expired",
}
USUAL_LENGTH: Final = timedelta(days=7)
LONGEST: Final = timedelta(days=31)
"""How long a partner may keep a customer's money from being spent without paying it."""


class Captured(NamedTuple):
    """What became of a hold, and the transfer that its capture became: None while reviewers decide."""

    hold: Hold
    transfer: Transaction | None


@transaction.atomic
def place(
    *,
    caller: Caller,
    sides: tuple[UUID, UUID],
    amount: Money,
    reference: str,
    narrative: str,
    key: str,
    now: datetime,
    expires_at: datetime | None = None,
    payee_as_written: str = "",
    genuine_because: str = "",
    metadata: Mapping[str, str] | None = None,
) -> Hold:
    """Hold money for a payee and return the hold.

    :param sides: the keys of the payer's and the payee's account, as `partner_orders.sides_of` let them through.
    :param expires_at: seven days from now, when it is left out.
    :param genuine_because: why it is wanted although it looks like something else; empty where nobody says so.
    :param metadata: what the partner keeps with it for itself.
    :raises HoldEndsInThePast, HoldEndsTooLate: by `expires_at`.
    :raises PossibleDuplicate: when it looks like something else, and nobody said why it is wanted.
    :raises DuplicateReference: when the partner has placed a hold under this reference before.
    :raises PartnerLimitMissing, PartnerLimitExceeded: beyond what was agreed with the partner.
    :raises InsufficientFunds, LimitExceeded, PostingRefused: as `place_hold`.
    """
    if expires_at and expires_at > now + LONGEST:
        raise errors.HoldEndsTooLate(days=LONGEST.days)
    payer, payee = sides
    hold = place_hold(
        account_id=payer,
        payee_id=payee,
        amount=amount,
        purpose=HoldPurpose.PAYMENT,
        reason=narrative,
        external_reference=reference,
        ends_at=expires_at or now + USUAL_LENGTH,
        channel=Channel.PARTNER,
        partner_id=caller.partner_id,
        payee_as_written=payee_as_written,
        genuine_because=genuine_because,
        idempotency_key=key,
        actor=caller.actor,
        now=now,
    )
    write_hold_note(hold, metadata or {})
    take_allowance(partner_id=caller.partner_id, amount=amount, day=clock.business_date(now))
    return hold


def capture(
    *,
    caller: Caller,
    hold_id: UUID,
    amount: Money,
    reference: str,
    narrative: str,
    key: str,
    now: datetime,
    context: Mapping[str, str] | None = None,
) -> Captured:
    """Pay held money to the payee; return the hold captured, pending while reviewers decide, or given back.

    It is given back when the bank looks at the payment first, or has declined it; the transfer is returned too.

    :param context: where the customer was who ordered it, as `operations.origins` reads it.
    :raises UnknownHold: when the partner has none of this id.
    :raises BankOpsError: whatever the operation or the gate refuses; the hold stays then.
    """
    hold = _own(caller, hold_id)
    payload = {
        "hold": hold.public_id,
        "amount": str(amount),
        "currency": amount.currency,
        "narrative": narrative,
        "external_reference": reference,
        "partner": caller.partner,
        "context": context or {},
    }
    order = Order(actor=caller.actor, now=now, channel="partner", idempotency_key=key)
    outcome = operations.submit("transactions.capture_hold", payload, order)
    return Captured(_own(caller, hold_id), outcome.result)


def release(*, caller: Caller, hold_id: UUID, reason: str, now: datetime) -> Hold:
    """Give held money back and return the hold. A capture that waits for reviewers is stale then.

    :raises UnknownHold: when the partner has none of this id.
    :raises HoldNotPending: when it was captured, released or has expired.
    :raises ReasonRequired: when `reason` is blank.
    """
    void_hold(hold_id=_own(caller, hold_id).pk, reason=reason, actor=caller.actor, now=now)
    return _own(caller, hold_id)


def _own(caller: Caller, hold_id: UUID) -> Hold:
    hold = own_holds(caller.partner_id).filter(pk=hold_id).first()
    if hold is None:
        raise errors.UnknownHold(hold=ids.encode(Hold.ID_PREFIX, hold_id))
    return hold
