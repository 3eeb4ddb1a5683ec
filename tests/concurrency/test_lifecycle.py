"""An account's life at several counters at once: each has a twin that shows what happens without the lock."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import timedelta
from threading import Barrier, BrokenBarrierError
from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError

from accounts.models import Account, AccountRestriction, AccountStatus, Balance, LimitChannel, LimitPeriod, Restriction
from accounts.services import LimitDraft, lifecycle, release_ended, restricting, set_limits
from accounts.services.restricting import lift
from bankops.core.models import AuditEvent
from tests.accounts.factories import (
    NOW,
    OU_YAN,
    TANG_LING,
    close,
    cny,
    freeze,
    ledger_of,
    make_account,
    own_account,
)
from tests.committed import at_once
from tests.elsewhere import Meeting
from tests.transactions.factories import deposit, transfer, withdraw
from transactions import limits
from transactions.models import Transaction
from transactions.services import movements
from transactions.verification import verify_books

pytestmark = pytest.mark.usefixtures("committed_db")

TOMORROW = NOW + timedelta(days=1)


def outcome(results: Iterable[object]) -> Counter[str]:
    """Count results by what they are: `done`, or the code of the refusal."""
    return Counter(getattr(one, "code", "done" if not isinstance(one, Exception) else repr(one)) for one in results)


def released_events() -> int:
    return AuditEvent.objects.filter(event_type="accounts.account.released").count()


def without_lock(monkeypatch: pytest.MonkeyPatch, module: Any, callers: int) -> AbstractContextManager[None]:
    """Let `module` read accounts without locking them, and go on only when all callers have read.

    They go on in the same instant: a barrier lets all go at once, where whoever polls would come after what the other wrote.
    """
    all_have_read = Barrier(callers)

    def read(account_ids: Iterable[UUID]) -> list[Balance]:
        balances = Balance.objects.filter(account_id__in=set(account_ids)).select_related("account")
        found = list(balances.order_by("account_id"))
        with suppress(BrokenBarrierError):  # somebody waits for a lock of theirs, and will not come
            all_have_read.wait(timeout=3)
        return found

    @contextmanager
    def patched() -> Any:
        with monkeypatch.context() as patch:
            patch.setattr(module, "accounts_for_update", read)
            yield

    return patched()


# -- Freezing --------------------------------------------------------------------------------------------------------


def test_a_freeze_and_a_transfer_at_once() -> None:
    """Either the transfer was first, or it is refused: none is paid after the freeze was confirmed."""
    for _ in range(5):
        li, wang = make_account("100.00"), make_account()
        frozen, paid = at_once(lambda: freeze(li), lambda: transfer(li, wang, cny("100.00")))  # noqa: B023
        assert isinstance(frozen, AccountRestriction)
        assert (getattr(paid, "code", "paid"), ledger_of(li)) in [("paid", "0.00"), ("account_blocked", "100.00")]
        (again,) = at_once(lambda: transfer(li, wang, cny("0.01")))  # noqa: B023
        assert getattr(again, "code", "") == "account_blocked"
    assert verify_books().ok


def test_freezes_at_once_add_up() -> None:
    li = make_account()
    calls = [
        lambda kind=kind, code=code: freeze(li, kind, reason_code=code)
        for kind in (Restriction.BLOCK_DEBIT, Restriction.BLOCK_CREDIT)
        for code in ("SUSPECTED_FRAUD", "DECEASED", "OTHER")
    ]
    assert outcome(at_once(*calls)) == {"done": 6}
    assert (Account.objects.get(pk=li.pk).restriction, li.restrictions.standing().count()) == ("BLOCK_ALL", 6)


def test_twin_without_the_lock_the_tables_stop_the_second_freeze_but_with_a_fault(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Both read that nothing blocks the account. The guard forms the union, and nobody writes a weaker one."""
    li = make_account()
    with without_lock(monkeypatch, lifecycle, 2):
        results = at_once(
            lambda: freeze(li, Restriction.BLOCK_DEBIT, reason_code="OTHER"),
            lambda: freeze(li, Restriction.BLOCK_CREDIT, reason_code="DECEASED"),
        )
    placed, fault = sorted(results, key=lambda one: isinstance(one, Exception))
    assert isinstance(placed, AccountRestriction)
    assert isinstance(fault, IntegrityError)
    assert "restriction_is_union" in str(fault)
    assert Account.objects.get(pk=li.pk).restriction == placed.kind


def test_the_same_click_twice_at_once_freezes_once() -> None:
    li = make_account()
    results = at_once(*[lambda: freeze(li, idempotency_key="one click") for _ in range(4)])
    assert len({one.pk for one in results if isinstance(one, AccountRestriction)}) == 1
    assert outcome(results) == {"done": 4}


# -- Releasing -------------------------------------------------------------------------------------------------------


def lifting(restriction: AccountRestriction) -> Callable[[], AccountRestriction]:
    return lambda: lift(restriction_id=restriction.pk, reason="over", actor=OU_YAN, now=TOMORROW)


def test_two_releases_at_once_are_one() -> None:
    li = make_account()
    placed = freeze(li)
    assert outcome(at_once(*[lifting(placed)] * 4)) == {"done": 1, "restriction_over": 3}
    assert released_events() == 1


def test_twin_without_the_lock_the_tables_stop_the_second_release_but_with_a_fault(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    li = make_account()
    placed = freeze(li)
    both_have_read = Barrier(2)
    refuse = restricting.refuse_lifting

    def refuse_and_wait(account: Account, restriction: AccountRestriction) -> None:
        refuse(account, restriction)
        both_have_read.wait(timeout=60)

    monkeypatch.setattr(restricting, "refuse_lifting", refuse_and_wait)
    with without_lock(monkeypatch, lifecycle, 2):
        results = at_once(*[lifting(placed)] * 2)
    lifted, fault = sorted(results, key=lambda one: isinstance(one, Exception))
    assert isinstance(lifted, AccountRestriction)
    assert isinstance(fault, IntegrityError)
    assert "restriction_fixed" in str(fault)
    assert released_events() == 1


def test_an_end_that_comes_while_somebody_lifts_it_comes_once() -> None:
    for _ in range(5):
        li = make_account()
        placed = freeze(li, ends_at=TOMORROW)
        before = released_events()
        lifted, *ended = at_once(lifting(placed), *[lambda: release_ended(now=TOMORROW)] * 2)
        assert not [one for one in ended if isinstance(one, Exception)]
        counted = sum(one for one in ended if isinstance(one, int))
        assert (getattr(lifted, "code", "done"), counted) in [("done", 0), ("restriction_over", 1)]
        assert (Account.objects.get(pk=li.pk).restriction, released_events() - before) == ("NONE", 1)


def test_a_freeze_and_the_end_of_another_at_once_leave_the_freeze() -> None:
    for _ in range(5):
        li = make_account()
        freeze(li, ends_at=TOMORROW)
        results = at_once(
            lambda: release_ended(now=TOMORROW),
            lambda: freeze(li, reason_code="DECEASED"),  # noqa: B023
        )
        assert not [one for one in results if isinstance(one, Exception)]
        assert Account.objects.get(pk=li.pk).restriction == "BLOCK_DEBIT"


# -- Closing ---------------------------------------------------------------------------------------------------------


def test_closing_and_a_deposit_at_once() -> None:
    """Never both: no money lies on a closed account."""
    own_account()
    for _ in range(5):
        li = make_account()
        results = at_once(lambda: deposit(li, cny("1.00")), lambda: close(li))  # noqa: B023
        assert outcome(results) in ({"done": 1, "account_closed": 1}, {"done": 1, "balance_not_zero": 1})


def test_closing_with_a_payout_and_a_deposit_at_once_lose_nothing() -> None:
    own_account()
    for _ in range(5):
        li, wang = make_account("10.00"), make_account()
        paid_in, closed = at_once(lambda: deposit(li, cny("1.00")), lambda: close(li, payee_id=wang.pk))  # noqa: B023
        assert isinstance(closed, Account)
        assert ledger_of(li) == "0.00"
        assert ledger_of(wang) == ("11.00" if isinstance(paid_in, Transaction) else "10.00")
    assert verify_books().ok


def test_two_closings_at_once_pay_out_once() -> None:
    li, wang = make_account("10.00"), make_account()
    results = at_once(*[lambda: close(li, payee_id=wang.pk) for _ in range(4)])
    assert outcome(results) == {"done": 1, "account_not_open": 3}
    assert (ledger_of(wang), Account.objects.get(pk=li.pk).status) == ("10.00", AccountStatus.CLOSED)


# -- Limits ----------------------------------------------------------------------------------------------------------


def limited(balance: str, daily: str) -> Account:
    li = make_account(balance)
    draft = LimitDraft(LimitChannel.ALL, LimitPeriod.DAILY, cny(daily))
    set_limits(account_id=li.pk, limits=[draft], reason="asked for it", actor=TANG_LING, now=NOW)
    return Account.objects.get(pk=li.pk)


def test_twenty_withdrawals_at_once_never_exceed_a_daily_limit() -> None:
    own_account()
    li = limited("1000.00", daily="70.00")
    results = at_once(*[lambda: withdraw(li, cny("10.00"))] * 20)
    assert outcome(results) == {"done": 7, "limit_exceeded": 13}
    assert ledger_of(li) == "930.00"
    assert verify_books().ok


def test_twin_without_the_lock_the_limit_is_exceeded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both have seen that nothing was used yet before either pays."""
    own_account()
    li = limited("1000.00", daily="70.00")
    check, others = limits.check_instruction, Meeting(2)

    def check_and_wait(*told: Any) -> None:
        check(*told)
        others()

    monkeypatch.setattr(limits, "check_instruction", check_and_wait)
    with without_lock(monkeypatch, movements, 2):
        results = at_once(*[lambda: withdraw(li, cny("50.00"))] * 2)
    assert outcome(results) == {"done": 2}
    assert ledger_of(li) == "900.00"
