"""Two tellers who order on one account at the same instant: each is assessed when what the other paid has been counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from accounts.models import Account
from risk.assessment.answer import Assessment
from risk.models import Alert
from risk.outcomes import Outcome
from staff.models import Branch, User
from staff.roles import Role
from tests.accounts.factories import ledger_of, make_account, make_customer
from tests.committed import at_once
from tests.elsewhere import Meeting
from tests.personas import hire
from tests.risk.assessment.movements import active
from tests.transactions.shipped import Shipped, order_transfer
from transactions.models import State
from transactions.operations.movements import Movement
from transactions.verification import verify_books

pytestmark = pytest.mark.usefixtures("committed_db")


@pytest.fixture(autouse=True)
def consent() -> None:
    """Without: here the gate itself lets services run."""


@pytest.fixture
def tellers(committed_db: None, shipped_bank: Shipped, branch: Branch) -> list[User]:
    return [shipped_bank.maker, hire("M2", "Mo Li", Role.OPERATOR, branch)]


def both_ask_before_either_pays(monkeypatch: pytest.MonkeyPatch, tellers: list[User]) -> tuple[Counter[Any], Account]:
    """Have two tellers order, both assessed by the gate before either has the account's lock; return what came of it."""
    active("second_within_the_hour", 'count(payer, "1h") >= 1', outcome=Outcome.BLOCK_AND_REVIEW)
    li, wang = make_account("1000.00", customer=make_customer("Li Hua")), make_account(customer=make_customer("Wang"))
    assessed, others = Movement.assessed, Meeting(2)

    def assessed_and_wait(self: Movement, *told: Any) -> Assessment:
        said = assessed(self, *told)
        others()
        return said

    monkeypatch.setattr(Movement, "assessed", assessed_and_wait)
    orders: list[Callable[[], Any]] = [
        lambda teller=teller, amount=amount: order_transfer(teller, li, wang, amount)  # type: ignore[misc]
        for teller, amount in zip(tellers, ("10.00", "20.00"), strict=True)
    ]
    results = at_once(*orders)
    return Counter(getattr(getattr(one, "result", one), "state", repr(one)) for one in results), wang


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
