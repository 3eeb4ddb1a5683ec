"""Holds: money that stays on the account and cannot be spent, until it is given back or paid out."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from accounts.models import Account, AccountStatus, Balance, Restriction
from bankops.core.models import AuditEvent, OutboxMessage
from bankops.core.money import Money
from tests.accounts.factories import NOW, OU_YAN, TANG_LING, cny, freeze, ledger_of, make_account, own_account, release
from tests.transactions.factories import deposit, park_transfer, transfer, withdraw
from tests.transactions.raw_books import execute
from tests.transactions.requests import make_request
from tests.unchanged import check_deferred, refused, refused_by_database
from transactions import services as transaction_services
from transactions.models import Hold, HoldPurpose, HoldState

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(hours=1)


@pytest.fixture
def li() -> Account:
    return make_account("100.00")


def place(account: Account, amount: Money, **options: Any) -> Hold:
    usual: dict[str, Any] = {"purpose": HoldPurpose.MANUAL, "actor": TANG_LING, "now": NOW}
    return transaction_services.place_hold(account_id=account.pk, amount=amount, **usual | options)


def void(hold: Hold, **options: Any) -> Hold:
    usual: dict[str, Any] = {"reason": "not needed", "actor": OU_YAN, "now": LATER}
    return transaction_services.void_hold(hold_id=hold.pk, **usual | options)


def balance_of(account: Account) -> Balance:
    return Balance.objects.select_related("account").get(pk=account.pk)


# -- placing ---------------------------------------------------------------------------------------------------------


def test_held_money_stays_on_the_account_and_cannot_be_spent(li: Account) -> None:
    hold = place(li, cny("60.00"), reason="court order", ends_at=LATER)
    check_deferred()
    assert (ledger_of(li), str(balance_of(li).held_money), str(balance_of(li).available)) == (
        "100.00",
        "60.00",
        "40.00",
    )
    assert (hold.state, hold.money, hold.placed_at, hold.ends_at, hold.closed_at) == (
        HoldState.PENDING,
        cny("60.00"),
        NOW,
        LATER,
        None,
    )
    with refused("insufficient_funds"):
        withdraw(li, cny("40.01"))
    with refused("insufficient_funds"):
        place(li, cny("40.01"))
    withdraw(li, cny("40.00"))


def test_the_trail_and_the_outside_hear_of_it(li: Account) -> None:
    hold = place(li, cny("60.00"), reason="court order")
    event, message = AuditEvent.objects.latest("id"), OutboxMessage.objects.latest("id")
    assert event.event_type == message.topic == "transactions.hold.placed"
    assert (event.subject_type, event.subject_id, event.subject_label) == ("hold", hold.public_id, li.number)
    assert (event.reason, event.changes) == ("court order", {"state": ["", "PENDING"]})
    assert event.detail == message.payload
    assert (message.payload["amount"], message.payload["account"]) == ("60.00", li.public_id)


def test_an_overdraft_can_be_held(li: Account) -> None:
    poor = make_account(overdraft="50.00")
    place(poor, cny("50.00"))
    with refused("insufficient_funds"):
        place(poor, cny("0.01"))


@pytest.mark.parametrize(
    ("state", "minor", "currency", "code"),
    [
        ({}, 10_001, "CNY", "insufficient_funds"),
        ({}, 0, "CNY", "amount_not_positive"),
        ({}, -1, "CNY", "amount_not_positive"),
        ({}, 100, "USD", "currency_mismatch"),
        ({"restriction": Restriction.BLOCK_DEBIT}, 100, "CNY", "account_blocked"),
        ({"restriction": Restriction.BLOCK_ALL}, 100, "CNY", "account_blocked"),
        ({"status": AccountStatus.DORMANT}, 100, "CNY", "account_dormant"),
        ({"status": AccountStatus.PENDING}, 100, "CNY", "account_pending"),
        ({"status": AccountStatus.CLOSED, "balance": "0"}, 100, "CNY", "account_closed"),
    ],
)
def test_it_is_refused_where_a_debit_is(state: dict[str, Any], minor: int, currency: str, code: str) -> None:
    account = make_account(**{"balance": "100.00", **state})
    with refused(code):
        place(account, Money(minor, currency))


def test_only_a_customers_account_that_is_there() -> None:
    with refused("unknown_account"):
        place(Account(pk=uuid4()), cny("1.00"))
    cash = own_account()
    with refused("not_a_customer_account"):
        place(cash, cny("1.00"))


def test_a_reason_must_fit(li: Account) -> None:
    with refused("text_too_long"):
        place(li, cny("1.00"), reason="x" * 501)


# -- ending ----------------------------------------------------------------------------------------------------------


def test_a_voided_hold_gives_the_money_back(li: Account) -> None:
    hold = void(place(li, cny("60.00")))
    check_deferred()
    assert (hold.state, hold.closed_at) == (HoldState.VOIDED, LATER)
    assert (balance_of(li).held, str(balance_of(li).available)) == (0, "100.00")
    event = AuditEvent.objects.latest("id")
    assert (event.event_type, event.actor_name, event.reason) == ("transactions.hold.voided", "Ou Yan", "not needed")
    withdraw(li, cny("100.00"))


def test_a_hold_ends_once_and_with_a_reason(li: Account) -> None:
    hold = place(li, cny("60.00"))
    with refused("reason_required"):
        void(hold, reason=" ")
    void(hold)
    with refused("hold_not_pending"):
        void(hold)
    with refused("unknown_hold"):
        void(Hold(pk=uuid4()))


def test_what_waits_for_approval_keeps_its_hold(li: Account) -> None:
    parked = park_transfer(li, make_account(), cny("60.00"), make_request(cny("60.00")))
    with refused("hold_belongs_to_transaction"):
        void(parked.holds.get())


def test_freezing_and_releasing_leave_holds_alone(li: Account) -> None:
    hold = place(li, cny("60.00"))
    freeze(li, Restriction.BLOCK_ALL)
    assert balance_of(li).held == 6_000
    release(li)
    assert str(void(hold).money) == "60.00"


# -- around the service ----------------------------------------------------------------------------------------------

_COLUMNS = (
    "id, account_id, state, amount, currency, purpose, reason, transaction_id, approval_request_id, placed_at, ends_at,"
    " closed_at"
)

_A_HOLD_MORE = (
    f"INSERT INTO transactions_hold ({_COLUMNS})"
    f" SELECT gen_random_uuid(), {_COLUMNS.removeprefix('id, ')} FROM transactions_hold"
)


def insert(account: Account, **fields: Any) -> None:
    """Insert a hold by SQL, and bring the balance along."""
    usual = {
        "id": uuid4(),
        "account_id": account.pk,
        "state": "PENDING",
        "amount": 100,
        "currency": "CNY",
        "purpose": "MANUAL",
        "reason": "",
        "transaction_id": None,
        "approval_request_id": "",
        "placed_at": NOW,
        "ends_at": None,
        "closed_at": None,
    }
    values = usual | fields
    marks = ", ".join(["%s"] * len(values))
    execute(f"INSERT INTO transactions_hold ({_COLUMNS}) VALUES ({marks})", *values.values())
    execute("UPDATE accounts_balance SET held = held + %s WHERE account_id = %s", values["amount"], account.pk)


def test_a_hold_by_sql_with_its_balance_is_taken(li: Account) -> None:
    insert(li)
    check_deferred()
    assert Hold.objects.get().money == cny("1.00")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE accounts_balance SET held = held + 1 WHERE account_id = %(li)s",
        "UPDATE accounts_balance SET held = 0 WHERE account_id = %(li)s",
        "UPDATE transactions_hold SET state = 'VOIDED', closed_at = now() WHERE account_id = %(li)s",
        _A_HOLD_MORE,
    ],
)
def test_what_is_held_is_the_sum_of_the_holds(li: Account, statement: str) -> None:
    place(li, cny("60.00"))
    with refused_by_database("held_is_holds"):
        execute(statement % {"li": f"'{li.pk}'"})


def test_a_balance_begins_with_nothing_held() -> None:
    account = make_account()
    new = Account(**{**{f.attname: getattr(account, f.attname) for f in Account._meta.fields}, "id": uuid4()})
    new.number = "100000000099"
    Account.objects.bulk_create([new])
    with refused_by_database("held_is_holds"):
        execute("INSERT INTO accounts_balance (account_id, ledger, held, version) VALUES (%s, 0, 1, 0)", new.pk)


@pytest.mark.parametrize(
    "change",
    [
        "amount = amount - 1",
        "currency = 'USD'",
        "account_id = (SELECT id FROM accounts_account WHERE id <> account_id LIMIT 1)",
        "purpose = 'APPROVAL'",
        "reason = 'another'",
        "transaction_id = (SELECT id FROM transactions_transaction LIMIT 1)",
        "approval_request_id = 'apr_x'",
        "placed_at = now()",
        "ends_at = now()",
    ],
)
def test_of_a_hold_only_the_state_changes(li: Account, change: str) -> None:
    deposit(make_account(), cny("1.00"))
    hold = place(li, cny("60.00"))
    with refused_by_database("hold_fixed"):
        execute(f"UPDATE transactions_hold SET {change} WHERE id = %s", hold.pk)


@pytest.mark.parametrize("change", ["state = 'PENDING', closed_at = NULL", "state = 'EXPIRED'", "closed_at = now()"])
def test_a_hold_that_ended_stays_as_it_ended(li: Account, change: str) -> None:
    hold = void(place(li, cny("60.00")))
    with refused_by_database("hold_fixed"):
        execute(f"UPDATE transactions_hold SET {change} WHERE id = %s", hold.pk)


@pytest.mark.parametrize("statement", ["DELETE FROM transactions_hold", "TRUNCATE transactions_hold CASCADE"])
def test_holds_stay_for_ever(li: Account, statement: str) -> None:
    void(place(li, cny("60.00")))
    check_deferred()
    with refused_by_database("append_only"):
        execute(statement)


@pytest.mark.parametrize(
    ("fields", "rule"),
    [
        ({"state": "VOIDED", "closed_at": NOW}, "hold_begins_pending"),
        ({"state": "LOST"}, "hold_begins_pending|hold_state_known"),
        ({"currency": "USD"}, "hold_currency"),
        ({"amount": 0}, "hold_amount_positive"),
        ({"purpose": "FUN"}, "hold_purpose_known"),
        ({"closed_at": NOW}, "hold_closed_when"),
    ],
)
def test_a_hold_cannot_be_made_with(li: Account, fields: dict[str, Any], rule: str) -> None:
    with refused_by_database(rule):
        insert(li, **fields)


def test_a_state_there_is_not(li: Account) -> None:
    hold = place(li, cny("60.00"))
    with refused_by_database("hold_state_known"):
        execute("UPDATE transactions_hold SET state = 'LOST', closed_at = now() WHERE id = %s", hold.pk)
    with refused_by_database("hold_closed_when"):
        execute("UPDATE transactions_hold SET state = 'VOIDED' WHERE id = %s", hold.pk)


def test_nothing_is_posted_by_nobody(li: Account) -> None:
    hold = place(li, cny("60.00"))
    with refused_by_database("hold_posted_by_transaction"):
        execute("UPDATE transactions_hold SET state = 'POSTED', closed_at = now() WHERE id = %s", hold.pk)


def test_a_transaction_keeps_its_money_once(li: Account) -> None:
    row = transfer(li, make_account(), cny("1.00"))
    insert(li, transaction_id=row.pk)
    with refused_by_database("hold_once_per_transaction"):
        insert(li, transaction_id=row.pk)
