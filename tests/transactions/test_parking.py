"""Transactions that wait for approval: on record, their money held, and posted once or not at all."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from accounts.models import Account, Balance, Restriction
from approvals.models import ApprovalRequest
from approvals.models import State as RequestState
from bankops.core.models import AuditEvent, OutboxMessage
from bankops.core.money import Money
from tests.accounts.factories import NOW, OU_YAN, TODAY, cny, freeze, ledger_of, make_account, own_account
from tests.transactions.factories import charge_fee, moved, park_transfer, park_withdrawal, post, transfer, withdraw
from tests.transactions.raw_books import execute
from tests.transactions.requests import allow, finish, make_request
from tests.unchanged import check_deferred, nothing_changes, refused, refused_by_database
from transactions import services as transaction_services
from transactions.models import HoldState, State, Transaction
from transactions.verification import verify_books

pytestmark = pytest.mark.django_db

LATER, TOMORROW = NOW + timedelta(days=1), TODAY + timedelta(days=1)


@pytest.fixture
def li() -> Account:
    return make_account("100.00")


@pytest.fixture
def wang() -> Account:
    return make_account("50.00")


@pytest.fixture
def request_() -> ApprovalRequest:
    return make_request(cny("60.00"))


def available(account: Account) -> str:
    return str(Balance.objects.select_related("account").get(pk=account.pk).available)


def end(request: ApprovalRequest, state: State, **options: Any) -> Transaction:
    usual: dict[str, Any] = {"reason": "A reviewer rejected it.", "actor": OU_YAN, "now": LATER}
    return transaction_services.end_parked(approval_request_id=request.public_id, state=state, **usual | options)


def post_transfer(payer: Account, payee: Account, amount: str, request: ApprovalRequest, **options: Any) -> Transaction:
    """Post what waits, as the gate does a day later."""
    later: dict[str, Any] = {"now": LATER, "business_date": TOMORROW, "approval_request_id": request.public_id}
    return transfer(payer, payee, cny(amount), **later | options)


# -- while it waits --------------------------------------------------------------------------------------------------


def test_the_transaction_is_on_record_and_its_money_is_held(
    li: Account, wang: Account, request_: ApprovalRequest
) -> None:
    row = park_transfer(li, wang, cny("60.00"), request_, narrative="rent", idempotency_key="k", reason="urgent")
    check_deferred()
    row.refresh_from_db()
    assert (row.state, row.entry, row.approval_request) == (State.AWAITING_APPROVAL, None, request_)
    assert (row.booking_date, row.narrative, row.maker_name) == (TODAY, "rent", "Tang Ling")
    assert row.idempotency_key is None  # it is the request's
    assert (ledger_of(li), available(li), ledger_of(wang)) == ("100.00", "40.00", "50.00")
    hold = row.holds.get()
    assert (hold.account, hold.money, hold.state) == (li, cny("60.00"), HoldState.PENDING)
    assert (hold.purpose, hold.approval_request_id) == ("APPROVAL", request_.public_id)
    steps = [(event.from_state, event.to_state, event.reason) for event in row.events.order_by("id")]
    assert steps == [("", "RECEIVED", "urgent"), ("RECEIVED", "AWAITING_APPROVAL", "")]
    assert verify_books().ok


def test_it_cannot_be_spent_twice(li: Account, wang: Account, request_: ApprovalRequest) -> None:
    park_transfer(li, wang, cny("60.00"), request_)
    other = make_request(cny("40.00"))
    with refused("insufficient_funds"):
        withdraw(li, cny("40.01"))
    with refused("insufficient_funds"):
        park_transfer(li, wang, cny("40.01"), other)
    park_withdrawal(li, cny("40.00"), other)
    assert available(li) == "0.00"


@pytest.mark.parametrize(
    ("park", "kind"),
    [
        (lambda li, wang, request: park_transfer(li, wang, cny("1.00"), request), "transfer"),
        (lambda li, wang, request: park_withdrawal(li, cny("1.00"), request), "withdrawal"),
    ],
)
def test_the_trail_and_the_outside_hear_that_it_waits(
    park: Callable[..., Transaction], kind: str, li: Account, wang: Account, request_: ApprovalRequest
) -> None:
    row = park(li, wang, request_)
    event = AuditEvent.objects.get(subject_id=row.public_id)
    message = OutboxMessage.objects.get(subject_id=row.public_id)
    assert event.event_type == message.topic == f"transactions.{kind}.parked"
    assert event.changes == {"state": ["", "AWAITING_APPROVAL"]}
    assert event.detail == message.payload
    assert (message.payload["amount"], message.payload["state"]) == ("1.00", "awaiting_approval")
    assert AuditEvent.objects.filter(event_type="transactions.hold.placed").count() == 1


def test_what_cannot_be_posted_is_not_parked(li: Account, wang: Account, request_: ApprovalRequest) -> None:
    closed_to_credits = make_account(restriction=Restriction.BLOCK_CREDIT)
    abroad, cash = make_account(currency="USD"), own_account()
    with refused("insufficient_funds"):
        park_transfer(li, wang, cny("100.01"), request_)
    with refused("account_blocked"):
        park_transfer(li, closed_to_credits, cny("1.00"), request_)
    with refused("currency_mismatch"):
        park_transfer(li, abroad, cny("1.00"), request_)
    with refused("not_a_customer_account"):
        park_transfer(li, cash, cny("1.00"), request_)
    with refused("same_account"):
        park_transfer(li, li, cny("1.00"), request_)
    with refused("amount_not_positive"):
        park_withdrawal(li, cny("0.00"), request_)


# -- posted ----------------------------------------------------------------------------------------------------------


def test_it_is_posted_on_the_day_it_is_approved(li: Account, wang: Account, request_: ApprovalRequest) -> None:
    parked = park_transfer(li, wang, cny("60.00"), request_, narrative="rent", idempotency_key="k")
    allow(request_)
    row = post_transfer(li, wang, "60.00", request_, narrative="rent", idempotency_key="k")
    check_deferred()
    row.refresh_from_db()
    assert (row, row.state) == (parked, State.POSTED)
    assert (row.booking_date, row.value_date, row.created_at) == (TOMORROW, TOMORROW, NOW)
    assert row.entry is not None
    assert (row.entry.booking_date, row.entry.description) == (TOMORROW, "rent")
    assert (ledger_of(li), available(li), ledger_of(wang)) == ("40.00", "40.00", "110.00")
    hold = row.holds.get()
    assert (hold.state, hold.closed_at) == (HoldState.POSTED, LATER)
    finish(request_)
    assert verify_books().ok


def test_the_trail_shows_the_posting_as_any_other(li: Account, wang: Account, request_: ApprovalRequest) -> None:
    row = park_transfer(li, wang, cny("60.00"), request_)
    allow(request_)
    post_transfer(li, wang, "60.00", request_)
    event, message = AuditEvent.objects.latest("id"), OutboxMessage.objects.latest("id")
    assert event.event_type == message.topic == "transactions.transfer.posted"
    assert event.changes == {"state": ["AWAITING_APPROVAL", "POSTED"]}
    assert (event.subject_id, event.actor_name) == (row.public_id, "Tang Ling")
    assert (event.detail["booking_date"], event.detail["state"]) == (TOMORROW.isoformat(), "posted")
    last = row.events.latest("id")
    assert (last.from_state, last.to_state, last.occurred_at) == ("AWAITING_APPROVAL", "POSTED", LATER)


def test_a_withdrawal_too(li: Account) -> None:
    request = make_request(cny("100.00"), "transactions.withdraw")
    park_withdrawal(li, cny("100.00"), request)
    allow(request)
    row = withdraw(li, cny("100.00"), approval_request_id=request.public_id, business_date=TOMORROW)
    assert (row.state, ledger_of(li), row.credit_account.number) == (State.POSTED, "0.00", "1010-CNY")
    finish(request)
    assert verify_books().ok


def test_posted_again_it_is_the_same(li: Account, wang: Account, request_: ApprovalRequest) -> None:
    park_transfer(li, wang, cny("60.00"), request_)
    allow(request_)
    row = post_transfer(li, wang, "60.00", request_)
    with nothing_changes():
        assert post_transfer(li, wang, "60.00", request_) == row


def test_only_what_was_parked_is_posted(li: Account, wang: Account, request_: ApprovalRequest) -> None:
    with refused("transaction_not_parked"):
        post_transfer(li, wang, "60.00", request_)
    park_transfer(li, wang, cny("60.00"), request_)
    allow(request_)
    for asked in ({"amount": "60.01"}, {"narrative": "other"}, {"actor": OU_YAN}):
        with refused("not_what_was_parked"):
            post_transfer(li, wang, request=request_, **{"amount": "60.00"} | asked)


def test_what_the_books_refuse_goes_on_waiting(li: Account, wang: Account, request_: ApprovalRequest) -> None:
    row = park_transfer(li, wang, cny("60.00"), request_)
    allow(request_)
    freeze(wang, Restriction.BLOCK_ALL)
    with refused("account_blocked"):
        post_transfer(li, wang, "60.00", request_)
    row.refresh_from_db()
    assert (row.state, row.holds.get().state) == (State.AWAITING_APPROVAL, HoldState.PENDING)


# -- ended -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "held"),
    [
        (State.REJECTED, HoldState.VOIDED),
        (State.EXPIRED, HoldState.EXPIRED),
        (State.FAILED, HoldState.VOIDED),
    ],
)
def test_what_is_not_approved_gives_its_money_back(
    state: State, held: HoldState, li: Account, wang: Account, request_: ApprovalRequest
) -> None:
    parked = park_transfer(li, wang, cny("60.00"), request_)
    row = end(request_, state)
    check_deferred()
    assert (row, row.state, row.entry) == (parked, state, None)
    assert row.holds.get().state == held
    last = row.events.latest("id")
    assert (last.to_state, last.reason, last.actor_name) == (state, "A reviewer rejected it.", "Ou Yan")
    topics = list(OutboxMessage.objects.order_by("id").values_list("topic", flat=True))[-2:]
    assert topics == [f"transactions.hold.{held.lower()}", f"transactions.transfer.{state.lower()}"]
    event = AuditEvent.objects.latest("id")
    assert (event.event_type, event.changes) == (topics[-1], {"state": ["AWAITING_APPROVAL", str(state)]})
    withdraw(li, cny("100.00"))
    finish(request_, RequestState.WITHDRAWN)
    assert verify_books().ok


def test_it_ends_once(li: Account, wang: Account, request_: ApprovalRequest) -> None:
    with refused("transaction_not_parked"):
        end(request_, State.REJECTED)
    park_transfer(li, wang, cny("60.00"), request_)
    with refused("invalid_transition"):
        end(request_, State.DECLINED)
    end(request_, State.REJECTED)
    with refused("transaction_not_parked"):
        end(request_, State.EXPIRED)
    with refused("transaction_not_parked"):
        post_transfer(li, wang, "60.00", request_)


def test_what_was_posted_does_not_end(li: Account, wang: Account, request_: ApprovalRequest) -> None:
    park_transfer(li, wang, cny("60.00"), request_)
    allow(request_)
    post_transfer(li, wang, "60.00", request_)
    with refused("transaction_not_parked"):
        end(request_, State.EXPIRED)


def test_an_amended_request_parks_again(li: Account, wang: Account, request_: ApprovalRequest) -> None:
    park_transfer(li, wang, cny("60.00"), request_, idempotency_key="k")
    end(request_, State.REJECTED)
    row = park_transfer(li, wang, cny("50.00"), request_, idempotency_key="k")
    assert (available(li), row.state) == ("50.00", State.AWAITING_APPROVAL)


# -- around the service ----------------------------------------------------------------------------------------------


def test_the_database_posts_nothing_before_it_is_approved(
    li: Account, wang: Account, request_: ApprovalRequest
) -> None:
    park_transfer(li, wang, cny("60.00"), request_)
    with refused_by_database("^approval_not_given"):
        post_transfer(li, wang, "60.00", request_)


def test_consent_is_not_used_after_its_moment(li: Account, wang: Account, request_: ApprovalRequest) -> None:
    """A request that was carried out without moving the money does not move it later."""
    park_transfer(li, wang, cny("60.00"), request_)
    allow(request_)
    finish(request_)
    with refused_by_database("^approval_not_given"):
        post_transfer(li, wang, "60.00", request_)


@pytest.mark.parametrize(
    ("amount", "operation"),
    [
        (cny("59.99"), "transactions.transfer"),
        (Money.parse("60.00", "USD"), "transactions.transfer"),
        (cny("60.00"), "transactions.withdraw"),
        (cny("60.00"), "transactions.reverse"),
        (cny("60.00"), "accounts.close_account"),
    ],
)
def test_consent_to_something_else_posts_nothing(li: Account, wang: Account, amount: Money, operation: str) -> None:
    request = make_request(amount, operation)
    park_transfer(li, wang, cny("60.00"), request)
    allow(request)
    with refused_by_database("^approval_for_something_else"):
        post_transfer(li, wang, "60.00", request)


def test_nor_does_consent_that_a_fee_never_asks_for(li: Account, wang: Account, request_: ApprovalRequest) -> None:
    allow(request_)
    fee = charge_fee(li, cny("60.00"))
    (loose,) = post(moved(li, wang, cny("40.00")))
    with refused_by_database("^approval_for_something_else"):
        copy_of(fee, approval_request_id=request_.pk, entry_id=loose.entry_id)


def test_nor_is_a_transaction_born_posted_under_an_undecided_request(
    li: Account, wang: Account, request_: ApprovalRequest
) -> None:
    with refused_by_database("^approval_not_given"):
        copy_of(transfer(li, wang, cny("1.00")), approval_request_id=request_.pk)


def test_nothing_waits_without_a_request(li: Account, wang: Account) -> None:
    first = transfer(li, wang, cny("1.00"))
    with refused_by_database("transaction_parked_has_request"):
        copy_of(first, state="AWAITING_APPROVAL", entry_id=None)


def test_a_request_waits_for_one_transaction(li: Account, wang: Account, request_: ApprovalRequest) -> None:
    first = park_transfer(li, wang, cny("1.00"), request_)
    with refused_by_database("transaction_parked_once"):
        copy_of(first)


def test_consent_is_used_once(li: Account, wang: Account, request_: ApprovalRequest) -> None:
    park_transfer(li, wang, cny("60.00"), request_)
    allow(request_)
    first = post_transfer(li, wang, "60.00", request_)
    (loose,) = post(moved(li, wang, cny("40.00")))
    with refused_by_database("transaction_consent_used_once"):
        copy_of(first, entry_id=loose.entry_id)


@pytest.mark.parametrize(
    "change",
    [
        "booking_date = booking_date + 1",
        "value_date = value_date + 1",
        "booking_date = booking_date + 1, state = 'FAILED'",
        "approval_request_id = NULL, state = 'FAILED'",
        "amount = amount - 1",
    ],
)
def test_what_was_asked_never_changes_while_it_waits(
    li: Account, wang: Account, request_: ApprovalRequest, change: str
) -> None:
    row = park_transfer(li, wang, cny("60.00"), request_)
    with refused_by_database("transaction_fixed"):
        execute(f"UPDATE transactions_transaction SET {change} WHERE id = %s", row.pk)


def copy_of(row: Transaction, **fields: Any) -> None:
    """Insert a transaction like `row`, under an id and reference of its own."""
    row.refresh_from_db()
    values = {field.attname: getattr(row, field.attname) for field in Transaction._meta.concrete_fields}
    Transaction.objects.bulk_create(
        [Transaction(**values | {"id": uuid4(), "reference": "TR-2026-999999", "idempotency_key": None} | fields)]
    )
