"""The maker's order: who asks, whether they may, and the order as it is carried out later."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from approvals.models import ApprovalRequest, RequestVersion
from bankops.core.actor import Actor
from bankops.core.errors import PermissionRefused
from bankops.core.operations import Operation, Order
from partners.errors import PartnerNotAllowed
from partners.selectors import scopes_now
from staff.models import User
from staff.selectors import holds_right, user_by_public_id


def maker_of(order: Order) -> User | None:
    """Return the member of staff who orders, or None for a partner or the system."""
    return user_by_public_id(order.actor.id) if order.actor.kind == "staff" else None


def refuse_maker(operation: Operation, maker: User | None, order: Order) -> None:
    """Refuse whoever may not ask for this: a member of staff without the right, a partner whose credential does not say so.

    :raises PermissionRefused: naming the right.
    :raises PartnerNotAllowed: when there is no such credential, it or its partner is not active, or it lacks the scope.
    """
    if maker is not None and not holds_right(maker, operation.permission):
        raise PermissionRefused(actor=maker.full_name, permission=operation.permission)
    if "partner" in (order.actor.kind, order.channel):
        _refuse_partner(operation, order)


def _refuse_partner(operation: Operation, order: Order) -> None:
    """Refuse a partner that may not; and a partner's order by another way in, or another's by the partners'."""
    if order.actor.kind != order.channel or not operation.partner_scopes() & scopes_now(order.actor.id, now=order.now):
        raise PartnerNotAllowed


def order_of(request: ApprovalRequest, version: RequestVersion, *, now: datetime) -> Order:
    """Return the maker's order as it is carried out, or released, at `now`."""
    return Order(
        actor=Actor(kind=request.maker_kind, id=request.maker_id, name=request.maker_name),
        now=now,
        channel=request.channel,
        idempotency_key=key_of(request, version.number),
        reason=version.reason,
        request_id=request.public_id,
    )


def under(order: Order, request: ApprovalRequest) -> Order:
    """Return the order as it is parked under a request."""
    return replace(order, request_id=request.public_id)


def key_of(request: ApprovalRequest, version: int) -> str:
    """Return the key under which a version is carried out: the maker's own for the first, one of its own for a later one.

    Version and key go together because what an earlier version parked keeps the key it was parked under.
    """
    if version == 1 and request.idempotency_key:
        return request.idempotency_key
    return f"{request.public_id}:{version}"
