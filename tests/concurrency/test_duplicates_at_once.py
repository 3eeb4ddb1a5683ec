"""Eight clients at once: look-alikes, one reference, refunds in parts. Each guard with its twin that fails without it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import IntegrityError

from accounts.models import Account, Balance
from bankops.core.actor import Actor
from partners.models import Partner
from tests.accounts.factories import NOW, cny, ledger_of, make_account
from tests.committed import at_once
from tests.concurrency.racing import execute
from tests.elsewhere import Meeting
from tests.partners.factories import make_partner
from tests.transactions.duplicate_cases import cancel, pay, refund, release
from tests.transactions.factories import transfer
from transactions import services as transaction_services
from transactions.models import State, Transaction
from transactions.services import duplicates, movements, refunds
from transactions.verification import verify_books

pytestmark = pytest.mark.usefixtures("committed_db", "consented")

EIGHT = 8


def outcomes(results: list[Any]) -> Counter[str]:
    return Counter(
        one.state if isinstance(one, Transaction) else getattr(one, "code", type(one).__name__) for one in results
    )


def eight_look_alikes() -> tuple[Counter[str], Account]:
    partner, li, wang = make_partner(), make_account("1000.00"), make_account()
    return outcomes(list(at_once(*[lambda: pay(partner, li, wang)] * EIGHT))), wang


def test_of_eight_look_alikes_at_once_one_is_posted() -> None:
    results, wang = eight_look_alikes()
    assert results == {State.POSTED: 1, State.HELD: 7}
    assert ledger_of(wang) == "60.00"
    assert verify_books().ok


def test_twin_looking_before_the_lock_posts_several(monkeypatch: pytest.MonkeyPatch) -> None:
    """All eight look while none has posted; the accounts are locked only by the posting itself."""

    def unlocked(accounts: Any) -> list[Balance]:
        return list(Balance.objects.filter(account_id__in=accounts).select_related("account__customer"))

    look, others = duplicates.look, Meeting(EIGHT)

    def look_and_pause(*told: Any) -> Any:
        seen = look(*told)
        others()
        return seen

    monkeypatch.setattr(movements, "accounts_for_update", unlocked)
    monkeypatch.setattr(duplicates, "look", look_and_pause)
    results, wang = eight_look_alikes()
    assert results[State.POSTED] > 1
    assert ledger_of(wang) != "60.00"


def eight_under_one_reference() -> Counter[str]:
    """Order eight payments between different accounts, so that nothing but the reference makes them meet."""
    partner = make_partner()
    pairs = [(make_account("100.00"), make_account()) for _ in range(EIGHT)]

    def order(partner: Partner, payer: Account, payee: Account) -> Callable[[], Transaction]:
        return lambda: pay(partner, payer, payee, external_reference="INV-1")

    return outcomes(list(at_once(*[order(partner, *pair) for pair in pairs])))


def test_of_eight_under_one_reference_at_once_one_is_posted() -> None:
    assert eight_under_one_reference() == {State.POSTED: 1, "duplicate_reference": 7}


@contextmanager
def _without(constraint: str, again: str) -> Iterator[None]:
    execute(f"DROP INDEX {constraint}")
    try:
        yield
    finally:
        execute("SET session_replication_role = replica")
        execute("UPDATE transactions_transaction SET external_reference = ''")  # they could not stand beside it
        execute("SET session_replication_role = DEFAULT")
        execute(again)


_ONCE = """
    CREATE UNIQUE INDEX transaction_reference_once_per_partner ON transactions_transaction (partner_id, external_reference)
     WHERE partner_id IS NOT NULL AND NOT external_reference = ''
"""


def _without_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look for the reference without waiting for others that use it, and pause before anything is written."""
    monkeypatch.setattr(duplicates, "_LOCK_REFERENCE", "SELECT %(name)s::text")
    asking, others = duplicates.refuse_known_reference, Meeting(EIGHT)

    def ask_and_pause(instruction: Any) -> None:
        asking(instruction)
        if instruction.external_reference:  # what puts money on the accounts has none
            others()

    monkeypatch.setattr(duplicates, "refuse_known_reference", ask_and_pause)


def test_twin_without_waiting_only_the_table_stops_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    _without_waiting(monkeypatch)
    results = eight_under_one_reference()
    assert results == {State.POSTED: 1, IntegrityError.__name__: 7}


def test_twin_without_waiting_and_constraint_posts_several(monkeypatch: pytest.MonkeyPatch) -> None:
    _without_waiting(monkeypatch)
    with _without("transaction_reference_once_per_partner", _ONCE):
        assert eight_under_one_reference()[State.POSTED] > 1


def eight_refunds() -> tuple[Counter[str], Transaction]:
    original = transfer(make_account("100.00"), make_account("500.00"), cny("100.00"))
    return outcomes(list(at_once(*[lambda: refund(original, cny("30.00"))] * EIGHT))), original


def test_eight_refunds_at_once_give_back_no_more_than_was_paid() -> None:
    results, original = eight_refunds()
    assert results == {State.POSTED: 3, "refund_too_large": 5}
    assert ledger_of(original.debit_account) == "90.00"
    assert verify_books().ok


def _looking_too_early(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nobody see what the others give back."""
    monkeypatch.setattr(refunds, "refuse_refund", lambda *_told: None)


def test_twin_without_the_service_the_table_stops_what_is_too_much(monkeypatch: pytest.MonkeyPatch) -> None:
    _looking_too_early(monkeypatch)
    results, original = eight_refunds()
    assert (results[State.POSTED], sum(results.values())) == (3, EIGHT)
    assert ledger_of(original.debit_account) == "90.00"


def test_twin_without_service_and_trigger_gives_back_too_much(monkeypatch: pytest.MonkeyPatch) -> None:
    _looking_too_early(monkeypatch)
    execute("ALTER TABLE transactions_transaction DISABLE TRIGGER transaction_refund_within")
    try:
        results, original = eight_refunds()
    finally:
        execute("ALTER TABLE transactions_transaction ENABLE TRIGGER transaction_refund_within")
    assert results == {State.POSTED: EIGHT}
    assert ledger_of(original.debit_account) == "240.00"


def test_released_cancelled_and_expired_at_once_is_one_of_them() -> None:
    for _ in range(3):
        partner, li, wang = make_partner(), make_account("1000.00"), make_account()
        pay(partner, li, wang)
        held = pay(partner, li, wang)
        late = NOW.replace(day=NOW.day + 4)
        at_once(
            *[lambda: release(held)] * 2,  # noqa: B023
            *[lambda: cancel(held)] * 2,  # noqa: B023
            lambda: transaction_services.expire_held(now=late, actor=Actor.system("held")),  # noqa: B023
        )
        held.refresh_from_db()
        posted = held.state == State.POSTED
        assert held.state in (State.POSTED, State.DECLINED, State.EXPIRED)
        assert ledger_of(wang) == ("120.00" if posted else "60.00")
    assert verify_books().ok
