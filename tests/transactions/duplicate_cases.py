"""Payments that partners order, with everything usual filled in."""

from __future__ import annotations

from datetime import datetime
from itertools import count
from typing import Any

from accounts.models import Account
from bankops.core.actor import Actor
from bankops.core.money import Money
from partners.models import Partner
from tests.accounts.factories import NOW, OU_YAN, TODAY, cny
from tests.transactions.factories import transfer
from transactions import services as transaction_services
from transactions.models import Channel, DuplicatePolicy, Transaction

MACHINE = Actor(kind="partner", id="crd_of_a_test", name="Harbour Pay · terminal")
_serial = count(1)


def pay(partner: Partner, payer: Account, payee: Account, amount: str = "60.00", **options: Any) -> Transaction:
    """Order a transfer as a partner, with a reference and a key of its own unless told otherwise."""
    number = next(_serial)
    usual = {"external_reference": f"INV-{number}", "idempotency_key": f"key-{number}"}
    by = {"channel": Channel.PARTNER, "partner_id": partner.pk, "actor": MACHINE}
    return transfer(payer, payee, cny(amount), **{**usual, **by, **options})


def release(row: Transaction, actor: Actor = OU_YAN, now: datetime = NOW, reason: str = "two invoices") -> Transaction:
    return transaction_services.release_held(
        transaction_id=row.pk, reason=reason, actor=actor, now=now, business_date=TODAY
    )


def cancel(row: Transaction, actor: Actor = OU_YAN, now: datetime = NOW, **options: Any) -> Transaction:
    told = {"reason": "sent twice", **options}
    return transaction_services.cancel_held(transaction_id=row.pk, actor=actor, now=now, **told)


def refund(original: Transaction, amount: Money, **options: Any) -> Transaction:
    usual: dict[str, Any] = {"actor": OU_YAN, "now": NOW, "business_date": TODAY}
    return transaction_services.refund(transaction_id=original.pk, amount=amount, **{**usual, **options})


def policy(partner: Partner | None = None, *, now: datetime = NOW, **terms: Any) -> DuplicatePolicy:
    usual = {
        "window_minutes": 1440,
        "twins_tolerated": 0,
        "amount_within_basis_points": 0,
        "held_hours": 72,
        "staff_too": False,
    }
    return transaction_services.change_duplicate_policy(
        partner_id=partner.pk if partner else None, terms={**usual, **terms}, reason="as agreed", actor=OU_YAN, now=now
    )
