"""Refunds: in one part or several, never above the original, whoever asks and in whatever order."""

from __future__ import annotations

import pytest
from django.db import transaction

from tests.accounts.factories import OU_YAN, TODAY, cny, ledger_of, make_account
from tests.partners.factories import make_partner
from tests.transactions.duplicate_cases import pay, refund
from tests.transactions.factories import CIRCUMSTANCES, deposit, reverse, transfer
from tests.transactions.raw_books import execute
from tests.transactions.requests import allow, finish, make_request
from tests.unchanged import nothing_changes, refused, refused_by_database
from transactions import selectors
from transactions import services as transaction_services
from transactions.models import Kind, State, Transaction
from transactions.verification import verify_books

pytestmark = pytest.mark.django_db


def _paid(amount: str = "100.00") -> Transaction:
    return transfer(make_account(amount), make_account(), cny(amount))


def test_it_gives_money_of_a_transfer_back_to_its_payer() -> None:
    original = _paid()
    part = refund(original, cny("30.00"), narrative="one of three broken")
    assert (part.kind, part.state, part.refunds) == (Kind.REFUND, State.POSTED, original)
    assert (part.debit_account, part.credit_account) == (original.credit_account, original.debit_account)
    assert (ledger_of(original.debit_account), ledger_of(original.credit_account)) == ("30.00", "70.00")
    original.refresh_from_db()
    assert (original.state, selectors.refunded(original)) == (State.POSTED, cny("30.00"))
    assert verify_books().ok


def test_several_parts_are_never_more_than_was_paid() -> None:
    original = _paid()
    for part in ("30.00", "30.00", "39.99"):
        refund(original, cny(part))
    with refused("refund_too_large") as caught:
        refund(original, cny("0.02"))
    assert caught.value.context["left"] == cny("0.01").format()
    refund(original, cny("0.01"))
    with refused("refund_too_large"):
        refund(original, cny("0.01"))
    assert ledger_of(original.debit_account) == "100.00"


def test_the_same_key_gives_back_once() -> None:
    original = _paid()
    first = refund(original, cny("30.00"), idempotency_key="k")
    with nothing_changes():
        assert refund(original, cny("30.00"), idempotency_key="k") == first
    with refused("idempotency_conflict"):
        refund(original, cny("30.01"), idempotency_key="k")
    other = _paid()
    with refused("idempotency_conflict"):
        refund(other, cny("30.00"), idempotency_key="k")


def test_a_partners_reference_is_used_once_by_refunds_as_well() -> None:
    partner = make_partner()
    original = pay(partner, make_account("100.00"), make_account(), external_reference="INV-1")
    with refused("duplicate_reference"):
        refund(original, cny("1.00"), partner_id=partner.pk, external_reference="INV-1")


def test_only_a_posted_transfer_is_refunded() -> None:
    reversed_one = _paid()
    reversal = reverse(reversed_one)
    part = refund(_paid(), cny("1.00"))
    for original in (deposit(make_account(), cny("5.00")), reversed_one, reversal, part):
        original.refresh_from_db()
        with refused("not_refundable"):
            refund(original, cny("1.00"))


def test_what_was_refunded_is_not_reversed_but_a_refund_can_be() -> None:
    original = _paid()
    part = refund(original, cny("30.00"))
    with refused("refunded_already"):
        reverse(original)
    reverse(part)
    assert selectors.refunded(original) == cny("0.00")
    reverse(original)
    assert (ledger_of(original.debit_account), ledger_of(original.credit_account)) == ("100.00", "0.00")


def test_the_money_must_still_be_there() -> None:
    original = _paid()
    transfer(original.credit_account, make_account(), cny("80.00"))
    with refused("insufficient_funds"):
        refund(original, cny("20.01"))


def _parked(original: Transaction, amount: str) -> Transaction:
    request = make_request(cny(amount), "transactions.refund")
    with transaction.atomic():
        return transaction_services.park_refund(
            transaction_id=original.pk,
            amount=cny(amount),
            **{**CIRCUMSTANCES, "approval_request_id": request.public_id},
        )


def test_while_it_waits_it_counts_and_when_it_is_rejected_no_longer() -> None:
    original = _paid()
    parked = _parked(original, "60.00")
    with refused("refund_too_large"):
        refund(original, cny("40.01"))
    with refused("refunded_already"):
        reverse(original)
    transaction_services.end_parked(
        approval_request_id=parked.approval_request.public_id,  # type: ignore[union-attr]
        state=State.REJECTED,
        reason="no",
        actor=OU_YAN,
        now=CIRCUMSTANCES["now"],
    )
    refund(original, cny("100.00"))
    assert verify_books().ok


def test_approved_it_is_posted() -> None:
    original = _paid()
    parked = _parked(original, "60.00")
    request = parked.approval_request
    assert request is not None
    allow(request)
    done = refund(original, cny("60.00"), approval_request_id=request.public_id, actor=CIRCUMSTANCES["actor"])
    finish(request)
    assert (done.pk, done.state, ledger_of(original.debit_account)) == (parked.pk, State.POSTED, "60.00")


def _raw(original: Transaction, part: Transaction, change: str) -> None:
    """Write one more refund like `part`, changed, past the services."""
    columns = [str(field.column) for field in Transaction._meta.concrete_fields]
    values = {"id": "gen_random_uuid()", "reference": "'TR-RAW'", "idempotency_key": "NULL", "entry_id": "NULL"}
    values |= {"state": "'HELD'", "held_because": "'possible_duplicate'"}
    values |= dict(one.split(" = ") for one in change.split(", ") if one)
    told = ", ".join(values.get(column, column) for column in columns)
    execute(
        f"INSERT INTO transactions_transaction ({', '.join(columns)})"
        f" SELECT {told} FROM transactions_transaction WHERE id = %s",
        part.pk,
    )


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("amount = 7001", "refund_within_original"),
        ("currency = 'USD'", "refund_of_a_transfer"),
        ("debit_account_id = credit_account_id, credit_account_id = debit_account_id", "refund_of_a_transfer"),
        ("refunds_id = NULL", "refund_of_a_transfer"),
        ("kind = 'TRANSFER'", "transaction_refund_names_original"),
    ],
)
def test_the_database_refuses_what_gives_back_more_or_something_else(change: str, words: str) -> None:
    original = _paid()
    part = refund(original, cny("30.00"))
    with refused_by_database(words):
        _raw(original, part, change)


def test_the_database_takes_what_is_left() -> None:
    original = _paid()
    part = refund(original, cny("30.00"))
    _raw(original, part, "amount = 7000")
    assert (selectors.refunded(original), part.booking_date) == (cny("100.00"), TODAY)


def test_the_database_keeps_a_refunded_transfer_from_being_reversed() -> None:
    original = _paid()
    refund(original, cny("30.00"))
    with refused_by_database("refunded_is_not_reversed"):
        execute("UPDATE transactions_transaction SET state = 'REVERSED' WHERE id = %s", original.pk)
