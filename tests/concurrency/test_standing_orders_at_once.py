"""Two workers pay the same standing orders at the same moment: each date is paid once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from threading import Barrier, Event
from typing import Any

import pytest
from django.db import IntegrityError

from accounts import chart
from risk.services import payees
from risk.services.payees import Compared, compare
from tests.accounts.factories import NOW, ledger_of, make_account, own_account
from tests.committed import at_once
from tests.elsewhere import LONG, beside, elsewhere, eventually
from tests.transactions.standing_order_cases import circumstances, fresh, make_order, pay, terms
from transactions import services as transaction_services
from transactions.errors import IdempotencyConflict
from transactions.models import StandingOrder, StandingOrderRun, Transaction
from transactions.services import payee_screening, standing_order_runs
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

    def without_lock(payments: Sequence[Any], *, waits: bool = False) -> list[Any]:
        both_have_read.wait(timeout=60)
        return list(payments)

    monkeypatch.setattr(standing_order_runs, "claim", without_lock)
    monkeypatch.setattr(standing_order_runs, "balances_for_update", lambda accounts: None)
    results = at_once(lambda: pay(FIFTH), lambda: pay(FIFTH))
    (fault,) = [result for result in results if isinstance(result, Exception)]
    assert isinstance(fault, IntegrityError | IdempotencyConflict)
    assert ledger_of(li) == "400.00"
    assert Transaction.objects.filter(channel="SYSTEM").count() == 1


def holding_orders() -> list[StandingOrder]:
    """Take the lock that whoever changes an order, or writes what came of its payee, has."""
    return list(StandingOrder.objects.select_for_update(no_key=True))


def paid_while_somebody_holds_the_order() -> int:
    own_account(chart.NOSTRO)
    make_order(make_account("500.00"))
    with elsewhere(holding_orders) as somebody, beside(lambda: pay(FIFTH)) as paying:
        eventually(lambda: paying.done() or somebody.is_waited_for())
        somebody.end()
    return paying.result()["paid"]


def test_an_order_that_somebody_holds_is_waited_for_in_the_end() -> None:
    assert paid_while_somebody_holds_the_order() == 1


def test_twin_that_passes_over_what_is_held_leaves_it_for_another_day(monkeypatch: pytest.MonkeyPatch) -> None:
    claim = standing_order_runs.claim

    def passing_over(payments: Sequence[Any], *, waits: bool) -> list[Any]:
        return claim(payments)

    monkeypatch.setattr(standing_order_runs, "claim", passing_over)
    assert paid_while_somebody_holds_the_order() == 0


@contextmanager
def comparing(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Have a worker compare the payee's name for as long as the block takes, and write what came of it then."""
    is_at_it, go_on = Event(), Event()

    def slowly(name: str, lists: Any) -> Compared:
        is_at_it.set()
        assert go_on.wait(LONG)
        return compare(name, lists)

    monkeypatch.setattr(payees, "compare", slowly)
    with beside(lambda: payee_screening.screen_due_payees(now=NOW)):
        assert is_at_it.wait(LONG)
        try:
            yield
        finally:
            go_on.set()


def test_while_names_are_compared_orders_are_paid(monkeypatch: pytest.MonkeyPatch) -> None:
    own_account(chart.NOSTRO)
    order = make_order(make_account("500.00"))
    with comparing(monkeypatch):
        assert pay(FIFTH)["paid"] == 1
    assert fresh(order).payee_lists_version is not None


def renamed_while_the_name_is_compared(monkeypatch: pytest.MonkeyPatch) -> StandingOrder:
    order = make_order(make_account("500.00"))
    with comparing(monkeypatch):
        named = terms(payee_name="Somebody Else")
        transaction_services.change_standing_order(order_id=order.pk, version=1, terms=named, **circumstances())
    return fresh(order)


def test_what_came_of_the_name_before_is_not_kept_of_another(monkeypatch: pytest.MonkeyPatch) -> None:
    order = renamed_while_the_name_is_compared(monkeypatch)
    assert order.payee_lists_version is None
    assert payee_screening.screen_due_payees(now=NOW) == 1


def test_twin_that_does_not_look_back_takes_the_other_for_screened(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(payee_screening, "_still", list)
    order = renamed_while_the_name_is_compared(monkeypatch)
    assert (order.payee_lists_version is None, payee_screening.screen_due_payees(now=NOW)) == (False, 0)
