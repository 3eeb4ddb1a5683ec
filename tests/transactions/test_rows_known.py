"""What foreign keys do elsewhere, triggers do for tables written by the thousand: one attempt at each by straight SQL."""

from __future__ import annotations

import pytest

from accounts.models import Account
from tests.accounts.factories import make_account
from tests.partners.factories import make_partner
from tests.transactions.duplicate_cases import pay
from tests.transactions.raw_books import execute
from tests.transactions.test_transfer_batch_guards import Cast
from tests.unchanged import refused_by_database
from transactions.models import Transaction

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("consented")]

_AGAIN = """
    INSERT INTO transactions_transaction
    SELECT again.* FROM transactions_transaction t, jsonb_populate_record(t, jsonb_build_object(
           'id', gen_random_uuid(), 'reference', 'TR-AGAIN', 'external_reference', '', 'idempotency_key', NULL,
           'entry_id', NULL, 'state', 'RECEIVED', %s::text, gen_random_uuid())) again
     WHERE t.id = %s
"""
_EVENT = """
    INSERT INTO transactions_transactionevent (transaction_id, from_state, to_state, actor_id, actor_name, reason, occurred_at)
    SELECT CASE WHEN n = 2 THEN gen_random_uuid() ELSE %s END, '', 'RECEIVED', 'somebody', 'Somebody', '', now()
      FROM generate_series(1, 3) n
"""
_ITEM = """
    INSERT INTO transactions_transferbatchitem
    SELECT again.* FROM transactions_transferbatchitem i, jsonb_populate_record(i, jsonb_build_object(
           'id', i.id + 1000, 'position', 7, %s::text, gen_random_uuid())) again
     WHERE i.batch_id = %s
"""


@pytest.fixture
def paid() -> Transaction:
    payer: Account = make_account("100.00")
    return pay(make_partner(), payer, make_account(), "1.00", external_reference="I-0")


def test_the_copy_that_these_tests_make_would_pass(paid: Transaction) -> None:
    execute(_AGAIN, "approval_code", paid.pk)  # no column is called so: nothing of it is unknown
    assert Transaction.objects.filter(reference="TR-AGAIN").exists()


@pytest.mark.parametrize("column", ["debit_account_id", "credit_account_id", "partner_id"])
def test_a_transaction_names_accounts_and_a_partner_that_are_there(paid: Transaction, column: str) -> None:
    with refused_by_database("transaction_known"):
        execute(_AGAIN, column, paid.pk)


def test_an_event_is_of_a_transaction_that_is_there(paid: Transaction) -> None:
    with refused_by_database("transaction_event_known"):
        execute(_EVENT, paid.pk)


@pytest.mark.parametrize("column", ["batch_id", "payer_id", "payee_id", "transaction_id"])
def test_an_item_names_what_is_there(column: str) -> None:
    batch = Cast().batch(100)
    with refused_by_database("batch_item_known"):
        execute(_ITEM, column, batch.pk)
