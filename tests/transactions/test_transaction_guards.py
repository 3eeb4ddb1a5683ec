"""One attempt by straight SQL against every rule of the transactions' table."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import Account, Customer
from tests.accounts.factories import NOW, cny, make_account
from tests.transactions.factories import transfer
from tests.transactions.raw_books import execute
from tests.unchanged import refused_by_database
from transactions.models import Kind, StandingOrder, State, Transaction
from transactions.models.standing_order import OrderState

pytestmark = pytest.mark.django_db


@pytest.fixture
def li() -> Account:
    return make_account("100.00")


@pytest.mark.parametrize(
    "change",
    [
        "id = gen_random_uuid()",
        "reference = 'TR-2026-999999'",
        "kind = 'FEE'",
        "channel = 'PARTNER'",
        "amount = amount + 1",
        "currency = 'USD'",
        "debit_account_id = credit_account_id, credit_account_id = debit_account_id",
        "reverses_id = id, kind = 'REVERSAL'",
        "maker_name = 'Somebody else'",
        "maker_id = 'usr_other'",
        "idempotency_key = 'another'",
        "fingerprint = ''",
        "created_at = created_at + interval '1 day'",
        "narrative = 'something else'",
        "counterparty = 'somebody else'",
        "external_reference = 'another'",
        "booking_date = booking_date - 1",
        "value_date = value_date - 1",
        "entry_id = (SELECT max(id) FROM transactions_journalentry)",
        "entry_id = NULL, state = 'FAILED'",
    ],
)
def test_what_the_bank_was_asked_never_changes(li: Account, change: str) -> None:
    row = transfer(li, make_account(), cny("1.00"), idempotency_key="k")
    transfer(li, make_account(), cny("2.00"))
    with refused_by_database("transaction_fixed"):
        execute(f"UPDATE transactions_transaction SET {change} WHERE id = %s", row.pk)


@pytest.mark.parametrize("change", ["state = 'RECEIVED'", "state = 'FAILED'"])
def test_what_has_moved_money_stays_booked(li: Account, change: str) -> None:
    transfer(li, make_account(), cny("1.00"))
    with refused_by_database("transaction_booked_has_entry"):
        execute(f"UPDATE transactions_transaction SET {change}")


def test_a_state_there_is_not(li: Account) -> None:
    transfer(li, make_account(), cny("1.00"))
    with refused_by_database("transaction_state_known|transaction_booked_has_entry"):
        execute("UPDATE transactions_transaction SET state = 'LOST'")


@pytest.mark.parametrize(
    ("fields", "rule"),
    [
        ({"reference": "TAKEN"}, "transaction_reference_once"),
        ({"idempotency_key": "taken"}, "transaction_key_once"),
        ({"amount": 0}, "transaction_amount_positive"),
        ({"kind": "GIFT"}, "transaction_kind_known"),
        ({"state": "LOST"}, "transaction_state_known"),
        ({"channel": "PIGEON"}, "transaction_channel_known"),
        ({"credit_account": "the payer"}, "transaction_two_accounts"),
        ({"state": State.POSTED}, "transaction_booked_has_entry"),
        ({"kind": Kind.REVERSAL}, "transaction_reversal_names_original"),
        ({"reverses": "the first"}, "transaction_reversal_names_original"),
        ({"entry": "of the first", "state": State.POSTED}, "entry_id"),
        ({"entry": "of the first"}, "transaction_booked_has_entry|entry_id"),
    ],
)
def test_a_transaction_cannot_be_made_with(li: Account, fields: dict[str, Any], rule: str) -> None:
    first = transfer(li, make_account(), cny("1.00"), idempotency_key="taken")
    known = {"TAKEN": first.reference, "the payer": li, "the first": first, "of the first": first.entry}
    fields = {name: known.get(value, value) for name, value in fields.items()}
    with refused_by_database(rule):
        Transaction.objects.bulk_create([received(first, **fields)])


def test_a_transaction_that_is_only_received_is_taken(li: Account) -> None:
    first = transfer(li, make_account(), cny("1.00"))
    Transaction.objects.bulk_create([received(first)])
    assert Transaction.objects.filter(state=State.RECEIVED).count() == 1


def received(like: Transaction, **fields: Any) -> Transaction:
    """Return a transaction between the same accounts, received and not posted."""
    usual = {
        "id": Customer().pk,
        "reference": "TR-2026-999999",
        "kind": Kind.TRANSFER,
        "channel": "STAFF",
        "state": State.RECEIVED,
        "amount": 100,
        "currency": "CNY",
        "booking_date": like.booking_date,
        "value_date": like.value_date,
        "created_at": NOW,
        "debit_account": like.debit_account,
        "credit_account": like.credit_account,
        "maker_kind": "staff",
        "maker_id": "usr_tang",
        "maker_name": "Tang Ling",
        "fingerprint": b"",
    }
    return Transaction(**usual | fields)


def test_a_standing_order_is_for_something_and_taken_over_once(li: Account) -> None:
    def order() -> StandingOrder:
        return StandingOrder(
            account=li,
            amount=100,
            currency="CNY",
            counterparty_account="87144583",
            state=OrderState.SUSPENDED,
            external_reference="berka:1",
        )

    StandingOrder.objects.bulk_create([order()])
    with refused_by_database("standing_order_external_once"):
        StandingOrder.objects.bulk_create([order()])
    with refused_by_database("standing_order_amount_positive"):
        execute("UPDATE transactions_standingorder SET amount = 0")
