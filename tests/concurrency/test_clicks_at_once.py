"""One form, one key, however often it is clicked: a dozen clicks at the same moment book once, hold once, wait once."""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import Any

import pytest
from django.test import Client

from accounts.models import Account, Balance
from approvals.models import ApprovalRequest
from approvals.services.shipping import seed_policies
from bankops.core import clock
from bankops.core.actor import Actor
from staff.models import User
from tests.accounts.factories import ledger_of, make_account, own_account
from tests.committed import at_once
from tests.desk import address, key_of
from tests.personas import SignIn
from transactions.models import Hold, JournalEntry, Transaction
from transactions.verification import verify_books

CLICKS = 12


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


def clicked(desk: Client, account: Account, door: str, **fields: str) -> Counter[Any]:
    url = address(account, door)
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
