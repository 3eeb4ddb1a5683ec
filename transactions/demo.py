"""A small bank to look at: a few customers with accounts and a month of movements. Refused outside the demo.

The services are used as everybody uses them, but for one thing: the customers and their accounts were there before anybody
could review them, as in a bank that begins to work with this system. They are approved and opened by `seed_demo`, and the
audit trail says so. Every movement has an idempotency key, so seeding again adds nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction

from accounts import chart
from accounts import services as account_services
from accounts.models import Account, Customer, CustomerIdentifier, CustomerKind, IdentifierType, Product
from accounts.services import IdentifierDraft
from accounts.services.opening import opening
from approvals.services.shipping import seed_policies
from bankops.core import clock, operations
from bankops.core.actor import Actor
from bankops.core.money import Money
from staff import demo as staff_demo
from staff.models import Branch, User
from transactions import services as transaction_services

_ISSUER = "CN"
_CURRENCY = "CNY"
_SEED = Actor.system("seed_demo")
_FIRST_DAY = timedelta(days=30)  # ago: customers come before their movements


@dataclass(frozen=True, slots=True)
class Newcomer:
    """A customer of the demo; the passport or company number tells whether they are there already."""

    kind: CustomerKind
    name: str
    identifier: str
    branch_code: str
    products: tuple[str, ...] = ("CURRENT",)
    birth_date: date | None = None


@dataclass(frozen=True, slots=True)
class Movement:
    """A movement of the demo; accounts are named by customer and product, a deposit has no payer."""

    payer: tuple[str, str] | None
    payee: tuple[str, str]
    amount: str
    narrative: str
    days_ago: int


CUSTOMERS = (
    Newcomer(CustomerKind.PERSON, "Wang Fang", "E40112233", "002", ("CURRENT", "SAVINGS"), date(1984, 6, 2)),
    Newcomer(CustomerKind.PERSON, "Li Wei", "E40445566", "002", birth_date=date(1991, 9, 17)),
    Newcomer(CustomerKind.PERSON, "Zhao Min", "E40778899", "003", birth_date=date(1976, 1, 30)),
    Newcomer(CustomerKind.ORGANISATION, "Lakeside Tea Trading Co., Ltd.", "91330106MA2CF7K43X", "003"),
    Newcomer(CustomerKind.ORGANISATION, "Riverside Wholesale Co., Ltd.", "91310104MA1FR2KX9G", "002"),
)
_WANG, _SAVING, _LI = ("Wang Fang", "CURRENT"), ("Wang Fang", "SAVINGS"), ("Li Wei", "CURRENT")
_SHOP, _WHOLESALE = ("Lakeside Tea Trading Co., Ltd.", "CURRENT"), ("Riverside Wholesale Co., Ltd.", "CURRENT")
MOVEMENTS = (
    Movement(None, _WANG, "12000.00", "Opening deposit", 28),
    Movement(None, _LI, "8600.00", "Opening deposit", 27),
    Movement(None, _SHOP, "250000.00", "Opening deposit", 27),
    Movement(_SHOP, _WANG, "18500.00", "Salary", 14),
    Movement(_SHOP, _LI, "16200.00", "Salary", 14),
    Movement(_WANG, _SAVING, "6000.00", "Monthly saving", 13),
    Movement(_WANG, _LI, "2350.50", "Rent", 7),
    Movement(_LI, _SHOP, "188.00", "Longjing tea, 250 g", 2),
    Movement(None, _WHOLESALE, "640000.00", "Opening deposit", 20),
)


def seed(*, now: datetime) -> list[User]:
    """Make the demo's people, customers, accounts and movements where they are missing; return the staff.

    :raises NotInDemo: when the settings are not the demo's.
    """
    users = staff_demo.seed(now=now)
    chart.seed()
    seed_policies(actor=_SEED, now=now)  # transfers as small as these then need no review
    teller = users[0].as_actor()
    accounts: dict[tuple[str, str], Account] = {}
    for newcomer in CUSTOMERS:
        customer = _customer(newcomer, teller, now - _FIRST_DAY)
        for code in newcomer.products:
            accounts[newcomer.name, code] = _account(customer, code, now - _FIRST_DAY)
    for number, movement in enumerate(MOVEMENTS):
        _post(movement, f"demo:{number}", accounts, teller, now)
    return users


@transaction.atomic
def _customer(newcomer: Newcomer, actor: Actor, now: datetime) -> Customer:
    is_person = newcomer.kind == CustomerKind.PERSON
    type_ = IdentifierType.PASSPORT if is_person else IdentifierType.COMPANY_NUMBER
    known = CustomerIdentifier.objects.filter(type=type_, issuer=_ISSUER, value_index__matches=newcomer.identifier)
    found = known.select_related("customer").first()
    if found:
        return found.customer
    customer = account_services.register_customer(
        kind=newcomer.kind,
        name=newcomer.name,
        branch=Branch.objects.get(code=newcomer.branch_code),
        identifiers=[IdentifierDraft(type_, _ISSUER, newcomer.identifier)],
        birth_date=newcomer.birth_date,
        actor=actor,
        now=now,
    )
    return account_services.recognise_customer(
        customer_id=customer.pk, reason="Customer before this system", actor=_SEED, now=now
    )


def _account(customer: Customer, product_code: str, now: datetime) -> Account:
    found = customer.accounts.filter(product_id=product_code).first()
    return found or opening(
        customer=customer,
        product=Product.objects.select_related("chart_line").get(code=product_code),
        branch=customer.branch,
        currency=_CURRENCY,
        actor=_SEED,
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
