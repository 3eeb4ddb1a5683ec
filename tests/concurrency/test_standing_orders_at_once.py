"""Two workers pay the same standing orders at the same moment: each date is paid once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from threading import Barrier
from typing import Any

import pytest
from django.db import IntegrityError

from accounts import chart
from tests.accounts.factories import ledger_of, make_account, own_account
from tests.committed import at_once
from tests.transactions.standing_order_cases import make_order, pay
from transactions.errors import IdempotencyConflict
from transactions.models import StandingOrderRun, Transaction
from transactions.services import standing_order_runs
from transactions.verification import verify_books

pytestmark = pytest.mark.usefixtures("committed_db", "consented")

FIFTH = date(2026, 3, 5)


def test_two_workers_at_once_pay_every_order_once() -> None:
    own_account()
    accounts = [make_account("500.00") for _ in range(6)]
    for account in accounts:
        make_order(account)
    results: list[Any] = at_once(*[lambda: pay(FIFTH)] * 4)
    assert sum(result["paid"] for result in results) == 6
    assert [ledger_of(account) for account in accounts] == ["400.00"] * 6
    assert StandingOrderRun.objects.count() == 6
    assert verify_books().ok


def test_twin_that_claims_without_a_lock_runs_into_the_unique_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both read the order as due and pay it. The journal knows the key, and the table of runs lets only one stand."""
    own_account(chart.NOSTRO)
    li = make_account("500.00")
    make_order(li)
    both_have_read = Barrier(2)

    def without_lock(payments: Sequence[Any]) -> list[Any]:
        both_have_read.wait(timeout=60)
        return list(payments)

    monkeypatch.setattr(standing_order_runs, "claim", without_lock)
    monkeypatch.setattr(standing_order_runs, "balances_for_update", lambda accounts: None)
    results = at_once(lambda: pay(FIFTH), lambda: pay(FIFTH))
    (fault,) = [result for result in results if isinstance(result, Exception)]
    assert isinstance(fault, IntegrityError | IdempotencyConflict)
    assert ledger_of(li) == "400.00"
    assert Transaction.objects.filter(channel="SYSTEM").count() == 1
