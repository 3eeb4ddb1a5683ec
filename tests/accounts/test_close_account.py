"""Closing an account, for good."""

from __future__ import annotations

from uuid import uuid4

import pytest

from accounts.models import Account, AccountStatus
from accounts.services import close_account
from bankops.core.models import AuditEvent, OutboxMessage
from tests.accounts.factories import NOW, TANG_LING, TODAY, make_account, own_account
from tests.unchanged import refused

pytestmark = pytest.mark.django_db


def close(account: Account, reason: str = "moved away") -> Account:
    return close_account(account_id=account.pk, reason=reason, actor=TANG_LING, now=NOW, business_date=TODAY)


def test_an_empty_account_is_closed() -> None:
    account = close(make_account())
    account.refresh_from_db()
    assert (account.status, account.closed_date) == (AccountStatus.CLOSED, TODAY)
    assert account.history.latest().status == "CLOSED"
    event = AuditEvent.objects.get(event_type="accounts.account.closed")
    assert (event.subject_id, event.reason, event.changes) == (
        account.public_id,
        "moved away",
        {"status": ["ACTIVE", "CLOSED"]},
    )
    assert OutboxMessage.objects.latest("id").topic == "accounts.account.closed"


@pytest.mark.parametrize(
    ("state", "code"),
    [
        ({"balance": "0.01"}, "balance_not_zero"),
        ({"balance": "1.00", "held": "1.00"}, "balance_not_zero"),
        ({"overdraft": "5.00", "held": "1.00"}, "money_held"),
    ],
)
def test_an_account_with_money_on_it_or_held_is_not_closed(state: dict[str, str], code: str) -> None:
    account = make_account(**state)  # type: ignore[arg-type]
    with refused(code):
        close(account)


def test_what_cannot_be_closed_is_refused() -> None:
    account, closed, cash = make_account(), make_account(status=AccountStatus.CLOSED), own_account()
    with refused("reason_required"):
        close(account, reason=" ")
    with refused("account_not_open"):
        close(closed)
    with refused("own_account_protected"):
        close(cash)
    with refused("account_not_found"):
        close(Account(pk=uuid4()))
