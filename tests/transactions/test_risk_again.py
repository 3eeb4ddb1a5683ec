"""Risk is asked again when what waited is to move, and about what leaves an account that is closed."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from accounts.models import Account, AccountStatus, Balance
from approvals.models import ApprovalRequest
from bankops.core.models import AuditEvent
from risk.models import Alert, MovedMoney, RuleHit
from risk.outcomes import Outcome
from staff.models import Branch, User
from tests.accounts.factories import NOW, TANG_LING, TODAY, close, cny, ledger_of, make_account, make_customer
from tests.approvals.factories import again, approve, approve_all
from tests.risk.assessment.movements import active
from tests.transactions.raw_books import execute
from tests.transactions.risk_cases import (
    alert_of,
    analyst,
    ask_release,
    known_later,
    pays_somebody,
    said_later_of,
    said_of,
    stopping,
)
from tests.transactions.shipped import Shipped, order_transfer, order_withdrawal, parked_in, submit
from tests.transactions.test_duplicate_operations import held_by, pay, released, system
from tests.unchanged import refused
from transactions.ledger import EntryDraft, PostingDraft
from transactions.models import Channel, HeldBecause, Kind, Side, State, Transaction
from transactions.services.batches import Movement, record_batch
from transactions.services.booking import book
from transactions.services.instructions import Instruction
from transactions.verification import verify_books

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def consent() -> None:
    """Without: here the gate itself lets services run."""


@pytest.fixture
def bank(shipped_bank: Shipped) -> Shipped:
    return shipped_bank


@pytest.fixture
def rao(bank: Shipped, branch: Branch) -> User:
    return analyst(branch)


@pytest.fixture
def li() -> Account:
    return make_account("200000.00", customer=make_customer("Li Hua"))


@pytest.fixture
def wang() -> Account:
    return make_account(customer=make_customer("Wang Fang"))


# -- What waited for approval ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("outcome", [Outcome.BLOCK_AND_REVIEW, Outcome.DECLINE])
def test_what_risk_stops_by_the_second_approval_fails_and_its_money_is_free_again(
    bank: Shipped, li: Account, wang: Account, outcome: Outcome
) -> None:
    known_later(outcome)
    request = order_transfer(bank.maker, li, wang, "60000.00").request
    row = parked_in(request)
    approve(request)
    pays_somebody(bank, li)
    approve(request)
    ended, row = again(request), Transaction.objects.get(pk=row.pk)
    assert (ended.state, ended.error_code, row.state) == ("FAILED", "stopped_by_risk", State.FAILED)
    assert (ledger_of(wang), Balance.objects.get(pk=li.pk).held) == ("0.00", 0)
    assert not MovedMoney.objects.filter(pk=row.pk).exists()
    alert = alert_of(row)
    assert (alert.stopped, alert.amount, alert.movement_reference) == (True, 6_000_000, row.reference)
    assert [reason.code for reason in alert.reasons.all()] == ["known_since"]
    assert [conflict.user_id for conflict in alert.conflicts.all()] == [bank.maker.pk]
    assert said_of(row).outcome == Outcome.APPROVE, "what was said when it was ordered stays"
    (later,) = said_later_of(row)
    assert (later.number, later.outcome, later.pk) == (2, outcome, alert.assessment_id)
    assert list(RuleHit.objects.values_list("rule", "assessment")) == [("known_since", later.pk)]
    assert verify_books().ok


def test_ordered_anew_it_is_held_for_an_analyst(bank: Shipped, li: Account, wang: Account) -> None:
    known_later()
    request = order_transfer(bank.maker, li, wang, "60000.00").request
    pays_somebody(bank, li)
    assert approve_all(request).state == "FAILED"
    assert order_transfer(bank.maker, li, wang, "60000.00").result.waits_for_risk


def test_what_only_raises_an_alert_by_then_is_posted(bank: Shipped, li: Account, wang: Account) -> None:
    known_later(Outcome.REVIEW)
    request = order_transfer(bank.maker, li, wang, "60000.00").request
    pays_somebody(bank, li)
    row = parked_in(request)
    assert approve_all(request).state == "EXECUTED"
    assert ledger_of(wang) == "60000.00"
    (later,), alert = said_later_of(row), alert_of(row)
    assert (later.number, later.outcome, later.band) == (2, Outcome.REVIEW, "medium")
    assert (alert.stopped, alert.assessment_id, alert.score) == (False, later.pk, 400)
    assert [reason.code for reason in alert.reasons.all()] == ["known_since"]
    assert RuleHit.objects.get().assessment == later


def test_a_withdrawal_is_asked_about_again_too(bank: Shipped, li: Account) -> None:
    known_later()
    request = order_withdrawal(bank.maker, li, "60000.00").request
    pays_somebody(bank, li)
    assert approve_all(request).state == "FAILED"
    assert (ledger_of(li), Alert.objects.get().stopped) == ("199999.00", True)


def test_its_own_money_does_not_count_as_spent(bank: Shipped, wang: Account) -> None:
    """The hold of a parked payment ends before risk looks at what the payer has."""
    li = make_account("60000.00", customer=make_customer("Li Hua"))
    active("drained", 'payer.available < money("60000 CNY")', outcome=Outcome.BLOCK_AND_REVIEW)
    request = order_transfer(bank.maker, li, wang, "60000.00").request
    assert approve_all(request).state == "EXECUTED"


# -- What looked like another one ------------------------------------------------------------------------------------


def test_a_duplicate_that_risk_stops_by_the_time_it_is_confirmed_stays_held_by_risk(
    bank: Shipped, rao: User, li: Account, wang: Account
) -> None:
    row = held_by(system(li, wang), li, wang, "666.00")
    stopping()
    outcome = released(row, rao)
    row.refresh_from_db()
    assert (outcome.done, row.state, row.held_because) == (False, State.HELD, HeldBecause.BOTH)
    assert (row.waits_for_word, row.waits_for_risk, ledger_of(wang)) == (False, True, "666.00")
    assert (alert_of(row).stopped, said_of(row).outcome) == (True, Outcome.APPROVE)
    assert AuditEvent.objects.filter(subject_id=row.public_id, event_type__endswith="confirmed_genuine").exists()

    assert approve_all(ask_release(row, rao).request).state == "EXECUTED"
    assert ledger_of(wang) == "1332.00"
    assert verify_books().ok


def test_of_many_confirmed_one_by_one_each_sees_those_before_it(
    bank: Shipped, rao: User, li: Account, wang: Account
) -> None:
    """Held back, each was assessed when none of the others had moved."""
    active("one_to_one", 'count(payer, "24h") >= 2', outcome=Outcome.BLOCK_AND_REVIEW)
    credential = system(li, wang)
    rows = [pay(credential, li, wang, "49000.00").result for _each in range(4)]
    assert [row.state for row in rows] == ["POSTED", "HELD", "HELD", "HELD"]
    requests = [released(row, rao).request for row in rows[1:]]
    assert {approve_all(request).state if request else "EXECUTED" for request in requests} == {"EXECUTED"}
    now = [Transaction.objects.get(pk=row.pk) for row in rows]
    assert [(row.state, row.waits_for_risk) for row in now] == [
        ("POSTED", False),
        ("POSTED", False),
        ("HELD", True),
        ("HELD", True),
    ]
    assert ledger_of(wang) == "98000.00"


def test_what_risk_has_released_it_is_not_asked_about_again(
    bank: Shipped, rao: User, li: Account, wang: Account
) -> None:
    credential = system(li, wang)
    pay(credential, li, wang, "666.00")
    stopping()
    row = pay(credential, li, wang, "666.00").result
    assert approve_all(ask_release(row, rao).request).state == "EXECUTED"
    assert released(row, rao).done
    assert ledger_of(wang) == "1332.00"


@pytest.mark.parametrize("because", ["", "risk_review"])
def test_the_database_lets_risk_join_a_duplicate_and_nothing_else(
    bank: Shipped, li: Account, wang: Account, because: str
) -> None:
    row = held_by(system(li, wang), li, wang)
    change = "UPDATE transactions_transaction SET held_because = %s WHERE id = %s"
    with pytest.raises(IntegrityError, match="transaction_fixed"), transaction.atomic():
        execute(change, because, row.pk)
    execute(change, "duplicate_and_risk", row.pk)
    with pytest.raises(IntegrityError, match="transaction_fixed"), transaction.atomic():
        execute(change, "possible_duplicate", row.pk)
    posted = order_transfer(bank.maker, li, wang, "1.00").result
    with pytest.raises(IntegrityError, match="transaction_fixed"), transaction.atomic():
        execute(change, "duplicate_and_risk", posted.pk)


# -- What leaves a closed account ------------------------------------------------------------------------------------


def closing_of(bank: Shipped, account: Account, payee: Account) -> ApprovalRequest:
    told = {"account": account.public_id, "payee": payee.public_id}
    request = submit("accounts.close_account", bank.maker, told, reason="moved away").request
    assert isinstance(request, ApprovalRequest)
    return request


def test_an_account_is_not_emptied_past_risk_by_being_closed(bank: Shipped, wang: Account) -> None:
    li = make_account("666.00", customer=make_customer("Li Hua"))
    stopping()
    for times in (1, 2):
        ended = approve_all(closing_of(bank, li, wang))
        assert (ended.state, ended.error_code) == ("FAILED", "payout_refused")
        assert "The bank looks at this payment before it may move." in ended.closing_note
        alert = Alert.objects.get()
        assert (alert.stopped, alert.amount, alert.raised_count) == (True, 66_600, times)
    assert [conflict.user_id for conflict in Alert.objects.get().conflicts.all()] == [bank.maker.pk]
    li.refresh_from_db()
    assert (li.status, ledger_of(li), ledger_of(wang)) == (AccountStatus.ACTIVE, "666.00", "0.00")


def test_at_the_service_a_stopped_payout_closes_nothing(bank: Shipped, wang: Account) -> None:
    li = make_account("666.00", customer=make_customer("Li Hua"))
    stopping()
    with refused("payout_refused"):
        close(li, payee_id=wang.pk)


def test_what_nobody_objects_to_is_assessed_and_seen_by_monitoring(bank: Shipped, wang: Account) -> None:
    li = make_account("500.00", customer=make_customer("Li Hua"))
    close(li, payee_id=wang.pk)
    row = Transaction.objects.get(debit_account=li)
    assert (said_of(row).outcome, row.state) == (Outcome.APPROVE, State.POSTED)
    assert MovedMoney.objects.filter(pk=row.pk).exists()


@pytest.mark.parametrize("kind", [Kind.TRANSFER, Kind.WITHDRAWAL, Kind.DEPOSIT, Kind.PAYMENT_OUT])
def test_nothing_that_risk_looks_at_is_posted_unasked(li: Account, wang: Account, kind: Kind) -> None:
    forgotten = Instruction(
        kind, li, wang, cny("1.00"), actor=TANG_LING, now=NOW, business_date=TODAY, channel=Channel.SYSTEM
    )
    before = Transaction.objects.count()
    with pytest.raises(RuntimeError, match="nobody has asked risk"):
        book(forgotten)
    assert Transaction.objects.count() == before


def test_nor_put_on_record_among_many(li: Account, wang: Account) -> None:
    lines = PostingDraft(li.pk, Side.DEBIT, cny("1.00")), PostingDraft(wang.pk, Side.CREDIT, cny("1.00"))
    draft = EntryDraft(postings=lines, booking_date=TODAY, value_date=TODAY, description="", idempotency_key="many")
    with pytest.raises(RuntimeError, match="nobody has asked risk"), transaction.atomic():
        record_batch([Movement(Kind.TRANSFER, draft, 1)], actor=TANG_LING, now=NOW)
