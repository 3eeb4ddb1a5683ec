"""What a freeze stops, by every route: the table of docs/accounts.md, row by row.

The bank import has its row in `bank_import/test_import_refusals`; what goes on at the same moment is in
tests/concurrency/test_lifecycle.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from datetime import date, timedelta
from typing import Any

import pytest

from accounts.models import Account, Restriction
from accounts.services import mark_dormant, set_overdraft
from approvals.models import State as RequestState
from staff.models import Branch
from tests.accounts.factories import NOW, TANG_LING, TODAY, close, cny, freeze, ledger_of, make_account, release
from tests.approvals.factories import approve_all
from tests.consent import as_if_consented
from tests.transactions.factories import codes, deposit, moved, park_transfer, post, reverse, transfer, withdraw
from tests.transactions.interest_cases import END_OF_MARCH, accrue, set_rate, units_of
from tests.transactions.interest_cases import post as post_interest
from tests.transactions.requests import allow, finish, make_request
from tests.transactions.shipped import Shipped, order_transfer, parked_in, ship
from tests.transactions.standing_order_cases import make_order, pay
from tests.unchanged import refused
from transactions import services as transaction_services
from transactions.models import Hold, HoldPurpose, HoldState, StandingOrderRun, State
from transactions.verification import verify_books

pytestmark = pytest.mark.django_db

BY: dict[str, Any] = {"actor": TANG_LING, "now": NOW}
DEBIT, CREDIT, ALL = Restriction.BLOCK_DEBIT, Restriction.BLOCK_CREDIT, Restriction.BLOCK_ALL
EVERY = (DEBIT, CREDIT, ALL)
OUT, IN = {DEBIT, ALL}, {CREDIT, ALL}
"""The restrictions that stop money on its way out, and on its way in."""


def hold(account: Account, payee: Account | None = None) -> Hold:
    purpose = HoldPurpose.PAYMENT if payee else HoldPurpose.MANUAL
    return transaction_services.place_hold(
        account_id=account.pk, amount=cny("5.00"), purpose=purpose, payee_id=payee.pk if payee else None, **BY
    )


def charge(account: Account, _other: Account) -> object:
    return transaction_services.charge_fee(account_id=account.pk, amount=cny("5.00"), business_date=TODAY, **BY)


DIRECT: dict[str, tuple[Callable[[Account, Account], object], set[Restriction]]] = {
    "withdrawal": (lambda frozen, _other: withdraw(frozen, cny("5.00")), OUT),
    "transfer out": (lambda frozen, other: transfer(frozen, other, cny("5.00")), OUT),
    "fee": (charge, OUT),
    "hold": (lambda frozen, _other: hold(frozen), OUT),
    "announced payment": (hold, OUT),
    "announced payment to it": (lambda frozen, other: hold(other, frozen), IN),
    "deposit": (lambda frozen, _other: deposit(frozen, cny("5.00")), IN),
    "transfer in": (lambda frozen, other: transfer(other, frozen, cny("5.00")), IN),
}


@pytest.mark.usefixtures("consented")
@pytest.mark.parametrize("restriction", EVERY)
@pytest.mark.parametrize("route", DIRECT)
def test_a_direct_movement(route: str, restriction: Restriction) -> None:
    call, stopped_by = DIRECT[route]
    frozen, other = make_account("100.00", restriction=restriction), make_account("100.00")
    deposit(other, cny("0.01"))  # so that the bank's cash account is there
    if restriction in stopped_by:
        with refused("account_blocked"):
            call(frozen, other)
    else:
        call(frozen, other)
    assert verify_books().ok


@pytest.mark.parametrize("restriction", EVERY)
@pytest.mark.parametrize("limits", [True, False])
def test_an_entry_of_the_banks_own_whatever_the_available_balance(restriction: Restriction, *, limits: bool) -> None:
    frozen, other = make_account("100.00", restriction=restriction), make_account("100.00")
    assert codes(post(moved(frozen, other, cny("5.00"), limits=limits))) == [
        "account_blocked" if restriction in OUT else "posted"
    ]
    assert codes(post(moved(other, frozen, cny("5.00"), limits=limits))) == [
        "account_blocked" if restriction in IN else "posted"
    ]


@pytest.mark.usefixtures("consented")
@pytest.mark.parametrize("restriction", EVERY)
@pytest.mark.parametrize("frozen_side", ["payer", "payee"])
def test_a_hold_captured_late_and_given_back(frozen_side: str, restriction: Restriction) -> None:
    payer, payee = make_account("100.00"), make_account()
    placed = hold(payer, payee)
    freeze({"payer": payer, "payee": payee}[frozen_side], restriction)

    def capture() -> object:
        return transaction_services.capture_hold(hold_id=placed.pk, amount=cny("5.00"), business_date=TODAY, **BY)

    if restriction in {"payer": OUT, "payee": IN}[frozen_side]:
        with refused("account_blocked"):
            capture()
        placed.refresh_from_db()
        assert placed.state == HoldState.PENDING
        transaction_services.void_hold(hold_id=placed.pk, reason="given back", **BY)
    else:
        capture()
    assert verify_books().ok


@pytest.mark.usefixtures("consented")
@pytest.mark.parametrize("restriction", EVERY)
@pytest.mark.parametrize("frozen_side", ["payer", "payee"])
def test_a_reversal(frozen_side: str, restriction: Restriction) -> None:
    """It takes the money back from the payee, and returns it to the payer."""
    payer, payee = make_account("100.00"), make_account()
    original = transfer(payer, payee, cny("5.00"))
    freeze({"payer": payer, "payee": payee}[frozen_side], restriction)
    if restriction in {"payer": IN, "payee": OUT}[frozen_side]:
        with refused("account_blocked"):
            reverse(original)
    else:
        reverse(original)


@pytest.fixture
def bank(roles: None, branch: Branch) -> Shipped:
    return ship(branch)


@pytest.mark.parametrize("restriction", EVERY)
@pytest.mark.parametrize("frozen_side", ["payer", "payee"])
def test_what_was_submitted_before_goes_stale_on_the_last_approval_and_the_money_is_free_again(
    bank: Shipped, frozen_side: str, restriction: Restriction
) -> None:
    payer, payee = make_account("60000.00"), make_account()
    request = order_transfer(bank.maker, payer, payee, "50000.00").request
    freeze({"payer": payer, "payee": payee}[frozen_side], restriction)
    assert approve_all(request).state == "STALE"
    assert parked_in(request).state == State.FAILED
    assert Hold.objects.get().state == HoldState.VOIDED
    assert (ledger_of(payer), ledger_of(payee)) == ("60000.00", "0.00")
    assert verify_books().ok


@pytest.mark.parametrize("restriction", EVERY)
@pytest.mark.parametrize("frozen_side", ["payer", "payee"])
def test_what_was_parked_goes_on_waiting_when_it_is_posted_by_the_service_alone(
    frozen_side: str, restriction: Restriction
) -> None:
    payer, payee = make_account("100.00"), make_account()
    request = make_request(cny("5.00"))
    stopped = restriction in {"payer": OUT, "payee": IN}[frozen_side]
    with as_if_consented():
        parked = park_transfer(payer, payee, cny("5.00"), request)
        allow(request)
        freeze({"payer": payer, "payee": payee}[frozen_side], restriction)
        with refused("account_blocked") if stopped else nullcontext():
            transfer(payer, payee, cny("5.00"), approval_request_id=request.public_id)
    parked.refresh_from_db()
    hold = parked.holds.get()
    if stopped:
        assert (parked.state, hold.state) == (State.AWAITING_APPROVAL, HoldState.PENDING)
        assert (ledger_of(payer), ledger_of(payee)) == ("100.00", "0.00")
        given_back = {"state": State.FAILED, "reason": "account_blocked", **BY}
        transaction_services.end_parked(approval_request_id=request.public_id, **given_back)
    else:
        assert (parked.state, hold.state) == (State.POSTED, HoldState.POSTED)
        assert (ledger_of(payer), ledger_of(payee)) == ("95.00", "5.00")
    finish(request, RequestState.STALE if stopped else RequestState.EXECUTED)
    assert verify_books().ok


@pytest.mark.usefixtures("consented")
@pytest.mark.parametrize("restriction", EVERY)
@pytest.mark.parametrize("frozen_side", ["payer", "payee"])
def test_a_standing_order_is_paid_or_tried_again(frozen_side: str, restriction: Restriction) -> None:
    payer, payee = make_account("100.00"), make_account()
    make_order(payer, payee, "5.00")
    freeze({"payer": payer, "payee": payee}[frozen_side], restriction)
    pay(date(2026, 3, 5))
    run = StandingOrderRun.objects.get()
    if restriction in {"payer": OUT, "payee": IN}[frozen_side]:
        assert (run.state, run.refusal, ledger_of(payee)) == ("RETRYING", "account_blocked", "0.00")
    else:
        assert (run.state, run.refusal, ledger_of(payee)) == ("PAID", "", "5.00")
    assert verify_books().ok


@pytest.mark.usefixtures("consented")
@pytest.mark.parametrize("restriction", EVERY)
def test_interest_is_credited_or_stays_accrued(restriction: Restriction) -> None:
    frozen = make_account("10000.00", restriction=restriction)
    set_rate()
    accrue(END_OF_MARCH)
    stopped = restriction in IN
    assert post_interest(END_OF_MARCH) == {"posted": int(not stopped), "refused": int(stopped)}
    assert ledger_of(frozen) == ("10000.00" if stopped else "10012.33")
    assert units_of(frozen) > 0


@pytest.mark.parametrize("restriction", EVERY)
def test_closing_waits_for_the_release(restriction: Restriction) -> None:
    frozen, payee = make_account("10.00", restriction=restriction), make_account()
    with refused("account_restricted"):
        close(frozen, payee_id=payee.pk)
    release(frozen)
    close(frozen, payee_id=payee.pk)
    assert ledger_of(payee) == "10.00"


def test_what_moves_no_money_goes_on() -> None:
    frozen = make_account("10.00", restriction=ALL)
    freeze(frozen, ALL, reason_code="DECEASED", ends_at=NOW + timedelta(days=1))
    with as_if_consented():
        mark_dormant(account_id=frozen.pk, reason="nobody comes", **BY)
        set_overdraft(account_id=frozen.pk, limit=cny("5.00"), reason="as agreed", **BY)
    frozen.refresh_from_db()
    assert (frozen.status, frozen.restriction, frozen.overdraft_limit) == ("DORMANT", "BLOCK_ALL", 500)
