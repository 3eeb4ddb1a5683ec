"""Branches, customers and accounts, made as the bank makes them: through its services."""

from __future__ import annotations

from datetime import UTC, date, datetime
from itertools import count

from accounts import chart, services
from accounts.models import Account, AccountStatus, Customer, CustomerKind, Product, Restriction
from bankops.core.actor import Actor
from bankops.core.money import Money
from staff.models import Branch
from staff.services import branches
from transactions import services as transaction_services
from transactions.models import HoldPurpose

TODAY = date(2026, 3, 2)
NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
TANG_LING = Actor(kind="staff", id="usr_tang", name="Tang Ling")
OU_YAN = Actor(kind="staff", id="usr_ou", name="Ou Yan")

_serial = count(1)


def cny(amount: str) -> Money:
    return Money.parse(amount, "CNY")


def make_branch(code: str | None = None) -> Branch:
    code = code or f"T{next(_serial):04d}"
    return branches.open_branch(code=code, name="Bund", city="Shanghai", actor=TANG_LING, reason="new", now=NOW)


def make_customer(
    name: str = "Li Hua",
    *,
    branch: Branch | None = None,
    kind: CustomerKind = CustomerKind.PERSON,
    identifiers: list[services.IdentifierDraft] | None = None,
) -> Customer:
    return services.register_customer(
        kind=kind, name=name, branch=branch or make_branch(), identifiers=identifiers or [], actor=TANG_LING, now=NOW
    )


def current_account() -> Product:
    chart.seed()
    return Product.objects.get(code="CURRENT")


def make_account(
    balance: str = "0",
    *,
    currency: str = "CNY",
    customer: Customer | None = None,
    overdraft: str = "0",
    status: AccountStatus = AccountStatus.ACTIVE,
    restriction: Restriction = Restriction.NONE,
    held: str = "0",
) -> Account:
    """Open a customer's account, pay `balance` in, then bring it into the state asked for.

    Pending and dormant have no service yet; they are written as that service will.
    """
    customer = customer or make_customer()
    account = services.open_account(
        customer=customer,
        product=current_account(),
        branch=customer.branch,
        currency=currency,
        overdraft_limit=Money.parse(overdraft, currency),
        actor=TANG_LING,
        now=NOW,
        business_date=TODAY,
    )
    paid_in = Money.parse(balance, currency)
    if paid_in.minor:
        transaction_services.deposit(
            account_id=account.pk, amount=paid_in, actor=TANG_LING, now=NOW, business_date=TODAY
        )
    _bring_into(account, status, restriction, Money.parse(held, currency))
    return Account.objects.get(pk=account.pk)


def _bring_into(account: Account, status: AccountStatus, restriction: Restriction, held: Money) -> None:
    if held.minor:
        transaction_services.place_hold(
            account_id=account.pk, amount=held, purpose=HoldPurpose.MANUAL, actor=TANG_LING, now=NOW
        )
    if restriction != Restriction.NONE:
        services.freeze_account(
            account_id=account.pk, restriction=restriction, reason="court order", actor=TANG_LING, now=NOW
        )
    if status == AccountStatus.CLOSED:
        services.close_account(
            account_id=account.pk, reason="moved away", actor=TANG_LING, now=NOW, business_date=TODAY
        )
    elif status != AccountStatus.ACTIVE:
        Account.objects.filter(pk=account.pk).update(status=status)


def own_account(line: chart.Line = chart.CASH, currency: str = "CNY") -> Account:
    chart.seed()
    return chart.own_account(line, currency, business_date=TODAY, actor=TANG_LING, now=NOW)


def ledger_of(account: Account) -> str:
    """Return the account's ledger balance as people write it."""
    return str(Account.objects.select_related("balance").get(pk=account.pk).balance.ledger_money)
