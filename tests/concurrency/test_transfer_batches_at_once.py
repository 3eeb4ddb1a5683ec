"""Batches at the same moment as each other and as single transfers, and one that breaks off in the middle."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction

from accounts.models import Account
from approvals.models import ApprovalRequest
from bankops.core import clock
from bankops.core.errors import Busy
from partners.caller import caller_as
from staff.models import Branch
from tests.accounts.factories import ledger_of, make_account
from tests.api.callers import System
from tests.approvals.factories import approve_all
from tests.committed import Counters, at_once
from tests.concurrency.racing import execute
from tests.elsewhere import LONG, Meeting
from tests.transactions.batch_cases import line, place, system_for
from tests.transactions.shipped import ship
from transactions import locks
from transactions.models import Hold, HoldState, State, Transaction, TransferBatch, TransferBatchItem
from transactions.services import batch_posting, partner_batches
from transactions.services import partner_orders as singles
from transactions.services.batches import record_batch
from transactions.transfer_batches.items import Draft
from transactions.verification import verify_books

EIGHT = 8


@pytest.fixture(autouse=True)
def bank(committed_db: None, roles: None, branch: Branch) -> None:
    ship(branch)


@pytest.fixture
def five() -> list[Account]:
    return sorted((make_account("1000.00") for _ in range(5)), key=lambda account: account.pk)


def single(system: System, payer: Account, payee: Account, reference: str, amount: str = "1.00") -> Transaction:
    """Order one transfer as the same partner, in the transaction that its answer commits in."""
    wanted = {"from_account": payer.public_id, "to_account": payee.public_id, "amount": amount, "currency": "CNY"}
    now = clock.now()
    with transaction.atomic():
        return singles.place_payment(
            operation=singles.TRANSFER,
            caller=caller_as(system.credential, scopes=frozenset(system.credential.scopes)),
            payload={**wanted, "narrative": "", "external_reference": reference},
            metadata={},
            key=f"idk-single-{reference}",
            now=now,
            business_date=clock.business_date(now),
        )


def outcomes(results: list[Any]) -> Counter[str]:
    return Counter(
        "placed"
        if isinstance(one, Draft)
        else one.state
        if isinstance(one, Transaction)
        else getattr(one, "code", repr(one))
        for one in results
    )


def upwards(system: System, five: list[Account], number: int) -> Callable[[], Draft]:
    items = [line(five[at], five[at + 1], 100 + number) for at in range(4)]
    return lambda: place(system, *items)


def downwards(system: System, five: list[Account], number: int) -> Callable[[], Transaction]:
    at = 1 + number % 4
    return lambda: single(system, five[at], five[at - 1], f"DOWN-{number}", f"{2 + number}.00")


def race(five: list[Account], rounds: int) -> Counter[str]:
    """Let batches go up the accounts while single transfers go down, all at once."""
    system, seen = system_for(*five), Counter[str]()
    with Counters(6) as counters:
        for number in range(rounds):
            up = [upwards(system, five, 10 * number + each) for each in range(3)]
            down = [downwards(system, five, 10 * number + each) for each in range(3)]
            seen += outcomes(list(counters.at_once(*up, *down)))
    return seen


def test_batches_up_and_transfers_down_never_wait_in_a_circle(five: list[Account]) -> None:
    assert race(five, 8) == {"placed": 24, State.POSTED: 24}
    assert not TransferBatchItem.objects.filter(transaction__isnull=True).exists()
    assert verify_books().ok


def test_twin_that_locks_in_another_order_waits_in_a_circle(
    five: list[Account], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The batch takes its accounts one by one from the top; a transfer that begins below the first of them holds the next."""
    system, one_by_one, has_begun = system_for(*five), locks.balances_for_update, Event()
    other = Meeting(2)

    def from_the_top(accounts: Any) -> None:
        for account in sorted(accounts, reverse=True):
            one_by_one([account])
            if not has_begun.is_set():
                has_begun.set()
                other()  # until it waits for this one

    def meanwhile() -> Transaction:
        assert has_begun.wait(LONG)
        return single(system, five[4], five[3], "DOWN-1", "2.00")

    monkeypatch.setattr(locks, "balances_for_update", from_the_top)
    results = outcomes(list(at_once(upwards(system, five, 1), meanwhile)))
    assert results[Busy.code] == 1


def eight_of_one_name(five: list[Account]) -> Counter[str]:
    """Place eight batches of one reference whose items have nothing in common."""
    system = system_for(*five)
    batches = [[line(five[0], five[1], 100 + number)] for number in range(EIGHT)]
    calls = [lambda items=items: place(system, *items, reference="PAYROLL") for items in batches]
    return outcomes(list(at_once(*calls)))


def test_of_eight_batches_of_one_reference_one_is_placed(five: list[Account]) -> None:
    assert eight_of_one_name(five) == {"placed": 1, "duplicate_reference": 7}
    assert Transaction.objects.filter(partner__isnull=False).count() == 1


_BATCH_ONCE = """
    ALTER TABLE transactions_transferbatch ADD CONSTRAINT transfer_batch_reference_once UNIQUE (partner_id, reference)
"""
_ITEM_ONCE = """
    CREATE UNIQUE INDEX transaction_reference_once_per_partner ON transactions_transaction (partner_id, external_reference)
     WHERE partner_id IS NOT NULL AND NOT external_reference = ''
"""


@contextmanager
def without(drop: str, again: str) -> Iterator[None]:
    """Take a constraint away; afterwards what could not stand beside it is taken away, too."""
    execute(drop)
    try:
        yield
    finally:
        execute("SET session_replication_role = replica")
        for table in ("transferbatchitem", "transferbatch"):
            execute(f"DELETE FROM transactions_{table}")
        execute("UPDATE transactions_transaction SET external_reference = ''")
        execute("SET session_replication_role = DEFAULT")
        execute(again)


def test_twin_without_the_constraint_all_eight_are_placed(five: list[Account]) -> None:
    with without("ALTER TABLE transactions_transferbatch DROP CONSTRAINT transfer_batch_reference_once", _BATCH_ONCE):
        assert eight_of_one_name(five) == {"placed": EIGHT}


def eight_with_one_item() -> tuple[Counter[str], int]:
    """Place eight batches between different accounts, each with an item under the same reference and one of its own."""
    pairs = [(make_account("100.00"), make_account()) for _ in range(EIGHT)]
    system = system_for(*(account for pair in pairs for account in pair))
    batches = [[line(*pair, 500, "INV-1"), line(*pair, 700)] for pair in pairs]
    results = at_once(*[lambda items=items: place(system, *items) for items in batches])
    return outcomes(list(results)), Transaction.objects.filter(external_reference="INV-1").count()


def test_one_reference_in_eight_batches_is_one_transfer() -> None:
    results, made = eight_with_one_item()
    assert (results, made) == ({"placed": EIGHT}, 1)
    assert TransferBatchItem.objects.filter(reference="INV-1", code="duplicate_reference").count() == 7
    assert TransferBatchItem.objects.exclude(reference="INV-1").filter(transaction__isnull=False).count() == EIGHT
    assert verify_books().ok


def test_twin_without_the_constraint_one_reference_is_several_transfers(monkeypatch: pytest.MonkeyPatch) -> None:
    others = Meeting(EIGHT)

    def pause_and_record(*told: Any, **more: Any) -> Any:
        others()
        return record_batch(*told, **more)

    monkeypatch.setattr(batch_posting, "record_batch", pause_and_record)
    with without("DROP INDEX transaction_reference_once_per_partner", _ITEM_ONCE):
        _results, made = eight_with_one_item()
    assert made > 1


def test_a_single_transfer_and_a_batch_under_one_reference_are_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """The batch has written its transfer and not committed yet when the single one comes, which is refused in words."""
    pairs = [(make_account("100.00"), make_account()) for _ in range(2)]
    system = system_for(*(account for pair in pairs for account in pair))

    other, is_written = Meeting(2), Event()

    def record_and_pause(*told: Any, **more: Any) -> Any:
        made = record_batch(*told, **more)
        is_written.set()
        other()  # until it waits for this one
        return made

    def a_moment_later() -> Transaction:
        assert is_written.wait(LONG)
        return single(system, *pairs[1], "INV-1")

    monkeypatch.setattr(batch_posting, "record_batch", record_and_pause)
    results = at_once(lambda: place(system, line(*pairs[0], 500, "INV-1")), a_moment_later)
    assert outcomes(list(results)) == {"placed": 1, "duplicate_reference": 1}
    assert Transaction.objects.filter(external_reference="INV-1").count() == 1


def test_a_batch_that_breaks_off_in_the_middle_leaves_nothing(
    five: list[Account], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its connection is cut after the journal has been written and before the transfers are."""
    system = system_for(*five)
    items = [line(five[0], five[1], 100 + number) for number in range(20)]

    def cut(*_told: Any, **_more: Any) -> Any:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    with monkeypatch.context() as patch:
        patch.setattr(batch_posting, "record_batch", cut)
        (broken,) = at_once(lambda: place(system, *items, reference="PAYROLL"))
    assert isinstance(broken, OperationalError)
    assert not TransferBatch.objects.exists()
    assert ledger_of(five[1]) == "1000.00"
    again = place(system, *items, reference="PAYROLL")
    assert all(item.transaction_id for item in again.items)
    assert ledger_of(five[1]) == "1021.90"
    assert verify_books().ok


def test_taken_back_and_approved_at_once_is_one_of_them(five: list[Account]) -> None:
    rich, payee = make_account("500000.00"), five[0]
    system = system_for(rich, payee)
    caller = caller_as(system.credential, scopes=frozenset(system.credential.scopes))
    draft = place(system, line(rich, payee, 60_000_00), line(rich, payee, 10_000_00))

    def cancel() -> None:
        partner_batches.cancel(caller=caller, batch=draft.batch, reason="too early", now=clock.now())

    at_once(lambda: approve_all(ApprovalRequest.objects.get()), cancel, cancel)
    batch = TransferBatch.objects.get()
    paid = batch.state == "CARRIED_OUT"
    assert batch.state in ("CARRIED_OUT", "CANCELLED")
    assert ledger_of(payee) == ("71000.00" if paid else "1000.00")
    assert not Hold.objects.filter(state=HoldState.PENDING).exists()
    assert verify_books().ok


def test_batches_that_wait_never_reserve_the_same_reference(five: list[Account]) -> None:
    """Between different accounts, so that only the reference stands between them."""
    rich = [make_account("500000.00") for _each in range(2)]
    system = system_for(*rich, *five)
    large = [line(payer, five[at], 60_000_00 + at) for at, payer in enumerate(rich)]
    orders = [lambda at=at: place(system, large[at], line(rich[at], five[at], 1_00 + at, "INV-1")) for at in range(2)]
    assert outcomes(list(at_once(*orders))) == {"placed": 2}
    items = TransferBatchItem.objects.filter(reference="INV-1")
    assert sorted(items.values_list("code", flat=True)) == ["", "duplicate_reference"]
    for request in ApprovalRequest.objects.all():
        approve_all(request)
    assert set(TransferBatch.objects.values_list("state", flat=True)) == {"CARRIED_OUT"}
    assert Transaction.objects.filter(external_reference="INV-1", state=State.POSTED).count() == 1
    assert verify_books().ok
