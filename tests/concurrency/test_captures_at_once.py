"""A hold that is captured, given back and expired at the same moment ends one way."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from accounts.models import Account, Balance
from bankops.core.actor import Actor
from tests.accounts.factories import NOW, OU_YAN, TANG_LING, TODAY, cny, ledger_of, make_account
from tests.committed import at_once
from transactions import locks
from transactions import services as transaction_services
from transactions.models import Hold, HoldPurpose, HoldState, Transaction
from transactions.verification import verify_books

pytestmark = pytest.mark.usefixtures("committed_db", "consented")


def announce(payer: Account, payee: Account, **options: Any) -> Hold:
    usual: dict[str, Any] = {"purpose": HoldPurpose.PAYMENT, "payee_id": payee.pk, "actor": TANG_LING, "now": NOW}
    return transaction_services.place_hold(account_id=payer.pk, amount=cny("60.00"), **usual | options)


def capture(hold: Hold, amount: str = "60.00") -> Transaction:
    return transaction_services.capture_hold(
        hold_id=hold.pk, amount=cny(amount), actor=OU_YAN, now=NOW, business_date=TODAY
    )


def codes(results: list[Any]) -> Counter[str]:
    return Counter(getattr(one, "code", "done" if not isinstance(one, Exception) else repr(one)) for one in results)


def test_a_hold_is_captured_once_however_often_at_once() -> None:
    li, wang = make_account("1000.00"), make_account()
    hold = announce(li, wang)
    results = at_once(*[lambda: capture(hold, "20.00")] * 8)
    assert codes(list(results)) == {"done": 1, "hold_captured_already": 7}
    assert (ledger_of(li), ledger_of(wang), Balance.objects.get(pk=li.pk).held) == ("980.00", "20.00", 0)
    assert verify_books().ok


def test_twin_without_the_lock_only_the_tables_stop_the_second(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both read the hold as pending; the second then ends what the first has ended."""
    li, wang = make_account("1000.00"), make_account()
    hold = announce(li, wang)

    stale = Hold.objects.select_related("transaction").get(pk=hold.pk)
    capture(hold, "20.00")
    monkeypatch.setattr(locks, "hold_for_update", lambda _hold_id: stale)
    with pytest.raises(Exception, match="hold_fixed"):
        capture(hold, "20.00")
    assert (ledger_of(wang), verify_books().ok) == ("20.00", True)


def test_capture_release_and_expiry_at_once_are_one_of_them() -> None:
    for _ in range(5):
        li, wang = make_account("100.00"), make_account()
        hold = announce(li, wang, ends_at=NOW + timedelta(seconds=1))
        by: dict[str, Any] = {"actor": OU_YAN, "now": NOW}
        at_once(
            lambda: capture(hold, "60.00"),  # noqa: B023
            lambda: transaction_services.void_hold(hold_id=hold.pk, reason="cancelled", **by),  # noqa: B023
            lambda: transaction_services.expire_due_holds(now=NOW + timedelta(days=1), actor=Actor.system("holds")),
        )
        ended = Hold.objects.get(pk=hold.pk)
        paid = "60.00" if ended.state == HoldState.POSTED else "0.00"
        assert ended.state != HoldState.PENDING
        assert (ledger_of(wang), Balance.objects.get(pk=li.pk).held) == (paid, 0)
    assert verify_books().ok
