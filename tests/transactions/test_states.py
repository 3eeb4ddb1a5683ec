"""The life of a transaction: every step the table knows, and no other."""

from __future__ import annotations

from itertools import product

import pytest
from django.db import transaction

from bankops.core.db import TransactionRequired
from tests.accounts.factories import NOW, OU_YAN, cny, make_account
from tests.transactions.factories import deposit
from tests.unchanged import refused
from transactions import states
from transactions.errors import InvalidTransition
from transactions.locks import transaction_for_update
from transactions.models import State, Transaction

EVERY_PAIR = set(product(State, State))
ALLOWED = {(before, after) for before, afters in states.TRANSITIONS.items() for after in afters}


def test_the_table_knows_every_state_and_where_each_ends() -> None:
    assert set(states.TRANSITIONS) == set(State)
    ends = {state for state, afters in states.TRANSITIONS.items() if not afters}
    assert ends == {State.REVERSED, State.DECLINED, State.REJECTED, State.EXPIRED, State.FAILED}
    reachable = {after for _before, after in ALLOWED} | {State.RECEIVED}
    assert reachable == set(State)
    assert states.TRANSITIONS[State.POSTED] == {State.REVERSED}  # what has moved money is answered, never undone


@pytest.mark.parametrize(("before", "after"), sorted(ALLOWED))
def test_a_step_of_the_table_is_taken(before: State, after: State) -> None:
    states.check(before, after)


@pytest.mark.parametrize(("before", "after"), sorted(EVERY_PAIR - ALLOWED))
def test_any_other_step_is_refused_and_names_both_states(before: State, after: State) -> None:
    with pytest.raises(InvalidTransition) as caught:
        states.check(before, after)
    assert str(before.label) in str(caught.value)
    assert str(after.label) in str(caught.value)


@pytest.fixture
def posted(db: None) -> Transaction:
    return deposit(make_account(), cny("1.00"))


def test_a_step_leaves_an_event(posted: Transaction) -> None:
    with transaction.atomic():
        row = transaction_for_update(posted.pk)
        states.move(row, State.REVERSED, actor=OU_YAN, now=NOW, reason="typed wrong")
    posted.refresh_from_db()
    event = posted.events.latest("id")
    assert posted.state == State.REVERSED
    assert (event.from_state, event.to_state, event.actor_id, event.reason) == (
        "POSTED",
        "REVERSED",
        "usr_ou",
        "typed wrong",
    )


def test_a_step_that_is_refused_leaves_none(posted: Transaction) -> None:
    with refused("invalid_transition"), transaction.atomic():
        states.move(posted, State.DECLINED, actor=OU_YAN, now=NOW)


def test_a_step_outside_a_transaction_is_a_fault(posted: Transaction) -> None:
    with pytest.raises(TransactionRequired):
        states.move(posted, State.REVERSED, actor=OU_YAN, now=NOW)
    with pytest.raises(TransactionRequired):
        transaction_for_update(posted.pk)
