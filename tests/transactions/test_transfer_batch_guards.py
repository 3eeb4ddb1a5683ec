"""One attempt by straight SQL against every rule of the batches' tables."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import Account
from approvals.models import ApprovalRequest
from partners.models import Partner
from tests.accounts.factories import NOW, TODAY, cny, make_account
from tests.partners.factories import make_partner
from tests.transactions.duplicate_cases import pay
from tests.transactions.raw_books import execute
from tests.transactions.requests import allow, make_request
from tests.unchanged import check_deferred, refused_by_database
from transactions.models import BatchState, Transaction, TransferBatch, TransferBatchItem

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("consented")]


class Cast:
    """A partner, an account that pays and one that is paid."""

    def __init__(self) -> None:
        self.partner: Partner = make_partner()
        self.payer: Account = make_account("100.00")
        self.payee: Account = make_account()

    def batch(self, *amounts: int, **about: Any) -> TransferBatch:
        """Write a batch that has come in, with an item for each amount."""
        usual = {
            "partner": self.partner,
            "reference": f"B-{TransferBatch.objects.count()}",
            "state": BatchState.RECEIVED,
            "currency": "CNY",
            "total": sum(amounts) or 1,
            "item_count": len(amounts) or 1,
            "all_or_nothing": False,
            "content_hash": bytes(32),
            "business_date": TODAY,
            "created_at": NOW,
            "maker_id": "crd_of_a_test",
            "maker_name": "Harbour Pay · terminal",
        }
        batch: TransferBatch = TransferBatch.objects.create(**{**usual, **about})
        for position, amount in enumerate(amounts):
            self.item(batch, position, amount)
        return batch

    def item(self, batch: TransferBatch, position: int, amount: int, **more: Any) -> TransferBatchItem:
        named = {"payer": self.payer, "payee": self.payee, "payer_named": "acc_1", "payee_named": "acc_2"}
        about = {"position": position, "amount": amount, "reference": f"I-{position}", **named, **more}
        return TransferBatchItem.objects.create(batch=batch, **about)

    def paid(self, amount: str = "1.00", reference: str = "I-0") -> Transaction:
        return pay(self.partner, self.payer, self.payee, amount, external_reference=reference)


@pytest.fixture
def cast() -> Cast:
    return Cast()


def moved(batch: TransferBatch, state: str) -> None:
    execute("UPDATE transactions_transferbatch SET state = %s, closed_at = now() WHERE id = %s", state, batch.pk)


@pytest.mark.parametrize(
    "change",
    [
        "id = gen_random_uuid()",
        "reference = 'another'",
        "currency = 'USD'",
        "total = total + 1",
        "item_count = 2",
        "all_or_nothing = true",
        "content_hash = ''",
        'metadata = \'{"a": "b"}\'',
        "business_date = business_date - 1",
        "created_at = created_at - interval '1 day'",
        "maker_id = 'crd_other'",
        "maker_name = 'Somebody else'",
        "closed_at = now()",
    ],
)
def test_what_a_batch_asks_for_never_changes(cast: Cast, change: str) -> None:
    batch = cast.batch(100)
    with refused_by_database("transfer_batch_fixed"):
        execute(f"UPDATE transactions_transferbatch SET {change} WHERE id = %s", batch.pk)


def test_what_has_ended_stays_so(cast: Cast) -> None:
    batch = cast.batch(100)
    moved(batch, "CARRIED_OUT")
    for state in ("RECEIVED", "AWAITING_APPROVAL", "CANCELLED"):
        with refused_by_database("transfer_batch_fixed"):
            moved(batch, state)


@pytest.mark.parametrize("about", [{"total": 99}, {"item_count": 2}])
def test_a_batch_has_all_its_items_before_it_goes_anywhere(cast: Cast, about: dict[str, int]) -> None:
    batch = cast.batch(100, **about)
    with refused_by_database("transfer_batch_complete"):
        moved(batch, "CARRIED_OUT")


def test_a_reference_names_one_batch(cast: Cast) -> None:
    cast.batch(100, reference="PAYROLL")
    with refused_by_database("transfer_batch_reference_once"):
        cast.batch(100, reference="PAYROLL")


def test_a_state_is_one_of_ours(cast: Cast) -> None:
    with refused_by_database("transfer_batch_state_known"):
        cast.batch(100, state="DONE")


@pytest.mark.parametrize("about", [{"item_count": 0}, {"item_count": 1001}, {"total": 0}])
def test_a_batch_is_of_one_to_a_thousand(cast: Cast, about: dict[str, int]) -> None:
    with refused_by_database("transfer_batch_sane"):
        cast.batch(100, **about)


def test_what_waits_says_for_what(cast: Cast) -> None:
    batch = cast.batch(100)
    with refused_by_database("transfer_batch_parked_has_request"):
        execute("UPDATE transactions_transferbatch SET state = 'AWAITING_APPROVAL' WHERE id = %s", batch.pk)


def parked(cast: Cast, *amounts: int) -> tuple[TransferBatch, ApprovalRequest]:
    """Write a batch that waits in a request over CNY 1.00."""
    request = make_request(cny("1.00"), "transactions.transfer_batch")
    batch = cast.batch(*amounts)
    batch.approval_request, batch.state = request, BatchState.AWAITING_APPROVAL
    batch.save(update_fields=["state", "approval_request"])
    return batch, request


def test_a_request_is_about_one_batch(cast: Cast) -> None:
    _batch, request = parked(cast, 100)
    with refused_by_database("transfer_batch_request_once"):
        cast.batch(100, approval_request=request)


def test_what_waits_is_carried_out_while_its_request_is(cast: Cast) -> None:
    batch, _request = parked(cast, 100)
    with refused_by_database("transfer_batch_consented"):
        moved(batch, "CARRIED_OUT")


def test_no_more_is_moved_than_was_consented_to(cast: Cast) -> None:
    made = cast.paid(), cast.paid("0.50", "I-1")
    batch, request = parked(cast, 100, 50)
    for position, row in enumerate(made):
        batch.items.filter(position=position).update(transaction=row)
    allow(request)
    with refused_by_database("transfer_batch_consented"):
        moved(batch, "CARRIED_OUT")


@pytest.mark.parametrize(
    "change",
    [
        "position = 7",
        "payer_named = 'acc_3'",
        "payee_named = 'acc_3'",
        "payer_id = payee_id, payee_id = payer_id",
        "amount = amount + 1",
        "reference = 'another'",
        "narrative = 'something else'",
    ],
)
def test_what_an_item_asks_for_never_changes(cast: Cast, change: str) -> None:
    batch, _request = parked(cast, 100)
    with refused_by_database("batch_item_fixed"):
        execute(f"UPDATE transactions_transferbatchitem SET {change} WHERE batch_id = %s", batch.pk)


def test_what_became_of_an_item_is_said_once(cast: Cast) -> None:
    batch, _request = parked(cast, 100)
    batch.items.update(code="insufficient_funds")
    with refused_by_database("batch_item_fixed"):
        batch.items.update(code="account_closed")


def test_nothing_is_added_to_a_batch_or_becomes_of_it_after_its_end(cast: Cast) -> None:
    batch = cast.batch(100)
    moved(batch, "CARRIED_OUT")
    with refused_by_database("batch_item_in_time"):
        cast.item(batch, 1, 100)
    with refused_by_database("batch_item_in_time"):
        batch.items.update(code="insufficient_funds")


@pytest.mark.parametrize("row", [("2.00", "I-0"), ("1.00", "I-9")], ids=["another amount", "another reference"])
def test_an_item_becomes_the_transfer_that_it_asked_for(cast: Cast, row: tuple[str, str]) -> None:
    made = cast.paid(*row)
    batch, _request = parked(cast, 100)
    with refused_by_database("batch_item_as_said"):
        batch.items.update(transaction=made)


def test_another_partner_s_transfer_is_not_what_it_asked_for(cast: Cast) -> None:
    batch, _request = parked(cast, 100)
    made = pay(make_partner(), cast.payer, cast.payee, "1.00", external_reference="I-0")
    with refused_by_database("batch_item_as_said"):
        batch.items.update(transaction=made)


def test_a_transfer_is_one_item_s(cast: Cast) -> None:
    made = cast.paid()
    batch = cast.batch()
    cast.item(batch, 0, 100, transaction=made)
    with refused_by_database("batch_item_transaction_once"):
        cast.item(batch, 1, 100, transaction=made, reference="I-0")


def test_a_position_is_taken_once(cast: Cast) -> None:
    batch = cast.batch(100)
    with refused_by_database("batch_item_position_once"):
        cast.item(batch, 0, 100)


def test_an_item_asks_for_more_than_nothing(cast: Cast) -> None:
    batch = cast.batch(100)
    with refused_by_database("batch_item_amount_positive"):
        cast.item(batch, 1, 0)


@pytest.mark.parametrize("about", [{"code": "insufficient_funds"}, {"payer": None}])
def test_an_item_has_one_outcome(cast: Cast, about: dict[str, Any]) -> None:
    made = cast.paid()
    batch = cast.batch()
    with refused_by_database("batch_item_one_outcome|batch_item_as_said"):
        cast.item(batch, 0, 100, transaction=made, **about)


@pytest.mark.parametrize("table", ["transferbatch", "transferbatchitem"])
def test_nothing_is_deleted(cast: Cast, table: str) -> None:
    cast.batch(100)
    check_deferred()
    for statement in (f"DELETE FROM transactions_{table}", f"TRUNCATE transactions_{table} CASCADE"):
        with refused_by_database("append_only"):
            execute(statement)
