"""Row locks of this app.

Lock order (docs/architecture.md): approval request → balances by account → transaction → hold → standing order.
"""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Q

from bankops.core import sql_arrays
from bankops.core.db import busy_is_an_answer, prepared, transaction_required
from transactions.errors import UnknownHold, UnknownTransaction
from transactions.models import BOOKED, Hold, HoldState, StandingOrder, State, Transaction
from transactions.models.standing_order import OPEN_STATES
from transactions.standing_orders.errors import UnknownStandingOrder

# Only counted, not returned: nobody reads a thousand keys again.
_LOCK_BALANCES = """
    SELECT count(*) FROM (
        SELECT FROM accounts_balance WHERE account_id = ANY (%(accounts)s::uuid[]) ORDER BY account_id FOR NO KEY UPDATE
    ) locked
"""


@transaction_required
def transaction_for_update(transaction_id: UUID) -> Transaction:
    """Lock one transaction and return it as it is now.

    :raises UnknownTransaction: when there is none.
    :raises Busy: when PostgreSQL gave up waiting for it.
    """
    with busy_is_an_answer():
        row = Transaction.objects.select_for_update(of=("self",), no_key=True).filter(pk=transaction_id).first()
    if row is None:
        raise UnknownTransaction(reference=transaction_id)
    return row


@transaction_required
def parked_or_posted_for_update(request_id: UUID) -> Transaction | None:
    """Lock the transaction that waits in an approval request, or was posted from there; None when there is neither.

    :raises Busy: when PostgreSQL gave up waiting for it.
    """
    rows = Transaction.objects.select_for_update(of=("self",), no_key=True)
    with busy_is_an_answer():
        return rows.filter(approval_request=request_id, state__in=(State.AWAITING_APPROVAL, *BOOKED)).first()


@transaction_required
def pending_hold_for_update(row: Transaction) -> Hold:
    """Lock the hold of a locked transaction that waits, and return it. Its account is locked before.

    :raises UnknownHold: when none is pending.
    :raises Busy: when PostgreSQL gave up waiting for it.
    """
    with busy_is_an_answer():
        holds = Hold.objects.select_for_update(of=("self",), no_key=True)
        hold = holds.filter(transaction=row, state=HoldState.PENDING).first()
    if hold is None:
        raise UnknownHold(hold=row.reference)
    hold.transaction = row
    return hold


@transaction_required
def hold_for_update(hold_id: UUID) -> Hold:
    """Lock one hold and return it as it is now, with its transaction. Its account is locked before.

    :raises UnknownHold: when there is none.
    :raises Busy: when PostgreSQL gave up waiting for it.
    """
    with busy_is_an_answer():
        holds = Hold.objects.select_for_update(of=("self",), no_key=True).select_related("transaction")
        row = holds.filter(pk=hold_id).first()
    if row is None:
        raise UnknownHold(hold=hold_id)
    return row


@transaction_required
def balances_for_update(account_ids: Iterable[UUID]) -> None:
    """Lock the balances in account order: for thousands of them at once.

    :raises Busy: when PostgreSQL gave up waiting for one of them.
    """
    with busy_is_an_answer():
        prepared(_LOCK_BALANCES, {"accounts": sql_arrays.of_uuids(account_ids)})


@transaction_required
def standing_order_for_update(order_id: UUID) -> StandingOrder:
    """Lock one standing order and return it as it is now.

    :raises UnknownStandingOrder: when there is none.
    :raises Busy: when PostgreSQL gave up waiting for it.
    """
    with busy_is_an_answer():
        orders = StandingOrder.objects.select_for_update(of=("self",), no_key=True)
        row = orders.filter(pk=order_id).first()
    if row is None:
        raise UnknownStandingOrder(order=order_id)
    return row


@transaction_required
def open_orders_for_update(account_id: UUID) -> list[StandingOrder]:
    """Lock the open standing orders that pay from an account or into it, in order of their keys. It is locked before.

    :raises Busy: when PostgreSQL gave up waiting for one of them.
    """
    orders = StandingOrder.objects.select_for_update(of=("self",), no_key=True).filter(state__in=OPEN_STATES)
    with busy_is_an_answer():
        return list(orders.filter(Q(account=account_id) | Q(payee_account=account_id)).order_by("pk"))
