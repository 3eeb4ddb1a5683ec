"""Money that is held, spent, approved and given back at the same moment: it goes one way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from threading import Barrier
from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError

from accounts.models import Account, Balance
from approvals.models import ApprovalRequest
from approvals.models import State as RequestState
from tests.accounts.factories import NOW, OU_YAN, TANG_LING, cny, ledger_of, make_account, own_account
from tests.committed import at_once
from tests.transactions.factories import park_transfer, transfer, withdraw
from tests.transactions.requests import allow, finish, make_request
from transactions import services as transaction_services
from transactions.models import Hold, HoldPurpose, JournalEntry, State, Transaction
from transactions.services import holds
from transactions.verification import verify_books

pytestmark = pytest.mark.usefixtures("committed_db")


def hold(account: Account, amount: str) -> Hold:
    return transaction_services.place_hold(
        account_id=account.pk, amount=cny(amount), purpose=HoldPurpose.MANUAL, actor=TANG_LING, now=NOW
    )


def end(request: ApprovalRequest, state: State) -> Transaction:
    return transaction_services.end_parked(
        approval_request_id=request.public_id, state=state, reason="over", actor=OU_YAN, now=NOW
    )


def outcome(results: list[Any]) -> Counter[str]:
    return Counter(getattr(one, "code", "done" if not isinstance(one, Exception) else repr(one)) for one in results)


def test_holds_and_withdrawals_at_once_never_take_more_than_there_is() -> None:
    own_account()
    for _ in range(5):
        li = make_account("100.00")
        results = at_once(*[lambda: hold(li, "60.00"), lambda: withdraw(li, cny("60.00"))] * 2)  # noqa: B023
        assert outcome(list(results)) == {"done": 1, "insufficient_funds": 3}
        balance = Balance.objects.get(pk=li.pk)
        assert (balance.ledger, balance.held) in [(10_000, 6_000), (4_000, 0)]
    assert verify_books().ok


def test_twin_without_the_lock_the_tables_stop_the_second_but_with_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both read 100.00 as available and want to hold 60.00. The guard adds the holds up, and lets nobody have too much."""
    li, both_have_read = make_account("100.00"), Barrier(2)

    def read_without_lock(account_ids: Iterable[UUID]) -> list[Balance]:
        balances = list(Balance.objects.filter(account_id__in=set(account_ids)).select_related("account"))
        both_have_read.wait(timeout=60)
        return balances

    monkeypatch.setattr(holds, "accounts_for_update", read_without_lock)
    results = at_once(*[lambda: hold(li, "60.00")] * 2)
    placed, fault = sorted(results, key=lambda one: isinstance(one, Exception))
    assert isinstance(placed, Hold)
    assert isinstance(fault, IntegrityError)
    assert "held_is_holds" in str(fault)
    assert (Balance.objects.get(pk=li.pk).held, verify_books().ok) == (6_000, True)


def test_holds_at_once_add_up() -> None:
    li = make_account("100.00")
    assert outcome(list(at_once(*[lambda: hold(li, "1.00")] * 12))) == {"done": 12}
    assert Balance.objects.get(pk=li.pk).held == 1_200
    assert verify_books().ok


def test_a_hold_given_back_twice_at_once_is_given_back_once() -> None:
    li = make_account("100.00")
    placed = hold(li, "60.00")
    by: dict[str, Any] = {"reason": "not needed", "actor": OU_YAN, "now": NOW}
    results = at_once(*[lambda: transaction_services.void_hold(hold_id=placed.pk, **by)] * 6)
    assert outcome(list(results)) == {"done": 1, "hold_not_pending": 5}
    assert Balance.objects.get(pk=li.pk).held == 0


def test_what_was_approved_is_posted_once_however_often_at_once() -> None:
    li, wang = make_account("100.00"), make_account()
    request = make_request(cny("60.00"))
    park_transfer(li, wang, cny("60.00"), request)
    allow(request)
    before = JournalEntry.objects.count()
    results = at_once(
        *[lambda: transfer(li, wang, cny("60.00"), approval_request_id=request.public_id) for _ in range(8)]
    )
    assert outcome(list(results)) == {"done": 8}
    assert (JournalEntry.objects.count(), ledger_of(li), ledger_of(wang)) == (before + 1, "40.00", "60.00")
    finish(request)
    assert verify_books().ok


def test_approval_and_expiry_at_once_are_one_of_them() -> None:
    for _ in range(5):
        li, wang = make_account("100.00"), make_account()
        request = make_request(cny("60.00"))
        row = park_transfer(li, wang, cny("60.00"), request)
        allow(request)
        results = at_once(
            lambda: transfer(li, wang, cny("60.00"), approval_request_id=request.public_id),  # noqa: B023
            lambda: end(request, State.EXPIRED),  # noqa: B023
        )
        assert outcome(list(results)) == {"done": 1, "transaction_not_parked": 1}
        row.refresh_from_db()
        expected = {State.POSTED: ("40.00", "60.00"), State.EXPIRED: ("100.00", "0.00")}
        assert (ledger_of(li), ledger_of(wang)) == expected[State(row.state)]
        assert Balance.objects.get(pk=li.pk).held == 0
        finish(request, {State.POSTED: RequestState.EXECUTED, State.EXPIRED: RequestState.FAILED}[State(row.state)])
    assert verify_books().ok
