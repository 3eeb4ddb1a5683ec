"""A small bank in a database that is thrown away: accounts with money, the shipped policies, partners and their systems."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.core.management import call_command

from accounts import chart
from accounts.models import Account, Product
from accounts.partner_access import Right
from accounts.services import taking_over
from approvals.models import ApprovalRequest
from bankops.core import clock, ids, operations
from bankops.core.actor import Actor
from bankops.core.money import Money
from bankops.core.operations import Order
from bankops.drill import systems
from bankops.drill.system import System
from staff.models import Branch
from staff.roles import Role
from staff.services import hire_user, open_branch
from transactions import ledger
from transactions.ledger import EntryDraft, PostingDraft
from transactions.models import Side

CURRENCY = "CNY"
_ACTOR = Actor.system("drill")
_REASON = "drill"
_SOURCE = taking_over.Source("drill", "Drill")


def found(*, accounts: int, opening_balance: Money) -> list[UUID]:
    """Open accounts with money on them in a migrated, empty database, and return their keys."""
    for command in ("seed_chart", "sync_roles"):
        call_command(command, verbosity=0)
    now = clock.now()
    branch = open_branch(code="001", name="Drill", actor=_ACTOR, reason=_REASON, now=now)
    opened = _accounts(accounts, branch, now)
    _pay_in(opened, opening_balance, now)
    return opened


def systems_of_partners(count: int, *, accounts: Sequence[UUID], credentials: int = 1) -> list[System]:
    """Put the shipped policies into force, and return systems of `count` partners that may use `accounts`.

    :param credentials: of each partner, every one a system; they come partner by partner.
    """
    call_command("seed_policies", verbosity=0)
    now = clock.now()
    operator = hire_user(
        employee_number="DRILL1",
        full_name="Drill Operator",
        branch=Branch.objects.get(code="001"),
        roles=[Role.OPERATOR],
        actor=_ACTOR,
        reason=_REASON,
        now=now,
    ).user
    first = systems.partner_that_waits(now=now)
    payload = {
        "account": ids.encode(Account.ID_PREFIX, accounts[0]),
        "partner": first.public_id,
        "rights": [Right.READ.value],
    }
    order = Order(actor=operator.as_actor(), now=now, reason=_REASON)
    consent = operations.submit("accounts.grant_partner_access", payload, order).request
    assert isinstance(consent, ApprovalRequest)
    terms = systems.Terms(accounts, CURRENCY, consent, operator, now)
    return [system for _number in range(count) for system in systems.partner_with_systems(credentials, terms)]


def _accounts(count: int, branch: Branch, now: datetime) -> list[UUID]:
    names = [str(number) for number in range(count)]
    customers = taking_over.take_over_customers(
        drafts=[taking_over.CustomerDraft(name, f"Customer {name}", None, branch.pk) for name in names],
        source=_SOURCE,
        actor=_ACTOR,
        now=now,
    )
    today = clock.business_date(now)
    opened = taking_over.take_over_accounts(
        drafts=[taking_over.AccountDraft(name, customers[name], branch.pk, today) for name in names],
        product=Product.objects.get(pk="CURRENT"),
        currency=CURRENCY,
        source=_SOURCE,
        actor=_ACTOR,
        now=now,
    )
    return list(opened.values())


def _pay_in(accounts: Sequence[UUID], amount: Money, now: datetime) -> None:
    today = clock.business_date(now)
    cash = chart.own_account(chart.CASH, CURRENCY, business_date=today, actor=_ACTOR, now=now).pk
    drafts = [
        EntryDraft(
            postings=(PostingDraft(cash, Side.DEBIT, amount), PostingDraft(account, Side.CREDIT, amount)),
            booking_date=today,
            value_date=today,
            description="Opening balance",
        )
        for account in accounts
    ]
    for first in range(0, len(drafts), ledger.BATCH_MAX):
        results = ledger.post(drafts[first : first + ledger.BATCH_MAX], now=now)
        assert all(result.code == "posted" for result in results)
