"""Partners' holds, placed, captured and released at the same moment: one effect, and the partner's day adds up."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from django.db import IntegrityError
from django.db.models import F

from accounts.models import Account, Balance
from bankops.core.actor import Actor
from partners.caller import Caller
from partners.models import Partner, PartnerUsage
from tests.accounts.factories import NOW, OU_YAN, TODAY, cny, ledger_of, make_account
from tests.committed import at_once
from tests.elsewhere import Meeting
from tests.partners.factories import make_caller
from tests.transactions.duplicate_cases import pay
from transactions import locks
from transactions import services as transaction_services
from transactions.models import Hold, HoldState, State, Transaction
from transactions.services import duplicates, holds, partner_holds
from transactions.verification import verify_books

pytestmark = pytest.mark.usefixtures("committed_db", "consented")

LIMITS = {"CNY": (1_000_00, 10_000_00)}
_serial = count(1)


def place(caller: Caller, payer: Account, payee: Account, amount: str = "60.00", reference: str = "") -> Hold:
    number = next(_serial)
    return partner_holds.place(
        caller=caller, sides=(payer.pk, payee.pk), amount=cny(amount), reference=reference or f"HLD-{number}",
        narrative="", key=f"idk_{number}", now=NOW,
    )  # fmt: skip


def capture(hold: Hold, amount: str = "60.00") -> Transaction:
    return transaction_services.capture_hold(
        hold_id=hold.pk, amount=cny(amount), actor=OU_YAN, now=NOW, business_date=TODAY, partner_id=hold.partner_id
    )


def used(caller: Caller) -> int:
    return sum(PartnerUsage.objects.filter(partner=caller.partner_id).values_list("used", flat=True))


def codes(results: list[Any]) -> Counter[str]:
    return Counter(getattr(one, "code", "done" if not isinstance(one, Exception) else repr(one)) for one in results)


def test_a_hold_is_captured_once_and_what_is_left_given_back_once() -> None:
    caller, li, wang = make_caller(limits=LIMITS), make_account("1000.00"), make_account()
    hold = place(caller, li, wang)
    assert codes(list(at_once(*[lambda: capture(hold, "20.00")] * 6))) == {"done": 1, "hold_captured_already": 5}
    assert (ledger_of(wang), Balance.objects.get(pk=li.pk).held, used(caller)) == ("20.00", 0, 20_00)
    assert verify_books().ok


def test_capture_release_and_expiry_at_once_are_one_of_them() -> None:
    caller = make_caller(limits=LIMITS)
    for _ in range(4):
        before, (li, wang) = used(caller), (make_account("100.00"), make_account())
        hold = place(caller, li, wang)
        by: dict[str, Any] = {"reason": "cancelled", "now": NOW}
        at_once(
            lambda: capture(hold, "20.00"),  # noqa: B023
            lambda: partner_holds.release(caller=caller, hold_id=hold.pk, **by),  # noqa: B023
            lambda: transaction_services.expire_due_holds(now=NOW + timedelta(days=8), actor=Actor.system("holds")),
        )
        ended = Hold.objects.get(pk=hold.pk)
        paid = ("20.00", 20_00) if ended.state == HoldState.POSTED else ("0.00", 0)
        assert ended.state != HoldState.PENDING
        assert (ledger_of(wang), used(caller) - before) == paid
        assert Balance.objects.get(pk=li.pk).held == 0
    assert verify_books().ok


def test_twin_without_the_lock_only_the_tables_stop_a_second_giving_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """The release has read the hold as pending; what the capture gave back would be given back once more."""
    caller, li, wang = make_caller(limits=LIMITS), make_account("1000.00"), make_account()
    hold = place(caller, li, wang)
    stale = Hold.objects.select_related("transaction").get(pk=hold.pk)
    capture(hold, "20.00")
    monkeypatch.setattr(locks, "hold_for_update", lambda _hold_id: stale)
    with pytest.raises(IntegrityError, match="hold_fixed"):
        partner_holds.release(caller=caller, hold_id=hold.pk, reason="cancelled", now=NOW)
    assert used(caller) == 20_00


def one_reference_at_once(caller: Caller) -> list[Any]:
    """Place eight holds under one reference, each on accounts of its own."""
    pairs = [(make_account("100.00"), make_account()) for _ in range(8)]
    return list(at_once(*[lambda pair=pair: place(caller, *pair, reference="ONE") for pair in pairs]))  # type: ignore[misc]


def test_one_reference_at_once_is_one_hold() -> None:
    caller = make_caller(limits=LIMITS)
    assert codes(one_reference_at_once(caller)) == {"done": 1, "duplicate_reference": 7}
    assert (Hold.objects.filter(partner=caller.partner_id).count(), used(caller)) == (1, 60_00)


def test_twin_without_the_lock_the_constraint_stops_them_but_with_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    """All have looked before anyone has written."""
    monkeypatch.setattr(holds, "_LOCK_REFERENCE", "SELECT 1 WHERE %(name)s::text <> ''")
    looked, others = holds._refuse_known_reference, Meeting(8)

    def look_and_wait(*told: Any) -> None:
        looked(*told)
        others()

    monkeypatch.setattr(holds, "_refuse_known_reference", look_and_wait)
    caller = make_caller(limits=LIMITS)
    results = one_reference_at_once(caller)
    faults = [one for one in results if isinstance(one, IntegrityError)]
    assert faults
    assert all("hold_reference_once_per_partner" in str(one) for one in faults)
    assert (Hold.objects.filter(partner=caller.partner_id).count(), used(caller)) == (1, 60_00)


def look_alikes_at_once() -> Counter[str]:
    """Place eight holds of one amount between the same two accounts, each under a reference of its own."""
    caller, li, wang = make_caller(limits=LIMITS), make_account("1000.00"), make_account()
    return codes(list(at_once(*[lambda: place(caller, li, wang)] * 8)))


def test_of_look_alikes_at_once_one_is_held() -> None:
    assert look_alikes_at_once() == {"done": 1, "possible_duplicate": 7}
    assert verify_books().ok


def test_a_hold_and_a_payment_that_look_alike_at_once_do_not_both_pay() -> None:
    caller, li, wang = make_caller(limits=LIMITS), make_account("1000.00"), make_account()
    partner = Partner.objects.get(pk=caller.partner_id)
    results: list[Any] = list(at_once(lambda: place(caller, li, wang), lambda: pay(partner, li, wang)))
    held, paid = results
    if isinstance(held, Hold):
        assert paid.state == State.HELD
    else:
        assert (held.code, paid.state) == ("possible_duplicate", State.POSTED)


def test_twin_looking_before_the_lock_holds_several(monkeypatch: pytest.MonkeyPatch) -> None:
    """All eight have looked before anyone has placed one: they take their turns only when they write."""

    def unlocked(accounts: Any) -> list[Balance]:
        return list(Balance.objects.filter(account_id__in=accounts).select_related("account__customer"))

    def change_held(balance: Balance, by: int) -> None:
        Balance.objects.filter(pk=balance.pk).update(held=F("held") + by)

    look, others = duplicates.look, Meeting(8)

    def look_and_pause(*told: Any) -> Any:
        seen = look(*told)
        others()
        return seen

    monkeypatch.setattr(holds, "accounts_for_update", unlocked)
    monkeypatch.setattr(holds, "_change_held", change_held)
    monkeypatch.setattr(duplicates, "look", look_and_pause)
    assert look_alikes_at_once()["done"] > 1
