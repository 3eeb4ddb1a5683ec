"""Announced payments: held first, then captured in full or in part, once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction

from accounts.models import Account, AccountStatus, Balance, LimitChannel, LimitPeriod, Restriction
from accounts.services import freeze_account, set_limits
from accounts.services.limits import LimitDraft
from bankops.core import operations
from bankops.core.actor import Actor
from bankops.core.models import AuditEvent, OutboxMessage
from bankops.core.money import Money
from bankops.core.operations import Order
from tests.accounts.factories import NOW, OU_YAN, TANG_LING, TODAY, cny, ledger_of, make_account, own_account
from tests.partners.factories import make_partner
from tests.transactions.factories import withdraw
from tests.unchanged import check_deferred, refused, refused_by_database
from transactions import services as transaction_services
from transactions.models import Hold, HoldPurpose, HoldState, Kind, State, Transaction
from transactions.verification import verify_books

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("consented")]

TOMORROW = NOW + timedelta(days=1)
SWEEP = Actor.system("holds")


@pytest.fixture
def li() -> Account:
    return make_account("100.00")


@pytest.fixture
def wang() -> Account:
    return make_account()


def announce(payer: Account, payee: Account, amount: str = "60.00", **options: Any) -> Hold:
    usual: dict[str, Any] = {"purpose": HoldPurpose.PAYMENT, "payee_id": payee.pk, "actor": TANG_LING, "now": NOW}
    return transaction_services.place_hold(account_id=payer.pk, amount=cny(amount), **usual | options)


def capture(hold: Hold, amount: str | Money = "60.00", **options: Any) -> Transaction:
    usual: dict[str, Any] = {"actor": OU_YAN, "now": NOW, "business_date": TODAY}
    money = cny(amount) if isinstance(amount, str) else amount
    return transaction_services.capture_hold(hold_id=hold.pk, amount=money, **usual | options)


def now_of(hold: Hold) -> Hold:
    return Hold.objects.select_related("transaction").get(pk=hold.pk)


def held_on(account: Account) -> int:
    return Balance.objects.get(pk=account.pk).held


def test_a_capture_in_full_pays_the_payee_and_ends_the_hold(li: Account, wang: Account) -> None:
    hold = announce(li, wang, external_reference="order 7")
    assert (ledger_of(li), held_on(li)) == ("100.00", 6_000)
    paid = capture(hold, narrative="goods sent")
    check_deferred()
    assert (ledger_of(li), ledger_of(wang), held_on(li)) == ("40.00", "60.00", 0)
    assert (paid.kind, paid.state, paid.money, paid.narrative) == (
        Kind.TRANSFER,
        State.POSTED,
        cny("60.00"),
        "goods sent",
    )
    ended = now_of(hold)
    assert (ended.state, ended.transaction, ended.captured_money) == (HoldState.POSTED, paid, cny("60.00"))
    told = OutboxMessage.objects.get(topic="transactions.hold.posted")
    assert (told.payload["transaction"], told.payload["captured"]) == (paid.public_id, "60.00")
    assert (told.payload["payee"], told.payload["external_reference"]) == (wang.public_id, "order 7")
    assert AuditEvent.objects.filter(event_type="transactions.hold.posted", actor_id="usr_ou").count() == 1
    assert verify_books().ok


def test_a_capture_in_part_gives_the_rest_back(li: Account, wang: Account) -> None:
    hold = announce(li, wang)
    capture(hold, "45.50")
    check_deferred()
    assert (ledger_of(li), ledger_of(wang), held_on(li)) == ("54.50", "45.50", 0)
    assert (now_of(hold).captured, now_of(hold).amount) == (4_550, 6_000)
    assert withdraw(li, cny("54.50")).state == State.POSTED
    assert verify_books().ok


def test_the_same_capture_sent_twice_is_one(li: Account, wang: Account) -> None:
    hold = announce(li, wang)
    first = capture(hold, "45.50", idempotency_key="cap-1")
    assert capture(hold, "45.50", idempotency_key="cap-1") == first
    assert ledger_of(wang) == "45.50"
    with refused("idempotency_conflict"):
        capture(hold, "45.51", idempotency_key="cap-1")


def test_the_same_order_sent_twice_holds_once(li: Account, wang: Account) -> None:
    first = announce(li, wang, idempotency_key="hold-1")
    assert announce(li, wang, idempotency_key="hold-1") == first
    assert held_on(li) == 6_000
    with refused("idempotency_conflict"):
        announce(li, wang, "5.00", idempotency_key="hold-1")
    assert announce(li, wang, "5.00", idempotency_key="hold-1", actor=OU_YAN) != first
    with refused_by_database("hold_order_once"):
        Hold.objects.create(
            account=li, amount=1, currency="CNY", purpose=HoldPurpose.MANUAL, placed_at=NOW, order_key=first.order_key
        )


def test_a_limit_lowered_meanwhile_stops_the_capture(li: Account, wang: Account) -> None:
    hold = announce(li, wang)
    limit = LimitDraft(LimitChannel.ALL, LimitPeriod.DAILY, cny("50.00"))
    set_limits(account_id=li.pk, limits=[limit], reason="asked for it", actor=TANG_LING, now=NOW)
    with refused("limit_exceeded"):
        capture(hold)
    assert capture(hold, "50.00").state == State.POSTED


def test_money_held_for_a_payment_cannot_be_spent(li: Account, wang: Account) -> None:
    announce(li, wang)
    with refused("insufficient_funds"):
        withdraw(li, cny("40.01"))
    with refused("insufficient_funds"):
        announce(li, wang, "40.01")


@pytest.mark.parametrize(("captured", "code"), [("60.01", "capture_too_large"), ("0.00", "amount_not_positive")])
def test_not_more_than_is_held(li: Account, wang: Account, captured: str, code: str) -> None:
    hold = announce(li, wang)
    with refused(code):
        capture(hold, captured)
    with refused("currency_mismatch"):
        capture(hold, Money.parse("10.00", "EUR"))


def test_a_late_capture_is_told_what_became_of_the_hold(li: Account, wang: Account) -> None:
    captured, voided, expired, overdue = (announce(li, wang, "10.00", ends_at=TOMORROW) for _ in range(4))
    capture(captured, "10.00")
    transaction_services.void_hold(hold_id=voided.pk, reason="cancelled", actor=OU_YAN, now=NOW)
    assert transaction_services.expire_due_holds(now=TOMORROW, actor=SWEEP, limit=1) == 1
    gone = next(hold for hold in (expired, overdue) if now_of(hold).state == HoldState.EXPIRED)
    late = {"now": TOMORROW + timedelta(minutes=1)}
    for hold, code in ((captured, "hold_captured_already"), (voided, "hold_voided"), (gone, "hold_expired")):
        with refused(code):
            capture(hold, "10.00", **late)
    # The time of this one is over although no sweep came by.
    (waiting,) = [hold for hold in (expired, overdue) if now_of(hold).state == HoldState.PENDING]
    with refused("hold_expired"):
        capture(waiting, "10.00", **late)


def test_holds_end_when_their_time_is_over_and_the_money_is_free(li: Account, wang: Account) -> None:
    hold = announce(li, wang, ends_at=TOMORROW)
    assert transaction_services.expire_due_holds(now=TOMORROW - timedelta(seconds=1), actor=SWEEP) == 0
    assert transaction_services.expire_due_holds(now=TOMORROW, actor=SWEEP) == 1
    assert transaction_services.expire_due_holds(now=TOMORROW, actor=SWEEP) == 0
    check_deferred()
    assert (now_of(hold).state, held_on(li), ledger_of(li)) == (HoldState.EXPIRED, 0, "100.00")
    event = AuditEvent.objects.get(event_type="transactions.hold.expired")
    assert event.subject_id == hold.public_id


@pytest.mark.parametrize("restriction", [Restriction.BLOCK_DEBIT, Restriction.BLOCK_ALL])
def test_a_freeze_stops_a_late_capture_and_the_hold_stays(li: Account, wang: Account, restriction: Restriction) -> None:
    hold = announce(li, wang)
    Account.objects.filter(pk=li.pk)
    _freeze(li, restriction)
    with refused("account_blocked"):
        capture(hold)
    assert (now_of(hold).state, held_on(li)) == (HoldState.PENDING, 6_000)


def test_what_could_not_be_captured_is_refused_when_it_is_announced(li: Account, wang: Account) -> None:
    _freeze(wang, Restriction.BLOCK_CREDIT)
    closed, euro, other, own = (
        make_account(status=AccountStatus.CLOSED), make_account(currency="EUR"), make_account(), own_account(),
    )  # fmt: skip
    for payee, code in ((wang, "account_blocked"), (closed, "account_closed"), (euro, "currency_mismatch")):
        with refused(code):
            announce(li, payee)
    for payee, code in ((li, "same_account"), (own, "not_a_customer_account")):
        with refused(code):
            announce(li, payee)
    with refused("hold_ends_in_the_past"):
        announce(li, other, ends_at=NOW)


def test_money_set_aside_by_the_bank_is_not_captured(li: Account) -> None:
    hold = transaction_services.place_hold(
        account_id=li.pk, amount=cny("10.00"), purpose=HoldPurpose.MANUAL, actor=TANG_LING, now=NOW
    )
    with refused("hold_not_capturable"):
        capture(hold, "10.00")


def test_nothing_is_captured_past_the_gate(li: Account, wang: Account) -> None:
    operation = operations.get("transactions.capture_hold")
    hold = announce(li, wang)
    payload = operation.clean({"hold": hold.public_id, "amount": "60.00", "currency": "cny"})
    order = Order(actor=OU_YAN, now=NOW, idempotency_key="k")
    operation.refuse(payload, order)
    paid = operation.execute(payload, order)
    assert operation.earlier(payload, order) == paid
    operation.refuse(payload, order)  # an equal order may come again
    with refused("hold_captured_already"):
        operation.refuse(payload, Order(actor=OU_YAN, now=NOW, idempotency_key="other"))


# -- The database --------------------------------------------------------------------------------------------------


def test_the_database_captures_nothing_that_was_not_posted(li: Account, wang: Account) -> None:
    hold = announce(li, wang)
    other = withdraw(li, cny("1.00"))
    with refused_by_database("hold_posted_as_said"):
        Balance.objects.filter(pk=li.pk)
        _write(hold, "state = 'POSTED', closed_at = now(), captured = 100, transaction_id = %s", [other.pk], li)


def test_the_database_knows_whom_a_payment_is_for(li: Account, wang: Account) -> None:
    hold = announce(li, wang)
    with refused_by_database("hold_fixed"):
        _write(hold, "payee_id = %s", [li.pk])
    with refused_by_database("hold_fixed"):
        _write(hold, "captured = 5", [])
    with refused_by_database("hold_payment_has_payee"):
        Hold.objects.create(
            account=li, amount=1, currency="CNY", purpose=HoldPurpose.PAYMENT, placed_at=NOW
        )  # fmt: skip
    with refused_by_database("hold_captured_within"):
        Hold.objects.create(
            account=li, amount=1, currency="CNY", purpose=HoldPurpose.PAYMENT, payee=wang, placed_at=NOW, captured=1
        )


def test_the_database_lets_a_partner_announce_payments_only_each_under_a_reference(li: Account, wang: Account) -> None:
    partner = make_partner()
    told: dict[str, Any] = {"account": li, "amount": 1, "currency": "CNY", "partner": partner, "placed_at": NOW}
    payment = {"purpose": HoldPurpose.PAYMENT, "payee": wang}
    for wrong in ({"purpose": HoldPurpose.MANUAL, "external_reference": "H-1"}, payment):
        with refused_by_database("hold_partner_announces_payment"):
            Hold.objects.create(**told, **wrong)
    with refused_by_database("hold_reference_once_per_partner"), transaction.atomic():
        for _ in range(2):
            Hold.objects.create(**told, **payment, external_reference="H-1")


def _write(hold: Hold, assignment: str, values: list[Any], account: Account | None = None) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE transactions_hold SET {assignment} WHERE id = %s", [*values, hold.pk])
        if account is not None:
            cursor.execute(
                "UPDATE accounts_balance SET held = held - %s WHERE account_id = %s", [hold.amount, account.pk]
            )


def _freeze(account: Account, restriction: Restriction) -> None:
    """Restrict an account, whatever else its service asks for."""
    freeze_account(account_id=account.pk, restriction=restriction, reason="court order", actor=TANG_LING, now=NOW)
