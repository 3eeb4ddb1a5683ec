"""What is arranged on the stage's accounts: money held, and who sees what is confidential."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import transaction

from accounts.locks import accounts_for_update
from accounts.models import Account, AccountGrant, Balance, Customer, CustomerState, Product
from accounts.services.opening import opening
from accounts.services.reviews import set_state
from bankops.core import clock
from bankops.core.models import EndOfDayRun, RunState
from bankops.core.money import Money
from bankops.matrix.people import HERE, REASON
from risk.assessment.answer import Reason
from risk.outcomes import Outcome
from transactions import services as transaction_services
from transactions.models import DuplicatePolicy, Hold, HoldPurpose, Kind, Transaction
from transactions.services import held
from transactions.services.duplicate_days import report_duplicates
from transactions.services.duplicates import Twins
from transactions.services.instructions import Instruction
from transactions.services.risk_checks import assessed
from transactions.services.stopping import stop

if TYPE_CHECKING:
    from bankops.matrix.stage import Stage

CURRENCY = "CNY"


def end_yesterday(stage: Stage) -> EndOfDayRun:
    """Write down that the day before has ended, as its run would; nothing else was to be done on it."""
    return EndOfDayRun.objects.create(
        business_date=clock.business_date(stage.now) - timedelta(days=1),
        state=RunState.DONE,
        attempts=1,
        started_at=stage.now,
        finished_at=stage.now,
    )


def open_account(stage: Stage, customer: Customer, *, branch: str = HERE) -> Account:
    """Open an account for a customer whom somebody got to know."""
    circumstances: Any = {"actor": stage.staff["teller"].as_actor(), "now": stage.now}
    if customer.state != CustomerState.ACTIVE:
        with transaction.atomic():
            set_state(customer, CustomerState.ACTIVE, **circumstances)
    return opening(
        customer=customer,
        product=Product.objects.get(code="CURRENT"),
        branch=stage.branches[branch],
        currency=CURRENCY,
        business_date=clock.business_date(stage.now),
        **circumstances,
    )


def hold_money(stage: Stage) -> dict[str, Hold]:
    """Set money of the payer aside, and announce a payment to the payee."""
    payer, payee, actor = stage.accounts["payer"].pk, stage.accounts["payee"].pk, stage.staff["operator"].as_actor()
    wanted: dict[str, dict[str, Any]] = {
        "kept": {"purpose": HoldPurpose.MANUAL},
        "announced": {"purpose": HoldPurpose.PAYMENT, "payee_id": payee},
    }
    return {
        name: transaction_services.place_hold(
            account_id=payer,
            amount=Money.parse("100.00", CURRENCY),
            reason=REASON,
            actor=actor,
            now=stage.now,
            **purpose,
        )
        for name, purpose in wanted.items()
    }


def hold_back(stage: Stage) -> Transaction:
    """Hold a payment back as if it looked like the transfer before, and write a policy to be read."""
    DuplicatePolicy.objects.create(set_at=stage.now)
    report_duplicates(business_date=clock.business_date(stage.now), now=stage.now)
    with transaction.atomic():
        instruction, locked = _like_the_transfer(stage)
        return held.hold_back(instruction, Twins(stage.transfer.pk, unexplained=1, tolerated=0), locked)


def stop_by_risk(stage: Stage) -> Transaction:
    """Hold a payment back as if a rule had stopped it."""
    with transaction.atomic():
        instruction, locked = _like_the_transfer(stage)
        said = assessed(instruction).assessment
        assert said is not None
        reason = Reason("of_the_matrix", 400, Outcome.BLOCK_AND_REVIEW)
        stopped = replace(said, outcome=Outcome.BLOCK_AND_REVIEW, score=400, reasons=(reason,))
        return stop(replace(instruction, assessment=stopped), None, locked)


def _like_the_transfer(stage: Stage) -> tuple[Instruction, dict[UUID, Balance]]:
    sides = [stage.accounts[name].pk for name in ("payer", "payee")]
    locked = {balance.account_id: balance for balance in accounts_for_update(sides)}
    payer, payee = (locked[side].account for side in sides)
    instruction = Instruction(
        Kind.TRANSFER,
        debit=payer,
        credit=payee,
        amount=stage.transfer.money,
        actor=stage.staff["teller"].as_actor(),
        now=stage.now,
        business_date=clock.business_date(stage.now),
    )
    return instruction, locked


def hide(account: Account) -> None:
    """Write an account confidential, as its service does with a consent that nobody could give yet."""
    account.is_confidential = True
    account.save(update_fields=["is_confidential"])


def grant_access(stage: Stage, account: str, to: str) -> AccountGrant:
    """Let one person see a confidential account, with everybody's consent that it takes."""
    payload = {"account": stage.accounts[account].public_id, "user": stage.staff[to].public_id}
    asked = stage.now - timedelta(minutes=4, seconds=30)
    request = stage.submit("risk_analyst", "accounts.grant_access", payload, asked).request
    for place, reviewer in enumerate(("first_reviewer", "final_reviewer")):
        request = stage.approve(request, reviewer, asked + timedelta(seconds=15 * (place + 1)))
    grant: AccountGrant = AccountGrant.objects.get(approval_request=request)
    return grant
