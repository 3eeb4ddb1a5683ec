"""Payments of standing orders before they are made: risk is asked about all that are due at once.

One that is stopped makes no transaction: risk has an alert, and the payment waits for as long as that is open. Where it is found
a false positive, the payment is tried again, and passes if the rule no longer hits, or is snoozed for the customer. Where it is
confirmed, the payment is given up, as is what risk refuses at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from enum import Enum
from typing import Final

import structlog

from accounts.models import Account
from bankops.core import ids
from bankops.core.db import transaction_required
from bankops.core.encryption import CannotDecrypt
from bankops.core.money import Money
from risk.assessment.answer import Assessment
from risk.assessment.payees import PayeeStanding, is_for_payee_alone, with_payee
from risk.facts import Party
from risk.models import AlertOutcome
from risk.selectors.alert_verdicts import verdicts
from risk.services import keeping, moved
from risk.services.assessing import assess_all
from transactions.models import Channel, Kind, StandingOrder, Transaction
from transactions.services.payee_screening import payee_standings
from transactions.services.risk_facts import facts_about, with_elsewhere
from transactions.standing_orders import payees

log = structlog.get_logger(__name__)

_ORDER: Final = "standing_order"


class Looked(Enum):
    """How far people have come with a payment that was stopped."""

    AT = "looked at"
    THROUGH = "nothing found"
    GIVEN_UP = "confirmed"


def looked_at(payments: Sequence[tuple[StandingOrder, date]]) -> list[Looked]:
    """Return how far the alerts about payments are that were stopped before, and about their payees, in their order.

    One query, or none.
    """
    keys = [[key for key in (_key(order, due), order.payee_alert) if key] for order, due in payments]
    found = verdicts([key for pair in keys for key in pair])
    return [_looked([found[key] for key in pair if key in found]) for pair in keys]


def _looked(outcomes: Sequence[str]) -> Looked:
    """Return how far people are with one payment; an alert that is open has no outcome."""
    if set(outcomes) <= {AlertOutcome.FALSE_POSITIVE}:
        return Looked.THROUGH
    return Looked.AT if set(outcomes) <= {"", AlertOutcome.FALSE_POSITIVE} else Looked.GIVEN_UP


def assess_payments(orders: Sequence[StandingOrder], *, now: datetime) -> list[Assessment]:
    """Return what risk says of the next payment of each order, in their order.

    A payee whose name cannot be read counts as one who was not held against the lists; the others are paid.
    """
    if not orders:
        return []
    sides = {side for order in orders for side in (order.account_id, order.payee_account_id) if side}
    accounts = Account.objects.select_related("customer", "balance").in_bulk(sides)
    readable = {order for order in orders if _can_be_read(order)}
    movements = [
        with_elsewhere(
            facts_about(
                movement=movement,
                kind=Kind.TRANSFER if order.payee_account_id else Kind.PAYMENT_OUT,
                payer=accounts[order.account_id],
                payee=accounts[order.payee_account_id] if order.payee_account_id else None,
                amount=Money(order.amount, order.currency),
                channel=Channel.SYSTEM,
                now=now,
                narrative=order.purpose,
            ),
            _elsewhere(order, is_readable=order in readable),
        )
        for order, movement in zip(orders, ids.uuid7s(len(orders)), strict=True)
    ]
    said = assess_all(movements=movements, now=now)
    stand = zip(orders, said, payee_standings(orders, now=now), strict=True)
    return [
        with_payee(one, standing if order in readable else _unread(standing), about=order.public_id)
        for order, one, standing in stand
    ]


@transaction_required
def keep_paid(paid: Sequence[tuple[Transaction, Assessment]]) -> None:
    """Write what was said of payments that have just been made, and that they have moved."""
    for row, said in paid:
        keeping.keep(assessment=said, reference=row.reference)
    moved.note_moved(movements=[said.facts for _row, said in paid])


@transaction_required
def raise_stopped(order: StandingOrder, due: date, said: Assessment, *, now: datetime) -> None:
    """Put a payment that risk has stopped before the people of risk: one alert for a date of an order, however often tried.

    None where it is stopped for a payee alone about whom there is an alert: that one decides.
    """
    if is_for_payee_alone(said):
        return
    keeping.raise_unmoved(assessment=said, dedupe_key=_key(order, due), now=now)


def _key(order: StandingOrder, due: date) -> str:
    return f"{_ORDER}:{order.public_id}:{due.isoformat()}"


def _can_be_read(order: StandingOrder) -> bool:
    """Tell whether a payee's name opens, where there is one; what does not is logged, and an alert is raised for its payment."""
    try:
        return order.payee_name is None or order.payee_name.reveal() is not None
    except CannotDecrypt:
        log.exception("payee_unreadable", order=order.public_id)
        return False


def _unread(standing: PayeeStanding) -> PayeeStanding:
    return standing if standing is PayeeStanding.CONFIRMED else PayeeStanding.UNSCREENED


def _elsewhere(order: StandingOrder, *, is_readable: bool) -> Party | None:
    """Return the payee at another bank; None where it is an account of ours."""
    if order.payee_account_id:
        return None
    return Party(
        account=order.counterparty_account or None,
        name=order.payee_name.reveal() if order.payee_name and is_readable else None,
        bank=order.counterparty_bank or None,
        country=payees.country(order.counterparty_bank, order.counterparty_account) or None,
    )
