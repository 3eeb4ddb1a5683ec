"""Reversals: once, with a reason, while the money is still there."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest

from accounts.models import Account, AccountStatus, Restriction
from bankops.core.models import AuditEvent, OutboxMessage
from tests.accounts.factories import NOW, OU_YAN, TODAY, cny, freeze, ledger_of, make_account
from tests.transactions.factories import charge_fee, deposit, reverse, transfer, withdraw
from tests.unchanged import check_deferred, nothing_changes, refused
from transactions.models import Kind, State, Transaction

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(days=1)


@pytest.fixture
def li() -> Account:
    return make_account("100.00")


@pytest.fixture
def wang() -> Account:
    return make_account("50.00")


def test_the_mirror_image_is_posted_and_the_original_marked(li: Account, wang: Account) -> None:
    original = transfer(li, wang, cny("30.00"))
    reversal = reverse(original, reason="wrong payee", actor=OU_YAN, now=LATER, business_date=TODAY + timedelta(days=1))
    original.refresh_from_db()
    reversal.refresh_from_db()
    check_deferred()
    assert (ledger_of(li), ledger_of(wang)) == ("100.00", "50.00")
    assert (original.state, reversal.state, reversal.kind) == (State.REVERSED, State.POSTED, Kind.REVERSAL)
    assert (reversal.reverses, original.reversed_by) == (original, reversal)
    assert (reversal.debit_account, reversal.credit_account, reversal.amount) == (wang, li, original.amount)
    assert reversal.entry is not None
    assert reversal.entry.reverses == original.entry
    assert original.reference in reversal.narrative
    assert (reversal.maker_name, reversal.created_at) == ("Ou Yan", LATER)


def test_both_timelines_and_the_trail_say_why(li: Account, wang: Account) -> None:
    original = transfer(li, wang, cny("30.00"))
    reversal = reverse(original, reason="wrong payee", actor=OU_YAN, now=LATER)
    last = original.events.latest("id")
    assert (last.from_state, last.to_state, last.actor_name, last.reason, last.occurred_at) == (
        "POSTED",
        "REVERSED",
        "Ou Yan",
        "wrong payee",
        LATER,
    )
    assert [event.to_state for event in reversal.events.order_by("id")] == ["RECEIVED", "POSTED"]
    posted, reversed_ = AuditEvent.objects.order_by("-id")[:2][::-1]
    assert (posted.event_type, posted.subject_id) == ("transactions.reversal.posted", reversal.public_id)
    assert (reversed_.event_type, reversed_.subject_id) == ("transactions.transaction.reversed", original.public_id)
    assert (posted.reason, reversed_.reason) == ("wrong payee", "wrong payee")
    assert reversed_.detail == {"reversal": reversal.public_id}
    assert OutboxMessage.objects.latest("id").topic == "transactions.reversal.posted"


@pytest.mark.parametrize("movement", [deposit, withdraw, charge_fee])
def test_every_movement_can_be_reversed(movement: object, li: Account) -> None:
    reverse(movement(li, cny("30.00")))  # type: ignore[operator]
    check_deferred()
    assert ledger_of(li) == "100.00"


@pytest.mark.parametrize("reason", ["", " \t\n"])
def test_a_reason_is_needed(reason: str, li: Account, wang: Account) -> None:
    original = transfer(li, wang, cny("30.00"))
    with refused("reason_required"):
        reverse(original, reason=reason)


def test_a_second_reversal_is_refused(li: Account, wang: Account) -> None:
    original = transfer(li, wang, cny("30.00"))
    reverse(original, idempotency_key="k")
    with refused("already_reversed"):
        reverse(original)
    with refused("already_reversed"):
        reverse(original, idempotency_key="another")


def test_a_reversal_cannot_be_reversed(li: Account, wang: Account) -> None:
    reversal = reverse(transfer(li, wang, cny("30.00")))
    with refused("reversal_of_reversal"):
        reverse(reversal)


def test_what_is_not_there_cannot_be_reversed() -> None:
    with refused("unknown_transaction"):
        reverse(Transaction(pk=uuid4()))


def test_what_was_never_posted_cannot_be_reversed(li: Account, wang: Account) -> None:
    received = transfer(li, wang, cny("30.00"))
    received.pk, received.entry, received.reference = uuid4(), None, "TR-2026-999999"
    received.state = State.RECEIVED
    Transaction.objects.bulk_create([received])
    with refused("not_reversible"):
        reverse(received)


def test_money_that_is_gone_cannot_be_taken_back(li: Account, wang: Account) -> None:
    original = transfer(li, wang, cny("30.00"))
    withdraw(wang, cny("60.00"))
    with refused("insufficient_funds"):
        reverse(original)


def test_a_blocked_account_stays_untouched(li: Account, wang: Account) -> None:
    original = transfer(li, wang, cny("30.00"))
    freeze(wang, Restriction.BLOCK_ALL)
    with refused("account_blocked"):
        reverse(original)


def test_a_closed_account_stays_untouched() -> None:
    payer = make_account("30.00")
    payee = make_account()
    original = transfer(payer, payee, cny("30.00"))
    Account.objects.filter(pk=payer.pk).update(status=AccountStatus.CLOSED, closed_date=TODAY)
    with refused("account_closed"):
        reverse(original)


def test_the_same_request_again_is_the_same_reversal(li: Account, wang: Account) -> None:
    original = transfer(li, wang, cny("30.00"))
    reversal = reverse(original, idempotency_key="k")
    with nothing_changes():
        assert reverse(original, idempotency_key="k", now=LATER) == reversal


def test_the_same_key_for_another_request_is_refused(li: Account, wang: Account) -> None:
    first, second = transfer(li, wang, cny("30.00")), transfer(li, wang, cny("20.00"), idempotency_key="transfer")
    reverse(first, idempotency_key="k")
    with refused("idempotency_conflict"):
        reverse(second, idempotency_key="k")
    with refused("already_reversed"):  # the key is its maker's own, so this is a new request
        reverse(first, idempotency_key="k", actor=OU_YAN)
    with refused("idempotency_conflict"):
        reverse(second, idempotency_key="transfer")
