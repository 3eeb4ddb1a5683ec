"""What risk refuses, or nobody could know of, when a held payment is released or said to be no duplicate; and when it expires."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from uuid import UUID

import pytest

from accounts.models import Account
from approvals.admin import deciding
from approvals.admin.wording import undone
from bankops.core import clock
from bankops.core.actor import Actor
from bankops.core.models import AuditEvent
from risk.models import Alert, AlertState, HitState, ScreeningHit
from risk.outcomes import Outcome
from risk.services.hits import decide_hit, seen_as
from risk.services.screening import screen_customers
from staff.models import Branch, User
from tests.accounts.factories import ledger_of, make_account, make_customer
from tests.approvals.factories import again, approve, approve_all
from tests.desk import address, words
from tests.personas import SignIn
from tests.risk.assessment.movements import active
from tests.risk.screening.conftest import known_lists
from tests.risk.screening.lists import LINES, load
from tests.transactions.risk_cases import (
    SUSPICIOUS,
    alert_of,
    analyst,
    ask_release,
    decline,
    pays_somebody,
    said_later_of,
    said_of,
    stopping,
)
from tests.transactions.shipped import Shipped, order_transfer
from tests.transactions.test_duplicate_operations import grown, held_by, pay, released, system
from tests.unchanged import refused
from transactions import locks
from transactions.duplicates.errors import HeldByRisk
from transactions.models import HeldBecause, State, Transaction
from transactions.services.held import expire_held, held_until
from transactions.verification import verify_books

__all__ = ["known_lists"]
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


def stopped(bank: Shipped, payer: Account, payee: Account) -> Transaction:
    """Return a transfer that a soft rule holds back."""
    stopping()
    row = order_transfer(bank.maker, payer, payee, "666.00").result
    assert isinstance(row, Transaction)
    assert row.waits_for_risk
    return row


def refusing_after(payments: int, outcome: Outcome = Outcome.DECLINE) -> None:
    """Have a rule that meets it too, once its payer has paid so often: `pays_somebody` brings that about."""
    active("never", f'{SUSPICIOUS} and count(payer, "24h") >= {payments}', outcome=outcome, weight=500)


# -- Released by risk ------------------------------------------------------------------------------------------------


def test_what_a_rule_refuses_by_now_is_not_released_and_stays_held(
    bank: Shipped, rao: User, li: Account, wang: Account
) -> None:
    refusing_after(1)
    row = stopped(bank, li, wang)
    request = ask_release(row, rao).request
    pays_somebody(bank, li)
    for times in (1, 2):
        ended = approve_all(request)
        row.refresh_from_db()
        assert (ended.state, ended.error_code) == ("FAILED", "refused_by_risk")
        assert "decline it" in ended.closing_note
        assert (row.state, row.waits_for_risk, row.risk_release, ledger_of(wang)) == (State.HELD, True, None, "0.00")
        alert, later = alert_of(row), said_later_of(row)
        assert [one.outcome for one in later] == [Outcome.DECLINE] * times
        assert (alert.state, alert.raised_count, alert.score) == (AlertState.NEW, 1 + times, 900)
        assert {reason.code for reason in alert.reasons.all()} == {"number_of_the_beast", "never"}
        request = ask_release(row, rao).request
    assert decline(row, rao).done
    assert verify_books().ok


def test_nor_what_pays_somebody_who_was_found_on_a_list_unless_all_who_agree_know_of_it(
    bank: Shipped, rao: User, li: Account, tmp_path: Path
) -> None:
    dmitri = make_customer("Dmitri Karamazov", birth_date=date(1974, 2, 17))
    payee = make_account(customer=dmitri)
    assert li.customer
    row = stopped(bank, li, payee)
    request = ask_release(row, rao).request
    load(tmp_path, *LINES, now=clock.now())
    screen_customers(customer_ids=[dmitri.pk, li.customer.pk], now=clock.now())
    hit = ScreeningHit.objects.get()
    told = {"seen": seen_as(hit), "reason": "passport seen", "actor": rao.as_actor(), "now": clock.now()}
    decide_hit(hit_id=hit.pk, state=HitState.TRUE, **told)  # type: ignore[arg-type]

    ended = approve_all(request)
    row.refresh_from_db()
    assert (ended.error_code, row.waits_for_risk, ledger_of(payee)) == ("refused_by_risk", True, "0.00")
    (later,) = said_later_of(row)
    assert {reason["code"] for reason in later.reasons} == {"number_of_the_beast", "screening_confirmed"}

    assert approve_all(ask_release(row, rao).request).state == "EXECUTED"
    assert ledger_of(payee) == "666.00"


def test_nothing_else_stops_again_what_people_have_released(
    bank: Shipped, rao: User, li: Account, wang: Account
) -> None:
    refusing_after(1, Outcome.BLOCK_AND_REVIEW)
    row = stopped(bank, li, wang)
    request = ask_release(row, rao).request
    pays_somebody(bank, li)
    assert approve_all(request).state == "EXECUTED"
    assert ledger_of(wang) == "666.00"
    (later,), alert = said_later_of(row), alert_of(row)
    assert (later.outcome, later.score, said_of(row).score) == (Outcome.BLOCK_AND_REVIEW, 900, 400)
    assert (alert.state, alert.raised_count) == (AlertState.CLOSED, 1)


# -- Said to be no duplicate -----------------------------------------------------------------------------------------


def test_a_duplicate_that_risk_refuses_by_the_time_it_is_confirmed_is_declined_and_nobody_releases_it(
    bank: Shipped, rao: User, li: Account, wang: Account
) -> None:
    refusing_after(2)
    row = held_by(system(li, wang), li, wang, "666.00")
    pays_somebody(bank, li)
    outcome = released(row, rao)
    row.refresh_from_db()
    assert (outcome.done, row.state, row.held_because) == (False, State.DECLINED, HeldBecause.BOTH)
    assert (row.is_declined_by_risk, ledger_of(wang)) == (True, "666.00")
    alert, (later,) = alert_of(row), said_later_of(row)
    assert (alert.stopped, alert.state, later.outcome) == (True, AlertState.NEW, Outcome.DECLINE)
    events = set(AuditEvent.objects.filter(subject_id=row.public_id).values_list("event_type", flat=True))
    assert {"transactions.transaction.confirmed_genuine", "transactions.transfer.declined"} <= events
    with refused("not_held"):
        ask_release(row, rao)
    assert verify_books().ok


def test_what_risk_has_released_and_would_refuse_now_is_not_posted_by_saying_that_it_is_no_duplicate(
    bank: Shipped, rao: User, li: Account, wang: Account
) -> None:
    credential = system(li, wang)
    pay(credential, li, wang, "666.00")
    refusing_after(2)
    stopping()
    row = pay(credential, li, wang, "666.00").result
    assert approve_all(ask_release(row, rao).request).state == "EXECUTED"
    pays_somebody(bank, li)
    with pytest.raises(HeldByRisk):
        released(row, rao)
    row.refresh_from_db()
    assert (row.state, row.waits_for_word, ledger_of(wang)) == (State.HELD, True, "666.00")
    assert [one.outcome for one in said_later_of(row)] == [Outcome.BLOCK_AND_REVIEW, Outcome.DECLINE]
    assert Alert.objects.get(movement_id=row.public_id, state=AlertState.NEW).stopped, "the first one was closed"


def test_reviewers_who_agreed_that_it_is_no_duplicate_read_that_it_is_held_by_risk_now(
    bank: Shipped, rao: User, li: Account, wang: Account, signed_in_client: SignIn
) -> None:
    active("busy", 'count(payer, "24h") >= 2', outcome=Outcome.BLOCK_AND_REVIEW)
    row = held_by(system(li, wang), li, wang)
    grown(row)
    request = released(row, rao).request
    approve(request)
    pays_somebody(bank, li)
    told, _level = deciding.told(approve(request), clock.now())
    assert told == f"{request.reference} is approved, but not done: {row.reference} is held: to be looked at by risk."
    page = words(signed_in_client(bank.first[0]).get(address(again(request))))
    assert f"Agreed to, and not done: {row.reference} (held: to be looked at by risk)" in page
    assert "busy" not in page
    assert approve_all(ask_release(row, rao).request).state == "EXECUTED"
    assert undone(again(request)) == ""


def test_what_is_confirmed_while_its_end_comes_waits_for_risk_from_then_on(
    bank: Shipped, rao: User, li: Account, wang: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever ends payments has chosen it by its old end, and comes to its lock when it is held by risk, which has another."""
    refusing_after(2, Outcome.BLOCK_AND_REVIEW)
    row = held_by(system(li, wang), li, wang, "666.00")
    pays_somebody(bank, li)
    lock = locks.transaction_for_update

    def confirmed_before(key: UUID) -> Transaction:
        monkeypatch.setattr(locks, "transaction_for_update", lock)
        released(row, rao)
        return lock(key)

    monkeypatch.setattr(locks, "transaction_for_update", confirmed_before)
    over = held_until(row)
    assert expire_held(now=over, actor=Actor.system("expiry")) == 0
    row.refresh_from_db()
    assert (row.state, row.waits_for_risk, held_until(row) > over) == (State.HELD, True, True)
    assert expire_held(now=held_until(row), actor=Actor.system("expiry")) == 1
