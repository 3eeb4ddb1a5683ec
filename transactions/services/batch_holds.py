"""The money of a batch that waits: one hold for each payer, which no one but the batch ends."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from accounts.locks import accounts_for_update
from accounts.models import Balance
from bankops.core.actor import Actor
from bankops.core.db import busy_is_an_answer, transaction_required
from transactions.models import Hold, HoldPurpose, HoldState
from transactions.services.holds import begin_hold, end_hold
from transactions.transfer_batches.items import Draft


@transaction_required
def hold_for(draft: Draft, *, actor: Actor, now: datetime, approval_request_id: str) -> None:
    """Hold what the open items of a batch take, payer by payer. The accounts are locked, and found able to bear it."""
    sums = draft.by_payer()
    for balance in accounts_for_update(sums):
        hold = Hold(
            account=balance.account,
            amount=sums[balance.account_id],
            currency=draft.batch.currency,
            purpose=HoldPurpose.APPROVAL,
            approval_request_id=approval_request_id,
            placed_at=now,
        )
        begin_hold(hold=hold, balance=balance, actor=actor)


@transaction_required
def end_holds(
    draft: Draft, balances: Iterable[Balance], *, actor: Actor, now: datetime, reason: str, expired: bool = False
) -> None:
    """Give back what a batch holds on its payers: it has ended, or takes the money item by item in this transaction.

    :param balances: of its payers, locked.
    """
    request = draft.batch.approval_request
    assert request is not None  # nothing is held for a batch that does not wait in one
    with busy_is_an_answer():
        holds = Hold.objects.select_for_update(of=("self",), no_key=True).order_by("account")
        pending = list(holds.filter(approval_request_id=request.public_id, state=HoldState.PENDING))
    by_account, state = {one.account_id: one for one in balances}, HoldState.EXPIRED if expired else HoldState.VOIDED
    for hold in pending:
        end_hold(hold=hold, balance=by_account[hold.account_id], state=state, reason=reason, actor=actor, now=now)
