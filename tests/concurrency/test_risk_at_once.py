"""Two tellers who order on one account at the same instant: each is assessed when what the other paid has been counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from accounts.models import Account
from risk.assessment.answer import Assessment
from risk.bands import Band
from risk.models import Alert
from risk.outcomes import Outcome
from staff.models import Branch, User
from staff.roles import Role
from tests.accounts.factories import ledger_of, make_account, make_customer
from tests.approvals.factories import policy
from tests.committed import at_once
from tests.elsewhere import Meeting
from tests.personas import hire
from tests.risk.assessment.movements import active
from tests.transactions.shipped import Shipped, order_transfer, parked_in
from transactions.models import State, Transaction
from transactions.operations.movements import Movement
from transactions.verification import verify_books

pytestmark = pytest.mark.usefixtures("committed_db")


@pytest.fixture(autouse=True)
def consent() -> None:
    """Without: here the gate itself lets services run."""


@pytest.fixture
def tellers(committed_db: None, shipped_bank: Shipped, branch: Branch) -> list[User]:
    return [shipped_bank.maker, hire("M2", "Mo Li", Role.OPERATOR, branch)]


def both_ask_before_either_pays(
    monkeypatch: pytest.MonkeyPatch, tellers: list[User], outcome: Outcome = Outcome.BLOCK_AND_REVIEW
) -> tuple[Counter[Any], Account]:
    """Have two tellers order, both assessed by the gate before either has the account's lock; return what came of it."""
    active("second_within_the_hour", 'count(payer, "1h") >= 1', outcome=outcome, weight=400)
    li, wang = make_account("1000.00", customer=make_customer("Li Hua")), make_account(customer=make_customer("Wang"))
    assessed, others = Movement.assessed, Meeting(2)

    def assessed_and_wait(self: Movement, *told: Any) -> Assessment:
        said = assessed(self, *told)
        others()
        return said

    orders: list[Callable[[], Any]] = [
        lambda teller=teller, amount=amount: order_transfer(teller, li, wang, amount)  # type: ignore[misc]
        for teller, amount in zip(tellers, ("10.00", "20.00"), strict=True)
    ]
    with monkeypatch.context() as patch:
        patch.setattr(Movement, "assessed", assessed_and_wait)
        results = at_once(*orders)
    return Counter(
        getattr(one, "code", getattr(getattr(one, "result", one), "state", repr(one))) for one in results
    ), wang


def test_of_two_at_once_the_second_is_held(monkeypatch: pytest.MonkeyPatch, tellers: list[User]) -> None:
    results, _wang = both_ask_before_either_pays(monkeypatch, tellers)
    assert results == {State.POSTED: 1, State.HELD: 1}
    assert Alert.objects.get().stopped
    assert verify_books().ok


def test_twin_taking_what_was_said_before_the_lock_posts_both(
    monkeypatch: pytest.MonkeyPatch, tellers: list[User]
) -> None:
    monkeypatch.setattr(Movement, "_that_counts", lambda self: self.memory and self.memory.assessment)
    results, wang = both_ask_before_either_pays(monkeypatch, tellers)
    assert results == {State.POSTED: 2}
    assert ledger_of(wang) == "30.00"


def reviewed_from_medium_on() -> None:
    risky = {"field": "risk_band", "operator": "at_least", "value": "medium"}
    policy(name="Risky payments", operations=["transactions.transfer"], blocks=[[risky]])


def test_whoever_is_in_a_higher_band_than_policies_were_told_orders_again_and_meets_them(
    monkeypatch: pytest.MonkeyPatch, tellers: list[User]
) -> None:
    reviewed_from_medium_on()
    results, wang = both_ask_before_either_pays(monkeypatch, tellers, Outcome.REVIEW)
    assert results == {State.POSTED: 1, "busy": 1}
    assert not Alert.objects.exists(), "nothing is on record of the second"
    paid = Transaction.objects.get(debit_account__customer__isnull=False)
    assert ledger_of(wang) in ("10.00", "20.00")
    again = order_transfer(tellers[0], paid.debit_account, wang, "20.00")
    assert (again.done, parked_in(again.request).state) == (False, State.AWAITING_APPROVAL)


def test_twin_that_does_not_compare_the_bands_posts_both_without_reviewers(
    monkeypatch: pytest.MonkeyPatch, tellers: list[User]
) -> None:
    reviewed_from_medium_on()
    monkeypatch.setattr(Band, "height", 0)
    results, wang = both_ask_before_either_pays(monkeypatch, tellers, Outcome.REVIEW)
    assert results == {State.POSTED: 2}
    assert ledger_of(wang) == "30.00"
