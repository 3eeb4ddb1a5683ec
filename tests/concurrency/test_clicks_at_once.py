"""One form, one key, however often it is clicked: twenty clicks at the same moment book once, hold once, wait once."""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import Any

import pytest
from django.db.models import Model
from django.test import Client

from accounts.models import Account, Balance
from accounts.partner_access import Right
from approvals.models import ApprovalRequest
from approvals.services.shipping import seed_policies
from bankops.core import clock
from bankops.core.actor import Actor
from staff.models import User
from tests.accounts.factories import cny, ledger_of, make_account, own_account
from tests.api.callers import give
from tests.committed import at_once
from tests.consent import as_if_consented
from tests.desk import address, key_of
from tests.partners.factories import make_partner
from tests.personas import SignIn
from tests.transactions.duplicate_cases import pay
from tests.transactions.factories import transfer
from transactions.models import DuplicateNote, Hold, JournalEntry, Kind, Transaction
from transactions.verification import verify_books

CLICKS = 20


@pytest.fixture
def desk(committed_db: None, operator: User, signed_in_client: SignIn) -> Client:
    own_account()
    seed_policies(actor=Actor.system("tests"), now=clock.now())
    return signed_in_client(operator)


def click(desk: Client, url: str, form: dict[str, str]) -> tuple[int, str]:
    """Press the button in a tab of one's own: the same person, the same form."""
    tab = Client()
    tab.cookies = desk.cookies
    answer = tab.post(url, form)
    return answer.status_code, answer.get("Location", "")


def clicked(desk: Client, record: Model, door: str, **fields: str) -> Counter[Any]:
    url = address(record, door)
    form = {**fields, "idempotency_key": key_of(desk.get(url)), "confirmed": "1"}
    return Counter(at_once(*[partial(click, desk, url, form)] * CLICKS))


@pytest.mark.parametrize(
    ("door", "left"), [("deposit", "110.00"), ("withdraw", "90.00"), ("transfer", "90.00"), ("charge_fee", "90.00")]
)
def test_money_moves_once(desk: Client, door: str, left: str) -> None:
    account, payee = make_account("100.00"), make_account()
    more = {"to_account": payee.number} if door == "transfer" else {}
    before = JournalEntry.objects.count()
    seen = clicked(desk, account, door, amount="10.00", narrative="clicked", **more)
    assert ledger_of(account) == left
    assert JournalEntry.objects.count() == before + 1
    row = Transaction.objects.get(narrative="clicked")
    assert seen == {(302, address(row)): CLICKS}
    assert verify_books().ok


def test_a_large_withdrawal_waits_once_and_holds_once(desk: Client) -> None:
    rich = make_account("60000.00")
    seen = clicked(desk, rich, "withdraw", amount="50000.00", narrative="clicked")
    assert seen == {(302, address(ApprovalRequest.objects.get())): CLICKS}
    assert (Balance.objects.get(pk=rich.pk).held, Hold.objects.count()) == (5_000_000, 1)
    assert verify_books().ok


def test_a_refund_gives_back_once(desk: Client) -> None:
    payer, payee = make_account("100.00"), make_account()
    original = paid(payer, payee, "30.00")
    seen = clicked(desk, original, "refund", amount="10.00", reason="returned", narrative="clicked")
    row = Transaction.objects.get(kind=Kind.REFUND)
    assert seen == {(302, address(row)): CLICKS}
    assert (ledger_of(payer), ledger_of(payee)) == ("80.00", "20.00")
    assert verify_books().ok


def test_a_reversal_is_asked_for_once(desk: Client) -> None:
    original = paid(make_account("100.00"), make_account(), "30.00")
    seen = clicked(desk, original, "reverse", reason="wrong payee")
    assert seen == {(302, address(ApprovalRequest.objects.get())): CLICKS}


def test_a_payment_held_back_is_released_once(desk: Client) -> None:
    li, wang, partner = make_account("200.00"), make_account(), make_partner(limits={"CNY": (1_000_00, 1_000_00)})
    give(partner, li, Right.DEBIT)
    give(partner, wang, Right.CREDIT)
    with as_if_consented():
        pay(partner, li, wang, now=clock.now())
        held = pay(partner, li, wang, now=clock.now())
    seen = clicked(desk, held, "release", reason="two invoices")
    assert set(seen) <= {(302, address(held)), (409, "")}  # who comes too late is told that it is released
    assert seen[302, address(held)] >= 1
    assert (ledger_of(wang), verify_books().ok) == ("120.00", True)
    answers = DuplicateNote.objects.filter(transaction=held).values_list("answer", flat=True)
    assert sorted(answers) == ["HELD", "RELEASED"]


def test_a_hold_is_placed_once_and_captured_once(desk: Client) -> None:
    account, payee = make_account("100.00"), make_account()
    clicked(desk, account, "place_hold", amount="40.00", reason="card", payee=payee.number, days="")
    hold = Hold.objects.get()
    assert Balance.objects.get(pk=account.pk).held == 4_000
    clicked(desk, hold, "capture_hold", amount="30.00", narrative="clicked")
    assert (ledger_of(account), ledger_of(payee)) == ("70.00", "30.00")
    assert Transaction.objects.filter(narrative="clicked").count() == 1
    assert verify_books().ok


def paid(payer: Account, payee: Account, amount: str) -> Transaction:
    with as_if_consented():
        return transfer(payer, payee, cny(amount), now=clock.now())
