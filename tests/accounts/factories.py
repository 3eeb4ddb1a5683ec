"""Branches, customers and accounts, made as the bank makes them: through its services."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime
from itertools import count
from typing import Any

from accounts import chart, services
from accounts.drafts import Draft
from accounts.models import (
    Account,
    AccountRestriction,
    AccountStatus,
    Customer,
    CustomerKind,
    CustomerState,
    IdentifierType,
    Product,
    Restriction,
    RestrictionReason,
)
from accounts.validation import credit_code
from bankops.core import operations
from bankops.core.actor import Actor
from bankops.core.money import Money
from staff.models import Branch
from staff.services import branches
from transactions import services as transaction_services
from transactions.models import HoldPurpose

TODAY = date(2026, 3, 2)
BORN = date(1990, 3, 7)
NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
TANG_LING = Actor(kind="staff", id="usr_tang", name="Tang Ling")
OU_YAN = Actor(kind="staff", id="usr_ou", name="Ou Yan")

_serial = count(1)


def cny(amount: str) -> Money:
    return Money.parse(amount, "CNY")


def make_branch(code: str | None = None) -> Branch:
    code = code or f"T{next(_serial):04d}"
    return branches.open_branch(code=code, name="Bund", city="Shanghai", actor=TANG_LING, reason="new", now=NOW)


def home_branch() -> Branch:
    """Return the branch where the personas work, so that they see what is made here."""
    return Branch.objects.filter(code="001").first() or make_branch("001")


def make_customer(
    name: str = "Li Hua",
    *,
    branch: Branch | None = None,
    kind: CustomerKind = CustomerKind.PERSON,
    identifiers: list[services.IdentifierDraft] | None = None,
    state: CustomerState = CustomerState.ACTIVE,
    birth_date: date | None = BORN,
    more: Iterable[Draft] = (),
) -> Customer:
    """Register a customer and, unless told otherwise, write the approval that `test_applications` comes to step by step.

    A person is born on `BORN`; an organisation has a credit code of its own.
    """
    is_person = kind == CustomerKind.PERSON
    customer = services.register_customer(
        kind=kind,
        name=name,
        branch=branch or home_branch(),
        identifiers=identifiers or ([] if is_person else [credit_code_of(next(_serial))]),
        birth_date=birth_date if is_person else None,
        more=more,
        actor=TANG_LING,
        now=NOW,
    )
    if state != customer.state:
        Customer.objects.filter(pk=customer.pk).update(state=state)
        customer.state = state
    return customer


def credit_code_of(serial: int) -> services.IdentifierDraft:
    """Return a valid unified social credit code, another one for each serial."""
    body = f"91310101MA{serial:07d}"
    return services.IdentifierDraft(IdentifierType.CREDIT_CODE, "CN", body + credit_code.check_character(body))


def current_account() -> Product:
    return Product.objects.filter(code="CURRENT").first() or _of_a_new_chart("CURRENT")


def _of_a_new_chart(code: str) -> Product:
    chart.seed()
    return Product.objects.get(code=code)


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

    Pending has no service; it is written. A closed account has no restriction unless it is written, too.
    """
    customer = customer or make_customer()
    with operations.carrying_out("accounts.open_account"):
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
        freeze(account, restriction)
    if status == AccountStatus.DORMANT:
        with operations.carrying_out("accounts.mark_dormant"):
            services.mark_dormant(account_id=account.pk, reason="nobody comes", actor=TANG_LING, now=NOW)
    elif status == AccountStatus.CLOSED and restriction == Restriction.NONE:
        close(account)
    elif status != AccountStatus.ACTIVE:
        closed_date = TODAY if status == AccountStatus.CLOSED else None
        Account.objects.filter(pk=account.pk).update(status=status, closed_date=closed_date)


def freeze(
    account: Account, restriction: Restriction = Restriction.BLOCK_DEBIT, reason: str = "court order", **options: Any
) -> AccountRestriction:
    """Freeze an account as if consented to."""
    terms: Any = {"reason_code": RestrictionReason.SUSPECTED_FRAUD, "actor": TANG_LING, "now": NOW, **options}
    with operations.carrying_out("accounts.freeze_account"):
        return services.freeze_account(account_id=account.pk, restriction=restriction, reason=reason, **terms)


def release(account: Account, reason: str = "order lifted", **options: Any) -> list[AccountRestriction]:
    """Lift everything that blocks an account, the oldest first, as if consented to."""
    standing = list(account.restrictions.standing().order_by("starts_at", "id"))
    terms: Any = {"reason": reason, "actor": TANG_LING, "now": NOW, **options}
    with operations.carrying_out("accounts.release_account"):
        return [services.release_account(restriction_id=one.pk, **terms) for one in standing]


def close(account: Account, reason: str = "moved away", **options: Any) -> Account:
    """Close an account as if consented to."""
    terms: Any = {"actor": TANG_LING, "now": NOW, "business_date": TODAY, **options}
    with operations.carrying_out("accounts.close_account"):
        return services.close_account(account_id=account.pk, reason=reason, **terms)


def own_account(line: chart.Line = chart.CASH, currency: str = "CNY") -> Account:
    chart.seed()
    return chart.own_account(line, currency, business_date=TODAY, actor=TANG_LING, now=NOW)


def ledger_of(account: Account) -> str:
    """Return the account's ledger balance as people write it."""
    return str(Account.objects.select_related("balance").get(pk=account.pk).balance.ledger_money)
