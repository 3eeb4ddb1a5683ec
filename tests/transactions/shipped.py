"""The bank as it is shipped: its policies in force, a maker and reviewers, and orders that go through the gate."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from accounts.models import Account
from approvals.models import ApprovalRequest
from approvals.services.shipping import seed_policies
from bankops.core import clock, operations
from bankops.core.actor import Actor
from bankops.core.operations import Order, Outcome
from staff.models import Branch, User
from staff.roles import Role
from tests.personas import hire
from transactions.models import Transaction


@dataclass(frozen=True)
class Shipped:
    """A maker who may use every door to money, and two reviewers for either stage."""

    maker: User
    first: list[User]
    final: list[User]


def ship(branch: Branch) -> Shipped:
    """Put the shipped policies into force and hire people. The roles must be there."""
    seed_policies(actor=Actor.system("tests"), now=clock.now())
    return Shipped(
        maker=hire("M1", "Ma Ke", Role.OPERATOR, branch),
        first=[hire(f"F{n}", f"Fang {n}", Role.FIRST_REVIEWER, branch) for n in (1, 2)],
        final=[hire(f"L{n}", f"Luo {n}", Role.FINAL_REVIEWER, branch) for n in (1, 2)],
    )


def submit(key: str, maker: User, payload: dict[str, Any], **order: Any) -> Outcome:
    usual: dict[str, Any] = {"actor": maker.as_actor(), "now": clock.now()}
    return operations.submit(key, payload, Order(**usual | order))


def order_transfer(
    maker: User, payer: Account, payee: Account, amount: str, *, narrative: str = "", **order: Any
) -> Outcome:
    sides = {"from_account": payer.public_id, "to_account": payee.public_id}
    wanted = {"amount": amount, "currency": payer.currency, "narrative": narrative}
    return submit("transactions.transfer", maker, {**sides, **wanted}, **order)


def order_withdrawal(maker: User, account: Account, amount: str, **order: Any) -> Outcome:
    payload = {"account": account.public_id, "amount": amount, "currency": account.currency}
    return submit("transactions.withdraw", maker, payload, **order)


def order_reversal(maker: User, original: Transaction, *, reason: str = "typed wrong", **order: Any) -> Outcome:
    return submit("transactions.reverse", maker, {"transaction": original.public_id}, reason=reason, **order)


def parked_in(request: ApprovalRequest) -> Transaction:
    """Return the newest transaction of a request."""
    return Transaction.objects.filter(approval_request=request).latest("created_at", "id")


def today() -> date:
    return clock.business_date(clock.now())
