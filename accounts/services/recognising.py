"""Customers whom the bank knew before it asked for applications. Refused outside the demo."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction

from accounts.errors import UnknownCustomer
from accounts.locks import customer_for_update
from accounts.models import Customer, CustomerState
from accounts.services import reviews
from bankops.core.actor import Actor
from bankops.core.texts import require_reason
from staff.errors import NotInDemo


@transaction.atomic
def recognise_customer(*, customer_id: UUID, reason: str, actor: Actor, now: datetime) -> Customer:
    """Make somebody a customer without an application, and return them. Writes `accounts.customer.state_changed`.

    A bank's own customers were taken over, or were there before; the demo's ready-made ones have no other way.

    :raises NotInDemo: when the settings are not the demo's: a real newcomer applies.
    :raises ReasonRequired: when `reason` is blank.
    :raises UnknownCustomer: when there is none.
    """
    if not getattr(settings, "BANKOPS_DEMO", False):
        raise NotInDemo
    reason = require_reason(reason)
    customer_for_update(customer_id)
    customer = Customer.objects.filter(pk=customer_id).first()
    if customer is None:
        raise UnknownCustomer
    if customer.state == CustomerState.PROSPECT:
        reviews.set_state(customer, CustomerState.ACTIVE, actor=actor, now=now, reason=reason)
    return customer
