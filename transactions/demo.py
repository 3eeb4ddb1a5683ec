"""A small bank to look at: a few customers with accounts and a month of movements. Refused outside the demo.

The services are used as everybody uses them. Every movement has an idempotency key, so seeding again adds nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from accounts import chart
from accounts import services as account_services
from accounts.models import Account, Customer, CustomerIdentifier, CustomerKind, IdentifierType, Product
from accounts.services import IdentifierDraft
from approvals.services.shipping import seed_policies
from bankops.core import clock, operations
from bankops.core.actor import Actor
from bankops.core.money import Money
from staff import demo as staff_demo
from staff.models import Branch, User
from transactions import services as transaction_services

_ISSUER = "CN"
_CURRENCY = "CNY"
_FIRST_DAY = timedelta(days=30)  # ago: customers come before their movements


@dataclass(frozen=True, slots=True)
class Newcomer:
    """A customer of the demo; the passport or company number tells whether they are there already."""

    kind: CustomerKind
    name: str
    identifier: str
    branch_code: str
    products: tuple[str, ...] = ("CURRENT",)


@dataclass(frozen=True, slots=True)
class Movement:
    """A movement of the demo; accounts are named by customer and product, a deposit has no payer."""

    payer: tuple[str, str] | None
    payee: tuple[str, str]
    amount: str
    narrative: str
    days_ago: int


CUSTOMERS = (
    Newcomer(CustomerKind.PERSON, "Wang Fang", "E40112233", "002", ("CURRENT", "SAVINGS")),
    Newcomer(CustomerKind.PERSON, "Li Wei", "E40445566", "002"),
    Newcomer(CustomerKind.PERSON, "Zhao Min", "E40778899", "003"),
    Newcomer(CustomerKind.ORGANISATION, "Lakeside Tea Trading Co., Ltd.", "91330106MA2CF7K43X", "003"),
)
_WANG, _SAVING, _LI = ("Wang Fang", "CURRENT"), ("Wang Fang", "SAVINGS"), ("Li Wei", "CURRENT")
_SHOP = ("Lakeside Tea Trading Co., Ltd.", "CURRENT")
MOVEMENTS = (
    Movement(None, _WANG, "12000.00", "Opening deposit", 28),
    Movement(None, _LI, "8600.00", "Opening deposit", 27),
    Movement(None, _SHOP, "250000.00", "Opening deposit", 27),
    Movement(_SHOP, _WANG, "18500.00", "Salary", 14),
    Movement(_SHOP, _LI, "16200.00", "Salary", 14),
    Movement(_WANG, _SAVING, "6000.00", "Monthly saving", 13),
    Movement(_WANG, _LI, "2350.50", "Rent", 7),
    Movement(_LI, _SHOP, "188.00", "Longjing tea, 250 g", 2),
)


def seed(*, now: datetime) -> list[User]:
    """Make the demo's people, customers, accounts and movements where they are missing; return the staff.

    :raises NotInDemo: when the settings are not the demo's.
    """
    users = staff_demo.seed(now=now)
    chart.seed()
    seed_policies(actor=Actor.system("seed_demo"), now=now)  # transfers as small as these then need no review
    teller = users[0].as_actor()
    accounts: dict[tuple[str, str], Account] = {}
    for newcomer in CUSTOMERS:
        customer = _customer(newcomer, teller, now - _FIRST_DAY)
        for code in newcomer.products:
            accounts[newcomer.name, code] = _account(customer, code, teller, now - _FIRST_DAY)
    for number, movement in enumerate(MOVEMENTS):
        _post(movement, f"demo:{number}", accounts, teller, now)
    return users


def _customer(newcomer: Newcomer, actor: Actor, now: datetime) -> Customer:
    is_person = newcomer.kind == CustomerKind.PERSON
    type_ = IdentifierType.PASSPORT if is_person else IdentifierType.COMPANY_NUMBER
    known = CustomerIdentifier.objects.filter(type=type_, issuer=_ISSUER, value=newcomer.identifier)
    found = known.select_related("customer").first()
    if found:
        return found.customer
    return account_services.register_customer(
        kind=newcomer.kind,
        name=newcomer.name,
        branch=Branch.objects.get(code=newcomer.branch_code),
        identifiers=[IdentifierDraft(type_, _ISSUER, newcomer.identifier)],
        actor=actor,
        now=now,
    )


def _account(customer: Customer, product_code: str, actor: Actor, now: datetime) -> Account:
    found = customer.accounts.filter(product_id=product_code).first()
    return found or account_services.open_account(
        customer=customer,
        product=Product.objects.select_related("chart_line").get(code=product_code),
        branch=customer.branch,
        currency=_CURRENCY,
        actor=actor,
        now=now,
        business_date=clock.business_date(now),
    )


def _post(movement: Movement, key: str, accounts: dict[tuple[str, str], Account], actor: Actor, now: datetime) -> None:
    at = now - timedelta(days=movement.days_ago)
    amount, payee = Money.parse(movement.amount, _CURRENCY), accounts[movement.payee]
    if movement.payer is None:
        transaction_services.deposit(
            account_id=payee.pk,
            amount=amount,
            actor=actor,
            now=at,
            business_date=clock.business_date(at),
            narrative=movement.narrative,
            idempotency_key=key,
        )
    else:
        sides = {"from_account": accounts[movement.payer].public_id, "to_account": payee.public_id}
        wanted = {"amount": str(amount), "currency": amount.currency, "narrative": movement.narrative}
        order = operations.Order(actor=actor, now=at, idempotency_key=key)
        operations.submit("transactions.transfer", {**sides, **wanted}, order)
