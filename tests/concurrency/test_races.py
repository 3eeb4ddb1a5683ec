"""What happens at the same moment at two counters, and in which order the books take it."""

from __future__ import annotations

import random
import threading
from collections import Counter
from itertools import pairwise

import pytest
from django.db import connections
from django.db.models import Sum

from accounts.models import Account, AccountRestriction, Balance, Restriction
from bankops.core.models import AuditEvent
from tests.accounts.factories import close, cny, freeze, ledger_of, make_account, make_customer
from tests.committed import at_once
from tests.concurrency.racing import twin_of_ledger_post
from tests.elsewhere import beside, eventually, waiting_here
from tests.transactions.factories import codes, deposit, mirror_of, moved, post, reverse, transfer, withdraw
from transactions.models import JournalEntry, State, Transaction
from transactions.verification import verify_books

pytestmark = pytest.mark.usefixtures("committed_db")


def outcome(results: list[object]) -> Counter[str]:
    """Count results by what they are: `done`, or the code of the refusal."""
    return Counter(
        getattr(result, "code", "done" if not isinstance(result, Exception) else repr(result)) for result in results
    )


def test_transfers_in_opposite_directions_do_not_wait_for_each_other_for_ever() -> None:
    li, wang = make_account("1000.00"), make_account("1000.00")

    def back_and_forth(payer: Account, payee: Account) -> None:
        for _ in range(15):
            transfer(payer, payee, cny("1.00"))

    results = at_once(*[lambda: back_and_forth(li, wang), lambda: back_and_forth(wang, li)] * 2)
    assert outcome(list(results)) == {"done": 4}
    assert (ledger_of(li), ledger_of(wang)) == ("1000.00", "1000.00")
    assert verify_books().ok


def test_a_batch_locks_in_the_same_order_whatever_the_order_of_its_entries() -> None:
    accounts = [make_account("1000.00") for _ in range(6)]
    pairs = list(pairwise(accounts))

    def round_trip(seed: int) -> list[str]:
        shuffled = random.Random(seed).sample(pairs, len(pairs))
        return [code for _ in range(5) for code in codes(post(*(moved(a, b, cny("1.00")) for a, b in shuffled)))]

    results = at_once(*[lambda seed=seed: round_trip(seed) for seed in range(4)])
    assert all(set(result) == {"posted"} for result in results if not isinstance(result, Exception))
    assert outcome(list(results)) == {"done": 4}
    assert verify_books().ok


def test_a_freeze_and_a_withdrawal_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Either the withdrawal was first, or it is refused: never paid after the freeze was confirmed."""
    for _ in range(5):
        li = make_account("100.00")
        frozen, paid = at_once(lambda: freeze(li, Restriction.BLOCK_ALL), lambda: withdraw(li, cny("100.00")))  # noqa: B023
        assert isinstance(frozen, AccountRestriction)
        assert (getattr(paid, "code", "paid"), ledger_of(li)) in [("paid", "0.00"), ("account_blocked", "100.00")]
        assert getattr(withdraw_again(li), "code", "") == "account_blocked"
    assert verify_books().ok


def withdraw_again(account: Account) -> object:
    (result,) = at_once(lambda: withdraw(account, cny("0.01")))
    return result


def test_a_freeze_waits_for_the_withdrawal_that_has_begun(monkeypatch: pytest.MonkeyPatch) -> None:
    """Confirmed after the withdrawal has its lock: the trail shows the freeze second, as it was."""
    li = make_account("100.00")
    with twin_of_ledger_post(monkeypatch, locked=True), beside(lambda: withdraw(li, cny("100.00"))):
        eventually(waiting_here)
        freeze(li, Restriction.BLOCK_ALL)
    assert ledger_of(li) == "0.00"
    names = AuditEvent.objects.order_by("id").values_list("event_type", flat=True)
    assert list(names)[-2:] == ["transactions.withdrawal.posted", "accounts.account.frozen"]


def test_closing_and_a_deposit_at_once() -> None:
    """Never both: no money lies on a closed account."""
    for _ in range(5):
        li = make_account()
        results = at_once(
            lambda: deposit(li, cny("1.00")),  # noqa: B023
            lambda: close(li),  # noqa: B023
        )
        assert outcome(list(results)) in ({"done": 1, "account_closed": 1}, {"done": 1, "balance_not_zero": 1})


def test_a_transaction_reversed_twice_at_once_is_reversed_once() -> None:
    li, wang = make_account("100.00"), make_account()
    original = transfer(li, wang, cny("30.00"))
    results = at_once(*[lambda: reverse(original) for _ in range(6)])
    assert outcome(list(results)) == {"done": 1, "already_reversed": 5}
    assert (ledger_of(li), ledger_of(wang)) == ("100.00", "0.00")
    original.refresh_from_db()
    assert (original.state, original.events.filter(to_state="REVERSED").count()) == (State.REVERSED, 1)


def test_an_entry_reversed_twice_at_once_is_reversed_once() -> None:
    li, wang = make_account("100.00"), make_account()
    (original,) = post(moved(li, wang, cny("30.00")))
    assert original.entry_id
    mirror = mirror_of(original.entry_id)
    results = at_once(*[lambda: codes(post(mirror))[0] for _ in range(6)])
    assert Counter(map(str, results)) == {"posted": 1, "already_reversed": 5}


def test_a_transfer_and_its_reversal_and_others_at_once_do_not_wait_for_ever() -> None:
    li, wang = make_account("100.00"), make_account("100.00")
    originals = [transfer(li, wang, cny("1.00")) for _ in range(4)]
    calls = [lambda one=one: reverse(one) for one in originals]
    results = at_once(*calls, *[lambda: transfer(wang, li, cny("1.00")) for _ in range(4)])
    assert outcome(list(results)) == {"done": 8}
    assert (ledger_of(li), ledger_of(wang)) == ("104.00", "96.00")


@pytest.mark.parametrize("balance", ["2000.00", "100.00"])
def test_twenty_equal_requests_at_once_are_one(balance: str) -> None:
    """Also where the money is enough for only one: the other nineteen are told of the first, not refused."""
    li = make_account(balance)
    results = at_once(*[lambda: withdraw(li, cny("100.00"), idempotency_key="k") for _ in range(20)])
    assert outcome(list(results)) == {"done": 20}
    assert len({result.pk for result in results if isinstance(result, Transaction)}) == 1
    assert Transaction.objects.filter(idempotency_key="k").count() == 1
    assert JournalEntry.objects.count() == 2
    assert AuditEvent.objects.filter(event_type="transactions.withdrawal.posted").count() == 1


def test_one_key_for_two_requests_at_once_is_one_and_a_refusal() -> None:
    li, wang = make_account("100.00"), make_account("100.00")
    results = at_once(
        lambda: withdraw(li, cny("10.00"), idempotency_key="k"),
        lambda: withdraw(wang, cny("20.00"), idempotency_key="k"),
    )
    assert outcome(list(results)) == {"done": 1, "idempotency_conflict": 1}


def test_twenty_equal_entries_at_once_are_one() -> None:
    li, wang = make_account("100.00"), make_account()
    draft = moved(li, wang, cny("100.00"), key="k")
    results = at_once(*[lambda: codes(post(draft))[0] for _ in range(20)])
    assert Counter(map(str, results)) == {"posted": 1, "exists": 19}
    assert (ledger_of(li), ledger_of(wang)) == ("0.00", "100.00")


def test_the_bank_always_has_the_same_money(monkeypatch: pytest.MonkeyPatch) -> None:
    """Jepsen's bank test: whoever adds up all accounts while money moves between them always finds the same sum."""
    customer = make_customer()
    accounts = [make_account("100.00", customer=customer) for _ in range(10)]
    total = sum(balance.ledger for balance in Balance.objects.filter(account__in=accounts))
    moving = threading.Event()
    moving.set()
    seen: list[int] = []

    def move_at_random(seed: int) -> int:
        dice = random.Random(seed)
        done, moves = 0, 0
        while moves < 25 or len(seen) <= 10:
            moves += 1
            payer, payee = dice.sample(accounts, 2)
            amount = cny(f"{dice.randint(1, 60)}.00")
            done += codes(post(moved(payer, payee, amount), moved(payee, payer, cny("1.00"))))[0] == "posted"
        return done

    def add_up() -> None:
        while moving.is_set():
            balances = Balance.objects.filter(account__in=accounts)
            seen.append(balances.aggregate(total=Sum("ledger"))["total"])
        connections.close_all()

    reader = threading.Thread(target=add_up)
    reader.start()
    results = at_once(*[lambda seed=seed: move_at_random(seed) for seed in range(6)])
    moving.clear()
    reader.join()
    assert sum(done for done in results if isinstance(done, int)) > 25
    assert outcome(list(results)) == {"done": 6}
    assert len(seen) > 10
    assert set(seen) == {total}
    assert min(Balance.objects.filter(account__in=accounts).values_list("ledger", flat=True)) >= 0
    assert verify_books().ok
