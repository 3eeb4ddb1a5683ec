"""One attempt by straight SQL against every rule of the transactions' table."""

from __future__ import annotations

import pytest

from accounts.models import Account
from tests.accounts.factories import cny, make_account
from tests.transactions.factories import transfer
from tests.transactions.raw_books import execute
from tests.unchanged import refused_by_database
from transactions.models import StandingOrder, Transaction

pytestmark = pytest.mark.django_db


@pytest.fixture
def li() -> Account:
    return make_account("100.00")


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ("reference = %s", "transaction_reference_once"),
        ("idempotency_key = 'k' WHERE %s <> ''", "transaction_key_once"),
        ("amount = 0 WHERE %s <> ''", "transaction_amount_positive"),
        ("kind = 'GIFT' WHERE %s <> ''", "transaction_kind_known|transaction_reversal_names_original"),
        ("state = 'LOST' WHERE %s <> ''", "transaction_state_known|transaction_booked_has_entry"),
        ("channel = 'PIGEON' WHERE %s <> ''", "transaction_channel_known"),
        ("credit_account_id = debit_account_id WHERE %s <> ''", "transaction_two_accounts"),
        ("entry_id = NULL WHERE %s <> ''", "transaction_booked_has_entry"),
        ("state = 'RECEIVED' WHERE %s <> ''", "transaction_booked_has_entry"),
        ("kind = 'REVERSAL' WHERE %s <> ''", "transaction_reversal_names_original"),
        ("reverses_id = id WHERE %s <> ''", "transaction_reversal_names_original|reverses_id"),
        ("entry_id = (SELECT max(entry_id) FROM transactions_transaction WHERE reference = %s)", "entry_id"),
        ("entry_id = 999999999 WHERE %s <> ''", "entry_id|foreign key"),
    ],
)
def test_a_transaction_cannot_be_changed_into(li: Account, change: str, rule: str) -> None:
    transfer(li, make_account(), cny("1.00"))
    other = transfer(li, make_account(), cny("1.00"))
    with refused_by_database(rule):
        execute(f"UPDATE transactions_transaction SET {change}", other.reference)


def test_a_transaction_knows_a_kind_and_a_state(li: Account) -> None:
    row = transfer(li, make_account(), cny("1.00"))
    row.pk, row.reference, row.entry, row.idempotency_key = row.debit_account.pk, "TR-2026-999999", None, None
    for column, value, rule in (
        ("kind", "GIFT", "transaction_kind_known"),
        ("state", "LOST", "transaction_state_known"),
    ):
        row.kind, row.state = "TRANSFER", "RECEIVED"
        setattr(row, column, value)
        with refused_by_database(rule):
            Transaction.objects.bulk_create([row])


def test_a_standing_order_is_for_something_and_taken_over_once(li: Account) -> None:
    def order() -> StandingOrder:
        return StandingOrder(account=li, amount=100, currency="CNY", external_reference="berka:1")

    StandingOrder.objects.bulk_create([order()])
    with refused_by_database("standing_order_external_once"):
        StandingOrder.objects.bulk_create([order()])
    with refused_by_database("standing_order_amount_positive"):
        execute("UPDATE transactions_standingorder SET amount = 0")
